package io.openclaw.rating;

/** A model that broke off while it rated an input, as a trap of a Wasm module does. */
public final class ModelTrapException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * A model that broke off.
   *
   * @param message what happened, without anything of the input
   */
  public ModelTrapException(String message) {
    super(message);
  }
}
