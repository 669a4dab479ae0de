package io.openclaw.limit;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** One thread spends a token, takes one more and gives it back; another loses half the blocks. */
@JCStressTest
@Outcome(
    id = {"0, 0", "1, 0"},
    expect = Expect.ACCEPTABLE,
    desc = "no token came from nowhere")
@Outcome(expect = Expect.FORBIDDEN, desc = "more than the blocks hold, or the books do not balance")
@State
public class GiveBackRace {
  private final Limit limit = RacedLimits.full(RacedLimits.limiter(), 2);
  private final Lease lease = new Lease(0, RacedLimits.FAR_NANOS);

  /** A request, and one with a nest whose inner limit said no. */
  @Actor
  public void requests() {
    limit.take(1, 0);
    TokenBucket taken = limit.take(1, 0);
    if (taken != null) {
      limit.giveBack(taken, 1, 0);
    }
  }

  /** The mesh. */
  @Actor
  public void lost() {
    limit.rights(RacedLimits.rights(10, lease, 32), 0);
  }

  /** What is left, and what is missing in the books. */
  @Arbiter
  public void books(JJ_Result result) {
    result.r1 = limit.tokens(0);
    result.r2 = Math.round(limit.imbalance() * 1000);
  }
}
