package io.openclaw.rating;

/** The refusal of a model's bytes, naming the place, the value found and what was expected. */
public final class ModelException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String pointer;

  /**
   * @param pointer JSON Pointer (RFC 6901) to the place; empty for the whole document
   */
  ModelException(String pointer, String found, String expected) {
    super(
        (pointer.isEmpty() ? "the model" : pointer)
            + ": "
            + found
            + " (expected: "
            + expected
            + ")");
    this.pointer = pointer;
  }

  /** JSON Pointer (RFC 6901) to the place; empty for the whole document. */
  public String pointer() {
    return pointer;
  }
}
