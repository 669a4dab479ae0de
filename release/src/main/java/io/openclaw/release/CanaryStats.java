package io.openclaw.release;

import io.openclaw.domain.Rating;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BiConsumer;

/**
 * One canary's counts in one region, and what the other regions told of theirs.
 *
 * <p>Each region writes only its own counts, which only grow; a copy that is lost, late, repeated
 * or reordered does no harm, because of two copies the larger counts win. The canary's figures are
 * the sum over all writers.
 *
 * <p>Thread-safe. Recording is three or four additions without a lock or an object, as event loops
 * need it. Memory is fixed by the bins: at most 1,604 counts per writer.
 */
public final class CanaryStats {
  /** Writers, each an incarnation of a node, whose counts are kept. */
  public static final int WRITERS_MAX = 256;

  private final CanaryBins bins;
  private final CanaryCounts.Layout layout;
  private final AtomicLongArray own;
  private final ConcurrentMap<String, long[]> others = new ConcurrentHashMap<>();

  public CanaryStats(CanaryBins bins) {
    this.bins = bins;
    layout = CanaryCounts.Layout.of(bins);
    own = new AtomicLongArray(layout.length());
  }

  /**
   * Counts a rating.
   *
   * @param hash the request's {@link CanarySplit#hash}
   */
  public void rated(CanaryVariant variant, long hash, long latencyNanos, Rating rating) {
    int group = (int) hash & (CanaryCounts.GROUPS - 1); // the split reads the other end of the hash
    own.getAndIncrement(layout.latency(variant, LatencyBuckets.of(latencyNanos)));
    own.getAndIncrement(layout.rating(variant, group, bins.ratingClass(rating.value())));
    own.getAndIncrement(layout.reason(variant, group, bins.reasonClass(rating.reasons())));
  }

  /** Counts a rating that failed by no fault of the client: an exception, a timeout. */
  public void failed(CanaryVariant variant, long latencyNanos) {
    own.getAndIncrement(layout.latency(variant, LatencyBuckets.of(latencyNanos)));
    own.getAndIncrement(layout.errors(variant));
  }

  /** Counts what both versions decided of one input, in shadow. */
  public void decided(boolean stableApproves, boolean canaryApproves) {
    own.getAndIncrement(layout.pairs());
    if (stableApproves != canaryApproves) {
      own.getAndIncrement(layout.flips());
    }
  }

  /** This region's cumulative counts, to be told to the others. */
  public long[] values() {
    long[] values = new long[own.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = own.get(i);
    }
    return values;
  }

  /**
   * Takes in another writer's cumulative counts; of each the larger one is kept.
   *
   * @param values each 0 or greater; missing ones are 0
   * @return false where there are already too many writers, and nothing was taken in
   * @throws IllegalArgumentException where there are more counts than this canary has
   */
  public boolean merge(String writer, long[] values) {
    return merge(writer, 0, values);
  }

  /**
   * Takes in a part of another writer's cumulative counts.
   *
   * @param from which count the first of {@code values} is
   */
  public boolean merge(String writer, int from, long[] values) {
    if (from < 0 || values.length > own.length() - from) {
      throw new IllegalArgumentException(
          "values: " + (from + values.length) + " (expected: at most " + own.length() + ")");
    }
    if (!others.containsKey(writer) && others.size() >= WRITERS_MAX) {
      return false;
    }
    long[] placed = new long[from + values.length];
    System.arraycopy(values, 0, placed, from, values.length);
    others.compute(writer, (name, known) -> larger(known == null ? new long[0] : known, placed));
    return true;
  }

  /** Hands over each other writer's cumulative counts; not to be changed. */
  public void others(BiConsumer<String, long[]> sink) {
    others.forEach(sink);
  }

  /** What this region counted. */
  public CanaryCounts own() {
    return new CanaryCounts(layout, values());
  }

  private static long[] larger(long[] a, long[] b) {
    long[] merged = Arrays.copyOf(a, Math.max(a.length, b.length));
    for (int i = 0; i < b.length; i++) {
      merged[i] = Math.max(merged[i], b[i]);
    }
    return merged;
  }

  /** What all regions counted, as far as it is known here. */
  public CanaryCounts total() {
    long[] sum = values();
    for (long[] other : others.values()) {
      for (int i = 0; i < other.length; i++) {
        sum[i] += other[i];
      }
    }
    return new CanaryCounts(layout, sum);
  }
}
