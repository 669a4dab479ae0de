package io.openclaw.edge;

import io.openclaw.rating.DurableLog;
import io.openclaw.rating.NotDurableException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A log in memory whose disk is well, full, or the victim of a bug. */
final class MemoryLog implements DurableLog {
  enum Disk {
    WELL,
    FULL,
    BUGGY
  }

  static final String BUG = "a bug that no client may read of";

  final List<byte[]> records = new ArrayList<>();
  Disk disk = Disk.WELL;

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
      case BUGGY -> throw new IllegalStateException(BUG);
    };
  }
}
