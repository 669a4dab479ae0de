package io.openclaw.rating;

import java.util.concurrent.CompletionStage;

/**
 * An append-only log on disk.
 *
 * <p>Thread-safe. Records become durable in the order they were appended.
 */
public interface DurableLog {
  /**
   * Appends a record (at most {@link #RECORD_BYTES_MAX} bytes). The stage completes when it would
   * survive a power cut, and fails with {@link NotDurableException} when that cannot be had; a
   * failed record is not in the log.
   */
  CompletionStage<Void> append(byte[] record);

  /**
   * Whether a record that is appended now is likely to become durable: false from a failure until
   * the disk has shown that it takes records again.
   */
  default boolean accepts() {
    return true;
  }

  int RECORD_BYTES_MAX = 64 * 1024;
}
