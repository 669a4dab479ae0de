package io.openclaw.steer;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A bound on retries, so that a failing fleet is not buried under them.
 *
 * <p>A retry at time t is granted if, with it, the retries granted in the last 10 s are at most the
 * larger of 10 % of the requests that arrived in the last 10 s and 100 (10 per second over the
 * window, which may be spent at once). Precisely: time is cut into cells of 100 ms; requests are
 * counted over the cells that lie wholly within the last 10 s and the present one, retries over all
 * cells that touch the last 10 s. Rounding so is always to the safe side: for every granted retry
 * at t, {@code retries in (t − 10 s, t] ≤ max(requests in (t − 10 s, t] / 10, 100)}. Retries are
 * not requests and earn nothing.
 *
 * <p>Thread-safe. {@link #request}, called for every request, is lock-free; {@link #tryRetry} holds
 * a short lock, for retries are few by construction. Clock readings of different threads may arrive
 * slightly out of order; a request whose cell is already gone is not counted.
 */
public final class RetryBudget {
  /** The window over which requests and retries are counted. */
  public static final long WINDOW_NANOS = 10_000_000_000L;

  /** Retries granted in a window however few the requests. */
  public static final long RETRIES_MIN = 100;

  /** Requests that earn one retry. */
  public static final long REQUESTS_PER_RETRY = 10;

  private static final long CELL_NANOS = 100_000_000L;
  private static final int CELLS = (int) (WINDOW_NANOS / CELL_NANOS);
  private static final int COUNT_BITS = 24;
  private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;

  private final long originNanos;

  // Each word is (cell number << 24 | requests); a word of another cell number counts for nothing.
  private final AtomicLongArray requests = new AtomicLongArray(CELLS);
  private final long[] retryCells = new long[CELLS + 1];
  private final long[] retries = new long[CELLS + 1];
  private long newestCell;

  public RetryBudget(long nowNanos) {
    originNanos = nowNanos;
  }

  /** Counts a client's request, before its first try. */
  public void request(long nowNanos) {
    long cell = cell(nowNanos);
    int slot = (int) (cell % CELLS);
    while (true) {
      long word = requests.get(slot);
      long known = word >>> COUNT_BITS;
      if (known > cell || (known == cell && (word & COUNT_MASK) == COUNT_MASK)) {
        return;
      }
      long next = known == cell ? word + 1 : (cell << COUNT_BITS) + 1;
      if (requests.compareAndSet(slot, word, next)) {
        return;
      }
    }
  }

  /** Grants and counts one retry, or refuses it and changes nothing. */
  public synchronized boolean tryRetry(long nowNanos) {
    long cell = Math.max(newestCell, cell(nowNanos));
    newestCell = cell;
    long spent = 0;
    for (int i = 0; i < retries.length; i++) {
      spent += retryCells[i] >= cell - CELLS ? retries[i] : 0;
    }
    if (spent >= Math.max(RETRIES_MIN, requestsUntil(cell) / REQUESTS_PER_RETRY)) {
      return false;
    }
    int slot = (int) (cell % retries.length);
    if (retryCells[slot] != cell) {
      retryCells[slot] = cell;
      retries[slot] = 0;
    }
    retries[slot]++;
    return true;
  }

  private long requestsUntil(long cell) {
    long sum = 0;
    for (int i = 0; i < CELLS; i++) {
      long word = requests.get(i);
      long known = word >>> COUNT_BITS;
      sum += known > cell - CELLS && known <= cell ? word & COUNT_MASK : 0;
    }
    return sum;
  }

  private long cell(long nowNanos) {
    return Math.max(0, nowNanos - originNanos) / CELL_NANOS;
  }
}
