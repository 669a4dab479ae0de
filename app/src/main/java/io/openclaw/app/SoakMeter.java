package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.edge.Answered;
import io.openclaw.edge.EdgeMetrics;
import io.openclaw.release.FleetState;
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
  private final SoakRatings ratings;
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
   * @param ratings how the ratings of changed models do
   */
  SoakMeter(EdgeMetrics next, Supplier<ReleaseRef> serves, SoakRatings ratings, Clock clock) {
    this.next = next;
    this.serves = serves;
    this.ratings = ratings;
    this.clock = clock;
    seconds.add(Outcomes.NONE);
    secondNanos = clock.nanoTime();
  }

  @Override
  public void answered(Answered answered, long latencyNanos) {
    next.answered(answered, latencyNanos);
    if (answered.variant().equals(Answered.REPLAY)) {
      return; // what was answered before says nothing of a release
    }
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

  /** The worse of the two; of equal ones what both say. */
  private static Soak together(ReleaseRef candidate, SoakGate.Verdict a, SoakGate.Verdict b) {
    if (a.health() == b.health()) {
      String both = b.detail().isEmpty() ? a.detail() : a.detail() + "; " + b.detail();
      return new Soak(candidate, a.health(), both);
    }
    boolean first = a.health() == Health.BREACH || (b.health() == Health.HEALTHY);
    return first
        ? new Soak(candidate, a.health(), a.detail())
        : new Soak(candidate, b.health(), b.detail());
  }

  /** How a candidate does, from the first call since it is served; judged five times a second. */
  synchronized Soak judge(FleetState state) {
    ReleaseRef candidate = state.candidate();
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
      SoakGate.Verdict ends = SoakGate.judge(before, meter.total().since(from));
      SoakGate.Verdict rated =
          state.drift()
              ? new SoakGate.Verdict(Health.HEALTHY, "ratings may differ")
              : ratings.judge();
      verdict = together(candidate, ends, rated);
      verdictNanos = nowNanos;
    }
    return verdict;
  }
}
