package io.openclaw.steer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AffinityTest {
  private static final int NAMES = 30_000;

  private static HealthView up(String... regions) {
    HealthView view = new HealthView(List.of(regions), HealthRules.defaults(), 1);
    for (int i = 0; i < regions.length; i++) {
      view.probeOk(i, 1_000_000, 1);
    }
    return view;
  }

  @Test
  void names_spread_evenly() {
    HealthView view = up("us-east-1", "eu-central-1", "ap-southeast-2");
    int[] counts = new int[3];
    for (int i = 0; i < NAMES; i++) {
      counts[Affinity.region(view, "order-" + i)]++;
    }
    for (int count : counts) {
      assertThat(count).isBetween(NAMES * 32 / 100, NAMES * 35 / 100);
    }
  }

  @Test
  void only_the_names_of_a_region_that_is_down_move_and_the_order_of_regions_does_not_matter() {
    HealthView view = up("a", "b", "c");
    HealthView turned = up("c", "a", "b");
    HealthView without = up("a", "b", "c");
    without.probeFailed(1, 1);
    without.probeFailed(1, 1);
    for (int i = 0; i < 1_000; i++) {
      int region = Affinity.region(view, "order-" + i);
      assertThat(turned.name(Affinity.region(turned, "order-" + i))).isEqualTo(view.name(region));
      if (region == 1) {
        assertThat(Affinity.region(without, "order-" + i)).isNotEqualTo(1);
      } else {
        assertThat(Affinity.region(without, "order-" + i)).isEqualTo(region);
      }
    }
  }

  @Test
  void a_region_that_the_mesh_has_lost_has_no_names_while_another_is_up() {
    HealthView view = up("a", "b", "c");
    HealthView without = up("a", "b", "c");
    without.probeFailed(1, 1);
    without.probeFailed(1, 1);
    view.hears(1, 0, 2);
    for (int i = 0; i < 1_000; i++) {
      assertThat(Affinity.region(view, "order-" + i))
          .isEqualTo(Affinity.region(without, "order-" + i));
    }
    view.hears(0, 0, 2);
    view.hears(2, 0, 2);
    for (int i = 0; i < 1_000; i++) {
      assertThat(Affinity.region(view, "order-" + i))
          .as("all are equally lost")
          .isEqualTo(Affinity.region(up("a", "b", "c"), "order-" + i));
    }
  }

  @Test
  void a_name_goes_to_its_region_also_while_that_one_starts_slowly() {
    HealthView view = up("a", "b", "c");
    view.probeFailed(1, 1);
    view.probeFailed(1, 1);
    for (int i = 0; i < 3; i++) {
      view.probeOk(1, 1_000_000, 2);
    }
    assertThat(view.health(1).share(2)).isZero();
    SplittableRandom random = new SplittableRandom(1);
    Steering steering = new Steering.DynamicLatency();
    for (int i = 0; i < 1_000; i++) {
      int region = Affinity.region(view, "order-" + i);
      assertThat(region).isEqualTo(Affinity.region(up("a", "b", "c"), "order-" + i));
      assertThat(steering.choose(view, region, 0, 2, random)).isEqualTo(region);
      assertThat(steering.choose(view, 0, 2, random)).as("without a name").isNotEqualTo(1);
    }
  }

  @Test
  void where_no_region_is_up_there_is_none() {
    HealthView view = new HealthView(List.of("a", "b"), HealthRules.defaults(), 1);
    assertThat(Affinity.region(view, "order-1")).isEqualTo(Elsewhere.UNKNOWN);
  }
}
