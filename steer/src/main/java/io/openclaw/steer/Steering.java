package io.openclaw.steer;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How a region is chosen for a request.
 *
 * <p>Every kind chooses among the same candidates: regions not tried yet come before tried ones,
 * and within these the up before the unknown before the down. So a region is tried twice only when
 * all were tried, and a down one is tried only when nothing else is left. A region in slow start
 * stands aside for the share of requests that it may not have yet. Among regions that are not up
 * the choice is uniform, whatever the kind: what is known of them is why they are not up. Immutable
 * and thread-safe; choosing allocates nothing.
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
    long candidates = Candidates.of(view, tried, nowNanos, random);
    if (view.health(Long.numberOfTrailingZeros(candidates)).state() != RegionState.UP) {
      return Candidates.any(candidates, random);
    }
    if (preferred >= 0 && (candidates & (1L << preferred)) != 0) {
      return preferred;
    }
    return switch (this) {
      case DynamicLatency nearest -> nearest.cheapest(view, candidates, random);
      case Failover failover -> failover.first(view, candidates);
    };
  }

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

    int cheapest(HealthView view, long candidates, RandomGenerator random) {
      double lowest = Double.POSITIVE_INFINITY;
      for (long rest = candidates; rest != 0; rest &= rest - 1) {
        lowest = Math.min(lowest, cost(view, Long.numberOfTrailingZeros(rest)));
      }
      double tie = lowest * TIE_RATIO + TIE_NANOS;
      int chosen = Long.numberOfTrailingZeros(candidates);
      int ties = 0;
      for (long rest = candidates; rest != 0; rest &= rest - 1) {
        int region = Long.numberOfTrailingZeros(rest);
        // Reservoir sampling: the k-th tie replaces the choice with probability 1/k.
        if (cost(view, region) <= tie && (++ties == 1 || random.nextInt(ties) == 0)) {
          chosen = region;
        }
      }
      return chosen;
    }

    private static double cost(HealthView view, int region) {
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
  }
}
