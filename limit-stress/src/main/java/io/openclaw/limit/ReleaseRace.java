package io.openclaw.limit;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** A lease is stopped and others are told, while a request is admitted and confirmed. */
@JCStressTest
@Outcome(id = "true, true", expect = Expect.FORBIDDEN, desc = "spent after others were told")
@Outcome(expect = Expect.ACCEPTABLE, desc = "spent before, or not at all")
@State
public class ReleaseRace {
  private static final long STOPPED = 100;

  private final Limiter limiter = RacedLimits.limiter();
  private final Lease lease = new Lease(0, 1000);
  private final Limit limit = RacedLimits.full(limiter, 64);
  private final Limit[] nest = {limit};
  private volatile long clock = STOPPED - 1;
  private volatile boolean told;

  /** All its rights are under one lease that can be stopped. */
  public ReleaseRace() {
    limit.rights(RacedLimits.rights(10, lease, 64), 0);
  }

  /** A request; between its admission and its confirmation anything may happen. */
  @Actor
  public void request(ZZ_Result result) {
    if (limiter.admit(nest, 1, clock) instanceof Decision.Admitted admitted) {
      result.r1 = told;
      result.r2 = limiter.confirm(nest, admitted, 1, clock);
    }
  }

  /** The mesh, as in {@link Holder#release}. */
  @Actor
  public void release() {
    clock = STOPPED;
    lease.stop(STOPPED);
    limit.rights(RacedLimits.rights(11, lease, 0), STOPPED);
    limiter.lost();
    told = true;
  }
}
