package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.LimitSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShareTest {
  @Test
  void shares_of_all_regions_add_up_to_the_limit_and_never_to_more() {
    for (long seed = 1; seed <= 2000; seed++) {
      Random random = new Random(seed);
      List<String> regions = regions(1 + random.nextInt(12));
      long burst = 1L + random.nextInt(100);
      long cost = 1L + random.nextInt((int) burst);
      LimitSpec limit = limit("tenant/t" + seed, burst);
      long cap = 0;
      double rate = 0;
      for (String region : regions) {
        List<String> shuffled = new ArrayList<>(regions);
        Collections.shuffle(shuffled, random);
        Share share = Share.fixed(limit, region, shuffled, cost);
        cap += share.capTokens();
        rate += (double) share.numerator() / share.denominator();
        assertThat(share.capTokens() == 0 || share.capTokens() >= cost)
            .as("seed %d: %s can spend the largest cost, or nothing", seed, share)
            .isTrue();
        assertThat(share.isNothing()).isEqualTo(share.capTokens() == 0);
      }
      assertThat(cap).as("seed %d", seed).isEqualTo(burst);
      assertThat(rate).as("seed %d", seed).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-9));
    }
  }

  @Test
  void a_burst_too_small_to_be_split_has_one_holder_that_all_regions_agree_on() {
    List<String> regions = regions(3);
    LimitSpec limit = limit("tenant/small", 2);
    List<Share> shares = regions.stream().map(r -> Share.fixed(limit, r, regions, 1)).toList();
    assertThat(shares.stream().filter(s -> !s.isNothing())).hasSize(1);
    assertThat(shares.stream().map(Share::holder).distinct()).hasSize(1);
    assertThat(regions).contains(shares.getFirst().holder());
  }

  @Test
  void a_cost_larger_than_the_burst_is_refused() {
    assertThatThrownBy(() -> Share.fixed(limit("tenant/x", 5), "r0", regions(1), 6))
        .hasMessage("burst: 5 (expected: >= the largest cost, 6)");
  }

  @Test
  void a_region_that_is_not_configured_is_refused() {
    assertThatThrownBy(() -> Share.fixed(limit("tenant/x", 5), "elsewhere", regions(2), 1))
        .hasMessage("region: elsewhere (expected: one of [r0, r1])");
  }

  static List<String> regions(int n) {
    List<String> regions = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      regions.add("r" + i);
    }
    return regions;
  }

  private static LimitSpec limit(String id, long burst) {
    return new LimitSpec(id, LimitSpec.Level.TENANT, 60_000, burst);
  }
}
