package io.openclaw.release;

/**
 * Counts of latencies in buckets that are at most 1/16 wide: one per microsecond up to 16, then 16
 * per factor of two. The functions read such counts in a part of an array.
 */
final class LatencyBuckets {
  private static final int SUB_BUCKETS = 16;
  private static final int SUB_BITS = 4;

  /** Latencies from here on share the last bucket: 2^26 µs, 67 s. */
  private static final int TOP_BITS = 26;

  /** How many there are. */
  static final int COUNT = (TOP_BITS - SUB_BITS + 1) * SUB_BUCKETS;

  private LatencyBuckets() {}

  /** The bucket of a latency. */
  static int of(long nanos) {
    long micros = Math.max(0, nanos / 1000);
    if (micros < SUB_BUCKETS) {
      return (int) micros;
    }
    int bits = 63 - Long.numberOfLeadingZeros(micros);
    if (bits >= TOP_BITS) {
      return COUNT - 1;
    }
    int within = (int) (micros >>> (bits - SUB_BITS)) & (SUB_BUCKETS - 1);
    return (bits - SUB_BITS + 1) * SUB_BUCKETS + within;
  }

  /** The least latency of a bucket, in microseconds. */
  private static double low(int bucket) {
    if (bucket < SUB_BUCKETS) {
      return bucket;
    }
    int shift = bucket / SUB_BUCKETS - 1;
    return (double) (SUB_BUCKETS + 1L * bucket % SUB_BUCKETS) * (1L << shift);
  }

  /** How many were counted. */
  static long sum(long[] counts, int first) {
    long sum = 0;
    for (int i = first; i < first + COUNT; i++) {
      sum += counts[i];
    }
    return sum;
  }

  /**
   * The latency that a part of those counted does not exceed, in microseconds; within its bucket as
   * if latencies were spread evenly. 0 where there are none.
   */
  static double quantile(long[] counts, int first, double part) {
    double rank = part * sum(counts, first);
    double below = 0;
    for (int bucket = 0; bucket < COUNT; bucket++) {
      long count = counts[first + bucket];
      if (count > 0 && below + count >= rank) {
        return low(bucket) + (low(bucket + 1) - low(bucket)) * (rank - below) / count;
      }
      below += count;
    }
    return 0;
  }

  /** How many took longer, by the same assumption. */
  static double slower(long[] counts, int first, double micros) {
    double slower = 0;
    for (int bucket = COUNT - 1; bucket >= 0; bucket--) {
      double low = low(bucket);
      double high = low(bucket + 1);
      if (high <= micros) {
        break;
      }
      double part = low >= micros ? 1 : (high - micros) / (high - low);
      slower += part * counts[first + bucket];
    }
    return slower;
  }
}
