package io.openclaw.jmh;

import io.openclaw.domain.LimitSpec;
import io.openclaw.limit.Decision;
import io.openclaw.limit.Limit;
import io.openclaw.limit.Limiter;

/**
 * The limiter of this program, as {@code edge} calls it: a nest of limits, here of one; the bucket
 * earns up to the time that the server read when the request arrived, here the one before it, and
 * after the decision the clock is read to see whether the right still holds.
 *
 * <p>One region holds the whole limit. What was spent is noted for the other regions, but nobody
 * collects it here.
 */
final class OpenClawPeer implements Peer<Limit> {
  private final Limiter limiter = Limiter.alone("here", "here#1", true, System.nanoTime());

  @Override
  public Limit bucket(String id, boolean generous) {
    LimitSpec spec =
        generous
            ? new LimitSpec(id, LimitSpec.Level.TENANT, GENEROUS_RATE * 1000L, LimitSpec.BURST_MAX)
            : new LimitSpec(id, LimitSpec.Level.TENANT, 1000 / SPENT_SECONDS, 1);
    return limiter.limit(spec, 1, System.nanoTime());
  }

  @Override
  public Object decide(Limit limit, KeySequence caller) {
    Decision decision = limiter.admit(limit, 1, caller.arrivedNanos);
    caller.arrivedNanos = System.nanoTime();
    if (decision instanceof Decision.Admitted admitted
        && !limiter.confirm(limit, admitted, 1, caller.arrivedNanos)) {
      throw new IllegalStateException("a right that needs no lease has ended");
    }
    return decision;
  }

  @Override
  public boolean admitted(Object decision) {
    return decision instanceof Decision.Admitted;
  }
}
