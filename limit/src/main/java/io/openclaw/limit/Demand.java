package io.openclaw.limit;

/**
 * What each region is asked for of one limit, in tokens per second, from cumulative counts of cost
 * admitted and denied. Not thread-safe.
 *
 * <p>An exponentially weighted moving average (EWMA) that is slow, so that the chance in arrivals
 * moves no blocks; where a fast one departs from it by more than chance explains, it jumps there.
 */
final class Demand {
  /** The weights of the newest interval of 100 ms: of the fast average, and of the slow one. */
  private static final double FAST = 0.6;

  private static final double SLOW = 0.1;

  /** How long a time the fast average looks at, in seconds: 0.1 × (2 − FAST) / FAST. */
  private static final double FAST_SECONDS = 0.23;

  /** Poisson arrivals depart from their mean by more than this many σ in 1 of 80 intervals. */
  private static final double SIGMAS = 2.5;

  /** Below this many tokens per second there is no demand. */
  private static final double NOTHING = 1e-3;

  final LimitFacts.Row row;
  private final double[] fast;
  private final double[] slow;
  private final long[] asked;
  private long nanos;

  /** Whether it waits to be looked at. */
  boolean queued;

  /** What was asked for before this began is not demand. */
  Demand(LimitFacts.Row row, int regions, long nowNanos) {
    this.row = row;
    fast = new double[regions];
    slow = new double[regions];
    asked = new long[regions];
    for (int region = 0; region < regions; region++) {
      asked[region] = row.asked(region);
    }
    nanos = nowNanos;
  }

  /**
   * Takes the counts as they are now; to be called each 100 ms, or later where nothing was asked.
   *
   * @param unit what one request costs, in tokens
   */
  void tick(long unit, long nowNanos) {
    double seconds = (nowNanos - nanos) / 1e9;
    if (seconds <= 0) {
      return;
    }
    nanos = nowNanos;
    for (int region = 0; region < asked.length; region++) {
      long now = row.asked(region);
      double rate = Math.max(0, now - asked[region]) / seconds;
      asked[region] = now;
      fast[region] += FAST * (rate - fast[region]);
      slow[region] += SLOW * (rate - slow[region]);
      double chance =
          SIGMAS * Math.sqrt(Math.max(slow[region], (double) unit) * unit / FAST_SECONDS);
      if (Math.abs(fast[region] - slow[region]) > chance || slow[region] < NOTHING) {
        slow[region] = fast[region] < NOTHING ? 0 : fast[region];
      }
    }
  }

  /** Tokens per second that a region is asked for. */
  double of(int region) {
    return slow[region];
  }

  /** When it was looked at last, which is shortly after something was asked for. */
  long nanos() {
    return nanos;
  }
}
