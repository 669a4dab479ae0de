package io.openclaw.limit;

/**
 * A token bucket at one moment: a value that {@link Accrual} moves through time. After a spending
 * it is the admission too, where no other limit had to agree: so a request makes one object.
 *
 * <p>Source: the token bucket of RFC 2697, section 3, in fixed-point arithmetic. At every moment
 * minted = spent − returned + burned + level; what was returned is counted beside the bucket.
 *
 * @param levelNano nano-tokens held; below zero where a debt is to be repaid
 * @param remainder what the last division left, carried to the next
 * @param atNanos the monotonic time this holds for
 * @param mintedNano nano-tokens earned so far, those that were burned at once among them; wraps
 * @param burnedNano nano-tokens lost so far, to a full bucket or with a right that ended; wraps
 * @param spent whole tokens spent so far, those that were returned later among them: it only grows
 * @param rights the rights it was settled under
 */
record TokenBucket(
    long levelNano,
    long remainder,
    long atNanos,
    long mintedNano,
    long burnedNano,
    long spent,
    Rights rights)
    implements Decision.Admitted {

  /** A bucket of a new life. */
  static TokenBucket starting(long levelNano, long nowNanos, Rights rights) {
    return new TokenBucket(levelNano, 0, nowNanos, levelNano, 0, 0, rights);
  }

  /** This bucket with {@code cost} tokens spent; the caller has seen that they are there. */
  TokenBucket spend(long cost) {
    return new TokenBucket(
        levelNano - cost * Accrual.NANO,
        remainder,
        atNanos,
        mintedNano,
        burnedNano,
        spent + cost,
        rights);
  }

  /** This bucket with spent tokens put back that were not used; what has no room is burned. */
  TokenBucket giveBack(long cost, long roomNano) {
    long back = Math.clamp(roomNano, 0, cost * Accrual.NANO);
    return new TokenBucket(
        levelNano + back,
        remainder,
        atNanos,
        mintedNano,
        burnedNano + cost * Accrual.NANO - back,
        spent,
        rights);
  }

  /** The same with what was spent burned, and what has room minted anew. */
  TokenBucket takeBack(long cost, long roomNano) {
    long back = Math.clamp(roomNano, 0, cost * Accrual.NANO);
    return burn(cost).earn(back);
  }

  /** This bucket with tokens that were spent burned instead. */
  TokenBucket burn(long cost) {
    return new TokenBucket(
        levelNano, remainder, atNanos, mintedNano, burnedNano + cost * Accrual.NANO, spent, rights);
  }

  /** This bucket with {@code nano} earned besides its accrual; below zero for a debt. */
  TokenBucket earn(long nano) {
    return new TokenBucket(
        levelNano + nano, remainder, atNanos, mintedNano + nano, burnedNano, spent, rights);
  }

  /** This bucket with at most {@code capNano}; the rest is burned. */
  TokenBucket clip(long capNano) {
    return levelNano <= capNano
        ? this
        : new TokenBucket(
            capNano, 0, atNanos, mintedNano, burnedNano + levelNano - capNano, spent, rights);
  }

  /** This bucket under other rights. */
  TokenBucket under(Rights next) {
    return new TokenBucket(levelNano, remainder, atNanos, mintedNano, burnedNano, spent, next);
  }

  /** Whether a count that wraps has gone through a quarter of its range on the way to another. */
  boolean isFarFrom(TokenBucket after) {
    return ((mintedNano ^ after.mintedNano) | (burnedNano ^ after.burnedNano)) >>> 62 != 0;
  }

  @Override
  public long remaining(int index) {
    return tokens();
  }

  /** Whole tokens held; 0 while there is a debt. */
  long tokens() {
    return Math.max(0, levelNano / Accrual.NANO);
  }

  /** Earned less spent, burned and held: zero, or tokens came from nowhere. */
  long imbalanceNano(long returned) {
    return mintedNano - burnedNano - (spent - returned) * Accrual.NANO - levelNano;
  }
}
