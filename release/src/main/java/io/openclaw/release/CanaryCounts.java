package io.openclaw.release;

import java.util.Arrays;

/**
 * What was counted of both versions of a canary, by one writer or by all regions together:
 * requests, errors, latencies, ratings and first reasons; in shadow, decisions that differed.
 *
 * <p>Immutable. One array of cumulative counts, so that it can travel as a fact and merge by
 * maximum writer by writer; its layout, for each version: errors, {@link #LATENCY_BUCKETS} of
 * latency, and for each group of sticky values the classes of ratings and of reasons; at the end
 * pairs and flips.
 *
 * <p><b>Groups.</b> Requests of one sticky value resemble one another, so they say less than as
 * many independent ones. Each value is in one of {@link #GROUPS} groups, and how much the groups
 * differ within a version tells how much less.
 */
public final class CanaryCounts {
  /** Groups of sticky values. */
  public static final int GROUPS = 8;

  /** Buckets of latency. */
  public static final int LATENCY_BUCKETS = LatencyBuckets.COUNT;

  private static final int ERRORS = 0;
  private static final int LATENCY = 1;
  private static final int CLASSES = LATENCY + LATENCY_BUCKETS;

  /** Where the counts of what is in one canary's array. */
  record Layout(int ratingClasses, int reasonClasses) {
    static Layout of(CanaryBins bins) {
      return new Layout(bins.ratingClasses(), bins.reasonClasses());
    }

    private int variantLength() {
      return CLASSES + GROUPS * (ratingClasses + reasonClasses);
    }

    private int start(CanaryVariant variant) {
      return variant == CanaryVariant.STABLE ? 0 : variantLength();
    }

    int length() {
      return 2 * variantLength() + 2;
    }

    int errors(CanaryVariant variant) {
      return start(variant) + ERRORS;
    }

    int latency(CanaryVariant variant, int bucket) {
      return start(variant) + LATENCY + bucket;
    }

    int rating(CanaryVariant variant, int group, int ratingClass) {
      return start(variant) + CLASSES + group * ratingClasses + ratingClass;
    }

    int reason(CanaryVariant variant, int group, int reasonClass) {
      return start(variant)
          + CLASSES
          + GROUPS * ratingClasses
          + group * reasonClasses
          + reasonClass;
    }

    int pairs() {
      return 2 * variantLength();
    }

    int flips() {
      return 2 * variantLength() + 1;
    }
  }

  private final Layout layout;
  private final long[] values;

  /** Takes the array over; it must have the layout's length. */
  CanaryCounts(Layout layout, long[] values) {
    this.layout = layout;
    this.values = values;
  }

  /** Nothing counted yet. */
  public static CanaryCounts none(CanaryBins bins) {
    Layout layout = Layout.of(bins);
    return new CanaryCounts(layout, new long[layout.length()]);
  }

  /** What was counted since {@code earlier}; nothing less than nothing, should a writer be lost. */
  public CanaryCounts since(CanaryCounts earlier) {
    long[] difference = new long[values.length];
    for (int i = 0; i < values.length; i++) {
      difference[i] = Math.max(0, values[i] - earlier.values[i]);
    }
    return new CanaryCounts(layout, difference);
  }

  /** Ratings asked for, with those that failed. */
  public long requests(CanaryVariant variant) {
    return sum(layout.latency(variant, 0), LATENCY_BUCKETS);
  }

  /** Ratings that failed by no fault of the client. */
  public long errors(CanaryVariant variant) {
    return values[layout.errors(variant)];
  }

  /** Ratings that were given. */
  public long ratings(CanaryVariant variant) {
    return sum(layout.rating(variant, 0, 0), GROUPS * layout.ratingClasses);
  }

  /** Decisions that both versions made of one input, in shadow. */
  public long pairs() {
    return values[layout.pairs()];
  }

  /** Those of the {@link #pairs} that differed. */
  public long flips() {
    return values[layout.flips()];
  }

  /** The ratings by group and class. */
  long[][] ratingClasses(CanaryVariant variant) {
    return classes(layout.rating(variant, 0, 0), layout.ratingClasses);
  }

  /** The first reasons by group and class. */
  long[][] reasonClasses(CanaryVariant variant) {
    return classes(layout.reason(variant, 0, 0), layout.reasonClasses);
  }

  private long[][] classes(int from, int classes) {
    long[][] byGroup = new long[GROUPS][];
    for (int group = 0; group < GROUPS; group++) {
      int start = from + group * classes;
      byGroup[group] = Arrays.copyOfRange(values, start, start + classes);
    }
    return byGroup;
  }

  private long sum(int from, int length) {
    long sum = 0;
    for (int i = from; i < from + length; i++) {
      sum += values[i];
    }
    return sum;
  }

  /**
   * The latency that a part of the requests does not exceed, in microseconds; within its bucket as
   * if latencies were spread evenly. 0 where there are none.
   */
  public double latencyMicros(CanaryVariant variant, double part) {
    return LatencyBuckets.quantile(values, layout.latency(variant, 0), part);
  }

  /** How many requests took longer, by the same assumption. */
  double slowerThan(CanaryVariant variant, double micros) {
    return LatencyBuckets.slower(values, layout.latency(variant, 0), micros);
  }
}
