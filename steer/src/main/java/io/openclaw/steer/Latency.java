package io.openclaw.steer;

/**
 * A time-decayed average of latency samples that arrive at irregular times.
 *
 * <p>{@code ewma' = ewma + a·(sample − ewma)} with {@code a = max(1 − exp(−Δt/τ), A_MIN)}: the
 * exponential moving average for unevenly spaced observations (A. Eckner, "Algorithms for unevenly
 * spaced time series: moving averages and other rolling operators", 2012), also Finagle's PeakEwma
 * without its peak rule, which lets one garbage collection drive a near region's traffic across an
 * ocean. The floor {@code A_MIN} keeps bursts of simultaneous samples from weighing nothing: at
 * high rates the average is over about the last hundred samples.
 *
 * @param ewmaNanos the average, 0 when there was no sample yet
 * @param atNanos when it was last updated
 * @param requestAtNanos when a request, not a probe, was last sampled
 */
record Latency(double ewmaNanos, long atNanos, long requestAtNanos) {
  private static final double WEIGHT_MIN = 0.01;

  /**
   * A probe is cheaper than a request, so it is a sample only for a region that has had no request
   * for this long; there it keeps the average from staying at what was true long ago.
   */
  static final long PROBE_COUNTS_AFTER_NANOS = 1_000_000_000L;

  static Latency none(long nowNanos) {
    return new Latency(0, nowNanos, nowNanos - PROBE_COUNTS_AFTER_NANOS);
  }

  Latency request(long sampleNanos, long nowNanos, HealthRules rules) {
    return new Latency(averaged(sampleNanos, nowNanos, rules), nowNanos, nowNanos);
  }

  Latency probe(long sampleNanos, long nowNanos, HealthRules rules) {
    if (nowNanos - requestAtNanos < PROBE_COUNTS_AFTER_NANOS) {
      return this;
    }
    return new Latency(averaged(sampleNanos, nowNanos, rules), nowNanos, requestAtNanos);
  }

  private double averaged(long sampleNanos, long nowNanos, HealthRules rules) {
    // Two threads may hand in their clock readings in the other order: never a negative step.
    long elapsed = Math.max(0, nowNanos - atNanos);
    double sample = Math.max(1, sampleNanos);
    if (ewmaNanos == 0) {
      return sample;
    }
    double weight =
        Math.max(WEIGHT_MIN, 1 - Math.exp(-(double) elapsed / rules.latencyMemoryNanos()));
    return ewmaNanos + weight * (sample - ewmaNanos);
  }
}
