package io.openclaw.router;

/**
 * A time of failed tries: from the first one until the last one before a second without any. That
 * is how long it took until the fleet was steady again. Thread-safe; told the time.
 */
final class Disturbance {
  static final long QUIET_NANOS = 1_000_000_000L;
  static final long NONE_OVER = -1;

  private boolean under;
  private long firstNanos;
  private long lastNanos;

  /** A try failed, and the request is tried again. */
  synchronized void failed(long nowNanos) {
    if (!under) {
      under = true;
      firstNanos = nowNanos;
    }
    lastNanos = nowNanos;
  }

  /** How long the one was that is over now, once; {@link #NONE_OVER} where there is none. */
  synchronized long over(long nowNanos) {
    if (!under || nowNanos - lastNanos < QUIET_NANOS) {
      return NONE_OVER;
    }
    under = false;
    return lastNanos - firstNanos;
  }
}
