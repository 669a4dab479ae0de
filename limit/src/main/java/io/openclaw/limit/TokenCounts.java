package io.openclaw.limit;

import java.util.function.Supplier;

/**
 * What a bucket minted and burned in all. In the bucket these are nano-tokens in longs that wrap,
 * after 9.2 · 10⁹ tokens; here they are whole tokens and the rest apart. To be told to {@link
 * #follow} at least each time that a long has gone through a quarter of its range. Thread-safe.
 */
final class TokenCounts {
  private static final class Count {
    private long last;
    private long tokens;
    private long nano;

    void follow(long wrapping) {
      long more = wrapping - last;
      last = wrapping;
      nano += more % Accrual.NANO;
      tokens += more / Accrual.NANO + Math.floorDiv(nano, Accrual.NANO);
      nano = Math.floorMod(nano, Accrual.NANO);
    }

    double inTokens() {
      return tokens + nano / (double) Accrual.NANO;
    }
  }

  private final Supplier<TokenBucket> bucket;
  private final Count minted = new Count();
  private final Count burned = new Count();

  /**
   * @param bucket the newest, whose counts have not wrapped yet
   */
  TokenCounts(Supplier<TokenBucket> bucket) {
    this.bucket = bucket;
  }

  /** The bucket is read under the lock, so that no older one comes after a newer one. */
  synchronized void follow() {
    TokenBucket now = bucket.get();
    minted.follow(now.mintedNano());
    burned.follow(now.burnedNano());
  }

  synchronized double minted() {
    follow();
    return minted.inTokens();
  }

  synchronized double burned() {
    follow();
    return burned.inTokens();
  }
}
