package io.openclaw.client;

import java.util.Arrays;

/**
 * The distribution of a region's latencies over the last 10 to 20 seconds: two histograms of
 * logarithmic buckets, eight to each power of two, so that a quantile is read at most an eighth too
 * high. A try that was given up counts with the time that was waited for it; otherwise a region
 * that became slower for good would be given up for ever. Told the time. Thread-safe: a short lock.
 */
final class ResponseTimes {
  /** Fewer samples than this say nothing of a tail. */
  static final int SAMPLES_MIN = 32;

  static final long GENERATION_NANOS = 10_000_000_000L;

  private static final int SUB_BITS = 3;

  /** Shorter latencies, below 16 µs, are as good as each other. */
  private static final int LOWEST_BIT = 14;

  /** Longer ones, above 68 s, are too. */
  private static final int BUCKETS = (37 - LOWEST_BIT) << SUB_BITS;

  private int[] now = new int[BUCKETS];
  private int[] before = new int[BUCKETS];
  private int count;
  private int countBefore;
  private long sinceNanos;

  ResponseTimes(long nowNanos) {
    sinceNanos = nowNanos;
  }

  synchronized void add(long latencyNanos, long nowNanos) {
    turn(nowNanos);
    now[bucket(latencyNanos)]++;
    count++;
  }

  /** The latency that the part {@code q} of samples did not exceed; -1 where there are too few. */
  synchronized long quantileNanos(double q, long nowNanos) {
    turn(nowNanos);
    int all = count + countBefore;
    if (all < SAMPLES_MIN) {
      return -1;
    }
    int left = (int) Math.ceil(q * all);
    for (int i = 0; i < BUCKETS; i++) {
      left -= now[i] + before[i];
      if (left <= 0) {
        return upperNanos(i);
      }
    }
    return upperNanos(BUCKETS - 1);
  }

  private void turn(long nowNanos) {
    long age = nowNanos - sinceNanos;
    if (age < GENERATION_NANOS) {
      return;
    }
    boolean recent = age < 2 * GENERATION_NANOS;
    int[] oldest = before;
    before = recent ? now : new int[BUCKETS];
    countBefore = recent ? count : 0;
    Arrays.fill(oldest, 0);
    now = oldest;
    count = 0;
    sinceNanos = nowNanos;
  }

  private static int bucket(long nanos) {
    long least = Math.max(nanos, 1L << LOWEST_BIT);
    int top = Long.SIZE - 1 - Long.numberOfLeadingZeros(least);
    int sub = (int) (least >>> (top - SUB_BITS)) & ((1 << SUB_BITS) - 1);
    return Math.min(BUCKETS - 1, ((top - LOWEST_BIT) << SUB_BITS) + sub);
  }

  private static long upperNanos(int bucket) {
    int top = LOWEST_BIT + (bucket >> SUB_BITS);
    long sub = (bucket & ((1 << SUB_BITS) - 1)) + 1L;
    return (1L << top) + (sub << (top - SUB_BITS));
  }
}
