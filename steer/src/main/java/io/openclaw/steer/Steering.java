package io.openclaw.steer;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * How a region is chosen for a request.
 *
 * <p>Every kind chooses among the same candidates: regions not tried yet come before tried ones,
 * and within these the up before the unknown before the down. So a region is tried twice only when
 * all were tried, and a down one is tried only when nothing else is left. A region in slow start
 * stands aside for the share of requests that it may not have yet, but for those that ask for it: a
 * name must not move back and forth meanwhile. Among regions that are not up the choice is uniform,
 * whatever the kind: what is known of them is why they are not up. Immutable and thread-safe;
 * choosing allocates nothing.
 */
public sealed interface Steering {

  /**
   * The region for the next try.
   *
   * @param tried the regions tried so far, bit i for index i
   * @return an index of {@code view}
   */
  default int choose(HealthView view, long tried, long nowNanos, RandomGenerator random) {
    return choose(view, Elsewhere.UNKNOWN, tried, nowNanos, random);
  }

  /**
   * The region for the next try: the preferred one where it is among the candidates and up.
   *
   * @param preferred an index, or a negative number for none
   * @param tried the regions tried so far, bit i for index i
   * @return an index of {@code view}
   */
  default int choose(
      HealthView view, int preferred, long tried, long nowNanos, RandomGenerator random) {
    long best = Candidates.of(view, tried);
    if (view.health(Long.numberOfTrailingZeros(best)).state() != RegionState.UP) {
      return Candidates.any(best, random);
    }
    if (preferred >= 0 && (best & (1L << preferred)) != 0) {
      return preferred;
    }
    long candidates = Candidates.withoutThoseRamping(view, best, nowNanos, random);
    return switch (this) {
      case DynamicLatency nearest -> nearest.quickest(view, candidates, random);
      case Failover failover -> failover.first(view, candidates);
      case Weighted weighted -> weighted.drawn(view, candidates, random);
      case LeastLoaded least -> least.idlest(view, candidates, random);
      case Cheapest cheapest -> cheapest.first(view, candidates, random);
      case Geo geo -> new DynamicLatency().quickest(view, candidates, random);
    };
  }

  /**
   * The region that a client's address asks for, where the kind looks at it: to be given to {@link
   * #choose(HealthView, int, long, long, RandomGenerator)} as the preferred one.
   *
   * @param address 4 or 16 bytes
   * @param tried the regions tried so far, bit i for index i
   * @return an index of one that is up and that none ranks before, or {@link Elsewhere#UNKNOWN}
   */
  default int preferred(HealthView view, byte[] address, long tried) {
    return Elsewhere.UNKNOWN;
  }

  /**
   * Names what stands in the policy but is no region.
   *
   * @throws IllegalArgumentException where there is such a name
   */
  default void requireKnown(Collection<String> regions) {
    Collection<String> named =
        switch (this) {
          case DynamicLatency nearest -> List.of();
          case LeastLoaded least -> List.of();
          case Failover failover -> failover.order();
          case Weighted weighted -> weighted.weights().keySet();
          case Cheapest cheapest -> cheapest.prices().keySet();
          case Geo geo -> geo.networks().named();
        };
    for (String name : named) {
      if (!regions.contains(name)) {
        throw new IllegalArgumentException(
            "steering " + kind() + ": " + name + " (expected: one of " + regions + ")");
      }
    }
  }

  /** The kind's name in settings. */
  String kind();

  /** What {@link #cost} is, for a person. */
  String costIs();

  /** What the kind compares regions by; the least is the best. */
  double cost(HealthView view, int region);

  /**
   * The region with the lowest {@code EWMA latency × (requests under way + 1)}, Finagle's load
   * metric; among all regions rather than among two drawn at random, for regions are few and far
   * apart, and two draws of three would send every third request across an ocean. Costs within 25 %
   * and 1 ms of the lowest are a tie, settled at random: so equal regions share the load.
   */
  record DynamicLatency() implements Steering {
    private static final double TIE_RATIO = 1.25;
    private static final double TIE_NANOS = 1e6;
    private static final double LATENCY_UNKNOWN_NANOS = 1e6;

    int quickest(HealthView view, long candidates, RandomGenerator random) {
      return Candidates.least(this, view, candidates, TIE_RATIO, TIE_NANOS, random);
    }

    @Override
    public String kind() {
      return "dynamic_latency";
    }

    @Override
    public String costIs() {
      return "nanoseconds of average latency x (requests under way + 1)";
    }

    @Override
    public double cost(HealthView view, int region) {
      double latency = view.health(region).latencyNanos();
      return (latency > 0 ? latency : LATENCY_UNKNOWN_NANOS) * (view.inFlight(region) + 1);
    }
  }

  /**
   * The first usable region of a fixed order; regions not named come last, in their own order.
   *
   * @param order names of regions; names that the view does not know are passed over
   */
  record Failover(List<String> order) implements Steering {
    public Failover {
      order = List.copyOf(order);
    }

    int first(HealthView view, long candidates) {
      for (int i = 0; i < order.size(); i++) {
        int region = view.indexOf(order.get(i));
        if (region >= 0 && (candidates & (1L << region)) != 0) {
          return region;
        }
      }
      return Long.numberOfTrailingZeros(candidates);
    }

