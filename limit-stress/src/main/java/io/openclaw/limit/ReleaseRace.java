package io.openclaw.limit;

import io.openclaw.domain.LimitSpec;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A lease is stopped and others are told, while a request is admitted and confirmed; by their
 * clocks at the same instant.
 */
@JCStressTest
@Outcome(id = "true, true", expect = Expect.FORBIDDEN, desc = "spent after others were told")
@Outcome(expect = Expect.ACCEPTABLE, desc = "spent before, or not at all")
@State
public class ReleaseRace {
  private static final long STOPPED = 100;

  private final Limiter limiter = RacedLimits.limiter();
  private final Lease lease = new Lease(0, 1000);
  private final Limit limit;
  private volatile boolean told;

  /** All its rights are under one lease that can be stopped. */
  public ReleaseRace() {
    RacedLimits.common(limiter, 9, lease, 64);
    limit = limiter.limit(new LimitSpec(RacedLimits.ID, LimitSpec.Level.TENANT, 1000, 64), 1, 0);
  }

  /** A request; between its admission and its confirmation anything may happen. */
  @Actor
  public void request(ZZ_Result result) {
    if (limiter.admit(limit, 1, STOPPED) instanceof Decision.Admitted admitted) {
      result.r1 = told;
      result.r2 = limiter.confirm(limit, admitted, 1, STOPPED + 1);
    }
  }

  /** The mesh, as in {@link Holder#release}. */
  @Actor
  public void release() {
    lease.stop(STOPPED);
    RacedLimits.common(limiter, 10, lease, 0);
    told = true;
  }
}
