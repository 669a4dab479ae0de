package io.openclaw.limit;

/**
 * What each region is asked for of one limit, in tokens per second, from cumulative counts of cost
 * admitted and denied. Not thread-safe.
 *
 * <p>A mean over all that came since demand last changed, and later an exponentially weighted one
 * that is slow, so that the chance in arrivals moves no blocks. A change is told from chance by
 * cumulative sums (CUSUM) of what departs from that mean, up and down: E. S. Page, "Continuous
 * inspection schemes", Biometrika 41, 1954.
 */
final class Demand {
  /** The least weight of the newest interval of 100 ms: a mean over about 5 s. */
  private static final double SLOW = 0.04;

  /** Departures from the mean by less than this many σ of an interval do not add up. */
  private static final double SLACK_SIGMAS = 0.5;

  /** A sum of so many σ is a change; by chance, one in some minutes. */
  private static final double CHANGE_SIGMAS = 6;

  /** What departs by more in one interval is a change by itself, whatever came before. */
  private static final double ALONE_SIGMAS = 4.5;

  /** No arrival where so many requests were expected is no chance: 1 in 400. */
  private static final double SILENT_REQUESTS = 6;

  /** Standard errors of the mean within which demand is believed to be. */
  private static final double ERRORS = 2;

  /** A larger error, as a part of the mean, is no knowledge. */
  private static final double ERROR_MAX = 0.2;

  private static final double INTERVAL_SECONDS = Balancer.INTERVAL_NANOS / 1e9;

  /** Below this many tokens per second there is no demand. */
  private static final double NOTHING = 1e-3;

  /** Departures in one direction since their sum was last zero. */
  private static final class Sum {
    private double sum;
    private double tokens;
    private double seconds;
    private int intervals;

    void add(double departure, double slack, double arrived, double time) {
      sum = Math.max(0, sum + departure - slack);
      if (sum == 0) {
        clear();
      } else {
        tokens += arrived;
        seconds += time;
        intervals++;
      }
    }

    void clear() {
      sum = 0;
      tokens = 0;
      seconds = 0;
      intervals = 0;
    }
  }

  final LimitFacts.Row row;
  private final double[] mean;
  private final int[] intervals; // since demand last changed
  private final Sum[] more;
  private final Sum[] less;
  private final double[] silent; // expected since anything arrived
  private final long[] asked;
  private long nanos;

  /** Whether it waits to be looked at. */
  boolean queued;

  /** What was asked for before this began is not demand. */
  Demand(LimitFacts.Row row, int regions, long nowNanos) {
    this.row = row;
    mean = new double[regions];
    intervals = new int[regions];
    more = new Sum[regions];
    less = new Sum[regions];
    silent = new double[regions];
    asked = new long[regions];
    for (int region = 0; region < regions; region++) {
      more[region] = new Sum();
      less[region] = new Sum();
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
      double arrived = Math.max(0, now - asked[region]);
      asked[region] = now;
      take(region, arrived, seconds, (double) unit);
    }
  }

  private void take(int region, double arrived, double seconds, double unit) {
    double expected = mean[region] * seconds;
    double sigma = Math.sqrt(Math.max(expected, unit) * unit); // of Poisson arrivals
    more[region].add(arrived - expected, SLACK_SIGMAS * sigma, arrived, seconds);
    less[region].add(expected - arrived, SLACK_SIGMAS * sigma, arrived, seconds);
    silent[region] = arrived > 0 ? 0 : silent[region] + expected;
    boolean begins = mean[region] == 0 && arrived > 0;
    if (silent[region] > SILENT_REQUESTS * unit) {
      change(region, 0, 1);
    } else if (begins || Math.abs(arrived - expected) > ALONE_SIGMAS * sigma) {
      change(region, arrived / seconds, 1);
    } else if (more[region].sum > CHANGE_SIGMAS * sigma) {
      change(region, more[region].tokens / more[region].seconds, more[region].intervals);
    } else if (less[region].sum > CHANGE_SIGMAS * sigma) {
      change(region, less[region].tokens / less[region].seconds, less[region].intervals);
    } else {
      intervals[region]++;
      mean[region] += Math.max(SLOW, 1.0 / intervals[region]) * (arrived / seconds - mean[region]);
      mean[region] = mean[region] < NOTHING ? 0 : mean[region];
    }
  }

  private void change(int region, double to, int ago) {
    mean[region] = to;
    intervals[region] = ago;
    silent[region] = 0;
    more[region].clear();
    less[region].clear();
  }

  /** Tokens per second that a region is asked for. */
  double of(int region) {
    return mean[region];
  }

  /**
   * Tokens per second that a region is asked for at most, as far as chance goes: the mean and two
   * standard errors of it. Shortly after a change that is up to a fifth more than the mean; where
   * fewer than a hundred requests are known it would be a guess, and the mean stands.
   *
   * @param unit what one request costs, in tokens
   */
  double atMost(int region, long unit) {
    double seconds = Math.clamp(intervals[region], 1, 1 / SLOW) * INTERVAL_SECONDS;
    double error = ERRORS * Math.sqrt(mean[region] * unit / seconds);
    return error <= ERROR_MAX * mean[region] ? mean[region] + error : mean[region];
  }

  /** When it was looked at last, which is shortly after something was asked for. */
  long nanos() {
    return nanos;
  }
}
