package io.openclaw.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** One connection that sends bytes as they are, HTTP or not, and reads HTTP/1.1 answers. */
final class RawHttp implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 20_000;

  /** An answer; a header that came more than once is joined with commas. */
  @SuppressWarnings("ArrayRecordComponent") // read by tests, never changed
  record Reply(int status, Map<String, String> headers, byte[] body) {
    String header(String name) {
      return headers.getOrDefault(name, "");
    }

    String text() {
      return new String(body, UTF_8);
    }
  }

  private final Socket socket = new Socket();
  private final InputStream in;

  RawHttp(int port) throws IOException {
    this(port, 0);
  }

  /**
   * A connection.
   *
   * @param receiveBytes how much the kernel keeps of what is not read; 0 for its default
   */
  RawHttp(int port, int receiveBytes) throws IOException {
    if (receiveBytes > 0) {
      socket.setReceiveBufferSize(receiveBytes);
    }
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /** A whole request with a Host header and, where there is a body, its length. */
  static byte[] request(String method, String target, byte[] body, String... headers) {
    StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: node\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    if (body.length > 0) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    return joined(head.append("\r\n").toString().getBytes(ISO_8859_1), body);
  }

  static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    }
    return out.toByteArray();
  }

  static byte[] gunzip(byte[] packed) throws IOException {
    try (GZIPInputStream gzip = new GZIPInputStream(new java.io.ByteArrayInputStream(packed))) {
      return gzip.readAllBytes();
    }
  }

  /** Sends the bytes over a connection of their own and reads the answer. */
  static Reply ask(int port, byte[] request) throws IOException {
    try (RawHttp connection = new RawHttp(port)) {
      return connection.ask(request);
    }
  }

  Reply ask(byte[] request) throws IOException {
    send(request);
    Reply reply = read(request.length > 5 && new String(request, 0, 5, ISO_8859_1).equals("HEAD "));
    if (reply == null) {
      throw new EOFException("the connection was closed without an answer");
    }
    return reply;
  }

  /** Sends as much as the peer takes: it may answer and close before the end. */
  void send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
    } catch (IOException e) {
      // The answer, or its absence, tells.
    }
  }

  void send(String text) {
    send(text.getBytes(ISO_8859_1));
  }

  /** No more bytes will come. */
  void finish() {
    try {
      socket.shutdownOutput();
    } catch (IOException e) {
      // closed by the peer already
    }
  }

  /** The next answer, or null where the connection was closed without one. */
  @Nullable Reply read(boolean bodiless) throws IOException {
    String start;
    try {
      start = line();
    } catch (EOFException | SocketException e) {
      return null;
    }
    if (!start.matches("HTTP/1\\.[01] [1-5][0-9][0-9].*")) {
      throw new IOException("not an HTTP answer: " + start);
    }
    int status = Integer.parseInt(start.substring(9, 12));
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.merge(
          line.substring(0, colon), line.substring(colon + 1).strip(), (a, b) -> a + ", " + b);
    }
    if (status < 200) {
      return status == 101 ? new Reply(status, headers, new byte[0]) : read(bodiless);
    }
    boolean without = bodiless || status == 304;
    return new Reply(status, headers, without ? new byte[0] : body(headers));
  }

  private byte[] body(Map<String, String> headers) throws IOException {
    if (headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
      return chunks();
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("body: " + body.length + " bytes (expected: " + length + ")");
    }
    return body;
  }

  private byte[] chunks() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int length = chunkLength(); length > 0; length = chunkLength()) {
      byte[] chunk = in.readNBytes(length);
      if (chunk.length < length) {
        throw new EOFException("a chunk was cut");
      }
      body.writeBytes(chunk);
      line();
    }
    line();
    return body.toByteArray();
  }

  private int chunkLength() throws IOException {
    return Integer.parseInt(line(), 16);
  }

  /** The next line, whatever it belongs to. */
  String readLine() throws IOException {
    return line();
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the connection was closed");
      }
      line.append((char) b);
    }
    return line.toString().stripTrailing();
  }

  /** Waits until the peer has closed, reading what still comes; false where it did not in time. */
  boolean isClosedWithin(int millis) throws IOException {
    socket.setSoTimeout(millis);
    try {
      while (in.read() >= 0) {
        // until the end
      }
      return true;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (SocketException e) {
      return true; // reset
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // nothing is lost
    }
  }
}
