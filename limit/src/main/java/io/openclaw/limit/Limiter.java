package io.openclaw.limit;

import io.openclaw.domain.LimitSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The limits of one region.
 *
 * <p>A region spends only what it has a right to: its floor, and blocks that {@link Leases} give it
 * for a while. Over all regions no block is used twice at one time, so over any interval the cost
 * admitted is at most burst + rate × time, with no message on the request's path. Thread-safe; told
 * the time.
 */
public final class Limiter {
  private final LeaseSettings settings;
  private final BlockMap map;
  private final boolean startsFull;
  private final LimitFacts facts;
  private final ConcurrentMap<String, Limit> limits = new ConcurrentHashMap<>();
  private final ConcurrentMap<Shape.Key, Shape> shapes = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Rights> own = new ConcurrentHashMap<>();
  private volatile Rights[] common;
  private volatile @Nullable Debts debts;

  /**
   * The limiter of one region.
   *
   * @param writer this node's name in facts, new at every start: {@code region#incarnation}
   * @param startsFull whether new buckets start full: only for a node that is alone and has never
   *     run before, since any other cannot know what was spent just before it started
   * @param nowNanos the monotonic clock that all methods are told
   */
  public Limiter(LeaseSettings settings, String writer, boolean startsFull, long nowNanos) {
    this.settings = settings;
    this.startsFull = startsFull;
    map = new BlockMap(settings.regions());
    facts = new LimitFacts(writer, map);
    common = new Rights[map.size()];
    Arrays.fill(common, settings.alone() ? everything(nowNanos) : Rights.nothing(1));
  }

  /** The limiter of a node that is alone: everything is its own. */
  public static Limiter alone(String region, String writer, boolean startsFull, long nowNanos) {
    return new Limiter(LeaseSettings.of(region, List.of(region)), writer, startsFull, nowNanos);
  }

  private Rights everything(long nowNanos) {
    return Rights.of(
        1, settings.alone(), List.of(new Rights.Part(Lease.eternal(nowNanos), whole())));
  }

  /**
   * This region's side of a limit, made when it is first asked for, and changed where its numbers,
   * its mode or the largest cost have changed.
   *
   * @param largestCost the most tokens one request may cost, at most the burst
   */
  public Limit limit(LimitSpec spec, long largestCost, long nowNanos) {
    if (largestCost > spec.burst()) {
      throw new IllegalArgumentException(
          "burst: " + spec.burst() + " (expected: >= the largest cost, " + largestCost + ")");
    }
    Shape shape = shape(spec, largestCost);
    Limit limit = limits.computeIfAbsent(spec.id(), id -> make(spec, shape, nowNanos));
    if (!limit.is(spec, shape)) {
      limit.change(spec, shape, nowNanos);
    }
    Rights rights = own.get(spec.id());
    if (rights != null) {
      limit.rights(rights, nowNanos); // they may have come while it was made or changed
    }
    return limit;
  }

  /** Where limits of mode {@code bounded} may note debts; without it they are as strict ones. */
  public void debts(Debts ledger) {
    debts = ledger;
  }

  /** A limit has no tokens: in mode {@code bounded} it may borrow, once that is on disk. */
  void exhausted(Limit limit) {
    Debts ledger = debts;
    if (ledger != null && limit.spec().mode() == LimitSpec.Mode.BOUNDED && limit.overdraft() == 0) {
      ledger.wanted(limit);
    }
  }

  private Shape shape(LimitSpec spec, long largestCost) {
    return shapes.computeIfAbsent(
        Shape.Key.of(spec, largestCost), key -> new Shape(key, map, settings.floorPpm()));
  }

  /** What may be used here of a limit: in mode gossip everything, whatever leases say. */
  Rights rights(LimitSpec spec, long nowNanos) {
    Rights known = own.get(spec.id());
    return spec.mode() == LimitSpec.Mode.GOSSIP
        ? Rights.of(Long.MAX_VALUE, true, everything(nowNanos).parts())
        : known == null ? common[map.offset(spec.id())] : known;
  }

  private Limit make(LimitSpec spec, Shape shape, long nowNanos) {
    int offset = map.offset(spec.id());
    Rights rights = rights(spec, nowNanos);
    long level = startsFull ? shape.accrual(rights.blocks(nowNanos)).capNano() : 0;
    Limit limit =
        new Limit(this, spec, shape, offset, TokenBucket.starting(level, nowNanos, rights));
    Debts ledger = debts;
    if (ledger != null) {
      ledger.begins(limit);
    }
    return limit;
  }

  /** The limit of that name, where this region has it. */
  @Nullable Limit find(String id) {
    return limits.get(id);
  }

