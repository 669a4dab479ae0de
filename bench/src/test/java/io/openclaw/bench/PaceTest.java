package io.openclaw.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PaceTest {
  @Test
  void as_many_are_due_as_have_their_time_within() {
    long seed = 7;
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      Pace.Open pace = new Pace.Open(0.01 + random.nextDouble() * 100_000, 1, 1);
      long nanos = random.nextLong(3_600_000_000_000L);
      long due = pace.dueWithin(nanos);
      assertThat(pace.dueNanos(due)).as("seed %d", seed).isGreaterThanOrEqualTo(nanos);
      if (due > 0) {
        assertThat(pace.dueNanos(due - 1)).as("seed %d", seed).isLessThan(nanos);
      }
    }
  }

  @Test
  void whole_rates_over_whole_seconds_are_exact() {
    assertThat(new Pace.Open(500, 1, 1).dueWithin(2_000_000_000)).isEqualTo(1_000);
    assertThat(new Pace.Open(3, 1, 1).dueWithin(1_000_000_000)).isEqualTo(3);
    assertThat(new Pace.Open(100, 1, 1).dueWithin(0)).isZero();
  }
}
