package io.openclaw.jmh;

import com.google.common.util.concurrent.RateLimiter;

/** Guava's limiter, which takes a lock; it keeps time in microseconds and starts empty. */
final class GuavaPeer implements Peer<RateLimiter> {
  @Override
  public RateLimiter bucket(String id, boolean generous) {
    return RateLimiter.create(generous ? GENEROUS_RATE : 1.0 / SPENT_SECONDS);
  }

  @Override
  public Object decide(RateLimiter bucket, KeySequence caller) {
    return bucket.tryAcquire();
  }
}
