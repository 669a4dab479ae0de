package io.openclaw.wasm;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * One model's place among all that want a thread: what waits, what it has used, and whether it is
 * refused for what it did. Guarded by its host's lock; told the time.
 */
final class Lane {
  private static final int DOUBLINGS_MAX = 20;
  private static final long CLOSED_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(100);

  private final WasmLimits limits;
  private final TimeBudget used;
  private final TimeBudget late;
  private final Deque<Call> waiting = new ArrayDeque<>();
  private int running;
  private int lateInARow;
  private long closedUntilNanos;
  private long virtualNanos;

  Lane(WasmLimits limits, long nowNanos) {
    this.limits = limits;
    used =
        new TimeBudget(
            limits.share(), TimeUnit.MILLISECONDS.toNanos(limits.shareBurstMillis()), nowNanos);
    late =
        new TimeBudget(
            limits.lateShare(), TimeUnit.MILLISECONDS.toNanos(limits.lateBurstMillis()), nowNanos);
    closedUntilNanos = nowNanos;
  }

  Deque<Call> waiting() {
    return waiting;
  }

  int running() {
    return running;
  }

  /** Processor time it has used, or would have if it had always wanted some. */
  long virtualNanos() {
    return virtualNanos;
  }

  /** Whether a rating did not end in time lately, and is not made up for yet. */
  boolean isSuspect(long nowNanos) {
    return late.isTouched(nowNanos);
  }

  /** How long it is still refused because it overran; 0 where it is not. */
  long refusedNanos(long nowNanos) {
    return Math.max(0, closedUntilNanos - nowNanos);
  }

  /** How long it has to wait because it used its share; 0 where it has not. */
  long throttledNanos(long nowNanos) {
    return used.closedNanos(nowNanos);
  }

  /** It wants threads again: it has no claim to what it did not want meanwhile. */
  void arrive(long leastVirtualNanos) {
    virtualNanos = Math.max(virtualNanos, leastVirtualNanos);
  }

  void begin() {
    running++;
  }

  /** A rating has ended, or was ended. */
  void end(long usedNanos, boolean isLate, long nowNanos) {
    running--;
    virtualNanos += usedNanos;
    used.spend(usedNanos, nowNanos);
    if (!isLate) {
      lateInARow = 0;
      return;
    }
    lateInARow++;
    late.spend(usedNanos, nowNanos);
    long closed = late.closedNanos(nowNanos);
    if (closed > 0) {
      long growing = CLOSED_NANOS_MIN << Math.min(lateInARow, DOUBLINGS_MAX);
      long most = TimeUnit.MILLISECONDS.toNanos(limits.closedMillisMax());
      closedUntilNanos = nowNanos + Math.max(closed, Math.min(growing, most));
    }
  }
}
