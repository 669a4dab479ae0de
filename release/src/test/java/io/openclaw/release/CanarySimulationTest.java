package io.openclaw.release;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.release.CanaryDecision.State;
import io.openclaw.release.CanaryVerdict.Breach;
import io.openclaw.release.CanaryVerdict.Measure;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * How often the guard is wrong, by simulation from seeds; the figures of docs/canary.md. A system
 * property, {@code canary.runs}, multiplies the number of runs.
 */
class CanarySimulationTest {
  private static final int TIMES = Integer.getInteger("canary.runs", 1);
  private static final long SECOND = 1_000_000_000L;
  private static final CanaryTraffic GOOD = CanaryTraffic.STABLE;
  private static final CanaryThresholds THRESHOLDS =
      CanaryThresholds.DEFAULTS.with("promoteAfterSeconds", 0);
  private static final CanaryGuard GUARD = new CanaryGuard(THRESHOLDS, false);

  @Test
  void one_look_at_the_smallest_sample_hardly_ever_rolls_back_a_good_canary() {
    for (int stable : new int[] {1020, 19_000}) {
      Found found = looks(GUARD, GOOD, stable, stable == 1020 ? 10_000 : 1000);
      report("one look, " + stable + " stable, 1020 canary, equal", found);
      assertThat(found.part()).isLessThan(0.001);
    }
  }

  @Test
  void a_guard_that_takes_the_index_as_it_is_is_found_by_that() {
    Found found = looks(CanarySimulationTest::naive, GOOD, 150, 1000);
    report("planted: PSI as it is, 150 of each, equal", found);
    assertThat(found.part()).isGreaterThan(0.1);
  }

  @Test
  void a_shift_of_a_quarter_is_found_at_the_smallest_sample() {
    for (int stable : new int[] {1020, 19_000}) {
      Found found = looks(GUARD, GOOD.withPsi(0.25), stable, 1000);
      report("one look, " + stable + " stable, 1020 canary, PSI 0.25", found);
      assertThat(found.part()).isGreaterThan(0.99);
    }
  }

  @Test
  void an_hour_of_looks_each_second_hardly_ever_rolls_back_a_good_canary() {
    for (double errors : new double[] {0.0005, 0.005, 0.05}) {
      CanaryTraffic traffic = GOOD.withErrors(errors);
      Found found = hours(GUARD, traffic, traffic, 20, 3600);
      report("an hour of looks, errors " + errors + ", equal", found);
      assertThat(found.part()).isLessThanOrEqualTo(0.001);
    }
  }

  /** Without thresholds only the tests stand between chance and a rollback. */
  @Test
  void nor_does_it_where_the_thresholds_tolerate_nothing() {
    CanaryThresholds least =
        THRESHOLDS
            .with("errorDifferenceMax", 0.0001)
            .with("p95RatioMax", 1)
            .with("p95MarginMicros", 0)
            .with("ratingPsiMax", 0.01)
            .with("reasonPsiMax", 0.01);
    Found found = hours(new CanaryGuard(least, false), GOOD, GOOD, 40, 3600);
    report("an hour of looks, least thresholds, equal", found);
    assertThat(found.part()).isLessThanOrEqualTo(0.002);
  }

  @Test
  void a_guard_that_tests_each_look_as_if_it_were_the_only_one_is_found_by_that() {
    Found found = hours(CanarySimulationTest::naive, GOOD, GOOD, 10, 600);
    report("planted: each look tested alone, ten minutes, equal", found);
    assertThat(found.part()).isGreaterThan(0.2);
  }

  @Test
  void requests_of_the_same_customers_do_not_roll_back_a_good_canary() {
    for (int values : new int[] {6, 40, 400}) {
      CanaryTraffic clustered = GOOD.withValues(values);
      Found found = hours(GUARD, clustered, clustered, 20, 1200);
      report("20 minutes of looks, " + values + " customers per version, equal", found);
      assertThat(found.part()).isLessThanOrEqualTo(0.05);
    }
  }

  @Test
  void a_guard_that_takes_their_requests_for_independent_is_found_by_that() {
    CanaryTraffic clustered = GOOD.withValues(40);
    CanaryDecision.Judge blind = (counts, alpha) -> GUARD.judge(ungrouped(counts), alpha);
    Found found = hours(blind, clustered, clustered, 10, 300);
    report("planted: 40 customers taken for independent requests, equal", found);
    assertThat(found.part()).isGreaterThan(0.5);
  }

  @Test
  void bad_canaries_are_rolled_back_soon() {
    CanaryTraffic[] bad = {
      GOOD.withErrors(1),
      GOOD.withErrors(0.1),
      GOOD.withErrors(0.03),
      GOOD.withSlowness(10),
      GOOD.withSlowness(2),
      GOOD.withPsi(0.25),
      GOOD.withPsi(1)
    };
    String[] names = {
      "all fail", "10 % fail", "3 % fail", "10 × slower", "2 × slower", "PSI 0.25", "PSI 1"
    };
    for (int i = 0; i < bad.length; i++) {
      Found found = hours(GUARD, GOOD, bad[i], 20, 3600);
      report(names[i], found);
      assertThat(found.part()).as(names[i]).isEqualTo(1);
    }
  }

