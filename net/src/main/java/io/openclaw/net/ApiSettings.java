package io.openclaw.net;

import io.openclaw.tls.ServerTls;
import org.jspecify.annotations.Nullable;

/**
 * Where and within which limits an HTTP server of a node listens.
 *
 * @param port 0 for any free one
 * @param bodyBytesMax of a request's body, as sent and unpacked
 * @param bodyMillis from a request's headers to the end of its body
 * @param deadlineMillis from a request's headers to its answer
 * @param headerMillis from a connection's opening to its first request's headers
 * @param idleMillis between two requests of a connection
 * @param inFlightMax requests under way in the whole server; one more is refused with 503
 * @param connectionsMax open connections of the whole server; one more is closed
 * @param tls how it speaks TLS; none: in clear text
 */
public record ApiSettings(
    String host,
    int port,
    int bodyBytesMax,
    int bodyMillis,
    int deadlineMillis,
    int headerMillis,
    int idleMillis,
    int inFlightMax,
    int connectionsMax,
    @Nullable ServerTls tls) {
  /** Of a request line. */
  static final int REQUEST_LINE_BYTES_MAX = 4096;

  /** Of all of a request's headers together. */
  static final int HEADER_BYTES_MAX = 16 * 1024;

  /** In clear text. */
  public ApiSettings(
      String host,
      int port,
      int bodyBytesMax,
      int bodyMillis,
      int deadlineMillis,
      int headerMillis,
      int idleMillis,
      int inFlightMax,
      int connectionsMax) {
    this(
        host,
        port,
        bodyBytesMax,
        bodyMillis,
        deadlineMillis,
        headerMillis,
        idleMillis,
        inFlightMax,
        connectionsMax,
        null);
  }

  /** The same, with TLS or without. */
  public ApiSettings withTls(@Nullable ServerTls other) {
    return new ApiSettings(
        host,
        port,
        bodyBytesMax,
        bodyMillis,
        deadlineMillis,
        headerMillis,
        idleMillis,
        inFlightMax,
        connectionsMax,
        other);
  }
}
