package io.openclaw.limit;

import io.openclaw.domain.LimitSpec;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * This region's side of one limit: the bucket that its rights fill, and what was spent and denied
 * here.
 *
 * <p>Thread-safe and lock-free: one immutable bucket, rights and all, behind one reference.
 */
@SuppressWarnings("ReferenceEquality") // the very rights and bucket are meant, not equal ones
public final class Limit implements Nest {
  /**
   * How long a thread steps back that lost a race for the bucket: under a microsecond. With two
   * threads that do nothing else a decision takes 180 ns with 0, 105 ns with 8, 81 ns with 128.
   */
  private static final int CONTENDED_SPINS = 16;

  /** In mode gossip, how late regions hear of one another at most, where lines are well. */
  private static final double UNHEARD_SECONDS = 0.5;

  /** In a minute no count of nano-tokens wraps, at the largest rate. */
  private static final long UNWRAPPED_NANOS = 60_000_000_000L;

  /** Twice as many nano-tokens, and a burst, fit into a long. */
  private static final long SINCE_TOKENS_MAX = 4_000_000_000L;

  /** The most threads that are in the midst of an admission at one time. */
  private static final int UNDER_WAY_MAX = 64;

  // The fields themselves, not objects beside them: with many limits each is a cache miss.
  private static final VarHandle BUCKET;
  private static final VarHandle DENIED;
  private static final VarHandle RETURNED;

