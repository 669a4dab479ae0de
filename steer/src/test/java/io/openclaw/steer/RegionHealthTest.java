package io.openclaw.steer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RegionHealthTest {
  private static final long MS = 1_000_000L;
  private static final long SECOND = 1_000 * MS;
  private static final HealthRules RULES = HealthRules.defaults();

  /** Close to overflow, as System.nanoTime may be. */
  private static final long START = Long.sum(Long.MAX_VALUE, -3 * SECOND);

  private static RegionHealth up() {
    return RegionHealth.unknown(RULES, START).probeOk(MS, START);
  }

  /** Down since START + 100 ms, after its first ejection. */
  private static RegionHealth ejected() {
    return up().requestFailed(START + 100 * MS).requestFailed(START + 100 * MS);
  }

  private static RegionHealth probed(RegionHealth health, int times, long nowNanos) {
    RegionHealth now = health;
    for (int i = 0; i < times; i++) {
      now = now.probeOk(MS, nowNanos);
    }
    return now;
  }

  @Test
  void unknown_is_not_down() {
    RegionHealth health = RegionHealth.unknown(RULES, START);
    assertThat(health.state()).isEqualTo(RegionState.UNKNOWN);
    assertThat(health.probeFailed(START).state()).isEqualTo(RegionState.UNKNOWN);
    assertThat(health.probeFailed(START).probeFailed(START).state()).isEqualTo(RegionState.DOWN);
  }

  @Test
  void an_unknown_region_is_up_with_its_first_good_answer_and_without_slow_start() {
    assertThat(up().state()).isEqualTo(RegionState.UP);
    assertThat(up().share(START)).isEqualTo(1);
    RegionHealth served = RegionHealth.unknown(RULES, START).requestOk(MS, START);
    assertThat(served.state()).isEqualTo(RegionState.UP);
  }

  @Test
  void a_killed_region_is_down_after_its_second_failure() {
    RegionHealth once = up().requestFailed(START + MS);
    assertThat(once.state()).isEqualTo(RegionState.UP);
    assertThat(once.requestFailed(START + 2 * MS).state()).isEqualTo(RegionState.DOWN);
    assertThat(once.probeFailed(START + 2 * MS).state()).isEqualTo(RegionState.DOWN);
  }

  @Test
  void one_stray_reset_between_good_requests_does_not_eject() {
    RegionHealth health = up();
    for (int i = 1; i <= 1_000; i++) {
      health = health.requestFailed(START + i * MS).requestOk(MS, START + i * MS);
    }
    assertThat(health.state()).isEqualTo(RegionState.UP);
  }

  @Test
  void two_failures_further_apart_than_the_window_do_not_eject() {
    RegionHealth health = up().requestFailed(START).requestFailed(START + SECOND + 1);
    assertThat(health.state()).isEqualTo(RegionState.UP);
    assertThat(health.requestFailed(START + SECOND + 2).state()).isEqualTo(RegionState.DOWN);
  }

  @Test
  void a_frozen_region_is_ejected_when_its_probes_time_out() {
    RegionHealth health = up();
    health = health.probeFailed(START + 200 * MS).probeFailed(START + 300 * MS);
    assertThat(health.state()).isEqualTo(RegionState.DOWN);
  }

  @Test
  void hanging_requests_eject_although_the_health_check_answers() {
    RegionHealth health = up();
    health = health.requestFailed(START + 250 * MS).probeOk(MS, START + 300 * MS);
    assertThat(health.requestFailed(START + 350 * MS).state()).isEqualTo(RegionState.DOWN);
  }

  @Test
  void only_a_request_that_was_answered_well_says_that_the_region_serves() {
    RegionHealth health = up().requestOk(MS, START + 10 * MS);
    assertThat(health.servedSince(START + 9 * MS)).isTrue();
    assertThat(health.servedSince(START + 10 * MS)).isFalse();
    RegionHealth later =
        health
            .probeOk(MS, START + 20 * MS)
            .requestAnswered(START + 20 * MS)
            .requestShed(MS, START + 20 * MS)
            .requestRefused(MS, START + 20 * MS)
            .requestFailed(START + 20 * MS);
    assertThat(later.servedSince(START + 9 * MS)).isTrue();
    assertThat(later.servedSince(START + 10 * MS)).isFalse();
    RegionHealth back = probed(later.requestFailed(START + 20 * MS), 3, START + SECOND);
    assertThat(back.state()).isEqualTo(RegionState.UP);
    assertThat(back.servedSince(START + 10 * MS)).as("probes are not served").isFalse();
  }

  @Test
  void a_failing_health_check_ejects_although_requests_are_answered() {
    RegionHealth health = up();
    health = health.probeFailed(START + 100 * MS).requestOk(MS, START + 150 * MS);
    assertThat(health.probeFailed(START + 200 * MS).state()).isEqualTo(RegionState.DOWN);
  }

  @Test
  void flapping_probes_do_not_readmit() {
    RegionHealth health = ejected();
    for (int i = 0; i < 100; i++) {
      health = probed(health, 2, START + SECOND).probeFailed(START + SECOND);
      assertThat(health.state()).isEqualTo(RegionState.DOWN);
    }
    assertThat(probed(health, 3, START + SECOND).state()).isEqualTo(RegionState.UP);
  }

  @Test
  void late_failures_of_tries_already_under_way_do_not_delay_the_return() {
    RegionHealth health = probed(ejected(), 2, START + SECOND).requestFailed(START + SECOND);
    assertThat(health.probeOk(MS, START + SECOND).state()).isEqualTo(RegionState.UP);
  }

  @Test
  void each_ejection_soon_after_a_return_doubles_the_good_probes_needed() {
    RegionHealth health = ejected();
    long now = START + SECOND;
    for (int needed : new int[] {3, 6, 12, 24, 48, 48, 48}) {
      health = probed(health, needed - 1, now);
      assertThat(health.state()).isEqualTo(RegionState.DOWN);
      health = health.probeOk(MS, now);
      assertThat(health.state()).isEqualTo(RegionState.UP);
      now += SECOND;
      health = health.requestFailed(now).requestFailed(now);
      assertThat(health.state()).isEqualTo(RegionState.DOWN);
    }
    health = probed(health, 48, now);
    now += RegionHealth.PROBATION_NANOS;
    health = health.requestFailed(now).requestFailed(now);
    assertThat(probed(health, 3, now).state()).isEqualTo(RegionState.UP);
  }

  @Test
  void slow_start_ramps_linearly() {
    RegionHealth health = probed(ejected(), 3, START + SECOND);
    assertThat(health.share(START + SECOND)).isEqualTo(0);
    assertThat(health.share(START + 2 * SECOND)).isEqualTo(0.2);
    assertThat(health.share(START + 5 * SECOND)).isEqualTo(0.8);
    assertThat(health.share(START + 6 * SECOND)).isEqualTo(1);
    assertThat(health.share(START + 600 * SECOND)).isEqualTo(1);
  }

  @Test
  void a_region_that_returns_is_judged_by_its_latency_now() {
    RegionHealth slow = ejected();
    for (int i = 0; i < 100; i++) {
      slow = slow.requestRefused(0, START + SECOND);
    }
    assertThat(probed(slow, 3, START + SECOND).latencyNanos()).isEqualTo(1.0 * MS);
  }

  @Test
  void a_draining_region_is_down_at_once_and_has_not_failed() {
    RegionHealth drained = up().probeDraining(START + MS);
    assertThat(drained.state()).isEqualTo(RegionState.DOWN);
    assertThat(drained.draining()).isTrue();
    assertThat(HealthChange.between(up(), drained)).isEqualTo(HealthChange.DRAINED);
    RegionHealth back = probed(drained, 3, START + SECOND);
    assertThat(back.state()).isEqualTo(RegionState.UP);
    assertThat(back.draining()).isFalse();
    RegionHealth again = back.requestFailed(START + SECOND).requestFailed(START + SECOND);
    assertThat(probed(again, 3, START + 2 * SECOND).state())
        .as("a drain is no ejection, so this is the first")
        .isEqualTo(RegionState.UP);
  }

  @Test
  void a_region_that_drained_and_then_answers_no_more_is_down_as_any_other() {
    RegionHealth drained = up().probeDraining(START + MS);
    assertThat(drained.requestFailed(START + 2 * MS).draining())
        .as("a connection that a draining region closed")
        .isTrue();
    RegionHealth stopped = drained.probeFailed(START + 100 * MS);
    assertThat(stopped.state()).isEqualTo(RegionState.DOWN);
    assertThat(stopped.draining()).isFalse();
    assertThat(stopped.sinceNanos()).isEqualTo(START + MS);
    assertThat(HealthChange.between(drained, stopped)).isEqualTo(HealthChange.NONE);
    assertThat(stopped.probeDraining(START + 200 * MS).draining()).as("it says so again").isTrue();
    assertThat(probed(stopped, 3, START + SECOND).state()).isEqualTo(RegionState.UP);
  }

  @Test
  void the_average_follows_a_step_with_its_time_constant() {
    RegionHealth health = up();
    long now = START;
    for (int i = 0; i < 20; i++) {
      now += 100 * MS;
      health = health.requestOk(101 * MS, now);
    }
    // After one time constant (2 s) 1 - 1/e of the step from 1 ms to 101 ms.
    assertThat(health.latencyNanos()).isCloseTo(64.2 * MS, within(0.1 * MS));
  }

  @Test
  void simultaneous_samples_still_count() {
    RegionHealth health = up();
    for (int i = 0; i < 100; i++) {
      health = health.requestOk(101 * MS, START);
    }
    assertThat(health.latencyNanos()).isGreaterThan(60.0 * MS);
  }

  @Test
  void cheap_probes_do_not_hide_slow_requests() {
    RegionHealth health = up();
    long now = START;
    for (int i = 0; i < 100; i++) {
      now += 100 * MS;
      health = health.requestOk(50 * MS, now).probeOk(MS, now);
    }
    assertThat(health.latencyNanos()).isGreaterThan(49.0 * MS);
    for (int i = 0; i < 100; i++) {
      now += 100 * MS;
      health = health.probeOk(MS, now);
    }
    assertThat(health.latencyNanos()).as("idle: probes count").isLessThan(2.0 * MS);
  }

  @Test
  void a_region_that_is_overloaded_does_not_look_fast_and_has_not_failed() {
    RegionHealth health = up();
    for (int i = 0; i < 100; i++) {
      health = health.requestShed(MS / 10, START);
    }
    assertThat(health.state()).isEqualTo(RegionState.UP);
    assertThat(health.latencyNanos()).isGreaterThan(100.0 * MS);
  }

  @Test
  void five_refusals_in_a_row_eject_whatever_the_probes_say() {
    RegionHealth health = up();
    for (int i = 0; i < 4; i++) {
      health = health.requestRefused(MS / 10, START + i * SECOND).probeOk(MS, START + i * SECOND);
    }
    assertThat(health.state()).isEqualTo(RegionState.UP);
    assertThat(health.requestOk(MS, START + 4 * SECOND).requestRefused(MS, START + 5 * SECOND))
        .as("a good answer between them")
        .extracting(RegionHealth::state)
        .isEqualTo(RegionState.UP);
    RegionHealth out = health.requestRefused(MS / 10, START + 4 * SECOND);
    assertThat(out.state()).isEqualTo(RegionState.DOWN);
    RegionHealth back = probed(out, 3, START + 5 * SECOND);
    assertThat(back.state()).isEqualTo(RegionState.UP);
    for (int i = 0; i < 5; i++) {
      back = back.requestRefused(MS / 10, START + 6 * SECOND);
    }
    assertThat(probed(back, 5, START + 7 * SECOND).state())
        .as("out again soon, so it takes twice as long to come back")
        .isEqualTo(RegionState.DOWN);
  }
}