    @Override
    public String kind() {
      return "failover";
    }

    @Override
    public String costIs() {
      return "place in the order";
    }

    @Override
    public double cost(HealthView view, int region) {
      int place = order.indexOf(view.name(region));
      return place < 0 ? order.size() + region : place;
    }
  }

  /**
   * A region drawn by weight; those of weight 0, or not named, only where there is no other.
   *
   * @param weights by region's name, 0 to {@value #WEIGHT_MAX}
   */
  record Weighted(Map<String, Integer> weights) implements Steering {
    static final int WEIGHT_MAX = 1_000_000;

    public Weighted {
      weights.forEach(
          (region, weight) -> {
            if (weight < 0 || weight > WEIGHT_MAX) {
              throw new IllegalArgumentException(
                  "weight of " + region + ": " + weight + " (expected: 0 to " + WEIGHT_MAX + ")");
            }
          });
      weights = Map.copyOf(weights);
    }

    int drawn(HealthView view, long candidates, RandomGenerator random) {
      long sum = 0;
      for (long rest = candidates; rest != 0; rest &= rest - 1) {
        sum += weight(view, Long.numberOfTrailingZeros(rest));
      }
      if (sum == 0) {
        return Candidates.any(candidates, random);
      }
      long drawn = random.nextLong(sum);
      for (long rest = candidates; ; rest &= rest - 1) {
        int region = Long.numberOfTrailingZeros(rest);
        drawn -= weight(view, region);
        if (drawn < 0) {
          return region;
        }
      }
    }

    private int weight(HealthView view, int region) {
      return weights.getOrDefault(view.name(region), 0);
    }

    @Override
    public String kind() {
      return "weighted";
    }

    @Override
    public String costIs() {
      return "the weight, negative: a region is drawn by it";
    }

    @Override
    public double cost(HealthView view, int region) {
      return -weight(view, region);
    }
  }

  /**
   * The region that says it is least busy; where several are equally busy within {@value
   * #TIE_LOAD}, the one with the fewest requests under way from here.
   */
  record LeastLoaded() implements Steering {
    static final double TIE_LOAD = 0.05;
    private static final double REQUESTS_OF_A_STEP = 10_000;

    int idlest(HealthView view, long candidates, RandomGenerator random) {
      return Candidates.least(this, view, candidates, 1, 0, random);
    }

    @Override
    public String kind() {
      return "least_loaded";
    }

    @Override
    public String costIs() {
      return "the region's own load in steps of " + TIE_LOAD + ", then requests under way";
    }

    @Override
    public double cost(HealthView view, int region) {
      return Math.floor(view.load(region) / TIE_LOAD)
          + Math.min(1, view.inFlight(region) / REQUESTS_OF_A_STEP);
    }
  }

  /**
   * The cheapest region that is not busy; the least busy where all are.
   *
   * @param prices by region's name, in any unit; a region not named costs more than all
   * @param busyAt the load, 0 to 1, from which a region is busy
   */
  record Cheapest(Map<String, Double> prices, double busyAt) implements Steering {
    /** The load from which a region is busy where nothing else is said. */
    public static final double BUSY_AT = 0.7;

    public Cheapest {
      prices.forEach(
          (region, price) -> {
            if (!(price >= 0) || price.isInfinite()) {
              throw new IllegalArgumentException(
                  "price of " + region + ": " + price + " (expected: >= 0)");
            }
          });
      if (!(busyAt > 0 && busyAt <= 1)) {
        throw new IllegalArgumentException("busyAt: " + busyAt + " (expected: more than 0, to 1)");
      }
      prices = Map.copyOf(prices);
    }

    int first(HealthView view, long candidates, RandomGenerator random) {
      long idle = 0;
      for (long rest = candidates; rest != 0; rest &= rest - 1) {
        int region = Long.numberOfTrailingZeros(rest);
        idle |= view.load(region) < busyAt ? 1L << region : 0;
      }
      return idle == 0
          ? new LeastLoaded().idlest(view, candidates, random)
          : Candidates.least(this, view, idle, 1, 0, random);
    }

    @Override
    public String kind() {
      return "cheapest";
    }

    @Override
    public String costIs() {
      return "the price, while the region's own load is below " + busyAt;
    }

    @Override
    public double cost(HealthView view, int region) {
      return prices.getOrDefault(view.name(region), Double.MAX_VALUE);
    }
  }

  /**
   * The first usable of the regions that are named for the client's network; by latency for clients
   * of no known network.
   *
   * @param balancers those that stand between clients and the router
   */
  record Geo(Networks networks, Balancers balancers) implements Steering {
    @Override
    public int preferred(HealthView view, byte[] address, long tried) {
      long candidates = Candidates.of(view, tried);
      for (String name : networks.of(address)) {
        int region = view.indexOf(name);
        if (region >= 0
            && (candidates & (1L << region)) != 0
            && view.health(region).state() == RegionState.UP) {
          return region;
        }
      }
      return Elsewhere.UNKNOWN;
    }

    @Override
    public String kind() {
      return "geo";
    }

    @Override
    public String costIs() {
      return "as dynamic_latency, for clients of no known network";
    }

    @Override
    public double cost(HealthView view, int region) {
      return new DynamicLatency().cost(view, region);
    }
  }
}
