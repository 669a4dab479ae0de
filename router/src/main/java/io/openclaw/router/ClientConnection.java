package io.openclaw.router;

import io.vertx.core.http.HttpConnection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One client's connection: what is under way on it, and by when it is closed where nothing is. Used
 * on its event loop only.
 */
final class ClientConnection {
  private final HttpConnection connection;
  private final Set<ClientStream> streams = new HashSet<>();
  private boolean multiplexed;
  private long idleUntilNanos;

  ClientConnection(HttpConnection connection, long idleUntilNanos) {
    this.connection = connection;
    this.idleUntilNanos = idleUntilNanos;
  }

  void add(ClientStream stream) {
    multiplexed |= stream.isMultiplexed();
    streams.add(stream);
  }

  /**
   * A stream was answered; where it was the last, the connection may be idle for so long. An HTTP/2
   * client may open no window for the answer: it has until {@code takenUntil}.
   */
  void answered(ClientStream stream, long idleUntil, long takenUntil) {
    idleUntilNanos = idleUntil;
    if (stream.isMultiplexed()) {
      stream.closeAt(takenUntil);
    } else {
      streams.remove(stream);
    }
  }

  void sweep(long nowNanos) {
    streams.removeIf(ClientStream::isOver);
    if (streams.isEmpty()) {
      if (nowNanos - idleUntilNanos >= 0) {
        close();
      }
      return;
    }
    for (ClientStream stream : List.copyOf(streams)) {
      stream.sweep(nowNanos);
    }
  }

  /** Tells an HTTP/2 client to go elsewhere with what is new; others read it in their answers. */
  void goAway(long millis) {
    if (multiplexed) {
      var _ = connection.shutdown(millis, TimeUnit.MILLISECONDS);
    }
  }

  void close() {
    var _ = connection.close();
  }
}
