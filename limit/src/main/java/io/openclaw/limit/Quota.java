package io.openclaw.limit;

import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.QuotaWindow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * This region's side of one quota: the block of the current window. Thread-safe; spending takes no
 * lock and waits for nothing.
 */
public final class Quota {
  private final Quotas quotas;
  private volatile QuotaSpec spec;
  private volatile long largestCost;

  /** The current window's; null until the first one was entered. */
  volatile @Nullable QuotaBook book;

  /** Whether it is on the list of those that want a block. */
  final AtomicBoolean wanting = new AtomicBoolean();

  private final LongAdder spent = new LongAdder();
  private final LongAdder denied = new LongAdder();
  private final LongAdder burned = new LongAdder();

  Quota(Quotas quotas, QuotaSpec spec, long largestCost) {
    this.quotas = quotas;
    this.spec = spec;
    this.largestCost = largestCost;
  }

  public QuotaSpec spec() {
    return spec;
  }

  long largestCost() {
    return largestCost;
  }

  void change(QuotaSpec next, long cost) {
    spec = next;
    largestCost = Math.max(largestCost, cost);
  }

  /** Spends {@code cost} tokens; where from, or null where they are not there. */
  @Nullable QuotaBook take(long cost) {
    QuotaBook now = book;
    boolean taken = now != null && now.take(cost);
    if (now != null) {
      if (taken) {
        spent.add(cost);
      } else {
        denied.add(cost);
        now.countDenied(cost);
      }
      quotas.facts().changed(now);
      if (!taken || now.isLow()) {
        quotas.want(this);
      }
    } else {
      denied.add(cost);
    }
    return taken ? now : null;
  }

  void giveBack(QuotaBook from, long cost) {
    from.giveBack(cost);
    spent.add(-cost);
  }

  void countBurned(long tokens) {
    burned.add(tokens);
  }

  /** The window that is spent from; null before the first was entered. */
  public @Nullable QuotaWindow window() {
    QuotaBook now = book;
    return now == null ? null : now.window();
  }

  /** Tokens spent here since this node started, in all windows. */
  public long spentHere() {
    return spent.sum();
  }

  /** Cost denied here since this node started, in all windows. */
  public long deniedHere() {
    return denied.sum();
  }

  /** Tokens that a former life had reserved and may not have spent: they are not spent again. */
  public long burnedHere() {
    return burned.sum();
  }

  /** Tokens that could be spent here in this window without hearing from another region. */
  public long remainingHere() {
    QuotaBook now = book;
    return now == null ? 0 : now.remaining();
  }

  /** What all regions have spent in this window, as far as this one has heard. */
  public long spentAllRegions() {
    QuotaBook now = book;
    if (now == null) {
      return 0;
    }
    quotas.facts().record(now);
    return quotas.facts().spent(now.key);
  }

  /** What is left in this window over all regions, as far as this one has heard. */
  public long remainingAllRegions() {
    return Math.max(0, spec.tokens() - spentAllRegions());
  }

  /**
   * The region that has the most left in this window, as far as this one has heard; null where no
   * other has as much.
   *
   * @param atLeast tokens
   */
  public @Nullable String elsewhere(long atLeast) {
    QuotaBook now = book;
    return now == null ? null : quotas.mostLeft(now, atLeast);
  }
}
