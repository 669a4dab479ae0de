package io.openclaw.release;

import static io.openclaw.release.CanaryVariant.CANARY;
import static io.openclaw.release.CanaryVariant.STABLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import io.openclaw.release.CanaryVerdict.Breach;
import io.openclaw.release.CanaryVerdict.Healthy;
import io.openclaw.release.CanaryVerdict.Insufficient;
import io.openclaw.release.CanaryVerdict.Measure;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CanaryGuardTest {
  private static final double ALPHA = CanaryDecision.FALSE_ROLLBACKS;
  private static final CanaryTraffic GOOD = CanaryTraffic.STABLE;

  @Test
  void nothing_seen_is_not_a_pass() {
    assertThat(guard(false).judge(CanaryCounts.none(CanaryTraffic.BINS), ALPHA))
        .hasToString("insufficient: 0 stable ratings (expected: at least 1000)");
  }

  @Test
  void too_few_of_either_version_are_not_a_pass() {
    assertThat(judge(GOOD, 5000, 900).toString())
        .endsWith("canary ratings (expected: at least 1000)");
    assertThat(judge(GOOD, 900, 5000).toString())
        .endsWith("stable ratings (expected: at least 1000)");
    assertThat(judge(GOOD, 5000, 1100)).isEqualTo(new Healthy(5000, 1100));
  }

  @Test
  void too_few_sticky_values_are_not_a_pass() {
    assertThat(judge(GOOD.withValues(1), 5000, 5000))
        .hasToString(
            "insufficient: 1 of 8 groups of sticky values seen by stable (expected: at least 4)");
  }

  @Test
  void a_canary_that_always_fails_is_found_at_the_first_look_at_errors() {
    CanaryVerdict verdict = judge(GOOD.withErrors(1), 950, 50);
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Breach.class,
            breach -> {
              assertThat(breach.measure()).isEqualTo(Measure.ERRORS);
              assertThat(breach.value()).isGreaterThan(0.9);
              assertThat(breach.threshold()).isEqualTo(0.01);
              assertThat(breach.stableSample()).isEqualTo(950);
              assertThat(breach.canarySample()).isEqualTo(50);
            });
    assertThat(verdict.toString())
        .startsWith("error rate, canary minus stable: 0.99")
        .endsWith("(expected: at most 0.0100; 950 stable, 50 canary requests)");
    assertThat(judge(GOOD.withErrors(1), 950, 49)).isInstanceOf(Insufficient.class);
  }

  @Test
  void more_errors_than_by_chance_but_within_the_tolerated_difference_are_no_breach() {
    assertThat(judge(GOOD.withErrors(0.010), 400_000, 100_000)).isInstanceOf(Healthy.class);
    assertThat(measure(judge(GOOD.withErrors(0.020), 400_000, 100_000))).isEqualTo(Measure.ERRORS);
  }

  @Test
  void a_canary_twice_as_slow_is_found_and_one_a_fifth_slower_tolerated() {
    assertThat(measure(judge(GOOD.withSlowness(2), 9500, 500))).isEqualTo(Measure.LATENCY);
    assertThat(judge(GOOD.withSlowness(1.2), 95_000, 5000)).isInstanceOf(Healthy.class);
    assertThat(judge(GOOD.withSlowness(0.2), 95_000, 5000)).isInstanceOf(Healthy.class);
  }

  @Test
  void microseconds_do_not_count_as_slow() {
    CanaryStats stats = new CanaryStats(CanaryTraffic.BINS);
    for (int i = 0; i < 5000; i++) {
      stats.failed(STABLE, 20_000);
      stats.failed(CANARY, 200_000);
    }
    assertThat(guard(false).judge(stats.total(), ALPHA)).isInstanceOf(Insufficient.class);
    CanaryThresholds strict = CanaryThresholds.DEFAULTS.with("p95MarginMicros", 0);
    assertThat(measure(new CanaryGuard(strict, false).judge(stats.total(), ALPHA)))
        .isEqualTo(Measure.LATENCY);
  }

  @Test
  void shifted_ratings_are_found_and_a_slight_shift_tolerated() {
    assertThat(measure(judge(GOOD.withPsi(0.25), 19_000, 1020))).isEqualTo(Measure.RATINGS);
    assertThat(judge(GOOD.withPsi(0.05), 190_000, 10_000)).isInstanceOf(Healthy.class);
  }

  @Test
  void a_shift_that_could_be_that_of_a_few_customers_is_no_pass_and_one_of_many_is_found() {
    assertThat(judge(GOOD.withPsi(1).withValues(40), 8000, 2000).toString())
        .startsWith("insufficient: PSI of ratings: ")
        .endsWith(", which could be chance");
    assertThat(measure(judge(GOOD.withPsi(1).withValues(2000), 8000, 2000)))
        .isEqualTo(Measure.RATINGS);
  }

  @Test
  void reasons_that_are_new_are_found() {
    CanaryStats stats = new CanaryStats(CanaryTraffic.BINS);
    SplittableRandom random = new SplittableRandom(1);
    GOOD.send(stats, STABLE, 9500, random);
    GOOD.send(stats, CANARY, 1000, random);
    Decimal one = new Decimal(1, 0);
    for (int i = 0; i < 1000; i++) {
      stats.rated(
          CANARY,
          random.nextLong(),
          20_000_000,
          new Rating(
              new Decimal(random.nextInt(100), 0), List.of(new Reason("NEW", "new", one)), null));
    }
    assertThat(measure(guard(false).judge(stats.total(), ALPHA))).isEqualTo(Measure.REASONS);
  }

  @Test
  void flips_are_judged_in_shadow_alone() {
    CanaryStats stats = new CanaryStats(CanaryTraffic.BINS);
    SplittableRandom random = new SplittableRandom(1);
    GOOD.send(stats, STABLE, 2000, random);
    GOOD.send(stats, CANARY, 2000, random);
    assertThat(guard(true).judge(stats.total(), ALPHA))
        .hasToString("insufficient: 0 decisions of both versions (expected: at least 1000)");
    for (int i = 0; i < 2000; i++) {
      stats.decided(true, i % 10 != 0);
    }
    assertThat(measure(guard(true).judge(stats.total(), ALPHA))).isEqualTo(Measure.FLIPS);
    assertThat(guard(false).judge(stats.total(), ALPHA)).isInstanceOf(Healthy.class);
    CanaryThresholds off = CanaryThresholds.DEFAULTS.with("flipsMax", 1);
    assertThat(new CanaryGuard(off, true).judge(stats.total(), ALPHA)).isInstanceOf(Healthy.class);
  }

  private static CanaryGuard guard(boolean shadow) {
    return new CanaryGuard(CanaryThresholds.DEFAULTS, shadow);
  }

  private static CanaryVerdict judge(CanaryTraffic canary, int stable, int requests) {
    CanaryStats stats = new CanaryStats(CanaryTraffic.BINS);
    SplittableRandom random = new SplittableRandom(7);
    GOOD.withValues(canary.values()).send(stats, STABLE, stable, random);
    canary.send(stats, CANARY, requests, random);
    return guard(false).judge(stats.total(), ALPHA);
  }

  private static Measure measure(CanaryVerdict verdict) {
    assertThat(verdict).isInstanceOf(Breach.class);
    return ((Breach) verdict).measure();
  }
}
