package io.openclaw.limit;

/**
 * A token bucket at one moment: a value that {@link Accrual} moves through time.
 *
 * <p>Source: the token bucket of RFC 2697, section 3, in fixed-point arithmetic.
 *
 * @param levelNano nano-tokens held; below zero where a debt is to be repaid
 * @param remainder what the last division left, carried to the next
 * @param atNanos the monotonic time this holds for
 * @param mintedNano nano-tokens earned so far, those that were burned at once among them; wraps
 * @param burnedNano nano-tokens lost so far, to a full bucket or with a right that ended; wraps
 * @param rights the rights it was settled under
 */
record TokenBucket(
    long levelNano, long remainder, long atNanos, long mintedNano, long burnedNano, Rights rights) {

  /** This bucket with {@code nano} taken out; the caller has seen that they are there. */
  TokenBucket spend(long nano) {
    return new TokenBucket(levelNano - nano, remainder, atNanos, mintedNano, burnedNano, rights);
  }

  /** This bucket with tokens put back that were taken and not used; what does not fit is burned. */
  TokenBucket giveBack(long nano, long capNano) {
    return new TokenBucket(levelNano + nano, remainder, atNanos, mintedNano, burnedNano, rights)
        .clip(capNano);
  }

  /** This bucket with at most {@code capNano}; the rest is burned. */
  TokenBucket clip(long capNano) {
    return levelNano <= capNano
        ? this
        : new TokenBucket(
            capNano, 0, atNanos, mintedNano, burnedNano + levelNano - capNano, rights);
  }

  /** This bucket under other rights. */
  TokenBucket under(Rights next) {
    return new TokenBucket(levelNano, remainder, atNanos, mintedNano, burnedNano, next);
  }

  /** Whole tokens held; 0 while there is a debt. */
  long tokens() {
    return Math.max(0, levelNano / Accrual.NANO);
  }
}
