package io.openclaw.steer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
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
  void where_no_region_is_up_there_is_none() {
    HealthView view = new HealthView(List.of("a", "b"), HealthRules.defaults(), 1);
    assertThat(Affinity.region(view, "order-1")).isEqualTo(Elsewhere.UNKNOWN);
  }
}
