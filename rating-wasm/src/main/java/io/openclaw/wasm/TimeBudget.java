package io.openclaw.wasm;

/**
 * How much of a core's time may be spent: a leaky bucket. Spending fills it, time empties it at a
 * constant share; while it holds more than its burst, it is spent. Not thread-safe; told the time.
 */
final class TimeBudget {
  private final double share;
  private final long burstNanos;
  private double level;
  private long atNanos;

  /**
   * A budget of which nothing is spent.
   *
   * @param share of a core, above 0
   * @param burstNanos what may be spent at once
   */
  TimeBudget(double share, long burstNanos, long nowNanos) {
    this.share = share;
    this.burstNanos = burstNanos;
    this.atNanos = nowNanos;
  }

  void spend(long nanos, long nowNanos) {
    empty(nowNanos);
    level += (double) nanos;
  }

  /** How long until something may be spent again; 0 where it may be now. */
  long closedNanos(long nowNanos) {
    empty(nowNanos);
    double over = level - (double) burstNanos;
    return over <= 0 ? 0 : (long) Math.ceil(over / share);
  }

  /** Whether something of what was spent is not made up for yet. */
  boolean isTouched(long nowNanos) {
    empty(nowNanos);
    return level > 0;
  }

  private void empty(long nowNanos) {
    if (nowNanos - atNanos > 0) {
      level = Math.max(0, level - share * (double) (nowNanos - atNanos));
      atNanos = nowNanos;
    }
  }
}
