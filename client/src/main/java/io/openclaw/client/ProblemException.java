package io.openclaw.client;

import java.util.List;

/** A region refused the request, and no other region answered it better. */
public final class ProblemException extends RatingException {
  private static final long serialVersionUID = 1;

  private final transient ProblemDetails problem;
  private final String region;

  ProblemException(ProblemDetails problem, String region, List<FailedTry> tries) {
    super(
        problem.status() + " " + problem.title() + ": " + problem.detail() + " (" + region + ")",
        tries);
    this.problem = problem;
    this.region = region;
  }

  /** The refusal. */
  public ProblemDetails problem() {
    return problem;
  }

  /** Who refused. */
  public String region() {
    return region;
  }

  /** The HTTP status. */
  public int status() {
    return problem.status();
  }
}
