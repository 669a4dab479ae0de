package io.openclaw.client;

import java.util.List;

/** The call was ended on this side: the client was closed, or the waiting thread interrupted. */
public final class CallEndedException extends RatingException {
  private static final long serialVersionUID = 1;

  CallEndedException(String why, List<FailedTry> tries) {
    super(why, tries);
  }
}
