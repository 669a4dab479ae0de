package io.openclaw.bench;

import org.HdrHistogram.Histogram;

/** A summary of durations in nanoseconds, to three significant digits; all 0 if there were none. */
record Latency(long count, double mean, long p50, long p90, long p99, long p999, long max) {
  static Latency of(Histogram histogram) {
    if (histogram.getTotalCount() == 0) {
      return new Latency(0, 0, 0, 0, 0, 0, 0);
    }
    return new Latency(
        histogram.getTotalCount(),
        histogram.getMean(),
        histogram.getValueAtPercentile(50),
        histogram.getValueAtPercentile(90),
        histogram.getValueAtPercentile(99),
        histogram.getValueAtPercentile(99.9),
        histogram.getMaxValue());
  }
}
