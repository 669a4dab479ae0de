package io.openclaw.limit;

import io.openclaw.domain.LimitSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;

/**
 * Lets blocks follow demand: every region reckons for itself who should hold how many, and hands
 * over what it has too much to those that have too little.
 *
 * <p>Only limits that were asked for lately are looked at, and only where some region is asked for
 * more than it may spend does anything move. Regions may disagree for a while about demand; that
 * costs moves, never the limit. Not thread-safe; told the time.
 */
final class Balancer {
  static final long INTERVAL_NANOS = 100_000_000L;

  /** A limit that nobody asked for so long is forgotten, and lent blocks go home. */
  static final long IDLE_NANOS = 30_000_000_000L;

  /** The most limits of which blocks are handed over at once. */
  static final int LIMITS_PER_TICK_MAX = 512;

  /** A region wants a little more than it is asked for, or it could never catch up. */
  private static final double HEADROOM = 1.02;

  /** What is given for fairness alone goes in so many parts, one each time. */
  private static final int SLOW_PARTS = 64;

  /** The part of a block that is little. */
  private static final double LITTLE = 0.4;

  /** What the balancer needs to know of others, and what it asks to be done. */
  interface Blocksmith {
    /** Whether nobody claims anything but default blocks of a limit. */
    boolean isCommon(String limit);

    /** The blocks of a limit that a region holds, as far as is known here. */
    Blocks held(String limit, int region);

    /** Whether a region is up, as seen from here; this one is. */
    boolean isUp(int region);

    void give(String limit, Blocks blocks, int to, long nowNanos);
  }

  /** How often all limits are gone through for those that are idle. */
  private static final long SWEEP_NANOS = 5_000_000_000L;

  private final Limiter limiter;
  private final BlockMap map;
  private final int self;
  private final Blocksmith smith;
  private final Map<String, Demand> active = new HashMap<>();
  private List<Demand> queue = new ArrayList<>();
  private long tickNanos;
  private long sweptNanos;

  Balancer(Limiter limiter, Blocksmith smith, long nowNanos) {
    this.limiter = limiter;
    this.smith = smith;
    map = limiter.map();
    self = map.region(limiter.settings().self());
    tickNanos = nowNanos;
    sweptNanos = nowNanos;
  }

  /** Somebody was asked for a limit. */
  void moved(LimitFacts.Row row, long nowNanos) {
    Demand demand = row.demand;
    if (demand == null) {
      demand = new Demand(row, map.size(), nowNanos);
      row.demand = demand;
      active.put(row.limit, demand);
    }
    if (!demand.queued) {
      demand.queued = true;
      queue.add(demand);
    }
  }

  void tick(long nowNanos) {
    if (nowNanos - tickNanos < INTERVAL_NANOS) {
      return;
    }
    tickNanos = nowNanos;
    List<Demand> asked = queue;
    queue = new ArrayList<>();
    int[][] common = new int[map.size()][];
    int moved = 0;
    for (Demand demand : asked) {
      demand.queued = false;
      Limit limit = limiter.find(demand.row.limit);
      if (limit != null && limit.spec().mode() != LimitSpec.Mode.GOSSIP) {
        demand.tick(limit.largestCost(), nowNanos);
        if (moved < LIMITS_PER_TICK_MAX && balance(limit, demand, common, nowNanos)) {
          moved++;
        }
      }
    }
    if (nowNanos - sweptNanos >= SWEEP_NANOS) {
      sweptNanos = nowNanos;
      sweep(nowNanos);
    }
  }

  /** Forgets the limits that nobody asks for any more, and sends home what was borrowed of them. */
  private void sweep(long nowNanos) {
    for (Iterator<Demand> each = active.values().iterator(); each.hasNext(); ) {
      Demand demand = each.next();
      if (nowNanos - demand.nanos() > IDLE_NANOS && !demand.queued) {
        each.remove();
        demand.row.demand = null;
        if (!smith.isCommon(demand.row.limit)) {
          goHome(demand.row.limit, nowNanos);
        }
      }
    }
  }

  /**
   * Hands over what is due; whether anything was.
   *
   * @param common what regions hold of limits of which nothing was moved, by offset; filled here
   */
  private boolean balance(Limit limit, Demand demand, int[][] common, long nowNanos) {
    String id = demand.row.limit;
    int[] held;
    if (smith.isCommon(id)) {
      int offset = map.offset(id);
      if (common[offset] == null) {
        common[offset] = held(id);
      }
      held = common[offset];
    } else {
      held = held(id);
    }
    int[] wanted = wanted(limit, demand, Arrays.stream(held).sum());
    boolean divisible = limit.isDivisible();
    int[] target = divisible ? FairShare.targets(held, wanted) : oneHolder(held, demand);
    // Who could use its blocks itself gives for fairness, and slowly: on their way they are unused.
    int most = divisible && wanted[self] > target[self] ? map.blocks() / SLOW_PARTS : map.blocks();
    return target[self] < held[self] && handOver(id, held, target, most, nowNanos);
  }

