package io.openclaw.rating;

/** A model that did not end within the time it had, and was stopped. */
public final class ModelDeadlineException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * A model that was stopped.
   *
   * @param message which one, and how long it had
   */
  public ModelDeadlineException(String message) {
    super(message);
  }
}
