package io.openclaw.domain;

/** Bytes from a peer that are not what they should be; names what is wrong, never their content. */
public final class WireException extends Exception {
  private static final long serialVersionUID = 1;

  public WireException(String reason) {
    super(reason, null, false, false);
  }

  /** What was wrong. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
