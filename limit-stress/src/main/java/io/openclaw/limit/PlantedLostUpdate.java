package io.openclaw.limit;

import java.util.concurrent.atomic.AtomicReference;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/**
 * The planted bug: a bucket that is read and then set, which {@link TakeRace}'s check must find.
 */
@JCStressTest
@Outcome(
    id = {"0, -1", "-1, 0"},
    expect = Expect.ACCEPTABLE,
    desc = "one got it")
@Outcome(expect = Expect.FORBIDDEN, desc = "both got it, or none")
@State
public class PlantedLostUpdate {
  private final AtomicReference<TokenBucket> bucket =
      new AtomicReference<>(TokenBucket.starting(Accrual.NANO, 0, Rights.nothing(1)));

  /** One thread. */
  @Actor
  public void first(JJ_Result result) {
    result.r1 = take();
  }

  /** The other. */
  @Actor
  public void second(JJ_Result result) {
    result.r2 = take();
  }

  private long take() {
    TokenBucket before = bucket.get();
    if (before.levelNano() < Accrual.NANO) {
      return -1;
    }
    TokenBucket after = before.spend(1);
    bucket.set(after);
    return after.tokens();
  }
}
