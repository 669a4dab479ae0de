package io.openclaw.rating;

/** A store is full; what it already holds is rated on, something new is refused. */
public final class CapacityException extends Exception {
  private static final long serialVersionUID = 1L;

  CapacityException(String message) {
    super(message);
  }
}
