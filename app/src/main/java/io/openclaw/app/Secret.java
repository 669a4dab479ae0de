package io.openclaw.app;

/** A text that must not be seen: {@link #toString} hides it. */
record Secret(String reveal) {
  static final Secret NONE = new Secret("");

  boolean isNone() {
    return reveal.isEmpty();
  }

  @Override
  public String toString() {
    return isNone() ? "(none)" : "(secret)";
  }
}
