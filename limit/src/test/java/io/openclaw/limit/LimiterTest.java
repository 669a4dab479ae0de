package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.LimitSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class LimiterTest {
  private static final long SECOND = 1_000_000_000L;
  private static final List<String> REGIONS =
      List.of("us-east-1", "eu-central-1", "ap-southeast-2");

  @Test
  void the_tenant_keeps_its_token_when_the_key_says_no() {
    Limiter limiter = alone();
    Limit tenant = limiter.limit(spec("tenant/t", LimitSpec.Level.TENANT, 1, 10), 1, 0);
    Limit key = limiter.limit(spec("key/k", LimitSpec.Level.KEY, 1, 2), 1, 0);
    Nest nest = Nest.of(List.of(tenant, key));
    for (int i = 0; i < 2; i++) {
      Decision.Admitted admitted = (Decision.Admitted) limiter.admit(nest, 1, 0);
      assertThat(limiter.confirm(nest, admitted, 1, 0)).isTrue();
    }
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
    limiter.admit(Nest.of(List.of(tenant, key)), 1, 0);
    assertThat(limiter.admit(Nest.of(List.of(tenant, key)), 1, 0))
        .isInstanceOfSatisfying(
            Decision.Denied.class, denied -> assertThat(denied.by()).isSameAs(tenant));
    assertThat(key.tokens(0)).isEqualTo(4);
  }

  @Test
  void a_region_without_a_lease_spends_only_its_floor() {
    Limiter limiter = new Limiter(LeaseSettings.of("us-east-1", REGIONS), "us-east-1#2", false, 0);
    Limit limit = limiter.limit(spec("tenant/t", LimitSpec.Level.TENANT, 300, 600), 1, 0);
    assertThat(limit.tokens(0)).isZero();
    assertThat(limit.share(0)).isEqualTo(0.01);
    assertThat(limit.tokens(SECOND)).isEqualTo(3);
    assertThat(limit.tokens(3600 * SECOND)).isEqualTo(6);
    Limit small = limiter.limit(spec("tenant/small", LimitSpec.Level.TENANT, 2, 2), 1, 0);
    assertThat(small.tokens(3600 * SECOND)).as("too small to be divided").isZero();
  }

  @Test
  void what_was_taken_before_a_right_ended_is_burned_when_it_is_acted_on_afterwards() {
    Limiter limiter = new Limiter(LeaseSettings.of("us-east-1", REGIONS), "us-east-1#2", false, 0);
    Limit limit = limiter.limit(tenant(), 1, 0);
    Lease lease = new Lease(0, SECOND);
    limiter.rights(limit.spec().id(), Rights.of(9, true, List.of(new Rights.Part(lease, 64))), 0);
    long almost = SECOND - 1;
    Decision.Admitted inTime = (Decision.Admitted) limiter.admit(limit, 1, almost);
    Decision.Admitted late = (Decision.Admitted) limiter.admit(limit, 1, almost);
    assertThat(limiter.confirm(limit, inTime, 1, almost)).isTrue();
    assertThat(limiter.confirm(limit, late, 1, SECOND)).isFalse();
    assertThat(limit.spent()).isEqualTo(1);
    assertThat(limit.tokens(SECOND)).as("without the blocks it cannot hold one").isZero();
    assertThat(limit.imbalance()).isEqualTo(0);
  }

  @Test
  void threads_that_ask_at_once_never_get_more_than_there_is() throws Exception {
    Limiter limiter = alone();
    Limit tenant = limiter.limit(spec("tenant/t", LimitSpec.Level.TENANT, 1, 10_000), 1, 0);
    Limit key = limiter.limit(spec("key/k", LimitSpec.Level.KEY, 1, 7_000), 1, 0);
    Nest nest = Nest.of(List.of(tenant, key));
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
      assertThat(tenant.tokens(0)).isEqualTo(3_000);
    }
  }

  @Test
  void what_was_minted_and_burned_is_counted_for_years() {
    LimitSpec most = spec("t", LimitSpec.Level.GLOBAL, LimitSpec.RATE_MAX, LimitSpec.BURST_MAX);
    Limit limit = Limiter.alone("r", "r#1", false, 0).limit(most, 1, 0);
    double before = 0;
    for (long seconds = 5; seconds <= 500; seconds += 5) {
      long now = seconds * SECOND;
      limit.take(1, now);
      if (seconds % 250 == 0) { // nobody looks for longer than the count needs to wrap
        assertThat(limit.minted()).isEqualTo(seconds * 1e8);
        assertThat(limit.burned()).isBetween(before, seconds * 1e8 - 9e8);
        before = limit.burned();
      }
      assertThat(limit.imbalance()).isZero();
    }
    assertThat(limit.minted() - limit.burned() - limit.spent())
        .isEqualTo((double) limit.tokens(500 * SECOND));
  }

  @Test
  void a_debt_of_a_former_life_is_minted_below_zero_and_no_overflow() {
    Limit limit = alone().limit(spec("t", LimitSpec.Level.TENANT, 10, 10), 1, 0);
    limit.owe(25);
    assertThat(limit.minted()).isEqualTo(-15);
    limit.take(1, 2 * SECOND);
    assertThat(limit.minted()).isEqualTo(5);
  }

  private static Limiter alone() {
    return Limiter.alone("r", "r#1", true, 0);
  }

  private static LimitSpec tenant() {
    return spec("tenant/t", LimitSpec.Level.TENANT, 60, 60);
  }

  private static LimitSpec spec(String id, LimitSpec.Level level, long rate, long burst) {
    return new LimitSpec(id, level, rate * 1000, burst);
  }
}
