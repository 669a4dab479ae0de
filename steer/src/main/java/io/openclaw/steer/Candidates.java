package io.openclaw.steer;

import java.util.random.RandomGenerator;

/** The regions a request may go to now, as the bits of a {@code long}; never empty. */
final class Candidates {
  private Candidates() {}

  /** Those of the lowest rank there is, of the regions not tried, or of all where all were. */
  static long of(HealthView view, long tried) {
    int best = Integer.MAX_VALUE;
    long candidates = 0;
    for (int i = 0; i < view.size(); i++) {
      int rank = view.rank(i) + ((tried & (1L << i)) != 0 ? HealthView.RANK_DOWN + 1 : 0);
      if (rank < best) {
        best = rank;
        candidates = 0;
      }
      if (rank == best) {
        candidates |= 1L << i;
      }
    }
    return candidates;
  }

  /** One of the candidates, each as likely as the others. */
  static int any(long candidates, RandomGenerator random) {
    long rest = candidates;
    for (int skip = random.nextInt(Long.bitCount(candidates)); skip > 0; skip--) {
      rest &= rest - 1;
    }
    return Long.numberOfTrailingZeros(rest);
  }

  /**
   * The candidate with the lowest cost; those within {@code lowest × ratio + more} are a tie,
   * settled at random.
   */
  static int least(
      Steering steering,
      HealthView view,
      long candidates,
      double ratio,
      double more,
      RandomGenerator random) {
    double lowest = Double.POSITIVE_INFINITY;
    for (long rest = candidates; rest != 0; rest &= rest - 1) {
      lowest = Math.min(lowest, steering.cost(view, Long.numberOfTrailingZeros(rest)));
    }
    double tie = lowest * ratio + more;
    int chosen = Long.numberOfTrailingZeros(candidates);
    int ties = 0;
    for (long rest = candidates; rest != 0; rest &= rest - 1) {
      int region = Long.numberOfTrailingZeros(rest);
      // Reservoir sampling: the k-th tie replaces the choice with probability 1/k.
      if (steering.cost(view, region) <= tie && (++ties == 1 || random.nextInt(ties) == 0)) {
        chosen = region;
      }
    }
    return chosen;
  }

  /** Without regions in slow start, each as often as its share says, while others are left. */
  static long withoutThoseRamping(
      HealthView view, long candidates, long nowNanos, RandomGenerator random) {
    long kept = candidates;
    for (long rest = candidates; rest != 0; rest &= rest - 1) {
      int region = Long.numberOfTrailingZeros(rest);
      RegionHealth health = view.health(region);
      if (health.state() == RegionState.UP) {
        double share = health.share(nowNanos);
        if (share < 1 && random.nextDouble() >= share) {
          kept &= ~(1L << region);
        }
      }
    }
    return kept != 0 ? kept : candidates;
  }
}
