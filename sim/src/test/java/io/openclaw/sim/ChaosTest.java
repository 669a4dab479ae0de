package io.openclaw.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChaosTest {
  private static final long MS = SimNetwork.MS;

  @Test
  void no_limit_is_exceeded_whatever_fails() {
    long admitted = 0;
    for (long seed = 1; seed <= 60; seed++) {
      Chaos.Result result = Chaos.run(seed, 10);
      assertThat(result.holds()).as(result.toString()).isTrue();
      admitted += result.admitted();
    }
    assertThat(admitted).as("something was admitted").isGreaterThan(10_000);
  }

  @Test
  void a_seed_replays_exactly() {
    assertThat(Chaos.run(7, 10)).isEqualTo(Chaos.run(7, 10));
  }

  @Test
  void the_judge_sees_the_worst_interval_and_a_breach_of_one_token() {
    Judge judge = new Judge(10, 5, 0);
    for (int i = 0; i < 5; i++) {
      judge.admitted(1, 1000 * MS);
    }
    judge.admitted(1, 1100 * MS);
    assertThat(judge.verdict().excess()).isEqualTo(0);
    judge.admitted(1, 1150 * MS); // the planted breach: half a token has been earned since
    assertThat(judge.verdict().excess()).isEqualTo(0.5);
    assertThat(judge.verdict().atNanos()).isEqualTo(1150 * MS);
    assertThat(judge.admitted()).isEqualTo(7);
  }

  @Test
  void the_judge_keeps_a_larger_bound_in_force_until_it_is_told_otherwise() {
    Judge judge = new Judge(10, 5, 0);
    judge.bound(10, 2, 500 * MS);
    for (int i = 0; i < 3; i++) {
      judge.admitted(1, 1000 * MS);
    }
    assertThat(judge.verdict().excess()).isEqualTo(1);
  }
}
