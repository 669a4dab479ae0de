package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.LimitSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Tokens that are given back, soon or late, are never more than if they had not been spent. */
class GiveBackTest {
  private static final long SECOND = 1_000_000_000L;
  private static final List<String> REGIONS = List.of("a", "b", "c");

  private static Limit alone(long perSecond, long burst) {
    LimitSpec spec = new LimitSpec("t", LimitSpec.Level.TENANT, perSecond * 1000, burst);
    return Limiter.alone("r", "r#1", true, 0).limit(spec, 1, 0);
  }

  private static TokenBucket take(Limit limit, long cost, long nowNanos) {
    return Objects.requireNonNull(limit.take(cost, nowNanos));
  }

  @Test
  void what_comes_back_soon_is_there_again() {
    Limit limit = alone(10, 10);
    take(limit, 2, 0);
    limit.giveBack(take(limit, 5, 0), 5, 0);
    assertThat(limit.tokens(0)).isEqualTo(8);
    TokenBucket taken = take(limit, 5, 0);
    limit.takeBack(taken, 5, SECOND / 10);
    assertThat(limit.tokens(SECOND / 10)).as("and one earned meanwhile").isEqualTo(9);
    taken = take(limit, 9, SECOND / 10);
    limit.takeBack(taken, 9, SECOND / 2);
    assertThat(limit.tokens(SECOND / 2)).isEqualTo(10);
    assertThat(limit.burned())
        .as("all that came back late, and what was minted for it")
        .isEqualTo(14);
    assertThat(limit.minted()).isEqualTo(26);
    assertThat(limit.spent()).isEqualTo(2);
    assertThat(limit.imbalance()).isZero();
  }

  @Test
  void what_many_requests_took_and_gave_back_at_once_leaves_room() {
    Limit limit = alone(10, 1000);
    take(limit, 500, 0);
    TokenBucket taken = take(limit, 1, 0);
    for (int i = 0; i < 100_000; i++) { // an inner limit says no
      limit.giveBack(take(limit, 1, i), 1, i);
    }
    limit.takeBack(taken, 1, 100_000);
    assertThat(limit.tokens(100_000)).isEqualTo(500);
  }

