package io.openclaw.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * How requests fared by when they were due, in steps of {@link #BUCKET_NANOS} since recording
 * began. Not thread-safe.
 */
final class Timeline {
  /** 100 ms. */
  static final long BUCKET_NANOS = 100_000_000;

  /** 25 minutes: 15,000 buckets of six values fit into a document {@code JsonReader} takes. */
  static final long DURATION_NANOS_MAX = 25L * 60 * 1_000_000_000;

  /**
   * One step.
   *
   * @param maxNanos the longest request due in it, whether it succeeded or failed
   */
  public record Bucket(long atNanos, long ok, long failed, long unsent, long maxNanos) {}

  private final List<long[]> buckets = new ArrayList<>();

  Timeline() {}

  void ended(long dueNanos, boolean ok, long latencyNanos) {
    long[] bucket = at(dueNanos);
    bucket[ok ? 0 : 1]++;
    bucket[3] = Math.max(bucket[3], latencyNanos);
  }

  void unsent(long dueNanos) {
    at(dueNanos)[2]++;
  }

  private long[] at(long dueNanos) {
    int index = (int) (Math.max(0, dueNanos) / BUCKET_NANOS);
    while (buckets.size() <= index) {
      buckets.add(new long[4]);
    }
    return buckets.get(index);
  }

  List<Bucket> buckets() {
    List<Bucket> result = new ArrayList<>(buckets.size());
    for (int i = 0; i < buckets.size(); i++) {
      long[] b = buckets.get(i);
      result.add(new Bucket(i * BUCKET_NANOS, b[0], b[1], b[2], b[3]));
    }
    return result;
  }
}
