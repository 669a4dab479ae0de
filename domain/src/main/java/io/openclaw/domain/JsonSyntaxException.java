package io.openclaw.domain;

/**
 * The refusal of bytes that are not one JSON value within the limits, with the place where that was
 * noticed.
 */
public final class JsonSyntaxException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int line;
  private final int column;

  public JsonSyntaxException(String detail, int line, int column) {
    super(detail, null, false, false);
    this.line = line;
    this.column = column;
  }

  /** What is wrong; never contains text of the document. */
  public String detail() {
    return String.valueOf(getMessage());
  }

  /** 1-based line. */
  public int line() {
    return line;
  }

  /** 1-based column, counted in bytes. */
  public int column() {
    return column;
  }
}
