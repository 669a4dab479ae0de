package io.openclaw.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of one limit, or of many alike: what was asked and admitted and who held what share,
 * by region, in steps of 10 ms of true time.
 */
final class Track {
  static final long STEP_NANOS = 10 * SimNetwork.MS;
  static final int STEPS_PER_SECOND = 100;

  final FleetScenario.Plan plan;
  final int steps;
  final int[][] offered;
  final int[][] admitted;
  final float[][] share;

  /** Tokens per second: the largest rate that some region knows. */
  final double[] rate;

  /** Asked of a region that was dead or stopped. */
  long unserved;

  long denied;
  double burned;

  private final double drift;
  private final @Nullable Judge single;
  private final Map<Integer, Judge> judges = new HashMap<>();
  private final int[] offeredByKey;
  private final int[] admittedByKey;
  private final int warmUpStep;

  Track(FleetScenario scenario, FleetScenario.Plan plan) {
    this.plan = plan;
    int regions = scenario.regions().size();
    steps = scenario.seconds() * STEPS_PER_SECOND;
    offered = new int[regions][steps];
    admitted = new int[regions][steps];
    share = new float[plan.isMany() ? 0 : regions][steps];
    rate = new double[steps];
    Arrays.fill(rate, plan.rate());
    drift = scenario.driftPpm() / 1e6;
    single = plan.isMany() ? null : new Judge(plan.rate(), plan.burst(), drift);
    offeredByKey = new int[plan.isMany() ? plan.count() : 0];
    admittedByKey = new int[offeredByKey.length];
    warmUpStep = warmUpStep(scenario);
  }

  static int warmUpStep(FleetScenario scenario) {
    double seconds = Math.min(FleetScenario.WARM_UP_SECONDS, scenario.seconds() / 2.0);
    return (int) (seconds * STEPS_PER_SECOND);
  }

  private int step(long atNanos) {
    return (int) Math.min(atNanos / STEP_NANOS, steps - 1);
  }

  /**
   * @param key which of many alike; otherwise 0
   */
  void offered(int region, int key, long cost, long atNanos) {
    int step = step(atNanos);
    offered[region][step] += (int) cost;
    if (plan.isMany() && step >= warmUpStep) {
      offeredByKey[key] += (int) cost;
    }
  }

  void admitted(int region, int key, long cost, long atNanos) {
    int step = step(atNanos);
    admitted[region][step] += (int) cost;
    if (plan.isMany() && step >= warmUpStep) {
      admittedByKey[key] += (int) cost;
    }
    judge(key).admitted(cost, atNanos);
  }

  private Judge judge(int key) {
    return single != null
        ? single
        : judges.computeIfAbsent(key, k -> new Judge(plan.rate(), plan.burst(), drift));
  }

  /** The largest numbers of the limit that some region knows, from now on. */
  void bound(double perSecond, long burst, long atNanos) {
    judge(0).bound(perSecond, (double) burst, atNanos);
    Arrays.fill(rate, step(atNanos), steps, perSecond);
  }

  /** How many of many alike something was admitted of. */
  int keysUsed() {
    return judges.size();
  }

  Judge.Verdict worst() {
    Judge.Verdict worst = new Judge.Verdict(Double.NEGATIVE_INFINITY, 0);
    for (Judge judge : judges()) {
      Judge.Verdict verdict = judge.verdict();
      worst = verdict.excess() > worst.excess() ? verdict : worst;
    }
    return worst;
  }

  /** The largest excess by tenth of a second; NaN where nothing was admitted. */
  double[] excessByTenth() {
    int count = steps / 10;
    double[] worst = new double[count];
    Arrays.fill(worst, Double.NaN);
    for (Judge judge : judges()) {
      double[] each = judge.excessOver(10 * STEP_NANOS, count);
      for (int i = 0; i < count; i++) {
        worst[i] = worst[i] >= each[i] || Double.isNaN(each[i]) ? worst[i] : each[i];
      }
    }
    return worst;
  }

  private Collection<Judge> judges() {
    return single != null ? List.of(single) : new ArrayList<>(judges.values());
  }

  /** All that regions were asked for, or admitted, from one step to before another. */
  static long sum(int[][] byRegion, int from, int to) {
    long sum = 0;
    for (int[] of : byRegion) {
      sum += sum(of, from, to);
    }
    return sum;
  }

  static long sum(int[] steps, int from, int to) {
    long sum = 0;
    for (int step = from; step < to; step++) {
      sum += steps[step];
    }
    return sum;
  }

  /** Tokens that the rate earns from one step to before another. */
  double earned(int from, int to) {
    double sum = 0;
    for (int step = from; step < to; step++) {
      sum += rate[step] / STEPS_PER_SECOND;
    }
    return sum;
  }

  /**
   * Admitted over the lesser of offered and earned; 1 where nothing was offered. Of many alike: of
   * the sums over each of them, and always after the warm-up.
   */
  double utilisation(int from, int to) {
    if (!plan.isMany()) {
      double could = Math.min((double) sum(offered, from, to), earned(from, to));
      return could == 0 ? 1 : sum(admitted, from, to) / could;
    }
    double could = 0;
    long did = 0;
    for (int key = 0; key < offeredByKey.length; key++) {
      could += Math.min(offeredByKey[key], earned(warmUpStep, steps));
      did += admittedByKey[key];
    }
    return could == 0 ? 1 : did / could;
  }

  /**
   * Jain's index of what each region admitted over what max-min fairness over the offered load
   * would have given it, reckoned anew each second. Source: Jain, Chiu and Hawe, DEC-TR-301, 1984.
   */
  double jain(int from, int to) {
    double[] fair = new double[offered.length];
    for (int begin = from; begin < to; begin += STEPS_PER_SECOND) {
      int end = Math.min(to, begin + STEPS_PER_SECOND);
      double[] asked = new double[fair.length];
      for (int region = 0; region < fair.length; region++) {
        asked[region] = sum(offered[region], begin, end);
      }
      double[] parts = maxMin(asked, earned(begin, end));
      for (int region = 0; region < fair.length; region++) {
        fair[region] += parts[region];
      }
    }
    double sum = 0;
    double squares = 0;
    int count = 0;
    for (int region = 0; region < fair.length; region++) {
      if (fair[region] > 0) {
        double part = sum(admitted[region], from, to) / fair[region];
        sum += part;
        squares += part * part;
        count++;
      }
    }
    return squares == 0 ? 1 : sum * sum / (count * squares);
  }

  static double[] maxMin(double[] wanted, double capacity) {
    double[] sorted = wanted.clone();
    Arrays.sort(sorted);
    double left = capacity;
    double level = Double.POSITIVE_INFINITY;
    for (int i = 0; i < sorted.length; i++) {
      double equal = left / (sorted.length - i);
      if (sorted[i] > equal) {
        level = equal;
        break;
      }
      left -= sorted[i];
    }
    double most = level;
    return Arrays.stream(wanted).map(each -> Math.min(each, most)).toArray();
  }

  /** The shares of all regions together after a step. */
  double held(int step) {
    double sum = 0;
    for (float[] of : share) {
      sum += of[step];
    }
    return sum;
  }
}
