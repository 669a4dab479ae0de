package io.openclaw.rating;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A log in memory whose disk is as slow, as broken or as dishonest as a test wants. */
final class FakeLog implements DurableLog {
  /** What a restart finds. */
  final List<byte[]> durable = new ArrayList<>();

  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private final boolean immediate;
  private final boolean lying;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Waiting(byte[] record, CompletableFuture<Void> stage) {}

  private FakeLog(boolean immediate, boolean lying) {
    this.immediate = immediate;
    this.lying = lying;
  }

  /** Durable as soon as appended. */
  static FakeLog fast() {
    return new FakeLog(true, false);
  }

  /** Durable when the test says so. */
  static FakeLog slow() {
    return new FakeLog(false, false);
  }

  /** A planted bug: says durable at once, and is so when the test says. */
  static FakeLog lying() {
    return new FakeLog(false, true);
  }

  @Override
  public synchronized CompletionStage<Void> append(byte[] record) {
    if (record.length > RECORD_BYTES_MAX) {
      throw new IllegalArgumentException(record.length + " bytes");
    }
    Waiting next = new Waiting(record, new CompletableFuture<>());
    waiting.add(next);
    if (immediate) {
      writeOne();
    } else if (lying) {
      next.stage.complete(null);
    }
    return next.stage;
  }

  synchronized int waiting() {
    return waiting.size();
  }

  /** The oldest waiting record reaches the disk, and its writer hears of it. */
  synchronized void writeOne() {
    Waiting next = waiting.remove();
    durable.add(next.record);
    next.stage.complete(null);
  }

  synchronized void writeAll() {
    while (!waiting.isEmpty()) {
      writeOne();
    }
  }

  /** The oldest waiting record cannot be written. */
  synchronized void failOne() {
    waiting
        .remove()
        .stage
        .completeExceptionally(
            new NotDurableException("no space left", new java.io.IOException("disk full")));
  }

  /** The process dies: some waiting records had reached the disk, nobody was told. */
  synchronized void crash(int written) {
    for (int i = 0; i < written; i++) {
      durable.add(waiting.remove().record);
    }
    waiting.clear();
  }
}
