package io.openclaw.limit;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many ratings may be under way at once: as many as the region finishes without a queue of its
 * own growing. What finds no slot is to be refused at once, so that what is admitted stays quick.
 *
 * <p>After Gradient2 of Netflix's concurrency-limits: latencies are averaged over windows; the
 * gradient, {@link #TOLERANCE} × long average ÷ newest window, says by how much latency has risen,
 * and {@code limit × gradient + √limit} is the next limit, approached smoothly. Two known failures
 * of it are mended. A limit that is less than half used stays as it is: latency says nothing about
 * slots that nobody takes. And where the limit has been reached for {@link #PROBE_WINDOWS} windows,
 * which lets the long average drift up to the latency of the queue and the limit after it, a
 * quarter of the limit admits for a moment, and what latency is then, with less of a queue or none,
 * corrects the long average (Gradient's probe for the least latency). Where that was far off, the
 * next probe follows soon.
 *
 * <p>Told the time, in nanoseconds of one monotonic clock. Thread-safe; acquire and release are
 * lock-free.
 */
public final class ConcurrencyLimit {
  /** The first limit, where it is within the bounds: high, for it falls sooner than it grows. */
  static final int INITIAL = 1000;

  /** The least length of a window. */
  static final long WINDOW_NANOS = 100_000_000L;

  /** The fewest latencies that make a window. */
  static final int SAMPLES_MIN = 10;

  /** How many windows the long average remembers. */
  static final int LONG_WINDOWS = 600;

  /** How much longer than the long average a window's may be before the limit falls. */
  static final double TOLERANCE = 1.5;

  /** The part of the way to the next limit that one window goes. */
  static final double SMOOTHING = 0.2;

  /** The least gradient: one bad window must not take more than half. */
  static final double GRADIENT_MIN = 0.5;

  /** Windows in which the limit was reached between two probes. */
  static final int PROBE_WINDOWS = 100;

  /** The same before the first probe, and after one that found the long average far off. */
  static final int PROBE_WINDOWS_SOON = 10;

  /** Latencies that end a probe. */
  static final int PROBE_SAMPLES = 50;

  /** A probe that has not ended by then is given up. */
  static final long PROBE_NANOS_MAX = 1_000_000_000L;

  /** A probe admits a part of the limit: one in so many. */
  static final int PROBE_DIVISOR = 4;

  /** A long average so many times the newest window is a relic of an overload. */
  private static final double RELIC_RATIO = 2;

  private static final double RELIC_DECAY = 0.95;

  private final int min;
  private final int max;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final LongAdder shed = new LongAdder();
  private final LongAdder samples = new LongAdder();
  private final LongAdder latencyNanos = new LongAdder();
  private final LongAccumulator peak = new LongAccumulator(Math::max, 0);
  private final AtomicBoolean adjusting = new AtomicBoolean();
  private volatile int slots;
  private volatile boolean probing;
  private volatile long windowNanos;

  // Written by whoever holds `adjusting`.
  private volatile double limit;
  private double longNanos;
  private int windows;
  private int windowsToProbe = PROBE_WINDOWS_SOON;
  private long shedBefore;

  /**
   * A limit between two bounds.
   *
   * @param min the least it falls to, at least 1
   * @param max the most it grows to, at least {@code min}
   */
  public ConcurrencyLimit(int min, int max, long nowNanos) {
    if (min < 1 || min > max) {
      throw new IllegalArgumentException("min: " + min + " (expected: 1 to the max, " + max + ")");
    }
    this.min = min;
    this.max = max;
    limit = Math.clamp(INITIAL, min, max);
    slots = (int) limit;
    windowNanos = nowNanos;
  }

  /** Takes a slot, to be given back by one of the releases; false where there is none. */
  public boolean tryAcquire(long nowNanos) {
    while (true) {
      int busy = inFlight.get();
      if (busy >= slots) {
        shed.increment();
        if (probing) {
          adjust(nowNanos);
        }
        return false;
      }
      if (inFlight.compareAndSet(busy, busy + 1)) {
        return true;
      }
    }
  }

  /**
   * Gives back the slot of a request that was refused before any work: its latency says nothing.
   */
  public void release() {
    inFlight.decrementAndGet();
  }

  /** Gives back the slot of a request that was worked on since {@code startNanos}. */
  public void release(long startNanos, long nowNanos) {
    int busy = inFlight.getAndDecrement();
    boolean probe = probing;
    if (probe && startNanos - windowNanos < 0) {
      return; // it waited in the queue that the probe lets run dry
    }
    samples.increment();
    latencyNanos.add(Math.max(1, nowNanos - startNanos));
    peak.accumulate(busy);
    if (probe || nowNanos - windowNanos >= WINDOW_NANOS) {
      adjust(nowNanos);
    }
  }

  /** Ends the window where it is complete; one thread at a time, the others go on. */
  private void adjust(long nowNanos) {
    if (!adjusting.compareAndSet(false, true)) {
      return;
    }
    try {
      long age = nowNanos - windowNanos;
      long count = samples.sum();
      if (probing) {
        if (count >= PROBE_SAMPLES || age >= PROBE_NANOS_MAX) {
          endProbe(nowNanos, count >= PROBE_SAMPLES);
        }
      } else if (count >= SAMPLES_MIN && age >= WINDOW_NANOS) {
        endWindow(nowNanos);
      }
    } finally {
      adjusting.set(false);
    }
  }

  private void endWindow(long nowNanos) {
    double shortNanos = meanNanos();
    long most = peak.getThenReset();
    long shedNow = shed.sum();
    boolean full = most >= slots || shedNow != shedBefore;
    shedBefore = shedNow;
    windowNanos = nowNanos;
    windows = Math.min(windows + 1, LONG_WINDOWS);
    longNanos += (shortNanos - longNanos) / windows;
    if (longNanos > RELIC_RATIO * shortNanos) {
      longNanos *= RELIC_DECAY;
    }
    if (most * 2 >= limit) {
      double gradient = Math.clamp(TOLERANCE * longNanos / shortNanos, GRADIENT_MIN, 1);
      double next = limit * gradient + Math.sqrt(limit);
      limit = Math.clamp(limit + SMOOTHING * (next - limit), min, max);
      slots = (int) limit;
    }
    windowsToProbe -= full ? 1 : 0;
    if (windowsToProbe <= 0) {
      windowsToProbe = PROBE_WINDOWS;
      slots = Math.max(1, slots / PROBE_DIVISOR);
      probing = true;
    }
  }

  private void endProbe(long nowNanos, boolean told) {
    double shortNanos = meanNanos();
    peak.reset();
    shedBefore = shed.sum();
    if (told && longNanos > TOLERANCE * shortNanos) {
      longNanos = shortNanos;
      windowsToProbe = PROBE_WINDOWS_SOON;
    } else if (told) {
      longNanos = (longNanos + shortNanos) / 2; // a probe is short, so it does not say all
    }
    windowNanos = nowNanos;
    slots = (int) limit;
    probing = false;
  }

  private double meanNanos() {
    long count = samples.sumThenReset();
    return latencyNanos.sumThenReset() / (double) Math.max(1, count);
  }

  /** The present limit, 1 or more. */
  public int limit() {
    return (int) limit;
  }

  /** Slots taken now. */
  public int inFlight() {
    return inFlight.get();
  }

  /** Requests that found no slot since this node started. */
  public long shed() {
    return shed.sum();
  }
}