  /**
   * Spends {@code cost} tokens of every limit of the nest, or of none.
   *
   * @param nest at least one; the first that says no is named
   */
  public Decision admit(Nest nest, long cost, long nowNanos) {
    Limit outermost = nest.limit(0);
    TokenBucket first = outermost.take(cost, nowNanos);
    if (first == null && !isDry(outermost, cost)) {
      return deny(outermost, cost, nowNanos);
    }
    return nest.size() == 1 && first != null ? first : admitOthers(nest, first, cost, nowNanos);
  }

  private Decision admitOthers(Nest nest, @Nullable TokenBucket first, long cost, long nowNanos) {
    @Nullable TokenBucket[] buckets = new @Nullable TokenBucket[nest.size()];
    buckets[0] = first;
    for (int i = 1; i < nest.size(); i++) {
      buckets[i] = nest.limit(i).take(cost, nowNanos);
      if (buckets[i] == null && !isDry(nest.limit(i), cost)) {
        for (int j = 0; j < i; j++) {
          TokenBucket taken = buckets[j];
          if (taken != null) {
            nest.limit(j).giveBack(taken, cost, nowNanos);
          }
        }
        return deny(nest.limit(i), cost, nowNanos);
      }
    }
    return new AdmittedByAll(buckets);
  }

  /** A dry run is counted as denied, and denies nothing. */
  private boolean isDry(Limit limit, long cost) {
    if (!limit.spec().dryRun()) {
      return false;
    }
    limit.countDenied(cost);
    facts.changed(limit);
    return true;
  }

  /**
   * Whether what was spent was ours to spend; otherwise it is burned.
   *
   * @param nowNanos read anew, after {@link #admit} and right before the request is acted on
   */
  public boolean confirm(Nest nest, Decision.Admitted admitted, long cost, long nowNanos) {
    boolean ours = true;
    for (int i = 0; i < nest.size(); i++) {
      TokenBucket after = AdmittedByAll.bucket(admitted, i);
      Limit limit = nest.limit(i);
      ours &= after == null || limit.isOurs(after, nowNanos);
      facts.changed(limit);
    }
    if (!ours) {
      for (int i = 0; i < nest.size(); i++) {
        if (AdmittedByAll.bucket(admitted, i) != null) {
          nest.limit(i).burn(cost);
        }
      }
    }
    return ours;
  }

  /** Gives back at once what was spent of every limit: nothing was done for the request. */
  public void giveBack(Nest nest, Decision.Admitted admitted, long cost, long nowNanos) {
    for (int i = 0; i < nest.size(); i++) {
      TokenBucket taken = AdmittedByAll.bucket(admitted, i);
      if (taken != null) {
        nest.limit(i).giveBack(taken, cost, nowNanos);
        facts.changed(nest.limit(i));
      }
    }
  }

  /** The same a while later, as far as there was room for it all the time. */
  public void takeBack(Nest nest, Decision.Admitted admitted, long cost, long nowNanos) {
    for (int i = 0; i < nest.size(); i++) {
      TokenBucket taken = AdmittedByAll.bucket(admitted, i);
      if (taken != null) {
        nest.limit(i).takeBack(taken, cost, nowNanos);
        facts.changed(nest.limit(i));
      }
    }
  }

  private Decision.Denied deny(Limit limit, long cost, long nowNanos) {
    limit.countDenied(cost);
    facts.changed(limit);
    return new Decision.Denied(limit, cost, nowNanos);
  }

  /** What all regions have spent and been denied, as far as this one has heard. */
  public LimitFacts facts() {
    return facts;
  }

  /** The configured regions, in order. */
  public List<String> regions() {
    return map.regions();
  }

  LeaseSettings settings() {
    return settings;
  }

  BlockMap map() {
    return map;
  }

  int whole() {
    return Shape.whole(map);
  }

  /** Rights to so many blocks as a part of a limit's rate, the floor with it. */
  double share(int blocks) {
    if (blocks == whole()) {
      return 1;
    }
    double floor = settings.floorPpm() / 1e6;
    return floor / map.size() + (1 - floor) * blocks / map.blocks();
  }

  /** About how long it takes until blocks that are wanted here have been handed over. */
  long handOverNanos() {
    return settings.leaseNanos();
  }

  /** What a limit has whose blocks nobody has moved. */
  Rights common(int offset) {
    return common[offset];
  }

  /** Newer rights of all limits that have none of their own; by offset. */
  void common(Rights[] next) {
    common = next;
  }

  /** Newer rights of one limit; those that are not {@code own} make it one like all others. */
  void rights(String id, Rights next, long nowNanos) {
    own.put(id, next); // also where it has none of its own any more: a limit may be being made
    Limit limit = limits.get(id);
    if (limit != null && limit.spec().mode() != LimitSpec.Mode.GOSSIP) {
      limit.rights(next, nowNanos);
    }
  }

  /** All limits this region has been asked for. */
  public List<Limit> limits() {
    return new ArrayList<>(limits.values());
  }
}
