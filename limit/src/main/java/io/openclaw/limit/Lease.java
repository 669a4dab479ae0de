package io.openclaw.limit;

/**
 * One uninterrupted time during which this region may use certain blocks: it ends at {@code
 * endNanos}, which every renewal moves on; once ended it never begins again, and a later one is
 * another object.
 *
 * <p>One thread renews and stops it, any may read. Times are this node's monotonic clock.
 */
final class Lease {
  private final long startNanos;
  private volatile long endNanos;
  private boolean stopped;

  Lease(long startNanos, long endNanos) {
    this.startNanos = startNanos;
    this.endNanos = endNanos;
  }

  /** A right that needs no lease. */
  static Lease eternal(long nowNanos) {
    return new Lease(nowNanos, nowNanos + Long.MAX_VALUE / 2);
  }

  long startNanos() {
    return startNanos;
  }

  /** The first instant at which the blocks may not be used. */
  long endNanos() {
    return endNanos;
  }

  boolean hasEnded(long nowNanos) {
    return stopped || nowNanos - endNanos >= 0;
  }

  /** Moves the end on; a lease that has ended stays so, whatever comes late. */
  boolean renew(long untilNanos, long nowNanos) {
    if (hasEnded(nowNanos)) {
      return false;
    }
    if (untilNanos - endNanos > 0) {
      endNanos = untilNanos;
    }
    return true;
  }

  /** Ends it now. */
  void stop(long nowNanos) {
    if (!stopped && nowNanos - endNanos < 0) {
      endNanos = nowNanos;
    }
    stopped = true;
  }
}
