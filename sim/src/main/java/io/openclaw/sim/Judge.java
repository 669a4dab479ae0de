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
    Verdict[] worst = {new Verdict(Double.NEGATIVE_INFINITY, 0)};
    walk((excess, at) -> worst[0] = excess > worst[0].excess ? new Verdict(excess, at) : worst[0]);
    return worst[0];
  }

  /** The largest excess of all intervals that end in each of some equal times; NaN for none. */
  double[] excessOver(long eachNanos, int count) {
    double[] over = new double[count];
    java.util.Arrays.fill(over, Double.NaN);
    walk(
        (excess, at) -> {
          int index = (int) Math.min(at / eachNanos, count - 1);
          over[index] = over[index] >= excess ? over[index] : excess;
        });
    return over;
  }

  private interface Sink {
    void take(double excess, long atNanos);
  }

  /**
   * Goes through all admissions. An interval may use the burst that was in force when it began, so
   * there is a level for each bound: of the intervals that began under it.
   */
  private void walk(Sink sink) {
    admissions.sort(Comparator.comparingLong(Admission::atNanos));
    double[] levels = new double[bounds.size()];
    long at = 0;
    int bound = 0;
    for (Admission each : admissions) {
      while (bound + 1 < bounds.size() && bounds.get(bound + 1).fromNanos <= each.atNanos) {
        long until = bounds.get(bound + 1).fromNanos;
        leak(levels, bound, until - at);
        at = until;
        bound++;
      }
      leak(levels, bound, each.atNanos - at);
      at = each.atNanos;
      double excess = Double.NEGATIVE_INFINITY;
      for (int began = 0; began <= bound; began++) {
        if (began == bound || levels[began] > 0) {
          levels[began] += each.cost;
          excess = Math.max(excess, levels[began] - bounds.get(began).burst);
        }
      }
      sink.take(excess, at);
    }
  }

  private void leak(double[] levels, int bound, long nanos) {
    for (int began = 0; began <= bound; began++) {
      levels[began] = Math.max(0, levels[began] - nanos * bounds.get(bound).perNano);
    }
  }
}
