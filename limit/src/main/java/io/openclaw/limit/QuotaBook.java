package io.openclaw.limit;

import io.openclaw.domain.QuotaWindow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * One quota in one window, as far as this region is concerned: a block that is reserved on disk and
 * spent in memory. Spending is one compare-and-set; the rest is one thread's.
 */
final class QuotaBook {
  final Quota quota;
  final QuotaKey key;

  /** Who is asked for how much; the thread's that reserves. */
  final QuotaDemand demand = new QuotaDemand();

  /** Whether it is not on the list of those to be told of. */
  volatile boolean told = true;

  private final AtomicLong available = new AtomicLong();
  private final LongAdder denied = new LongAdder();
  private volatile long beyond; // what could still be reserved
  private volatile long low; // at or below it more is wanted

  // Guarded by this object: they change together.
  private QuotaLedger.Book durable;
  private long held;

  // The thread's that reserves.
  private long refilledNanos;
  private long spentAtRefill;

  QuotaBook(Quota quota, QuotaKey key, QuotaLedger.Book durable, long nowNanos) {
    this.quota = quota;
    this.key = key;
    this.durable = durable; // a former life may have spent all it had reserved
    refilledNanos = nowNanos;
    spentAtRefill = durable.reserved();
  }

  QuotaWindow window() {
    return key.window();
  }

  /** Spends {@code cost} tokens of the block, or none. */
  boolean take(long cost) {
    long now = available.get();
    while (now >= cost) {
      if (available.compareAndSet(now, now - cost)) {
        return true;
      }
      now = available.get();
    }
    return false;
  }

  void giveBack(long cost) {
    available.addAndGet(cost);
  }

  boolean isLow() {
    return available.get() <= low;
  }

  void countDenied(long cost) {
    denied.add(cost);
  }

  long denied() {
    return denied.sum();
  }

  /** Notes what could be reserved beyond what is. */
  void beyond(long tokens) {
    beyond = tokens;
  }

  /** Tokens that can be spent here without hearing from another region. */
  long remaining() {
    return Math.max(0, available.get() + Math.max(0, beyond));
  }

  long available() {
    return available.get();
  }

  synchronized QuotaLedger.Book durable() {
    return durable;
  }

  /** What was spent, or may have been in a former life. */
  synchronized long spent() {
    return durable.reserved() - held - available.get();
  }

  /**
   * Takes what is left of the block out of reach until {@link #apply}: where the disk fails in
   * between it may hold less than was reserved, so nothing of it may be spent.
   */
  synchronized long drain() {
    held += available.getAndSet(0);
    return held;
  }

  /** Takes over what is on disk now; what is reserved more may be spent. */
  synchronized void apply(QuotaLedger.Book next) {
    available.addAndGet(next.reserved() - durable.reserved() + held);
    held = 0;
    if (next.reserved() > durable.reserved()) {
      low = Math.max(available.get() / 2, quota.largestCost());
    }
    durable = next;
  }

  /** Tokens spent per second since the block was last filled up. */
  double rate(long nowNanos) {
    double seconds = Math.max(0.02, (nowNanos - refilledNanos) / 1e9);
    return Math.max(0, spent() - spentAtRefill) / seconds;
  }

  void refilled(long nowNanos) {
    refilledNanos = nowNanos;
    spentAtRefill = spent();
  }
}
