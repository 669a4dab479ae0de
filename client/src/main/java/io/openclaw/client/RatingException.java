package io.openclaw.client;

import java.util.List;

/**
 * Why a call has no result. Nothing of it holds the API key, and its message no value of the input;
 * what a region finds wrong with an input ({@link ProblemDetails#errors}) quotes values: numbers,
 * and up to 64 characters of a text.
 *
 * <p>A switch over the four kinds is complete: a region's own refusal, no answer at all, an answer
 * that is none, and a call that was ended on this side.
 */
public abstract sealed class RatingException extends RuntimeException
    permits ProblemException, NoRegionException, InvalidAnswerException, CallEndedException {
  private static final long serialVersionUID = 1;

  private final transient List<FailedTry> tries;

  RatingException(String message, List<FailedTry> tries) {
    super(message);
    this.tries = List.copyOf(tries);
  }

  /** The tries that failed, in order; the refusal that a {@link ProblemException} is not. */
  public List<FailedTry> tries() {
    return tries;
  }
}
