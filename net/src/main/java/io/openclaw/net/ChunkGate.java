package io.openclaw.net;

import io.vertx.core.Context;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Lets the chunks of one event loop's batches take turns: so many are under way at once, the others
 * wait in the order they came, and each begins in a turn of the loop of its own, so that single
 * requests come between. Event loop only.
 */
final class ChunkGate {
  /** Chunks under way at once; more than one only where models answer later. */
  static final int UNDER_WAY_MAX = 4;

  private final Context context;
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private int underWay;

  ChunkGate(Context context) {
    this.context = context;
  }

  /** Runs a chunk when its turn has come; it must {@link #leave} when it is done. */
  void enter(Runnable chunk) {
    if (underWay < UNDER_WAY_MAX) {
      underWay++;
      context.runOnContext(now -> chunk.run());
    } else {
      waiting.add(chunk);
    }
  }

  /** A chunk is done. */
  void leave() {
    Runnable next = waiting.poll();
    if (next == null) {
      underWay--;
    } else {
      context.runOnContext(now -> next.run());
    }
  }
}
