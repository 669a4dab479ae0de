package io.openclaw.sim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The outside observer of one limit: every admission in true time, and by how much the worst
 * interval exceeded the bound burst + rate·(1+ρ)·time.
 *
 * <p>The excess over all intervals is the largest level of a leaky bucket that leaks at the bound's
 * rate, less the burst: each admission adds its cost, and a level of zero begins a new interval.
 */
final class Judge {
  /** The limit in force from an instant on. */
  private record Bound(long fromNanos, double perNano, double burst) {}

  private record Admission(long atNanos, long cost) {}

  /** The worst interval's excess, at most 0 where the bound held, and when that interval ended. */
  record Verdict(double excess, long atNanos) {}

  private final double driftRate;
  private final List<Bound> bounds = new ArrayList<>();
  private final List<Admission> admissions = new ArrayList<>();
  private long admitted;

  Judge(double ratePerSecond, double burst, double drift) {
    driftRate = 1 + drift;
    bound(ratePerSecond, burst, 0);
  }

  /** The largest rate and burst in force from now on; the caller keeps a lowered one in force. */
  void bound(double ratePerSecond, double burst, long nowNanos) {
    bounds.add(new Bound(nowNanos, ratePerSecond * driftRate / 1e9, burst));
  }

  /** Takes an admission; they may come in any order. */
  void admitted(long cost, long atNanos) {
    admissions.add(new Admission(atNanos, cost));
    admitted += cost;
  }

  /** All cost admitted. */
  long admitted() {
    return admitted;
  }

  Verdict verdict() {
    admissions.sort(Comparator.comparingLong(Admission::atNanos));
    double level = 0;
    long at = 0;
    int bound = 0;
    Verdict worst = new Verdict(Double.NEGATIVE_INFINITY, 0);
    for (Admission each : admissions) {
      while (bound + 1 < bounds.size() && bounds.get(bound + 1).fromNanos <= each.atNanos) {
        long until = bounds.get(bound + 1).fromNanos;
        level = Math.max(0, level - (until - at) * bounds.get(bound).perNano);
        at = until;
        bound++;
      }
      level = Math.max(0, level - (each.atNanos - at) * bounds.get(bound).perNano) + each.cost;
      at = each.atNanos;
      if (level - bounds.get(bound).burst > worst.excess) {
        worst = new Verdict(level - bounds.get(bound).burst, at);
      }
    }
    return worst;
  }
}
