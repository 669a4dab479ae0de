package io.openclaw.onnx;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What one model has for the threads. Models take turns, and where there is more than one thread
 * none has them all: a model whose runs are long makes others slower, but does not stop them.
 * Thread-safe.
 */
final class Lane {
  /** Runs of one model that have a thread at a time. */
  static final int RUNNING_MAX = Math.max(1, Workers.THREADS - 1);

  private static final Object LOCK = new Object();

  /** Lanes that may have a thread, each once, the one that waited longest first. */
  private static final Deque<Lane> TURNS = new ArrayDeque<>();

  private static int idle = Workers.THREADS;

  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private int running;
  private boolean hasTurn;

  /** Has a thread do it when it is its turn. */
  void execute(Runnable task) {
    synchronized (LOCK) {
      waiting.add(task);
      wantTurn();
      begin();
    }
  }

  private void wantTurn() {
    if (!hasTurn && !waiting.isEmpty() && running < RUNNING_MAX) {
      hasTurn = true;
      TURNS.add(this);
    }
  }

  private static void begin() {
    while (idle > 0 && !TURNS.isEmpty()) {
      Lane lane = TURNS.remove();
      Runnable task = lane.waiting.remove();
      lane.hasTurn = false;
      lane.running++;
      idle--;
      lane.wantTurn();
      Workers.execute(() -> lane.run(task));
    }
  }

  private void run(Runnable task) {
    try {
      task.run();
    } finally {
      synchronized (LOCK) {
        running--;
        idle++;
        wantTurn();
        begin();
      }
    }
  }
}
