package io.openclaw.limit;

import io.openclaw.domain.LimitSpec;
import java.math.BigInteger;

/**
 * How a share earns tokens, in exact integer arithmetic.
 *
 * <p>The unit is the nano-token (10⁻⁹ token). In {@code dt} nanoseconds a share earns {@code dt ×
 * milliRate × numerator / (1000 × denominator)} nano-tokens; the remainder of the division is
 * carried, so that no rate and no frequency of calls loses any.
 */
record Accrual(long capNano, long multiplier, long divisor, long fillNanos) {
  static final long NANO = 1_000_000_000L;

  static Accrual of(LimitSpec limit, Share share) {
    long cap = Math.multiplyExact(share.capTokens(), NANO);
    long multiplier = Math.multiplyExact(limit.milliTokensPerSecond(), share.numerator());
    long divisor = 1000L * share.denominator();
    return new Accrual(
        cap,
        multiplier,
        divisor,
        multiplier == 0 ? Long.MAX_VALUE : nanosToEarn(cap, multiplier, divisor));
  }

  /** Nanoseconds until {@code nanoTokens} are earned, rounded up. */
  long nanosToEarn(long nanoTokens) {
    return nanosToEarn(nanoTokens, multiplier, divisor);
  }

  private static long nanosToEarn(long nanoTokens, long multiplier, long divisor) {
    if (multiplier == 0) {
      return Long.MAX_VALUE;
    }
    if (Math.multiplyHigh(nanoTokens, divisor) == 0 && nanoTokens * divisor >= 0) {
      return Math.ceilDiv(nanoTokens * divisor, multiplier);
    }
    BigInteger nanos =
        BigInteger.valueOf(nanoTokens)
            .multiply(BigInteger.valueOf(divisor))
            .add(BigInteger.valueOf(multiplier - 1))
            .divide(BigInteger.valueOf(multiplier));
    return nanos.bitLength() < Long.SIZE ? nanos.longValue() : Long.MAX_VALUE;
  }

  /** The bucket after {@code dt} nanoseconds, at most full; overflow is lost. */
  TokenBucket accrue(TokenBucket bucket, long dt) {
    long now = bucket.atNanos() + dt;
    if (dt >= fillNanos) {
      return new TokenBucket(capNano, 0, now);
    }
    long earned;
    long remainder;
    long product = multiplier * dt;
    if (Math.multiplyHigh(multiplier, dt) == 0
        && product >= 0
        && product <= Long.MAX_VALUE - divisor) {
      long total = product + bucket.remainder();
      earned = total / divisor;
      remainder = total - earned * divisor;
    } else {
      BigInteger[] parts =
          BigInteger.valueOf(multiplier)
              .multiply(BigInteger.valueOf(dt))
              .add(BigInteger.valueOf(bucket.remainder()))
              .divideAndRemainder(BigInteger.valueOf(divisor));
      earned = parts[0].longValueExact(); // dt < fillNanos, so it is at most the cap
      remainder = parts[1].longValueExact();
    }
    long level = bucket.levelNano() + earned; // both at most 10^18
    return level >= capNano
        ? new TokenBucket(capNano, 0, now)
        : new TokenBucket(level, remainder, now);
  }
}
