package io.openclaw.release;

/** Which of the two versions of a canary rates a request. */
public enum CanaryVariant {
  STABLE("stable"),
  CANARY("canary");

  private final String text;

  CanaryVariant(String text) {
    this.text = text;
  }

  /** The name in answers, logs and metrics. */
  public String text() {
    return text;
  }
}
