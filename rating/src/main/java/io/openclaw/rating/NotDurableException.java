package io.openclaw.rating;

/** A change could not be written to disk, so it must not be acknowledged. */
public final class NotDurableException extends Exception {
  private static final long serialVersionUID = 1L;

  public NotDurableException(String message, Throwable cause) {
    super(message, cause);
  }
}
