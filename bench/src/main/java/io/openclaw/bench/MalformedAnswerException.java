package io.openclaw.bench;

/** Bytes that are not an HTTP/1.1 answer. */
final class MalformedAnswerException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedAnswerException(String detail) {
    super(detail, null, false, false);
  }
}
