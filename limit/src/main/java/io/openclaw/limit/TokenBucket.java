package io.openclaw.limit;

/**
 * A token bucket at one moment: a value that {@link Accrual} moves through time.
 *
 * <p>Source: the token bucket of RFC 2697, section 3, in fixed-point arithmetic.
 *
 * @param levelNano nano-tokens held, 0 to the cap
 * @param remainder what the last division left, carried to the next
 * @param atNanos the monotonic time this holds for
 */
record TokenBucket(long levelNano, long remainder, long atNanos) {

  /**
   * This bucket with {@code cost} whole tokens taken out; the caller has seen that they are there.
   */
  TokenBucket spend(long cost) {
    return new TokenBucket(levelNano - cost * Accrual.NANO, remainder, atNanos);
  }

  /** This bucket with tokens put back that were taken and not used, at most full. */
  TokenBucket giveBack(long cost, Accrual accrual) {
    return new TokenBucket(
        Math.min(accrual.capNano(), levelNano + cost * Accrual.NANO), remainder, atNanos);
  }

  boolean holds(long cost) {
    return levelNano >= cost * Accrual.NANO;
  }

  /** Whole tokens held. */
  long tokens() {
    return levelNano / Accrual.NANO;
  }
}
