package io.openclaw.limit;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** The planted bug: others are told before what was taken is void; the same check must find it. */
@JCStressTest
@Outcome(id = "true, true", expect = Expect.FORBIDDEN, desc = "spent after others were told")
@Outcome(expect = Expect.ACCEPTABLE, desc = "spent before, or not at all")
@State
public class PlantedLateLoss {
  private static final long STOPPED = 100;

  private final Limiter limiter = RacedLimits.limiter();
  private final Limit limit = RacedLimits.full(limiter, 64);
  private volatile boolean told;

  /** A request. */
  @Actor
  public void request(ZZ_Result result) {
    if (limiter.admit(limit, 1, STOPPED) instanceof Decision.Admitted admitted) {
      result.r1 = told;
      result.r2 = limiter.confirm(limit, admitted, 1, STOPPED);
    }
  }

  /** The mesh. */
  @Actor
  public void release() {
    told = true;
    limit.rights(RacedLimits.rights(11, new Lease(0, 1000), 0), STOPPED);
  }
}
