package io.openclaw.steer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SteeringTest {
  private static final long MS = 1_000_000L;
  private static final long NOW = 77;
  private static final int NEAR = 0;
  private static final int MIDDLE = 1;
  private static final int FAR = 2;
  private static final Steering NEAREST = new Steering.DynamicLatency();

  private final SplittableRandom random = new SplittableRandom(1);
  private final HealthView view =
      new HealthView(List.of("near", "middle", "far"), HealthRules.defaults(), NOW);

  private void up(int region, long latencyNanos) {
    view.probeOk(region, latencyNanos, NOW);
  }

  private void down(int region) {
    view.probeFailed(region, NOW);
    view.probeFailed(region, NOW);
  }

  private void allUp() {
    up(NEAR, 5 * MS);
    up(MIDDLE, 40 * MS);
    up(FAR, 80 * MS);
  }

  private double[] shares(Steering steering, long nowNanos) {
    int draws = 20_000;
    double[] shares = new double[view.size()];
    for (int i = 0; i < draws; i++) {
      shares[steering.choose(view, 0, nowNanos, random)] += 1.0 / draws;
    }
    return shares;
  }

  @Test
  void the_nearest_region_gets_everything_while_it_keeps_up() {
    allUp();
    assertThat(shares(NEAREST, NOW)[NEAR]).isCloseTo(1, within(1e-9));
  }

  @Test
  void requests_piling_up_in_the_nearest_region_move_the_next_ones_away() {
    allUp();
    for (int i = 0; i < 10; i++) {
      view.begin(NEAR);
    }
    assertThat(NEAREST.choose(view, 0, NOW, random)).isEqualTo(MIDDLE);
    for (int i = 0; i < 10; i++) {
      view.end(NEAR);
    }
    assertThat(NEAREST.choose(view, 0, NOW, random)).isEqualTo(NEAR);
  }

  @Test
  void equal_regions_share_the_load() {
    up(NEAR, 2 * MS);
    up(MIDDLE, 2 * MS);
    up(FAR, 2 * MS);
    for (double share : shares(NEAREST, NOW)) {
      assertThat(share).isCloseTo(1.0 / 3, within(0.02));
    }
  }

  @Test
  void an_unknown_region_is_used_only_when_none_is_up_and_a_down_one_only_as_the_last_resort() {
    down(FAR);
    assertThat(shares(NEAREST, NOW)[FAR]).as("unknown before down").isZero();
    up(MIDDLE, 40 * MS);
    assertThat(NEAREST.choose(view, 0, NOW, random)).isEqualTo(MIDDLE);
    down(MIDDLE);
    down(NEAR);
    for (Steering steering : List.of(NEAREST, new Steering.Failover(List.of("near")))) {
      for (double share : shares(steering, NOW)) {
        assertThat(share).as("all down: try any").isCloseTo(1.0 / 3, within(0.02));
      }
    }
  }

  @Test
  void no_region_is_tried_twice_before_all_were_tried() {
    allUp();
    down(FAR);
    long tried = 0;
    for (int expected : new int[] {NEAR, MIDDLE, FAR}) {
      int region = NEAREST.choose(view, tried, NOW, random);
      assertThat(region).isEqualTo(expected);
      tried |= 1L << region;
    }
    assertThat(NEAREST.choose(view, tried, NOW, random)).as("again the best").isEqualTo(NEAR);
  }

  @Test
  void a_region_in_slow_start_gets_a_linearly_growing_share() {
    allUp();
    down(NEAR);
    for (int i = 0; i < 3; i++) {
      up(NEAR, 5 * MS);
    }
    for (int tenth = 0; tenth <= 10; tenth++) {
      double share = shares(NEAREST, NOW + tenth * 500L * MS)[NEAR];
      assertThat(share).isCloseTo(tenth / 10.0, within(0.015));
    }
  }

  @Test
  void a_region_in_slow_start_gets_everything_when_it_is_alone() {
    for (int region : new int[] {NEAR, MIDDLE, FAR}) {
      up(region, MS);
      down(region);
    }
    for (int i = 0; i < 3; i++) {
      up(FAR, MS);
    }
    assertThat(shares(NEAREST, NOW)[FAR]).isCloseTo(1, within(1e-9));
  }

  @Test
  void failover_keeps_to_its_order_and_names_not_given_come_last() {
    Steering failover = new Steering.Failover(List.of("far", "gone", "near"));
    allUp();
    assertThat(failover.choose(view, 0, NOW, random)).isEqualTo(FAR);
    down(FAR);
    assertThat(failover.choose(view, 0, NOW, random)).isEqualTo(NEAR);
    down(NEAR);
    assertThat(failover.choose(view, 0, NOW, random)).isEqualTo(MIDDLE);
    assertThat(failover.choose(view, 1L << MIDDLE, NOW, random)).isNotEqualTo(MIDDLE);
  }

  @Test
  void each_change_of_state_is_told_once() {
    assertThat(view.probeOk(NEAR, MS, NOW)).isEqualTo(HealthChange.FOUND);
    assertThat(view.probeOk(NEAR, MS, NOW)).isEqualTo(HealthChange.NONE);
    assertThat(view.requestFailed(NEAR, NOW)).isEqualTo(HealthChange.NONE);
    assertThat(view.probeFailed(NEAR, NOW)).isEqualTo(HealthChange.EJECTED);
    assertThat(view.probeOk(NEAR, MS, NOW)).isEqualTo(HealthChange.NONE);
    assertThat(view.probeOk(NEAR, MS, NOW)).isEqualTo(HealthChange.NONE);
    assertThat(view.probeOk(NEAR, MS, NOW)).isEqualTo(HealthChange.RESTORED);
    assertThat(view.probeDraining(NEAR, NOW)).isEqualTo(HealthChange.DRAINED);
  }

  @Test
  void a_region_named_twice_is_refused() {
    assertThatThrownBy(() -> new HealthView(List.of("a", "a"), HealthRules.defaults(), NOW))
        .hasMessageContaining("region named twice: a");
  }
}
