package io.openclaw.net;

import io.vertx.core.Context;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * After new certificates: every peer is dialled anew, one after another with a pause, each stream
 * being left only when the next one is open. Who is connected is looked at then, and each minute.
 */
final class PeersRenewal {
  /** Between two peers: longer than a dial between continents takes. */
  static final long PAUSE_MILLIS = 400;

  private final Context context;
  private final PeersTransport transport;
  private final List<String> peers;
  private final Queue<String> due = new ArrayDeque<>();
  private boolean running;

  PeersRenewal(Context context, PeersTransport transport, List<String> peers) {
    this.context = context;
    this.transport = transport;
    this.peers = peers;
  }

  /** Begins with the first peer, or begins again. Any thread. */
  void begin() {
    context.runOnContext(
        now -> {
          transport.checkInbound();
          due.clear();
          due.addAll(peers);
          if (!running) {
            next();
          }
        });
  }

  /** Ends the streams from peers whose certificates have ended. Any thread. */
  void check() {
    context.runOnContext(now -> transport.checkInbound());
  }

  private void next() {
    String peer = due.poll();
    running = peer != null;
    if (peer != null) {
      transport.renew(peer);
      context.owner().setTimer(PAUSE_MILLIS, fired -> next());
    }
  }
}
