package io.openclaw.dns;

import io.openclaw.steer.HealthView;
import io.openclaw.steer.RegionState;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Which regions an answer names: those of the best rank there is ({@link HealthView#rank}): up,
 * else cut off from the mesh, else not known, else draining, else all. An empty answer would be
 * worse than a wrong one: it takes the service away from everybody for as long as it is kept, and
 * what says that all are down may itself be at fault.
 *
 * <p>Immutable; thread-safe; sets of regions are the bits of a {@code long}; choosing allocates
 * nothing.
 */
final class Selection {
  private static final double TIE_RATIO = 1.25;
  private static final double TIE_NANOS = 1e6;

  private final HealthView view;
  private final Order order;
  private final int answers;
  private final int[] viewIndex;
  private final int[] weights;
  private final long withIpv4;
  private final long withIpv6;

  /**
   * A selection of the settings' regions.
   *
   * @throws IllegalArgumentException where the view does not know one of them
   */
  Selection(ZoneSettings settings, HealthView view) {
    this.view = view;
    order = settings.order();
    answers = settings.answers();
    List<RegionRecords> regions = settings.regions();
    viewIndex = new int[regions.size()];
    weights = new int[regions.size()];
    long ipv4 = 0;
    long ipv6 = 0;
    for (int i = 0; i < regions.size(); i++) {
      RegionRecords region = regions.get(i);
      viewIndex[i] = view.indexOf(region.name());
      if (viewIndex[i] < 0) {
        throw new IllegalArgumentException(
            "regions: " + region.name() + " (expected: one of " + view.names() + ")");
      }
      weights[i] = region.weight();
      ipv4 |= RegionRecords.ofLength(region.addresses(), 4).isEmpty() ? 0 : 1L << i;
      ipv6 |= RegionRecords.ofLength(region.addresses(), 16).isEmpty() ? 0 : 1L << i;
    }
    withIpv4 = ipv4;
    withIpv6 = ipv6;
  }

  /** The regions that may be named now; never empty. */
  long usable() {
    int best = Integer.MAX_VALUE;
    long usable = 0;
    for (int i = 0; i < viewIndex.length; i++) {
      int rank = view.rank(viewIndex[i]);
      if (rank < best) {
        best = rank;
        usable = 0;
      }
      usable |= rank == best ? 1L << i : 0;
    }
    return usable;
  }

  RegionState state(int region) {
    return view.health(viewIndex[region]).state();
  }

  /** Those of a set that have addresses of the record type; for HTTPS any. */
  long having(long regions, int type) {
    return switch (type) {
      case RecordType.A -> regions & withIpv4;
      case RecordType.AAAA -> regions & withIpv6;
      default -> regions;
    };
  }

  /**
   * Chooses up to {@code answers} regions.
   *
   * @param among the regions that may be chosen
   * @param nearest who comes first where he is among them; -1 for nobody
   * @param chosen the regions in order, as many as are returned
   */
  int choose(long among, int nearest, RandomGenerator random, int[] chosen) {
    long rest = among;
    int count = 0;
    if (nearest >= 0 && (rest & (1L << nearest)) != 0) {
      chosen[count++] = nearest;
      rest &= ~(1L << nearest);
    }
    while (count < answers && rest != 0) {
      int next =
          Long.bitCount(rest) == 1
              ? Long.numberOfTrailingZeros(rest)
              : switch (order) {
                case LISTED -> Long.numberOfTrailingZeros(rest);
                case WEIGHTED -> drawn(rest, random);
                case LATENCY -> quickest(rest, random);
              };
      chosen[count++] = next;
      rest &= ~(1L << next);
    }
    return count;
  }

  private int drawn(long among, RandomGenerator random) {
    int sum = 0;
    for (long rest = among; rest != 0; rest &= rest - 1) {
      sum += weights[Long.numberOfTrailingZeros(rest)];
    }
    if (sum == 0) { // all of them have weight 0: each as likely as the others
      long rest = among;
      for (int skip = random.nextInt(Long.bitCount(among)); skip > 0; skip--) {
        rest &= rest - 1;
      }
      return Long.numberOfTrailingZeros(rest);
    }
    int draw = random.nextInt(sum);
    for (long rest = among; rest != 0; rest &= rest - 1) {
      int region = Long.numberOfTrailingZeros(rest);
      draw -= weights[region];
      if (draw < 0) {
        return region;
      }
    }
    throw new IllegalStateException("drew " + draw + " (expected: < 0)");
  }

  private int quickest(long among, RandomGenerator random) {
    double lowest = Double.POSITIVE_INFINITY;
    for (long rest = among; rest != 0; rest &= rest - 1) {
      lowest = Math.min(lowest, latency(Long.numberOfTrailingZeros(rest)));
    }
    double tie = lowest * TIE_RATIO + TIE_NANOS;
    int chosen = Long.numberOfTrailingZeros(among);
    int ties = 0;
    for (long rest = among; rest != 0; rest &= rest - 1) {
      int region = Long.numberOfTrailingZeros(rest);
      // Reservoir sampling: the k-th tie replaces the choice with probability 1/k.
      if (latency(region) <= tie && (++ties == 1 || random.nextInt(ties) == 0)) {
        chosen = region;
      }
    }
    return chosen;
  }

  /** Without a sample a region comes last. */
  private double latency(int region) {
    double latency = view.health(viewIndex[region]).latencyNanos();
    return latency > 0 ? latency : Double.MAX_VALUE;
  }
}
