package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.LimitSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReservationsTest {
  private static final long SECOND = 1_000_000_000L;

  private final Limiter limiter = Limiter.alone("r", "r#1", true, 0);
  private final Limit tenant = limit("tenant/t", LimitSpec.Level.TENANT, 100);
  private final Limit key = limit("key/k", LimitSpec.Level.KEY, 50);
  private final Nest nest = Nest.of(List.of(tenant, key));
  private final Reservations reservations = new Reservations(limiter);

  private Limit limit(String id, LimitSpec.Level level, long burst) {
    return limiter.limit(new LimitSpec(id, level, 10_000, burst), 1, 0);
  }

  private long reserve(long estimate) {
    return ((Reservations.Reserved.Granted) reservations.reserve(nest, estimate, SECOND, 0)).id();
  }

  @Test
  void what_was_not_used_is_given_back_to_every_limit() {
    long id = reserve(40);
    assertThat(key.tokens(0)).isEqualTo(10);
    assertThat(reservations.settle(id, 15, 0)).isTrue();
    assertThat(tenant.tokens(0)).isEqualTo(85);
    assertThat(key.tokens(0)).isEqualTo(35);
    assertThat(key.spent()).isEqualTo(15);
    assertThat(key.imbalance()).isZero();
  }

  @Test
  void what_was_used_beyond_is_spent_too_and_owed_where_it_is_not_there() {
    long id = reserve(40);
    assertThat(reservations.settle(id, 70, 0)).isTrue();
    assertThat(tenant.tokens(0)).isEqualTo(30);
    assertThat(key.tokens(0)).isZero();
    assertThat(key.debt(0)).isEqualTo(20);
    assertThat(reservations.reserve(nest, 1, SECOND, 2 * SECOND))
        .as("repaid first")
        .isInstanceOf(Reservations.Reserved.Refused.class);
    assertThat(reservations.reserve(nest, 1, SECOND, 3 * SECOND))
        .isInstanceOf(Reservations.Reserved.Granted.class);
    assertThat(key.imbalance()).isZero();
  }

  @Test
  void a_reservation_that_nobody_settles_expires_and_is_given_back_once() {
    long id = reserve(40);
    assertThat(reservations.expire(SECOND - 1)).isZero();
    assertThat(reservations.expire(SECOND)).isEqualTo(1);
    assertThat(reservations.settle(id, 40, SECOND)).as("too late").isFalse();
    assertThat(reservations.expire(SECOND)).isZero();
    assertThat(key.tokens(SECOND)).isEqualTo(50);
    assertThat(key.spent()).isZero();
    assertThat(reservations.open()).isZero();
  }

  @Test
  void a_limit_that_says_no_leaves_nothing_reserved() {
    assertThat(reservations.reserve(nest, 60, SECOND, 0))
        .isInstanceOfSatisfying(
            Reservations.Reserved.Refused.class,
            refused -> assertThat(refused.denial().by()).isSameAs(key));
    assertThat(tenant.tokens(0)).isEqualTo(100);
    assertThat(reservations.open()).isZero();
  }

  @Test
  void a_cost_below_zero_is_refused() {
    long id = reserve(10);
    assertThatThrownBy(() -> reservations.settle(id, -1, 0))
        .hasMessage("cost: -1 (expected: >= 0)");
    assertThat(reservations.open()).isEqualTo(1);
  }
}
