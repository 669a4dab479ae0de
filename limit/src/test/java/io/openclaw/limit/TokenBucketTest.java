package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.LimitSpec;
import java.math.BigInteger;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The arithmetic of accrual, against a slow exact model. */
class TokenBucketTest {
  private static final long SECOND = 1_000_000_000L;
  private static final TokenBucket EMPTY = TokenBucket.starting(0, 0, Rights.nothing(1));

  @Test
  void earns_exactly_its_rate_whatever_the_rhythm_of_calls() {
    for (long seed = 1; seed <= 300; seed++) {
      RandomGenerator random = new SplittableRandom(seed);
      Accrual accrual = randomAccrual(random);
      TokenBucket bucket = EMPTY;
      Exact exact = new Exact(accrual);
      for (int step = 0; step < 200; step++) {
        long dt = step(random, accrual);
        bucket = accrual.accrue(bucket, dt);
        exact.accrue(dt);
        long cost = random.nextLong(0, 4);
        if (bucket.levelNano() >= cost * Accrual.NANO) {
          bucket = bucket.spend(cost);
          exact.spend(cost);
        }
        assertThat(bucket.levelNano())
            .as("seed %d step %d of %s", seed, step, accrual)
            .isEqualTo(exact.levelNano());
      }
    }
  }

  @Test
  void a_remainder_that_is_dropped_is_noticed() {
    // The planted bug: without the carried remainder a slow limit asked often earns nothing at all.
    Accrual accrual = third(1, 3);
    TokenBucket carried = EMPTY;
    TokenBucket dropped = EMPTY;
    for (int i = 0; i < 1_000_000; i++) {
      carried = accrual.accrue(carried, 1000);
      TokenBucket next = accrual.accrue(dropped, 1000);
      dropped = TokenBucket.starting(next.levelNano(), next.atNanos(), next.rights());
    }
    assertThat(carried.levelNano())
        .isEqualTo(333_333); // one second of a third of 0.001 tokens per second
    assertThat(dropped.levelNano()).isZero();
  }

  @Test
  void is_never_fuller_than_its_cap_and_a_long_sleep_only_fills_it() {
    Accrual accrual = third(60_000, 20);
    TokenBucket empty = EMPTY;
    assertThat(accrual.accrue(empty, Long.MAX_VALUE / 2).tokens()).isEqualTo(20);
    assertThat(accrual.accrue(empty, SECOND).tokens()).isEqualTo(20);
    assertThat(accrual.accrue(empty, SECOND - 1).tokens()).isEqualTo(19);
    assertThat(accrual.accrue(empty, SECOND / 20 - 1).tokens()).isZero();
    assertThat(accrual.accrue(empty, SECOND / 20).tokens()).isEqualTo(1);
  }

  @Test
  void the_largest_limit_does_not_overflow() {
    Accrual accrual =
        Accrual.of(LimitSpec.BURST_MAX * Accrual.NANO, LimitSpec.RATE_MAX * 1000, 1000);
    TokenBucket bucket = accrual.accrue(EMPTY, 5 * SECOND);
    assertThat(bucket.tokens()).isEqualTo(5 * LimitSpec.RATE_MAX);
    assertThat(accrual.accrue(bucket, 60 * SECOND).tokens()).isEqualTo(LimitSpec.BURST_MAX);
  }

  @Test
  void waiting_as_long_as_it_says_is_enough_and_a_nanosecond_less_is_not() {
    for (long seed = 1; seed <= 500; seed++) {
      Accrual accrual = randomAccrual(new SplittableRandom(seed));
      long wanted = Math.min(Accrual.NANO, accrual.capNano());
      long wait = accrual.nanosToEarn(wanted);
      TokenBucket empty = EMPTY;
      assertThat(accrual.accrue(empty, wait).levelNano())
          .as("seed %d", seed)
          .isGreaterThanOrEqualTo(wanted);
      assertThat(accrual.accrue(empty, wait - 1).levelNano())
          .as("seed %d", seed)
          .isLessThan(wanted);
    }
  }

  private static long step(RandomGenerator random, Accrual accrual) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextLong(0, 1000);
      case 1 -> random.nextLong(0, SECOND);
      case 2 -> random.nextLong(0, 3600 * SECOND);
      default ->
          Math.max(
              0,
              Math.min(accrual.nanosToEarn(accrual.capNano()), 1L << 60) + random.nextLong(-2, 3));
    };
  }

  private static Accrual randomAccrual(RandomGenerator random) {
    long milli = Math.max(1, (long) Math.pow(10, random.nextDouble(0, 11)));
    long burst = Math.max(1, (long) Math.pow(10, random.nextDouble(0, 9)));
    int regions = random.nextInt(1, 10);
    long cap = Math.max(1, burst / regions);
    return Accrual.of(cap * Accrual.NANO, milli, 1000L * regions);
  }

  /** A third of a rate, in thousandths of a token per second. */
  private static Accrual third(long milliPerSecond, long cap) {
    return Accrual.of(cap * Accrual.NANO, milliPerSecond, 3000);
  }

  /** The level in units of 1/divisor nano-tokens, without rounding and without bounds. */
  private static final class Exact {
    private final BigInteger cap;
    private final BigInteger multiplier;
    private final BigInteger divisor;
    private BigInteger level = BigInteger.ZERO;

    Exact(Accrual accrual) {
      divisor = BigInteger.valueOf(accrual.divisor());
      multiplier =
          BigInteger.valueOf(accrual.whole())
              .multiply(divisor)
              .add(BigInteger.valueOf(accrual.part()));
      cap = BigInteger.valueOf(accrual.capNano()).multiply(divisor);
    }

    void accrue(long dt) {
      level = level.add(multiplier.multiply(BigInteger.valueOf(dt))).min(cap);
    }

    void spend(long cost) {
      level =
          level.subtract(
              BigInteger.valueOf(cost)
                  .multiply(BigInteger.valueOf(Accrual.NANO))
                  .multiply(divisor));
    }

    long levelNano() {
      return level.divide(divisor).longValueExact();
    }
  }
}
