package io.openclaw.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.openclaw.domain.Fact;
import io.openclaw.domain.LimitSpec;
import io.openclaw.limit.Limit;
import io.openclaw.limit.Limiter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MeshCostTest {
  private static final int TENANTS = 10;

  @Test
  void a_number_is_drawn_in_proportion_to_its_rank() {
    Zipf zipf = new Zipf(TENANTS, 1.1);
    int[] drawn = new int[TENANTS];
    int places = 100_000;
    for (int i = 0; i < places; i++) {
      drawn[zipf.at(i / (double) places)]++;
    }
    double sum = 0;
    for (int k = 0; k < TENANTS; k++) {
      sum += Math.pow(k + 1.0, -1.1);
    }
    for (int k = 0; k < TENANTS; k++) {
      assertThat(drawn[k] / (double) places).isCloseTo(Math.pow(k + 1.0, -1.1) / sum, within(1e-4));
    }
  }

  @Test
  void a_table_tells_what_was_asked_for_once_and_the_planted_bug_tells_it_again() {
    Limiter limiter = Limiter.alone("here", "here#1", true, 0);
    Limit[] limits = new Limit[TENANTS];
    for (int tenant = 0; tenant < TENANTS; tenant++) {
      LimitSpec spec = new LimitSpec("tenant/" + tenant, LimitSpec.Level.TENANT, 1000, 1);
      limits[tenant] = limiter.limit(spec, 1, 0);
    }
    CostLoad load = new CostLoad(limiter, limits, () -> 0, 1);
    for (int tenant = 0; tenant < TENANTS; tenant++) {
      load.decide(tenant);
    }
    assertThat(load.decisions()).isEqualTo(TENANTS);
    List<Fact> told = new ArrayList<>();
    limiter.facts().drainChanges(told::add);
    assertThat(told).hasSize(TENANTS);
    limiter.facts().drainChanges(told::add);
    assertThat(told).hasSize(TENANTS);
    new EverythingEachTick(limiter.facts()).drainChanges(told::add);
    assertThat(told).hasSize(2 * TENANTS);
  }
}
