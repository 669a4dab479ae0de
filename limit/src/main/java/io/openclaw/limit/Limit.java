package io.openclaw.limit;

import io.openclaw.domain.LimitSpec;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/**
 * This region's side of one limit: its fixed share, the bucket that share fills, and what was spent
 * and denied here.
 *
 * <p>Thread-safe and lock-free: one immutable bucket behind one reference.
 */
public final class Limit {
  private final LimitSpec spec;
  private final Share share;
  private final Accrual accrual;
  private final AtomicReference<TokenBucket> bucket;
  private final LongAdder spent = new LongAdder();
  private final LongAdder denied = new LongAdder();
  final AtomicBoolean changed = new AtomicBoolean();

  Limit(LimitSpec spec, Share share, boolean startsFull, long nowNanos) {
    this.spec = spec;
    this.share = share;
    this.accrual = Accrual.of(spec, share);
    this.bucket =
        new AtomicReference<>(new TokenBucket(startsFull ? accrual.capNano() : 0, 0, nowNanos));
  }

  public LimitSpec spec() {
    return spec;
  }

  /** The share of the rate held here, 0 to 1. */
  public double share() {
    return (double) share.numerator() / share.denominator();
  }

  /** The most tokens this region holds at once. */
  public long capTokens() {
    return share.capTokens();
  }

  /** The region that holds the whole limit, where it is too small to be split; otherwise empty. */
  public String holder() {
    return share.holder();
  }

  /** Cost admitted here since this node started. */
  public long spent() {
    return spent.sum();
  }

  /** Cost denied here since this node started. */
  public long denied() {
    return denied.sum();
  }

  /** Whole tokens that could be spent at {@code nowNanos}. */
  public long tokens(long nowNanos) {
    return settled(bucket.get(), nowNanos).tokens();
  }

  /** Seconds, rounded up, until a bucket with {@code remaining} whole tokens is full. */
  public long secondsToFull(long remaining) {
    return share.isNothing()
        ? 0
        : Math.ceilDiv(
            accrual.nanosToEarn((share.capTokens() - remaining) * Accrual.NANO), Accrual.NANO);
  }

  /**
   * Takes {@code cost} tokens and answers how many whole ones are left, or -1 where they are not
   * there.
   */
  long take(long cost, long nowNanos) {
    while (true) {
      TokenBucket before = bucket.get();
      TokenBucket settled = settled(before, nowNanos);
      if (!settled.holds(cost)) {
        return -1;
      }
      TokenBucket after = settled.spend(cost);
      if (bucket.compareAndSet(before, after)) {
        return after.tokens();
      }
    }
  }

  void giveBack(long cost) {
    bucket.updateAndGet(b -> b.giveBack(cost, accrual));
  }

  void countSpent(long cost) {
    spent.add(cost);
  }

  void countDenied(long cost) {
    denied.add(cost);
  }

  /** Nanoseconds until {@code cost} tokens are there, if nobody else takes them. */
  long nanosUntil(long cost, long nowNanos) {
    if (share.isNothing()) {
      return Accrual.of(spec, new Share(1, 1, spec.burst(), "")).nanosToEarn(cost * Accrual.NANO);
    }
    long missing = cost * Accrual.NANO - settled(bucket.get(), nowNanos).levelNano();
    return missing <= 0 ? 0 : accrual.nanosToEarn(missing);
  }

  /**
   * Threads read the clock before they get here, so {@code now} may be a little behind the bucket's
   * time.
   */
  private TokenBucket settled(TokenBucket before, long nowNanos) {
    long dt = nowNanos - before.atNanos();
    return dt <= 0 ? before : accrual.accrue(before, dt);
  }
}
