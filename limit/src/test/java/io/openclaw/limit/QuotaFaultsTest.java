package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.limit.QuotaFleet.Planted;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random faults, judged from outside; every planted bug must be seen. */
class QuotaFaultsTest {
  /** More with {@code -DargLine=-Dquota.seeds=N}. */
  private static final int SEEDS = Integer.getInteger("quota.seeds", 100);

  private static final int PLANTED_SEEDS_MAX = 600;
  private static final int TICKS = 3_000; // a minute

  /** A minute of faults, over a midnight; by how much the quota was exceeded, 0 where it held. */
  private static long excess(Planted planted, long seed) throws IOException {
    Random how = new Random(seed);
    int size = 3 + how.nextInt(3);
    long largestCost = how.nextInt(3) == 0 ? 5 : 1;
    long tokens = 10L + how.nextInt(how.nextBoolean() ? 100 : 20_000);
    QuotaFleet fleet = new QuotaFleet(size, tokens, largestCost, planted, seed);
    int asked = 0;
    for (int tick = 0; tick < TICKS; tick++) {
      fleet.tick();
      if (fleet.random().nextInt(60) == 0) {
        fleet.fault();
      }
      if (fleet.random().nextInt(300) == 0) {
        asked = fleet.random().nextInt(size);
      }
      long requests = fleet.random().nextInt((int) Math.max(2, tokens / 500));
      for (int i = 0; i < requests; i++) {
        int region = fleet.random().nextInt(4) == 0 ? fleet.random().nextInt(size) : asked;
        fleet.request(region, 1 + fleet.random().nextLong(largestCost));
      }
    }
    return Math.max(0, fleet.mostAdmitted() - tokens);
  }

  @Test
  void no_quota_is_exceeded_whatever_fails() throws IOException {
    for (long seed = 1; seed <= SEEDS; seed++) {
      assertThat(excess(Planted.NOTHING, seed)).as("tokens too many with seed %d", seed).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NOTHING")
  void a_planted_bug_is_seen(Planted planted) throws IOException {
    for (long seed = 1; seed <= PLANTED_SEEDS_MAX; seed++) {
      if (excess(planted, seed) > 0) {
        return;
      }
    }
    assertThat(planted).as("not seen with %d seeds", PLANTED_SEEDS_MAX).isEqualTo(Planted.NOTHING);
  }
}
