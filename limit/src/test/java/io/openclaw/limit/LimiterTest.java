package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.LimitSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class LimiterTest {
  private static final long SECOND = 1_000_000_000L;
  private static final List<String> REGIONS =
      List.of("us-east-1", "eu-central-1", "ap-southeast-2");

  @Test
  void all_regions_together_never_admit_more_than_burst_plus_rate_in_any_interval() {
    for (long seed = 1; seed <= 200; seed++) {
      List<Admission> admissions = run(seed, REGIONS, REGIONS);
      assertThat(breach(admissions, 60, 60)).as("seed %d", seed).isLessThanOrEqualTo(0);
    }
  }

  @Test
  void regions_that_each_believe_to_be_alone_are_caught_by_the_same_check() {
    // The planted bug: every region has the whole limit.
    List<Admission> admissions = run(1, REGIONS, List.of());
    assertThat(breach(admissions, 60, 60)).isGreaterThan(0);
  }

  @Test
  void uses_what_it_may_when_every_region_has_demand() {
    long now = 0;
    List<Limit> limits = limits(REGIONS);
    long admitted = 0;
    while (now < 30 * SECOND) {
      for (int i = 0; i < REGIONS.size(); i++) {
        admitted += limits.get(i).take(1, now) >= 0 ? 1 : 0;
      }
      now += SECOND / 67;
    }
    assertThat(admitted).isBetween((long) (0.95 * 1800), 1860L);
  }

  @Test
  void the_tenant_keeps_its_token_when_the_key_says_no() {
    Limiter limiter = alone();
    Limit tenant = limiter.limit(spec("tenant/t", LimitSpec.Level.TENANT, 1, 10), 1, 0);
    Limit key = limiter.limit(spec("key/k", LimitSpec.Level.KEY, 1, 2), 1, 0);
    Limit[] nest = {tenant, key};
    assertThat(limiter.admit(nest, 1, 0)).isInstanceOf(Decision.Admitted.class);
    assertThat(limiter.admit(nest, 1, 0)).isInstanceOf(Decision.Admitted.class);
    assertThat(limiter.admit(nest, 1, 0))
        .isInstanceOfSatisfying(
            Decision.Denied.class,
            denied -> {
              assertThat(denied.by()).isSameAs(key);
              assertThat(denied.retryAfterNanos()).isEqualTo(SECOND);
            });
    assertThat(tenant.tokens(0)).isEqualTo(8);
    assertThat(tenant.spent()).isEqualTo(2);
    assertThat(key.denied()).isEqualTo(1);
    assertThat(tenant.denied()).isZero();
  }

  @Test
  void the_outermost_limit_that_says_no_is_named_and_inner_ones_are_not_touched() {
    Limiter limiter = alone();
    Limit tenant = limiter.limit(spec("tenant/t", LimitSpec.Level.TENANT, 1, 1), 1, 0);
    Limit key = limiter.limit(spec("key/k", LimitSpec.Level.KEY, 1, 5), 1, 0);
    limiter.admit(new Limit[] {tenant, key}, 1, 0);
    assertThat(limiter.admit(new Limit[] {tenant, key}, 1, 0))
        .isInstanceOfSatisfying(
            Decision.Denied.class, denied -> assertThat(denied.by()).isSameAs(tenant));
    assertThat(key.tokens(0)).isEqualTo(4);
  }

  @Test
  void a_region_that_returns_starts_with_an_empty_bucket() {
    Limit limit = new Limiter("us-east-1", REGIONS, "us-east-1#2", false).limit(tenant(), 1, 0);
    assertThat(limit.tokens(0)).isZero();
    assertThat(limit.tokens(SECOND)).isEqualTo(20);
  }

  @Test
  void a_region_without_a_share_says_who_holds_it_and_when_a_token_comes() {
    LimitSpec small = spec("tenant/small", LimitSpec.Level.TENANT, 2, 2);
    List<Decision.Denied> denials = new ArrayList<>();
    for (String region : REGIONS) {
      Limiter limiter = new Limiter(region, REGIONS, region + "#1", false);
      Limit limit = limiter.limit(small, 1, 0);
      if (limiter.admit(new Limit[] {limit}, 1, 10 * SECOND) instanceof Decision.Denied denied) {
        denials.add(denied);
      }
    }
    assertThat(denials).hasSize(2);
    assertThat(denials.getFirst().by().holder()).isIn(REGIONS);
    assertThat(denials.getFirst().retryAfterNanos()).isEqualTo(SECOND / 2);
  }

  @Test
  void threads_that_ask_at_once_never_get_more_than_there_is() throws Exception {
    Limiter limiter = alone();
    Limit[] nest = {
      limiter.limit(spec("tenant/t", LimitSpec.Level.TENANT, 1, 10_000), 1, 0),
      limiter.limit(spec("key/k", LimitSpec.Level.KEY, 1, 7_000), 1, 0)
    };
    CountDownLatch start = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Integer>> admitted = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        admitted.add(
            threads.submit(
                () -> {
                  start.await();
                  int count = 0;
                  for (int j = 0; j < 5_000; j++) {
                    count += limiter.admit(nest, 1, 0) instanceof Decision.Admitted ? 1 : 0;
                  }
                  return count;
                }));
      }
      start.countDown();
      int sum = 0;
      for (Future<Integer> each : admitted) {
        sum += each.get();
      }
      assertThat(sum).isEqualTo(7_000);
      assertThat(nest[0].tokens(0)).isEqualTo(3_000);
    }
  }

  private record Admission(long nanos, long cost) {}

  /**
   * Random demand on every region, each with a clock that other threads' readings may be a little
   * ahead of.
   */
  private static List<Admission> run(long seed, List<String> regions, List<String> believed) {
    RandomGenerator random = new SplittableRandom(seed);
    List<Limit> limits = new ArrayList<>();
    for (String region : regions) {
      List<String> own = believed.isEmpty() ? List.of(region) : believed;
      limits.add(new Limiter(region, own, region + "#1", true).limit(tenant(), 3, 0));
    }
    List<Admission> admissions = new ArrayList<>();
    long now = 0;
    while (now < 20 * SECOND) {
      now += random.nextLong(0, random.nextBoolean() ? SECOND / 50 : SECOND / 3);
      int region = random.nextInt(regions.size());
      long cost = random.nextLong(1, 4);
      int burst = random.nextInt(1, 20);
      for (int i = 0; i < burst; i++) {
        if (limits.get(region).take(cost, Math.max(0, now - random.nextLong(0, 1000))) >= 0) {
          admissions.add(new Admission(now, cost));
        }
      }
    }
    return admissions;
  }

  /**
   * The largest excess over burst + rate × time over all intervals, in tokens; at most 0 where the
   * limit held.
   */
  private static double breach(List<Admission> admissions, double rate, double burst) {
    double worst = Double.NEGATIVE_INFINITY;
    double lowest = Double.POSITIVE_INFINITY;
    double sum = 0;
    for (Admission each : admissions) {
      // Over [t0, t1]: sum(t1) − before(t0) − rate × (t1 − t0) − burst; before(t0) is what came
      // earlier than t0.
      lowest = Math.min(lowest, sum - rate * each.nanos / SECOND);
      sum += each.cost;
      worst = Math.max(worst, sum - rate * each.nanos / SECOND - lowest - burst);
    }
    return worst - 1e-6;
  }

  private static List<Limit> limits(List<String> regions) {
    return regions.stream()
        .map(region -> new Limiter(region, regions, region + "#1", true).limit(tenant(), 1, 0))
        .toList();
  }

  private static Limiter alone() {
    return new Limiter("r", List.of("r"), "r#1", true);
  }

  private static LimitSpec tenant() {
    return spec("tenant/t", LimitSpec.Level.TENANT, 60, 60);
  }

  private static LimitSpec spec(String id, LimitSpec.Level level, long rate, long burst) {
    return new LimitSpec(id, level, rate * 1000, burst);
  }
}
