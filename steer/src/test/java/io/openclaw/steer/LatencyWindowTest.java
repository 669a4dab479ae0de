package io.openclaw.steer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LatencyWindowTest {
  private static final long MS = 1_000_000L;
  private static final long SECOND = 1_000 * MS;
  private static final long START = -5 * SECOND;

  private final LatencyWindow window = new LatencyWindow(START);

  @Test
  void quantiles_are_at_most_a_quarter_too_high_and_never_too_low() {
    SplittableRandom random = new SplittableRandom(3);
    long[] samples = new long[10_000];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (long) Math.exp(random.nextDouble(8, 20));
      window.add(samples[i], START);
    }
    Arrays.sort(samples);
    LatencyWindow.Quantiles found = window.quantiles(START);
    assertThat(found.p95() / (double) samples[9_499]).isBetween(1.0, 1.25);
    assertThat(found.p99() / (double) samples[9_899]).isBetween(1.0, 1.25);
  }

  @Test
  void few_samples_say_nothing() {
    for (int i = 0; i < LatencyWindow.SAMPLES_MIN - 1; i++) {
      window.add(MS, START);
    }
    assertThat(window.quantiles(START).p99()).isZero();
    window.add(MS, START);
    assertThat(window.quantiles(START + SECOND).p99()).isPositive();
  }

  @Test
  void old_samples_are_forgotten() {
    for (int i = 0; i < 100; i++) {
      window.add(400 * MS, START);
    }
    assertThat((double) window.quantiles(START + 15 * SECOND).p99()).isCloseTo(450e6, within(51e6));
    for (int i = 0; i < 100; i++) {
      window.add(MS, START + 25 * SECOND);
    }
    assertThat(window.quantiles(START + 25 * SECOND).p99()).isLessThan(2 * MS);
    assertThat(window.quantiles(START + 60 * SECOND).p99()).isZero();
  }

  @Test
  void a_region_that_came_back_is_not_judged_by_what_it_was() {
    HealthView view = new HealthView(java.util.List.of("a"), HealthRules.defaults(), START);
    view.probeOk(0, MS, START);
    for (int i = 0; i < 100; i++) {
      view.latencies(0).add(MS, START);
    }
    for (int i = 0; i < 3; i++) {
      view.probeFailed(0, START);
    }
    for (int i = 0; i < 3; i++) {
      view.probeOk(0, MS, START + SECOND);
    }
    assertThat(view.health(0).state()).isEqualTo(RegionState.UP);
    assertThat(view.latencies(0).quantiles(START + 2 * SECOND).p99()).isZero();
  }

  @Test
  void every_value_is_in_a_bucket_that_ends_at_or_above_it() {
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < 100_000; i++) {
      long value = random.nextLong() >>> random.nextInt(2, 62);
      int bucket = LatencyWindow.bucket(value);
      assertThat(LatencyWindow.upperNanos(bucket)).isGreaterThanOrEqualTo(value);
      if (value > 100) {
        assertThat(LatencyWindow.upperNanos(bucket) / (double) value).isLessThan(1.26);
      }
    }
  }
}
