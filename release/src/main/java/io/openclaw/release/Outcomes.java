package io.openclaw.release;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How a region's requests ended, and how long those took that were rated: cumulative counts.
 * Immutable.
 *
 * <p>An <em>unavailable</em> or failed answer is {@link Kind#FAILED}, by no fault of the client; a
 * request that was refused for what it is (its key, its path, its input) is {@link Kind#REFUSED};
 * one that a limit or quota denied is {@link Kind#DENIED}.
 */
public final class Outcomes {
  /** How a request ended. */
  public enum Kind {
    RATED(0),
    FAILED(1),
    REFUSED(2),
    DENIED(3);

    private final int index;

    Kind(int index) {
      this.index = index;
    }
  }

  private static final int LATENCY = Kind.values().length;

  /** No request yet. */
  public static final Outcomes NONE = new Outcomes(new long[LATENCY + LatencyBuckets.COUNT]);

  private final long[] counts;

  private Outcomes(long[] counts) {
    this.counts = counts;
  }

  /** Counts outcomes. Thread-safe; two additions per request. */
  public static final class Meter {
    private final AtomicLongArray counts = new AtomicLongArray(LATENCY + LatencyBuckets.COUNT);

    /** Counts one. */
    public void count(Kind kind, long latencyNanos) {
      counts.getAndIncrement(kind.index);
      if (kind == Kind.RATED) {
        counts.getAndIncrement(LATENCY + LatencyBuckets.of(latencyNanos));
      }
    }

    /** All that was counted so far. */
    public Outcomes total() {
      long[] now = new long[counts.length()];
      for (int i = 0; i < now.length; i++) {
        now[i] = counts.get(i);
      }
      return new Outcomes(now);
    }
  }

  /** What was counted since {@code earlier}. */
  public Outcomes since(Outcomes earlier) {
    long[] difference = new long[counts.length];
    for (int i = 0; i < difference.length; i++) {
      difference[i] = counts[i] - earlier.counts[i];
    }
    return new Outcomes(difference);
  }

  /** How many ended so. */
  public long of(Kind kind) {
    return counts[kind.index];
  }

  /** How many ended. */
  public long all() {
    long sum = 0;
    for (int i = 0; i < LATENCY; i++) {
      sum += counts[i];
    }
    return sum;
  }

  /** The latency of rated requests that a part of them does not exceed, in microseconds. */
  double latencyMicros(double part) {
    return LatencyBuckets.quantile(counts, LATENCY, part);
  }

  /** How many rated requests took longer. */
  double slowerThan(double micros) {
    return LatencyBuckets.slower(counts, LATENCY, micros);
  }
}