  /**
   * How many blocks each region holds. Where two claim one, as happens while it is on its way, it
   * is counted once: for who claims it singly, as voters have it, not for who does by default.
   */
  private int[] held(String limit) {
    int offset = map.offset(limit);
    int[] held = new int[map.size()];
    Blocks[] byDefault = new Blocks[held.length];
    Blocks taken = map.none();
    for (int region = 0; region < held.length; region++) {
      Blocks all = smith.isUp(region) ? smith.held(limit, region) : map.none();
      Blocks single = all.minus(map.defaults(offset, region)).minus(taken);
      byDefault[region] = all.and(map.defaults(offset, region));
      held[region] = single.count();
      taken = taken.or(single);
    }
    for (int region = 0; region < held.length; region++) {
      held[region] += byDefault[region].minus(taken).count();
    }
    return held;
  }

  /**
   * How many blocks each region could use, of {@code all} there are. Where there are enough, each
   * gets what it may turn out to need: what it lacked until that is known would be lost.
   */
  private int[] wanted(Limit limit, Demand demand, int all) {
    int[] surely = wanted(limit, all, region -> demand.atMost(region, limit.largestCost()));
    return Arrays.stream(surely).asLongStream().sum() <= all
        ? surely
        : wanted(limit, all, demand::of);
  }

  private int[] wanted(Limit limit, int all, IntToDoubleFunction demand) {
    double[] exact = new double[map.size()];
    double rate = limit.spec().milliTokensPerSecond() / 1000.0;
    double floor = limiter.settings().floorPpm() / 1e6;
    double perBlock = rate * (1 - floor) / map.blocks();
    double sum = 0;
    for (int region = 0; region < exact.length; region++) {
      double more = demand.applyAsDouble(region) * HEADROOM - rate * floor / map.size();
      exact[region] = smith.isUp(region) && more > 0 ? Math.min(map.blocks(), more / perBlock) : 0;
      sum += Math.ceil(exact[region]);
    }
    // Where there is not enough, a block of which little would be used serves more elsewhere.
    double little = sum > all ? LITTLE : 0;
    int[] wanted = new int[exact.length];
    for (int region = 0; region < wanted.length; region++) {
      if (exact[region] > 0) {
        int least = Math.max(1, limit.blocksForLargestCost());
        wanted[region] = Math.max(least, (int) Math.ceil(exact[region] - little));
      }
    }
    return wanted;
  }

  /**
   * A limit too small to be divided: all of it to the region asked for most, unless the one that
   * has most of it is asked for nearly as much.
   */
  private static int[] oneHolder(int[] held, Demand demand) {
    int holder = 0;
    int busiest = 0;
    int all = 0;
    for (int region = 0; region < held.length; region++) {
      all += held[region]; // of those that are up
      holder = held[region] > held[holder] ? region : holder;
      busiest = demand.of(region) > demand.of(busiest) ? region : busiest;
    }
    int[] target = new int[held.length];
    target[demand.of(holder) * 4 >= demand.of(busiest) ? holder : busiest] = all;
    return target;
  }

  /**
   * Gives what this region has too much, at most {@code most} blocks. Every giver reckons the same:
   * the first one's surplus goes to the first that lacks some, and so on, so that two do not give
   * to the same one.
   */
  private boolean handOver(String limit, int[] held, int[] target, int most, long nowNanos) {
    int before = 0; // surplus of the givers ahead of this one
    for (int region = 0; region < self; region++) {
      before += Math.max(0, held[region] - target[region]);
    }
    int mine = Math.min(most, held[self] - target[self]);
    Map<Integer, Integer> gifts = new TreeMap<>();
    for (int region = 0; region < held.length && mine > 0; region++) {
      int lacks = Math.max(0, target[region] - held[region]);
      int filled = Math.min(before, lacks);
      before -= filled;
      int gift = Math.min(mine, lacks - filled);
      if (gift > 0) {
        gifts.put(region, gift);
        mine -= gift;
      }
    }
    gifts.forEach((to, count) -> smith.give(limit, choose(limit, to, count), to, nowNanos));
    return !gifts.isEmpty();
  }

  /** The receiver's own blocks first, then other borrowed ones, then this region's. */
  private Blocks choose(String limit, int to, int count) {
    int offset = map.offset(limit);
    Blocks held = smith.held(limit, self);
    Blocks its = held.and(map.defaults(offset, to)).first(count);
    Blocks rest = held.minus(its);
    Blocks borrowed = rest.minus(map.defaults(offset, self)).first(count - its.count());
    Blocks chosen = its.or(borrowed);
    Blocks own = held.minus(chosen).first(count - chosen.count());
    return chosen.or(own);
  }

  private void goHome(String limit, long nowNanos) {
    Blocks held = smith.held(limit, self);
    for (int region = 0; region < map.size(); region++) {
      Blocks its = held.and(map.defaults(map.offset(limit), region));
      if (region != self && smith.isUp(region) && !its.isEmpty()) {
        smith.give(limit, its, region, nowNanos);
      }
    }
  }
}