  @Test
  void under_load_what_comes_back_within_a_burst_is_there_again() {
    Limit limit = alone(1000, 2000);
    take(limit, 2000, 0);
    long now = 0;
    List<TokenBucket> taken = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      now = i * SECOND / 1000;
      taken.add(take(limit, 1, now));
    }
    now += SECOND;
    take(limit, 1000, now);
    for (TokenBucket each : taken) {
      limit.takeBack(each, 1, now);
    }
    assertThat(limit.tokens(now)).isEqualTo(100);
  }

  @Test
  void what_comes_back_after_the_bucket_was_full_is_burned() {
    Limit limit = alone(10, 10);
    TokenBucket taken = take(limit, 10, 0);
    take(limit, 10, SECOND);
    limit.takeBack(taken, 10, SECOND);
    assertThat(limit.take(1, SECOND)).isNull();
    assertThat(limit.spent()).isEqualTo(10);
    assertThat(limit.burned()).isEqualTo(10);
    assertThat(limit.imbalance()).isZero();
    TokenBucket longAgo = take(limit, 1, 2 * SECOND);
    take(limit, 10, 4000 * SECOND);
    limit.takeBack(longAgo, 1, 4000 * SECOND);
    assertThat(limit.take(1, 4000 * SECOND)).isNull();
  }

  @Test
  void what_comes_back_under_other_rights_is_burned() {
    Limiter limiter = new Limiter(LeaseSettings.of("a", REGIONS), "a#1", false, 0);
    LimitSpec spec = new LimitSpec("t", LimitSpec.Level.TENANT, 1000, 640);
    limiter.rights("t", Rights.of(9, true, List.of(new Rights.Part(new Lease(0, SECOND), 64))), 0);
    Limit limit = limiter.limit(spec, 1, 0);
    limit.take(0, SECOND / 2);
    long now = 900 * SECOND / 1000;
    TokenBucket ended = limit.take(0, now);
    limit.takeBack(Objects.requireNonNull(ended), 3, 2 * SECOND);
    assertThat(limit.burned()).as("its lease has ended").isGreaterThanOrEqualTo(3);
    TokenBucket moved = Objects.requireNonNull(limit.take(0, 2 * SECOND));
    Lease next = new Lease(2 * SECOND, 9 * SECOND);
    limiter.rights("t", Rights.of(10, true, List.of(new Rights.Part(next, 64))), 2 * SECOND);
    double before = limit.burned();
    limit.takeBack(moved, 3, 2 * SECOND);
    assertThat(limit.burned() - before).isEqualTo(3);
    assertThat(limit.imbalance()).isZero();
  }

  @Test
  void what_is_not_given_back_never_exceeds_the_limit() {
    for (long seed = 1; seed <= 2_000; seed++) {
      assertThat(excess(seed, false)).as("seed %d", seed).isLessThanOrEqualTo(1e-6);
    }
  }

  @Test
  void tokens_that_come_back_however_late_are_noticed() {
    int found = 0;
    for (long seed = 1; seed <= 200; seed++) {
      found += excess(seed, true) > 1e-6 ? 1 : 0;
    }
    assertThat(found).isGreaterThan(100);
  }

  private record Spent(TokenBucket after, long cost, long atNanos) {}

  /**
   * By how much what was spent for good exceeds the limit, over all intervals.
   *
   * @param clipped the planted bug: what comes back is put back as far as the bucket has room now
   */
  private static double excess(long seed, boolean clipped) {
    Random random = new Random(seed);
    int burst = 1 + random.nextInt(50);
    int perSecond = 1 + random.nextInt(100);
    Limit limit = alone(perSecond, burst);
    List<Spent> kept = new ArrayList<>();
    List<Spent> open = new ArrayList<>();
    long now = 0;
    for (int step = 0; step < 300; step++) {
      now += (long) (random.nextDouble() * SECOND * (random.nextInt(10) == 0 ? 1.0 : 0.02));
      if (!open.isEmpty() && random.nextInt(3) == 0) {
        Spent back = open.remove(random.nextInt(open.size()));
        long part = random.nextInt(4) == 0 ? random.nextLong(back.cost + 1) : back.cost;
        TokenBucket then = clipped ? limit.take(0, now) : back.after;
        limit.takeBack(then == null ? back.after : then, part, now);
        if (part < back.cost) {
          kept.add(new Spent(back.after, back.cost - part, back.atNanos));
        }
        continue;
      }
      if (random.nextInt(5) == 0) { // a nest whose inner limit says no
        TokenBucket at = limit.take(1, now);
        if (at != null) {
          limit.giveBack(at, 1, now);
        }
      }
      long cost = 1L + random.nextInt(Math.min(burst, 5));
      TokenBucket after = limit.take(cost, now);
      if (after != null) {
        (random.nextInt(2) == 0 ? open : kept).add(new Spent(after, cost, now));
      }
    }
    assertThat(limit.imbalance()).isZero();
    kept.addAll(open);
    return excess(kept, perSecond, burst);
  }

  /** A leaky bucket: the largest excess over burst + rate × time of any interval. */
  private static double excess(List<Spent> spent, double perSecond, double burst) {
    List<Spent> inOrder = new ArrayList<>(spent);
    inOrder.sort(java.util.Comparator.comparingLong(Spent::atNanos));
    double level = 0;
    double most = 0;
    long at = 0;
    for (Spent each : inOrder) {
      level = Math.max(0, level - (each.atNanos - at) / 1e9 * perSecond) + each.cost;
      at = each.atNanos;
      most = Math.max(most, level);
    }
    return most - burst;
  }
}
