package io.openclaw.jmh;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.ratelimiter.internal.AtomicRateLimiter;
import java.time.Duration;

/** resilience4j's lock-free limiter: so many permissions in each period, and no waiting. */
final class Resilience4jPeer implements Peer<RateLimiter> {
  private static final RateLimiterConfig GENEROUS = config(GENEROUS_RATE, Duration.ofSeconds(1));
  private static final RateLimiterConfig SPENT = config(1, Duration.ofSeconds(SPENT_SECONDS));

  @Override
  public RateLimiter bucket(String id, boolean generous) {
    return new AtomicRateLimiter(id, generous ? GENEROUS : SPENT);
  }

  @Override
  public Object decide(RateLimiter bucket, KeySequence caller) {
    return bucket.acquirePermission();
  }

  private static RateLimiterConfig config(int permissions, Duration period) {
    return RateLimiterConfig.custom()
        .limitForPeriod(permissions)
        .limitRefreshPeriod(period)
        .timeoutDuration(Duration.ZERO)
        .build();
  }
}
