package io.openclaw.bench;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What every request looks like.
 *
 * @param method such as POST
 * @param headers sent in this order after Host; Content-Length is added where there is a body
 * @param bodies used in turn, one per request; empty for requests without a body
 */
record RequestTemplate(String method, List<Header> headers, List<byte[]> bodies) {
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
  private static final Set<String> OWN =
      Set.of("host", "content-length", "transfer-encoding", "connection", "expect", "upgrade");
  private static final byte[] LINE_END = {'\r', '\n'};
  private static final byte[] CONTENT_LENGTH = "content-length: ".getBytes(StandardCharsets.UTF_8);

  /** One header; its value never appears in a report or a message. */
  public record Header(String name, String value) {
    /** Checks both; neither the value nor a secret in it is shown. */
    public Header {
      if (!TOKEN.matcher(name).matches()) {
        throw new IllegalArgumentException(name + " is no header name (expected: 'Name: value')");
      }
      if (OWN.contains(name.toLowerCase(Locale.ROOT))) {
        throw new IllegalArgumentException(name + " is set by the load generator itself");
      }
      if (value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c >= 127)) {
        throw new IllegalArgumentException(
            "the value of " + name + " holds a control or non-ASCII character");
      }
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** Checks the method and copies the lists. */
  public RequestTemplate {
    if (!method.matches("[A-Z]{1,20}")) {
      throw new IllegalArgumentException(method + " (expected: a method such as GET or POST)");
    }
    headers = List.copyOf(headers);
    bodies = List.copyOf(bodies);
  }

  /** The request up to Content-Length, which depends on the body. */
  byte[] headFor(Target target) {
    StringBuilder head = new StringBuilder(256);
    head.append(method).append(' ').append(target.path()).append(" HTTP/1.1\r\nhost: ");
    head.append(target.authority()).append("\r\n");
    for (Header header : headers) {
      head.append(header.name()).append(": ").append(header.value()).append("\r\n");
    }
    return head.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** The bytes of one request. */
  Buffer encode(byte[] head, int bodyIndex) {
    if (bodies.isEmpty()) {
      return Buffer.buffer(head.length + 2).appendBytes(head).appendBytes(LINE_END);
    }
    byte[] body = bodies.get(bodyIndex);
    byte[] length = Integer.toString(body.length).getBytes(StandardCharsets.US_ASCII);
    return Buffer.buffer(head.length + body.length + 32)
        .appendBytes(head)
        .appendBytes(CONTENT_LENGTH)
        .appendBytes(length)
        .appendBytes(LINE_END)
        .appendBytes(LINE_END)
        .appendBytes(body);
  }

  /** Whether answers have no body whatever their headers say (RFC 9110 §9.3.2). */
  boolean isHead() {
    return method.equals("HEAD");
  }
}
