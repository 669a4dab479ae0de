package io.openclaw.limit;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** Two threads want the last token: one gets it. */
@JCStressTest
@Outcome(
    id = {"0, -1", "-1, 0"},
    expect = Expect.ACCEPTABLE,
    desc = "one got it")
@Outcome(expect = Expect.FORBIDDEN, desc = "both got it, or none")
@State
public class TakeRace {
  private final Limit limit = RacedLimits.full(RacedLimits.limiter(), 1);

  /** One thread. */
  @Actor
  public void first(JJ_Result result) {
    result.r1 = RacedLimits.left(limit.take(1, 0));
  }

  /** The other. */
  @Actor
  public void second(JJ_Result result) {
    result.r2 = RacedLimits.left(limit.take(1, 0));
  }
}