  /**
   * How many of the runs ended in a breach.
   *
   * @param seconds when, in growing order
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Found(int breaches, int runs, Map<Measure, Integer> byMeasure, int[] seconds) {
    double part() {
      return breaches / (double) runs;
    }
  }

  /** One look at counts of a fixed size, with the alpha of a canary's first. */
  private static Found looks(
      CanaryDecision.Judge judge, CanaryTraffic canary, int stable, int runs) {
    int breaches = 0;
    Map<Measure, Integer> byMeasure = new EnumMap<>(Measure.class);
    for (int run = 0; run < runs * TIMES; run++) {
      SplittableRandom random = new SplittableRandom(run);
      CanaryStats stats = new CanaryStats(CanaryTraffic.BINS);
      GOOD.send(stats, CanaryVariant.STABLE, stable, random);
      canary.send(stats, CanaryVariant.CANARY, Math.min(stable, 1020), random);
      double alpha = CanaryDecision.FALSE_ROLLBACKS / 2 * CanaryGuard.spent(0);
      if (judge.judge(stats.total(), alpha) instanceof Breach breach) {
        breaches++;
        byMeasure.merge(breach.measure(), 1, Integer::sum);
      }
    }
    return new Found(breaches, runs * TIMES, byMeasure, new int[0]);
  }

  /** A canary with 10 of 50 requests per second, looked at each second until it ends. */
  private static Found hours(
      CanaryDecision.Judge judge, CanaryTraffic stable, CanaryTraffic canary, int runs, int until) {
    Map<Measure, Integer> byMeasure = new EnumMap<>(Measure.class);
    int[] seconds = new int[runs * TIMES];
    int breaches = 0;
    for (int run = 0; run < runs * TIMES; run++) {
      SplittableRandom random = new SplittableRandom(run);
      CanaryStats stats = new CanaryStats(CanaryTraffic.BINS);
      CanaryDecision decision = new CanaryDecision(judge, THRESHOLDS, stats.total(), 0);
      for (int second = 1; second <= until; second++) {
        stable.withPopulation(run).send(stats, CanaryVariant.STABLE, 40, random);
        canary.withPopulation(run).send(stats, CanaryVariant.CANARY, 10, random);
        if (decision.look(stats.total(), second * SECOND) instanceof State.RolledBack end) {
          byMeasure.merge(end.breach().measure(), 1, Integer::sum);
          seconds[breaches++] = second;
          break;
        }
      }
    }
    int[] sorted = Arrays.copyOf(seconds, breaches);
    Arrays.sort(sorted);
    return new Found(breaches, runs * TIMES, byMeasure, sorted);
  }

  /** The planted bug: an index without what chance gives it, a z of 1.645 at every look. */
  private static CanaryVerdict naive(CanaryCounts counts, double alpha) {
    double n = counts.requests(CanaryVariant.CANARY);
    double m = counts.requests(CanaryVariant.STABLE);
    if (n < 100 || m < 100) {
      return CanaryVerdict.Insufficient.few("requests", (long) n, 100);
    }
    double a = counts.errors(CanaryVariant.CANARY) / n;
    double b = counts.errors(CanaryVariant.STABLE) / m;
    double p = (a * n + b * m) / (n + m);
    double z = p == 0 ? 0 : (a - b) / Math.sqrt(p * (1 - p) * (1 / n + 1 / m));
    double psi = 0;
    for (int i = 0; i < CanaryTraffic.BINS.ratingClasses(); i++) {
      double actual = 0.5;
      double expected = 0.5;
      for (int group = 0; group < CanaryCounts.GROUPS; group++) {
        actual += counts.ratingClasses(CanaryVariant.CANARY)[group][i];
        expected += counts.ratingClasses(CanaryVariant.STABLE)[group][i];
      }
      psi += (actual / n - expected / m) * Math.log(actual / n / (expected / m));
    }
    if (psi > 0.1) {
      return new Breach(Measure.RATINGS, psi, 0.1, (long) m, (long) n);
    }
    return z > 1.645
        ? new Breach(Measure.ERRORS, a - b, 0, (long) m, (long) n)
        : new CanaryVerdict.Healthy((long) m, (long) n);
  }

  /** The planted bug: the same counts as if every request were of another customer. */
  private static CanaryCounts ungrouped(CanaryCounts counts) {
    CanaryStats even = new CanaryStats(CanaryTraffic.BINS);
    long[] values = even.values();
    CanaryCounts.Layout layout = CanaryCounts.Layout.of(CanaryTraffic.BINS);
    for (CanaryVariant variant : CanaryVariant.values()) {
      values[layout.latency(variant, 0)] = counts.requests(variant);
      spread(counts.ratingClasses(variant), values, layout.rating(variant, 0, 0));
      spread(counts.reasonClasses(variant), values, layout.reason(variant, 0, 0));
    }
    return new CanaryCounts(layout, values);
  }

  private static void spread(long[][] groups, long[] values, int from) {
    int classes = groups[0].length;
    for (int i = 0; i < classes; i++) {
      long total = 0;
      for (long[] group : groups) {
        total += group[i];
      }
      for (int group = 0; group < CanaryCounts.GROUPS; group++) {
        values[from + group * classes + i] =
            total / CanaryCounts.GROUPS + (group < total % CanaryCounts.GROUPS ? 1 : 0);
      }
    }
  }

  private static void report(String name, Found found) {
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(Locale.ROOT, "%s: %d of %d rolled back", name, found.breaches, found.runs));
    found.byMeasure.forEach(
        (measure, count) ->
            line.append(", ")
                .append(measure.name().toLowerCase(Locale.ROOT))
                .append(' ')
                .append(count));
    int[] seconds = found.seconds;
    if (seconds.length > 0) {
      line.append("; canary requests until then: median ")
          .append(10 * seconds[seconds.length / 2])
          .append(", most ")
          .append(10 * seconds[seconds.length - 1]);
    }
    System.out.println(line);
  }
}
