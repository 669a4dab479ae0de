package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.edge.Answered;
import io.openclaw.edge.EdgeMetrics;
import io.openclaw.release.Outcomes;
import io.openclaw.release.RegionRow.Health;
import io.openclaw.release.RegionRow.Soak;
import io.openclaw.release.ReleaseRef;
import io.openclaw.release.SoakGate;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts how this region's requests end, remembers the last five minutes of it, and says how a
 * release does that soaks here, against the time before. Thread-safe.
 */
final class SoakMeter implements EdgeMetrics {
  /** How far back the time before a soak begins, where the region is that old. */
  private static final int SECONDS_BEFORE = 300;

  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final long JUDGE_NANOS = SECOND_NANOS / 5;

  private final EdgeMetrics next;
  private final Supplier<ReleaseRef> serves;
  private final Clock clock;
  private final Outcomes.Meter meter = new Outcomes.Meter();
  private final Deque<Outcomes> seconds = new ArrayDeque<>();
  private ReleaseRef soaking = ReleaseRef.NONE;
  private @Nullable Outcomes before;
  private Outcomes from = Outcomes.NONE;
  private long secondNanos;
  private Soak verdict = Soak.NONE;
  private long verdictNanos;

  /**
   * @param next told of every answer, too
   * @param serves the release that is served
   */
  SoakMeter(EdgeMetrics next, Supplier<ReleaseRef> serves, Clock clock) {
    this.next = next;
    this.serves = serves;
    this.clock = clock;
    seconds.add(Outcomes.NONE);
    secondNanos = clock.nanoTime();
  }

  @Override
  public void answered(Answered answered, long latencyNanos) {
    next.answered(answered, latencyNanos);
    // Where a fallback answered the model failed: a release must not pass because of that.
    meter.count(
        answered.variant().equals(Answered.FALLBACK)
            ? Outcomes.Kind.FAILED
            : kind(answered.problem()),
        latencyNanos);
  }

  private static Outcomes.Kind kind(@Nullable Problem problem) {
    if (problem == null) {
      return Outcomes.Kind.RATED;
    }
    if (problem.type() == ProblemType.LIMIT_EXCEEDED) {
      return Outcomes.Kind.DENIED;
    }
    return problem.type().status() >= 500 ? Outcomes.Kind.FAILED : Outcomes.Kind.REFUSED;
  }

  /** Remembers; to be called about once a second or more often. */
  synchronized void tick() {
    long nowNanos = clock.nanoTime();
    if (nowNanos - secondNanos >= SECOND_NANOS) {
      secondNanos = nowNanos;
      seconds.addLast(meter.total());
      if (seconds.size() > SECONDS_BEFORE) {
        seconds.removeFirst();
      }
    }
  }

  /** How a candidate does, from the first call since it is served; judged five times a second. */
  synchronized Soak judge(ReleaseRef candidate) {
    if (!serves.get().equals(candidate)) {
      before = null;
      return new Soak(candidate, Health.INSUFFICIENT, "not served yet");
    }
    long nowNanos = clock.nanoTime();
    boolean begins = before == null || !soaking.equals(candidate);
    if (before == null || begins) {
      soaking = candidate;
      from = meter.total();
      before = from.since(seconds.getFirst());
    }
    if (begins || nowNanos - verdictNanos >= JUDGE_NANOS) {
      SoakGate.Verdict found = SoakGate.judge(before, meter.total().since(from));
      verdict = new Soak(candidate, found.health(), found.detail());
      verdictNanos = nowNanos;
    }
    return verdict;
  }
}
