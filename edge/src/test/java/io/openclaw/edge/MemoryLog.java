package io.openclaw.edge;

import io.openclaw.rating.DurableLog;
import io.openclaw.rating.NotDurableException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A log in memory whose disk is well, full, slow, or the victim of a bug. */
final class MemoryLog implements DurableLog {
  enum Disk {
    WELL,
    FULL,
    SLOW,
    BUGGY
  }

  static final String BUG = "a bug that no client may read of";

  final List<byte[]> records = new ArrayList<>();

  /** What a slow disk has not written yet. */
  final List<CompletableFuture<Void>> pending = new ArrayList<>();

  Disk disk = Disk.WELL;

  /** What it says of itself, whatever the disk does. */
  boolean accepts = true;

  @Override
  public boolean accepts() {
    return accepts;
  }

  @Override
  public CompletionStage<Void> append(byte[] record) {
    return switch (disk) {
      case WELL -> {
        records.add(record);
        yield CompletableFuture.completedFuture(null);
      }
      case FULL ->
          CompletableFuture.failedFuture(
              new NotDurableException("not on disk", new IOException("No space left on device")));
      case SLOW -> {
        CompletableFuture<Void> written = new CompletableFuture<>();
        pending.add(written);
        yield written;
      }
      case BUGGY -> throw new IllegalStateException(BUG);
    };
  }
}
