package io.openclaw.bench;

import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Why a request got no answer. */
enum ErrorKind {
  /** Nothing listens there. */
  REFUSED,
  /** The connection was reset or closed before the answer was complete. */
  RESET,
  /** No complete answer within the timeout, the time to connect included. */
  TIMEOUT,
  /** The TLS handshake failed. */
  TLS,
  /** Anything else: no such host, no route, an answer that is not HTTP. */
  OTHER;

  /** The name in reports: {@code refused}, {@code reset}, … */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What kind of failure to connect the cause is. */
  static ErrorKind ofConnect(Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException) {
        return TLS;
      }
      if (cause instanceof ConnectTimeoutException || cause instanceof TimeoutException) {
        return TIMEOUT;
      }
      // Netty's own class extends ConnectException; so does "no route to host", by its message.
      String message = String.valueOf(cause.getMessage());
      if (cause instanceof ConnectException && message.contains("refused")) {
        return REFUSED;
      }
      if (message.contains("reset")) {
        return RESET;
      }
    }
    return OTHER;
  }
}
