package io.openclaw.dns;

import java.util.concurrent.atomic.AtomicReference;

/**
 * The zone's serial (RFC 1035 §3.3.13): grows when the set of usable regions changes. It begins
 * with, and is never less than, the Unix time of the last change, so it also grows over restarts.
 * Thread-safe.
 */
final class Serial {
  private record Seen(long usable, long serial) {}

  private final AtomicReference<Seen> seen;

  Serial(long usable, long wallMillis) {
    seen = new AtomicReference<>(new Seen(usable, wallMillis / 1000));
  }

  /** The serial now that these regions are usable, as an unsigned 32-bit number. */
  long of(long usable, long wallMillis) {
    while (true) {
      Seen before = seen.get();
      if (before.usable == usable) {
        return before.serial & 0xFFFF_FFFFL;
      }
      Seen after = new Seen(usable, Math.max(before.serial + 1, wallMillis / 1000));
      if (seen.compareAndSet(before, after)) {
        return after.serial & 0xFFFF_FFFFL;
      }
    }
  }
}
