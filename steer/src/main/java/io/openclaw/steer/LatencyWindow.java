package io.openclaw.steer;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * How long requests took lately, as a histogram over the last {@value #WINDOW_SECONDS} to twice as
 * many seconds: for quantiles, which an average cannot give. Buckets are a quarter of a power of
 * two wide, so that a quantile is at most a fifth too high.
 *
 * <p>Told the time. Thread-safe and lock-free; samples that arrive while the window turns may be
 * counted in either half.
 */
public final class LatencyWindow {
  /** The length of one of the two halves that the window is made of. */
  static final int WINDOW_SECONDS = 10;

  /** Samples without which nothing is said of quantiles. */
  public static final int SAMPLES_MIN = 20;

  private static final long WINDOW_NANOS = WINDOW_SECONDS * 1_000_000_000L;
  private static final int STEPS = 4;
  private static final int STEP_BITS = 2;
  private static final int BUCKETS = Long.SIZE * STEPS;

  private static final int PATIENCE_FACTOR = 3;
  private static final int TAIL_MILLIS_MAX = 200;

  /** For how long quantiles are good: finding them costs more than a request should. */
  private static final long FRESH_NANOS = 100_000_000L;

  /**
   * Times within which 50, 95 and 99 of 100 requests ended, nanoseconds.
   *
   * @param atNanos when they were found
   */
  public record Quantiles(long atNanos, long p50, long p95, long p99) {}

  /** One half: its number, and how many samples it has in each bucket. */
  private static final class Half {
    final long number;
    final AtomicInteger count = new AtomicInteger();
    final AtomicIntegerArray buckets = new AtomicIntegerArray(BUCKETS);

    Half(long number) {
      this.number = number;
    }
  }

  private final long originNanos;
  private volatile Half newer = new Half(0);
  private volatile Half older = new Half(-1);
  private volatile Quantiles last;

  public LatencyWindow(long nowNanos) {
    originNanos = nowNanos;
    last = new Quantiles(nowNanos - FRESH_NANOS, 0, 0, 0);
  }

  /** A request took so long. */
  public void add(long nanos, long nowNanos) {
    Half half = half(nowNanos);
    half.buckets.incrementAndGet(bucket(nanos));
    half.count.incrementAndGet();
  }

  /** Forgets everything, as after an outage: what it was like says little about what came back. */
  public synchronized void clear(long nowNanos) {
    long number = number(nowNanos);
    newer = new Half(number);
    older = new Half(number - 1);
    last = new Quantiles(nowNanos, 0, 0, 0);
  }

  /** Quantiles of the window, at most 0.1 s old; zeros where there are too few samples. */
  public Quantiles quantiles(long nowNanos) {
    Quantiles known = last;
    if (known.p99() > 0 && nowNanos - known.atNanos() < FRESH_NANOS) {
      return known;
    }
    Half young = half(nowNanos);
    Half before = older;
    Half old = before.number == young.number - 1 ? before : null;
    int total = young.count.get() + (old == null ? 0 : old.count.get());
    Quantiles found =
        total < SAMPLES_MIN
            ? new Quantiles(nowNanos, 0, 0, 0)
            : new Quantiles(
                nowNanos,
                quantile(young, old, 0.5 * total),
                quantile(young, old, 0.95 * total),
                quantile(young, old, 0.99 * total));
    last = found;
    return found;
  }

  /**
   * How long to wait for an answer before it is sought elsewhere: three times what 99 of 100 take,
   * but no more than {@value #TAIL_MILLIS_MAX} ms over three times what half of them take, for a
   * tail that a pause made long says nothing of how soon an answer comes.
   *
   * @return nanoseconds; 0 where there are too few samples
   */
  public long patienceNanos(long nowNanos) {
    Quantiles found = quantiles(nowNanos);
    return Math.min(
        PATIENCE_FACTOR * found.p99(),
        found.p50() == 0 ? 0 : TAIL_MILLIS_MAX * 1_000_000L + PATIENCE_FACTOR * found.p50());
  }

  private static long quantile(Half young, @Nullable Half old, double wanted) {
    int seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
      seen += young.buckets.get(i) + (old == null ? 0 : old.buckets.get(i));
      if (seen >= wanted) {
        return upperNanos(i);
      }
    }
    return upperNanos(BUCKETS - 1);
  }

  private Half half(long nowNanos) {
    Half now = newer;
    long number = number(nowNanos);
    return number <= now.number ? now : turned(number);
  }

  private synchronized Half turned(long number) {
    if (number > newer.number) {
      older = newer;
      newer = new Half(number);
    }
    return newer;
  }

  private long number(long nowNanos) {
    return Math.max(0, nowNanos - originNanos) / WINDOW_NANOS;
  }

  /** The power of two, and which quarter of the way to the next one. */
  static int bucket(long nanos) {
    long value = Math.max(STEPS, nanos);
    int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(value);
    int step = (int) (value >>> (power - STEP_BITS)) & (STEPS - 1);
    return power * STEPS + step;
  }

  /** The first value above a bucket, less one. */
  static long upperNanos(int bucket) {
    int power = bucket / STEPS;
    int step = bucket % STEPS;
    return power >= Long.SIZE - 2 ? Long.MAX_VALUE : (STEPS + step + 1L << (power - STEP_BITS)) - 1;
  }
}
