package io.openclaw.limit;

import java.math.BigInteger;

/**
 * How a holding earns tokens, in exact integer arithmetic.
 *
 * <p>The unit is the nano-token (10⁻⁹ token). In {@code dt} nanoseconds a holding earns {@code dt ×
 * multiplier / divisor} nano-tokens; the remainder of the division is carried, so that no rate and
 * no frequency of calls loses any. All holdings of one limit have the same divisor.
 *
 * @param capNano the most nano-tokens held at once, at most 10¹⁸
 * @param whole nano-tokens per nanosecond, the whole part
 * @param part the rest, in divisor-ths
 */
record Accrual(long capNano, long whole, long part, long divisor, long dtMax) {
  static final long NANO = 1_000_000_000L;

  /** Longer times are reckoned with: a bucket that was left alone for a year is not special. */
  private static final long DT_NANOS_MAX = Long.MAX_VALUE / 4;

  /**
   * A holding's accrual.
   *
   * @param multiplier nano-tokens in {@code divisor} nanoseconds
   */
  static Accrual of(long capNano, long multiplier, long divisor) {
    return of(capNano, BigInteger.valueOf(multiplier), divisor);
  }

  /** As above, where the multiplier may be larger than a long; its whole part is not. */
  static Accrual of(long capNano, BigInteger multiplier, long divisor) {
    BigInteger[] parts = multiplier.divideAndRemainder(BigInteger.valueOf(divisor));
    long whole = parts[0].longValueExact();
    long part = parts[1].longValueExact();
    // Up to dtMax nothing here overflows: part × dt + remainder and level + earned fit.
    long dtPart = part == 0 ? DT_NANOS_MAX : (Long.MAX_VALUE - divisor) / part;
    long dtWhole = whole == 0 ? DT_NANOS_MAX : Long.MAX_VALUE / 4 / (whole + 1);
    return new Accrual(capNano, whole, part, divisor, Math.min(dtPart, dtWhole));
  }

  boolean isNothing() {
    return whole == 0 && part == 0;
  }

  /** Nanoseconds until {@code nanoTokens} are earned, rounded up. */
  long nanosToEarn(long nanoTokens) {
    if (isNothing()) {
      return Long.MAX_VALUE;
    }
    if (nanoTokens <= 0) {
      return 0;
    }
    if (whole == 0 && nanoTokens <= (Long.MAX_VALUE - part) / divisor) {
      return Math.ceilDiv(nanoTokens * divisor, part);
    }
    BigInteger multiplier =
        BigInteger.valueOf(whole)
            .multiply(BigInteger.valueOf(divisor))
            .add(BigInteger.valueOf(part));
    BigInteger nanos =
        BigInteger.valueOf(nanoTokens)
            .multiply(BigInteger.valueOf(divisor))
            .add(multiplier)
            .subtract(BigInteger.ONE)
            .divide(multiplier);
    return nanos.bitLength() < Long.SIZE ? nanos.longValue() : Long.MAX_VALUE;
  }

  /** The bucket after {@code dt} nanoseconds, 0 or more; what it cannot hold is burned. */
  TokenBucket accrue(TokenBucket bucket, long dt) {
    return accrue(bucket, dt, 0);
  }

  /** As above, with {@code cost} tokens spent at the end, whether they are there or not. */
  TokenBucket accrue(TokenBucket bucket, long dt, long cost) {
    if (dt > dtMax) {
      return accrueLong(bucket, dt).spend(cost);
    }
    long now = bucket.atNanos() + dt;
    long total = part * dt + bucket.remainder();
    long fraction = total < divisor ? 0 : total / divisor; // a division is most of the cost
    long earned = whole * dt + fraction;
    long level = bucket.levelNano() + earned;
    long minted = bucket.mintedNano() + earned;
    return level < capNano
        ? new TokenBucket(
            level - cost * NANO,
            total - fraction * divisor,
            now,
            minted,
            bucket.burnedNano(),
            bucket.spent() + cost,
            bucket.rights())
        : new TokenBucket(
            capNano - cost * NANO,
            0,
            now,
            minted,
            bucket.burnedNano() + level - capNano,
            bucket.spent() + cost,
            bucket.rights());
  }

  /** So long that the products overflow: the bucket is full, or the rate is tiny. */
  private TokenBucket accrueLong(TokenBucket bucket, long dt) {
    TokenBucket after = bucket;
    long left = dt;
    // A few steps fill any bucket that can be filled; the overflow beyond is not counted.
    for (int step = 0; step < 64 && left > 0 && after.levelNano() < capNano; step++) {
      long stepNanos = Math.min(left, dtMax);
      after = accrue(after, stepNanos);
      left -= stepNanos;
    }
    if (left > 0 && after.levelNano() < capNano) {
      BigInteger[] parts =
          BigInteger.valueOf(part)
              .multiply(BigInteger.valueOf(left))
              .add(BigInteger.valueOf(after.remainder()))
              .divideAndRemainder(BigInteger.valueOf(divisor));
      BigInteger earned =
          parts[0].add(BigInteger.valueOf(whole).multiply(BigInteger.valueOf(left)));
      BigInteger room = BigInteger.valueOf(capNano).subtract(BigInteger.valueOf(after.levelNano()));
      long kept = earned.min(room).longValueExact();
      boolean full = earned.compareTo(room) >= 0;
      return new TokenBucket(
          after.levelNano() + kept,
          full ? 0 : parts[1].longValueExact(),
          bucket.atNanos() + dt,
          after.mintedNano() + kept,
          after.burnedNano(),
          after.spent(),
          after.rights());
    }
    return new TokenBucket(
        after.levelNano(),
        after.remainder(),
        bucket.atNanos() + dt,
        after.mintedNano(),
        after.burnedNano(),
        after.spent(),
        after.rights());
  }
}
