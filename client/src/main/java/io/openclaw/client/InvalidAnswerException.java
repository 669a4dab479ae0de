package io.openclaw.client;

import java.util.List;

/**
 * A whole answer came that is not what the contract says: not JSON, or without a rating. It is
 * tried nowhere else, for the request was carried out.
 */
public final class InvalidAnswerException extends RatingException {
  private static final long serialVersionUID = 1;

  InvalidAnswerException(String region, int status, String detail, List<FailedTry> tries) {
    super(region + ", status " + status + ": " + detail, tries);
  }
}
