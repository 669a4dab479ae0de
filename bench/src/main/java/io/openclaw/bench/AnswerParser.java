package io.openclaw.bench;

import java.nio.charset.StandardCharsets;

/**
 * A reader of HTTP/1.x answers (RFC 9112) that keeps the status and finds the end, whatever pieces
 * the bytes arrive in; bodies are counted past, not kept. One answer at a time, no pipelining.
 */
final class AnswerParser {
  /** Bytes of a status line, header line or chunk-size line. */
  static final int LINE_BYTES_MAX = 16 * 1024;

  /** Header lines of one answer, interim answers and trailers included. */
  static final int LINES_MAX = 1_000;

  private enum Expecting {
    STATUS_LINE,
    HEADERS,
    BODY,
    BODY_UNTIL_CLOSE,
    CHUNK_SIZE,
    CHUNK,
    CHUNK_END,
    TRAILERS,
    NOTHING
  }

  private final byte[] line = new byte[LINE_BYTES_MAX];
  private int lineLength;
  private int lines;
  private Expecting expecting = Expecting.NOTHING;
  private boolean toHead;
  private int status;
  private boolean keepAlive;
  private boolean chunked;
  private long remaining;

  /** Expects the answer to a request; {@code toHead} if that was HEAD. */
  void begin(boolean toHead) {
    this.toHead = toHead;
    lines = 0;
    lineLength = 0;
    expecting = Expecting.STATUS_LINE;
  }

  boolean isComplete() {
    return expecting == Expecting.NOTHING;
  }

  /** The status of the final answer; 200 to 999 once complete. */
  int status() {
    return status;
  }

  /** Whether the connection may carry another request. */
  boolean keepAlive() {
    return keepAlive;
  }

  /** Whether the answer is complete now that the connection was closed. */
  boolean completeAtClose() {
    if (expecting == Expecting.BODY_UNTIL_CLOSE) {
      expecting = Expecting.NOTHING;
    }
    return isComplete();
  }

  /**
   * Takes the next bytes.
   *
   * @throws MalformedAnswerException if they are not HTTP, or follow a complete answer unasked
   */
  void accept(byte[] bytes) throws MalformedAnswerException {
    int at = 0;
    while (at < bytes.length) {
      switch (expecting) {
        case STATUS_LINE, HEADERS, CHUNK_SIZE, CHUNK_END, TRAILERS -> {
          byte b = bytes[at++];
          if (b == '\n') {
            endLine();
          } else {
            append(b);
          }
        }
        case BODY, CHUNK -> {
          int taken = (int) Math.min(remaining, bytes.length - at);
          at += taken;
          remaining -= taken;
          if (remaining == 0) {
            expecting = expecting == Expecting.BODY ? Expecting.NOTHING : Expecting.CHUNK_END;
          }
        }
        case BODY_UNTIL_CLOSE -> at = bytes.length;
        case NOTHING -> throw new MalformedAnswerException("bytes nobody asked for");
      }
    }
  }

  private void append(byte b) throws MalformedAnswerException {
    if (lineLength == LINE_BYTES_MAX) {
      throw new MalformedAnswerException("a line of more than " + LINE_BYTES_MAX + " bytes");
    }
    line[lineLength++] = b;
  }

  private void endLine() throws MalformedAnswerException {
    int length = lineLength > 0 && line[lineLength - 1] == '\r' ? lineLength - 1 : lineLength;
    lineLength = 0;
    switch (expecting) {
      case STATUS_LINE -> {
        countLine();
        readStatusLine(length);
      }
      case HEADERS -> {
        countLine();
        if (length == 0) {
          endHeaders();
        } else {
          readHeader(length);
        }
      }
      case CHUNK_SIZE -> readChunkSize(length);
      case CHUNK_END -> {
        if (length != 0) {
          throw new MalformedAnswerException("a chunk longer than its size");
        }
        expecting = Expecting.CHUNK_SIZE;
      }
      case TRAILERS -> {
        countLine();
        if (length == 0) {
          expecting = Expecting.NOTHING;
        }
      }
      case BODY, BODY_UNTIL_CLOSE, CHUNK, NOTHING -> throw new IllegalStateException();
    }
  }

  private void countLine() throws MalformedAnswerException {
    if (++lines > LINES_MAX) {
      throw new MalformedAnswerException("more than " + LINES_MAX + " header lines");
    }
  }

  private void readStatusLine(int length) throws MalformedAnswerException {
    if (length < 12 || !startsWith("http/1.", length) || line[8] != ' ') {
      throw new MalformedAnswerException("not an HTTP/1.x status line");
    }
    int code = 0;
    for (int i = 9; i < 12; i++) {
      if (line[i] < '0' || line[i] > '9') {
        throw new MalformedAnswerException("not an HTTP/1.x status line");
      }
      code = code * 10 + line[i] - '0';
    }
    if (code < 100 || (length > 12 && line[12] != ' ')) {
      throw new MalformedAnswerException("not an HTTP/1.x status line");
    }
    status = code;
    keepAlive = line[7] != '0';
    chunked = false;
    remaining = -1;
    expecting = Expecting.HEADERS;
  }

  private void readHeader(int length) throws MalformedAnswerException {
    if (startsWith("content-length:", length)) {
      remaining = number(text("content-length:".length(), length), 10);
    } else if (startsWith("transfer-encoding:", length)) {
      chunked = text("transfer-encoding:".length(), length).equalsIgnoreCase("chunked");
    } else if (startsWith("connection:", length)) {
      String value = text("connection:".length(), length);
      keepAlive =
          !value.equalsIgnoreCase("close") && (keepAlive || value.equalsIgnoreCase("keep-alive"));
    }
  }

  private void endHeaders() throws MalformedAnswerException {
    if (status == 101) {
      throw new MalformedAnswerException("an upgrade nobody asked for");
    }
    if (status < 200) {
      expecting = Expecting.STATUS_LINE;
    } else if (toHead || status == 204 || status == 304) {
      expecting = Expecting.NOTHING;
    } else if (chunked) {
      expecting = Expecting.CHUNK_SIZE;
    } else if (remaining >= 0) {
      expecting = remaining == 0 ? Expecting.NOTHING : Expecting.BODY;
    } else {
      keepAlive = false;
      expecting = Expecting.BODY_UNTIL_CLOSE;
    }
  }

  private void readChunkSize(int length) throws MalformedAnswerException {
    String size = text(0, length);
    int extension = size.indexOf(';');
    remaining = number(extension < 0 ? size : size.substring(0, extension).strip(), 16);
    expecting = remaining == 0 ? Expecting.TRAILERS : Expecting.CHUNK;
  }

  private static long number(String text, int radix) throws MalformedAnswerException {
    try {
      if (!text.isEmpty() && Character.digit(text.charAt(0), radix) >= 0) {
        return Long.parseLong(text, radix);
      }
    } catch (NumberFormatException e) {
      // Not a length: said below.
    }
    throw new MalformedAnswerException("a length that is no number");
  }

  /** Whether the line begins with the lower-case text, in any case. */
  private boolean startsWith(String text, int length) {
    if (length < text.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      int c = line[i];
      if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private String text(int from, int to) {
    return new String(line, from, to - from, StandardCharsets.ISO_8859_1).strip();
  }
}