  static {
    try {
      MethodHandles.Lookup here = MethodHandles.lookup();
      BUCKET = here.findVarHandle(Limit.class, "bucket", TokenBucket.class);
      DENIED = here.findVarHandle(Limit.class, "denied", long.class);
      RETURNED = here.findVarHandle(Limit.class, "returned", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // In this order, those that an admission reads are in one cache line as often as can be.
  private volatile long denied;
  private volatile long returned;
  private volatile long overdraftNano;

  /** Whether it is not on the list of those to be told of; changed under this object as a lock. */
  volatile boolean told = true;

  private volatile TokenBucket bucket; // changed by swap alone
  private volatile @Nullable TokenCounts counts; // null while the bucket's have not wrapped
  private volatile Shape shape;
  private final Limiter limiter;
  private volatile LimitSpec spec;
  private final int offset;

  Limit(Limiter limiter, LimitSpec spec, Shape shape, int offset, TokenBucket bucket) {
    this.limiter = limiter;
    this.spec = spec;
    this.shape = shape;
    this.offset = offset;
    this.bucket = bucket;
  }

  public LimitSpec spec() {
    return spec;
  }

  @Override
  public int size() {
    return 1;
  }

  @Override
  public Limit limit(int index) {
    return this;
  }

  /**
   * What is promised of a limit: in any t seconds all regions together admit at most {@code burst +
   * perSecond × t}, whatever fails.
   */
  public record Bound(long burst, double perSecond) {}

  /**
   * The bound in force: with the drift of clocks, and in mode bounded with what all regions may
   * owe. Null in mode gossip, which has none.
   */
  public @Nullable Bound bound() {
    LimitSpec now = spec;
    if (now.mode() == LimitSpec.Mode.GOSSIP) {
      return null;
    }
    double perSecond = now.milliTokensPerSecond() * (1e6 + limiter.settings().driftPpm()) / 1e9;
    return new Bound(now.burst() + now.overdraft() * limiter.map().size(), perSecond);
  }

  /** The share of the rate held here at {@code nowNanos}, 0 to 1. */
  public double share(long nowNanos) {
    return limiter.share(blocks(nowNanos));
  }

  /** The blocks that may be used here at {@code nowNanos}. */
  int blocks(long nowNanos) {
    return newest(bucket.rights()).blocks(nowNanos);
  }

  /** The most tokens this region may hold at {@code nowNanos}. */
  public long capTokens(long nowNanos) {
    return accrual(nowNanos).capNano() / Accrual.NANO;
  }

  /** Tokens per second that this region earns at {@code nowNanos}. */
  public double rateHere(long nowNanos) {
    Accrual accrual = accrual(nowNanos);
    return accrual.whole() + (double) accrual.part() / accrual.divisor();
  }

  /** Cost admitted here since this node started. */
  public long spent() {
    return spentAtFirst() - returned();
  }

  /** Cost spent here, returned or not: it only grows. */
  long spentAtFirst() {
    return bucket.spent();
  }

  /** Cost that was spent here and then given back or burned: it only grows. */
  long returned() {
    return returned;
  }

  /** Cost denied here since this node started. */
  public long denied() {
    return denied;
  }

  /** Tokens lost here to a full bucket, or with a right that ended, since this node started. */
  public double burned() {
    TokenCounts known = counts;
    return known == null ? bucket.burnedNano() / (double) Accrual.NANO : known.burned();
  }

  /** Tokens earned here since this node started. */
  public double minted() {
    TokenCounts known = counts;
    return known == null ? bucket.mintedNano() / (double) Accrual.NANO : known.minted();
  }

  /** Tokens borrowed from later refill at {@code nowNanos}; in mode gossip nothing is. */
  public double debt(long nowNanos) {
    return spec.mode() == LimitSpec.Mode.GOSSIP
        ? 0
        : Math.max(0, -settled(bucket, nowNanos).levelNano() / (double) Accrual.NANO);
  }

  /** Tokens earned less spent, burned and held: zero, or some came from nowhere. */
  public double imbalance() {
    return bucket.imbalanceNano(returned()) / (double) Accrual.NANO;
  }

  /** Whole tokens that could be spent at {@code nowNanos}. */
  public long tokens(long nowNanos) {
    return settled(bucket, nowNanos).tokens();
  }

  /** Seconds, rounded up, until a bucket with {@code remaining} whole tokens is full. */
  public long secondsToFull(long remaining, long nowNanos) {
    Accrual accrual = accrual(nowNanos);
    long missing = accrual.capNano() - remaining * Accrual.NANO;
    return missing <= 0 || accrual.isNothing()
        ? 0
        : Math.ceilDiv(accrual.nanosToEarn(missing), Accrual.NANO);
  }

  long largestCost() {
    return shape.largestCost();
  }

  int blocksForLargestCost() {
    return shape.blocksForLargestCost();
  }

  boolean isDivisible() {
    return shape.divisible();
  }

  /** Spends {@code cost} tokens; the bucket after that, or null where they are not there. */
  @Nullable TokenBucket take(long cost, long nowNanos) {
    while (true) {
      TokenBucket before = bucket;
      TokenBucket after = settled(before, nowNanos, cost);
      if (after.levelNano() < -overdraftNano) {
        limiter.exhausted(this);
        return null;
      }
      if (swap(before, after)) {
        return after;
      }
      for (int i = 0; i < CONTENDED_SPINS; i++) {
        Thread.onSpinWait(); // the bucket's cache line is with another thread: let it finish
      }
    }
  }

  /**
   * Whether what left the bucket as it was {@code after} was spent rightfully, seen from {@code
   * nowNanos}: no lease has ended and no block was let go meanwhile. A lease that was stopped may
   * have ended a little before the spending, by the clock of who stopped it: newer rights tell.
   */
  boolean isOurs(TokenBucket after, long nowNanos) {
    Rights rights = after.rights();
    return newest(bucket.rights()) == rights && rights.held(after.atNanos(), nowNanos);
  }

  /** Spends what has been used already, whether it is there or not: the rest is owed. */
  void charge(long cost, long nowNanos) {
    change(b -> b.spend(cost), nowNanos);
  }

  /**
   * Puts back at once what was spent and not used, as far as the bucket is then no fuller than if
   * it had never been spent; the rest is burned.
   *
   * @param then the bucket right after the spending
   */
  void giveBack(TokenBucket then, long cost, long nowNanos) {
    change(b -> b.giveBack(cost, roomSince(then, b, nowNanos)), nowNanos);
    RETURNED.getAndAdd(this, cost);
  }

  /** The same a while later: it counts as burned, and what goes back into the bucket as minted. */
  void takeBack(TokenBucket then, long cost, long nowNanos) {
    change(b -> b.takeBack(cost, roomSince(then, b, nowNanos)), nowNanos);
    RETURNED.getAndAdd(this, cost);
  }

  /**
   * By how many nano-tokens the bucket has stayed below its cap since then, at least. What comes
   * back after it filled up again would be more than a burst.
   */
  private long roomSince(TokenBucket then, TokenBucket now, long nowNanos) {
    Rights rights = now.rights();
    if (rights != then.rights() || !rights.held(then.atNanos(), nowNanos)) {
      return 0; // it may have held less meanwhile
    }
    Accrual accrual = accrual(rights, nowNanos);
    long cap = accrual.capNano();
    long passed = now.atNanos() - then.atNanos();
    if (passed > UNWRAPPED_NANOS && passed >= accrual.nanosToEarn(cap - then.levelNano())) {
      return 0; // it may have been full
    }
    // It rose by what was minted, and by what requests that were under way then gave back: by no
    // more than so many do, and by no more than all that was given back since, which shows in what
    // was spent and burned.
    long minted = now.mintedNano() - then.mintedNano();
    long underWay = UNDER_WAY_MAX * Math.min(largestCost(), cap / Accrual.NANO) * Accrual.NANO;
    long spent = Math.min(now.spent() - then.spent(), SINCE_TOKENS_MAX) * Accrual.NANO;
    long burned = now.burnedNano() - then.burnedNano();
    return Math.max(
        cap - then.levelNano() - minted - underWay, cap - now.levelNano() - spent - burned);
  }

  /** Tokens that were spent under a right that ended before they were used are lost. */
  void burn(long cost) {
    update(b -> b.burn(cost));
    RETURNED.getAndAdd(this, cost);
  }

  /**
   * What others spent, where every region counts against the whole limit. What they spent before
   * they heard of one another is made up for by all, so the level goes below zero: else each region
   * would admit the whole rate for ever.
   *
   * @param recent whether it was spent lately; otherwise the level goes down to zero
   */
  void drain(long cost, boolean recent, long nowNanos) {
    long nano = Math.min(cost, SINCE_TOKENS_MAX) * Accrual.NANO;
    long lowest = recent ? -unheardNano() : 0;
    change(b -> b.clip(Math.max(lowest, b.levelNano() - nano)), nowNanos);
  }

  /**
   * What others may have spent that nobody had heard of: a burst, and for a while the rate each.
   */
  private long unheardNano() {
    LimitSpec now = spec;
    long others = limiter.map().size() - 1L;
    double perSecond = now.milliTokensPerSecond() / 1000.0;
    double tokens = now.burst() + others * perSecond * UNHEARD_SECONDS;
    return Math.min(SINCE_TOKENS_MAX, (long) Math.ceil(tokens)) * Accrual.NANO;
  }

  void countDenied(long cost) {
    DENIED.getAndAdd(this, cost);
  }

  /**
   * Nanoseconds until {@code cost} tokens are there, or may be borrlevel, if nobody else takes
   * them; at least one.
   */
  long nanosUntil(long cost, long nowNanos) {
    long level = cost * Accrual.NANO - overdraftNano; // the level at which they are
    long missing = level - settled(bucket, nowNanos).levelNano();
    if (missing <= 0) {
      return 1;
    }
    Accrual here = accrual(nowNanos);
    // Where this region holds too little it first has to be handed more.
    return here.capNano() < level
        ? limiter.handOverNanos() + shape.accrual(limiter.whole()).nanosToEarn(missing)
        : here.nanosToEarn(missing);
  }

  /** Takes newer rights; what the bucket then holds too much is burned. */
  void rights(Rights next, long nowNanos) {
    change(
        b ->
            next.version() > b.rights().version()
                ? b.under(next).clip(shape.accrual(next.blocks(nowNanos)).capNano())
                : b,
        nowNanos);
  }

  /** Whether it has these numbers and this mode, and is divided for the same largest cost. */
  boolean is(LimitSpec other, Shape otherShape) {
    return spec.equals(other) && shape == otherShape;
  }

  /** Takes a new rate, burst, mode or shape; what the bucket then holds too much is burned. */
  void change(LimitSpec next, Shape nextShape, long nowNanos) {
    boolean shared = spec.mode() != LimitSpec.Mode.GOSSIP;
    change(b -> b, nowNanos); // what was earned until now was earned at the old rate
    spec = next;
    shape = nextShape;
    overdraftNano = Math.min(overdraftNano, next.overdraft() * Accrual.NANO);
    if (shared == (next.mode() == LimitSpec.Mode.GOSSIP)) {
      Rights rights = limiter.rights(next, nowNanos); // of whatever version: others than before
      // What others spent is not owed by a region that from now on spends its own part.
      change(b -> b.under(rights).earn(shared ? 0 : Math.max(0, -b.levelNano())), nowNanos);
    }
    change(b -> b.clip(accrual(b.rights(), nowNanos).capNano()), nowNanos);
  }

  /** How many tokens the level may go below zero now. */
  long overdraft() {
    return overdraftNano / Accrual.NANO;
  }

  /** How far the level may go below zero: a debt that is on disk. */
  void overdraft(long tokens) {
    overdraftNano = tokens * Accrual.NANO;
  }

  /** A debt of a former life, to be repaid before anything is spent. */
  void owe(long tokens) {
    update(b -> b.earn(-tokens * Accrual.NANO));
  }

  private void change(UnaryOperator<TokenBucket> what, long nowNanos) {
    update(b -> what.apply(settled(b, nowNanos)));
  }

  private void update(UnaryOperator<TokenBucket> what) {
    TokenBucket before;
    do {
      before = bucket;
    } while (!swap(before, what.apply(before)));
  }

  private boolean swap(TokenBucket before, TokenBucket after) {
    boolean swapped = BUCKET.compareAndSet(this, before, after);
    if (swapped && before.isFarFrom(after)) {
      followCounts(); // once in some 10⁹ tokens
    }
    return swapped;
  }

  private void followCounts() {
    TokenCounts known = counts;
    if (known == null) {
      synchronized (this) {
        known = counts == null ? new TokenCounts(() -> bucket) : counts;
        counts = known;
      }
    }
    known.follow();
  }

  private Accrual accrual(long nowNanos) {
    return accrual(newest(bucket.rights()), nowNanos);
  }

  private Accrual accrual(Rights rights, long nowNanos) {
    return shape.accrual(rights.blocks(nowNanos));
  }

  private Rights newest(Rights rights) {
    if (rights.own()) {
      return rights;
    }
    Rights common = limiter.common(offset);
    return common.version() > rights.version() ? common : rights;
  }

  /**
   * The bucket at {@code nowNanos}: it earned from each lease until that ended, and then lost what
   * the rest cannot hold. Threads read the clock before they get here, so {@code nowNanos} may be a
   * little behind the bucket's time.
   */
  private TokenBucket settled(TokenBucket before, long nowNanos) {
    return settled(before, nowNanos, 0);
  }

  /** As above, with {@code cost} tokens spent: in one step, since most requests need no other. */
  private TokenBucket settled(TokenBucket before, long nowNanos, long cost) {
    Rights rights = before.rights();
    Rights next = newest(rights);
    long dt = nowNanos - before.atNanos();
    Lease sole = rights.sole();
    if (next == rights && sole != null && nowNanos - sole.endNanos() < 0) {
      return shape.accrual(rights.blocks()).accrue(before, Math.max(0, dt), cost);
    }
    TokenBucket after = settledInSteps(before, nowNanos);
    return (next == rights ? after : joined(after, before.atNanos(), next, nowNanos)).spend(cost);
  }

  private TokenBucket settledInSteps(TokenBucket before, long nowNanos) {
    Rights rights = before.rights();
    TokenBucket after = before;
    long at = before.atNanos();
    while (nowNanos - at > 0) {
      Accrual accrual = accrual(rights, at);
      long end = rights.firstEnd(at, nowNanos);
      after = accrual.accrue(after.clip(accrual.capNano()), end - at);
      at = end;
    }
    return after.clip(accrual(rights, at).capNano());
  }

  /**
   * The bucket under rights that all limits have had for a while, which this one, left alone, had
   * not noticed: it earned from their leases since they began.
   */
  private TokenBucket joined(TokenBucket bucket, long sinceNanos, Rights next, long nowNanos) {
    TokenBucket after = bucket.under(next);
    Shape of = shape;
    Accrual all = of.accrual(next.blocks(nowNanos));
    for (Rights.Part part : next.parts()) {
      long end = part.lease().endNanos();
      long from =
          part.lease().startNanos() - sinceNanos > 0 ? part.lease().startNanos() : sinceNanos;
      if (!bucket.rights().has(part.lease()) && nowNanos - end < 0 && nowNanos - from > 0) {
        // What these blocks alone earned: with the floor, less the floor, which went on meanwhile.
        long earned = of.earnedByBlocks(part.blocks(), nowNanos - from);
        after = after.earn(earned);
      }
    }
    return after.clip(all.capNano());
  }
}
