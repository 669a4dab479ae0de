package io.openclaw.router;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DisturbanceTest {
  private static final long MS = 1_000_000L;

  private final Disturbance disturbance = new Disturbance();

  @Test
  void it_lasts_from_the_first_failed_try_to_the_last_before_a_quiet_second() {
    assertThat(disturbance.over(0)).isEqualTo(Disturbance.NONE_OVER);
    disturbance.failed(100 * MS);
    disturbance.failed(140 * MS);
    disturbance.failed(900 * MS);
    assertThat(disturbance.over(1_899 * MS)).isEqualTo(Disturbance.NONE_OVER);
    assertThat(disturbance.over(1_900 * MS)).isEqualTo(800 * MS);
    assertThat(disturbance.over(9_000 * MS)).as("told once").isEqualTo(Disturbance.NONE_OVER);
    disturbance.failed(9_500 * MS);
    assertThat(disturbance.over(10_500 * MS)).as("a single one").isZero();
  }
}
