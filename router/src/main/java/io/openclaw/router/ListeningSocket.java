package io.openclaw.router;

import io.netty.channel.Channel;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import org.jspecify.annotations.Nullable;

/**
 * A server's listening socket, known from the first connection on that came out of it.
 *
 * <p>{@code HttpServer.shutdown} of Vert.x 5.0.7 closes it together with every connection on which
 * no request has been read, also one that was accepted a moment ago: its client sees a reset. So it
 * is closed first, and the connections a while later. {@link ConnectionBase} is internal to Vert.x:
 * look here when its version changes. Thread-safe.
 */
final class ListeningSocket {
  private volatile @Nullable Channel channel;

  void accepted(HttpConnection connection) {
    if (channel == null && connection instanceof ConnectionBase base) {
      channel = base.channel().parent();
    }
  }

  /** Takes no more connections; where none ever came, the server's own shutdown does it. */
  void close() {
    Channel listening = channel;
    if (listening != null) {
      var _ = listening.close();
    }
  }
}
