package io.openclaw.rating;

/** A model all of whose places are taken: the input was not rated, and may be tried again soon. */
public final class ModelBusyException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * A model without a free place.
   *
   * @param message which one, and how many places it has
   */
  public ModelBusyException(String message) {
    super(message, null, false, false); // without a stack trace: it must cost less than a rating
  }
}
