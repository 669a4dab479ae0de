package io.openclaw.release;

/**
 * What becomes of a canary: it runs until it is rolled back by a breach, promoted, or aborted, and
 * then stays what it became.
 *
 * <p>It is judged by all that was counted since its weight last changed, and by the newest one to
 * two windows of it, so that a canary that turns bad late is not saved by its past. Counts from
 * before a change of weight are not compared: the two versions would have seen different mixtures
 * of times. The chance of ever rolling back a canary that is as good as the stable version is at
 * most {@link #FALSE_ROLLBACKS}: half for the wholes, half for the windows, and of each the j-th
 * gets 6/(π²j²).
 *
 * <p>It is promoted when it has been healthy for the time its thresholds say, without a break: too
 * little to judge by, or a window without a request, starts that time anew.
 *
 * <p>Told the time, in nanoseconds of one monotonic clock. Not thread-safe.
 */
public final class CanaryDecision {
  /** How often a canary as good as the stable version is rolled back in its life, at most. */
  public static final double FALSE_ROLLBACKS = 0.001;

  /** A window is this part of the time to promotion. */
  private static final int WINDOWS = 10;

  private static final long WINDOW_NANOS_MIN = 10_000_000_000L;

  /** A window where nothing is promoted by itself. */
  private static final long WINDOW_NANOS_DEFAULT = 180_000_000_000L;

  /** What judges counts; {@link CanaryGuard} but in tests. */
  interface Judge {
    /**
     * Judges what was counted of one comparison so far.
     *
     * @param alpha the probability that any of all its verdicts on equal versions is a breach
     */
    CanaryVerdict judge(CanaryCounts counts, double alpha);
  }

  /** What has become of a canary. */
  public sealed interface State {
    /**
     * It rates its part of the requests.
     *
     * @param verdict the newest
     */
    record Running(CanaryVerdict verdict) implements State {}

    /** The stable version rates everything again, because of this. */
    record RolledBack(CanaryVerdict.Breach breach) implements State {}

    /** The canary is to be the stable version. */
    record Promoted() implements State {}

    /** A person ended it. */
    record Aborted(String reason) implements State {}
  }

  private final Judge judge;
  private final long promoteAfterNanos;
  private final long windowNanosLength;
  private State state = new State.Running(CanaryVerdict.Insufficient.few("looks", 0, 1));
  private CanaryCounts wholeFrom;
  private int wholes;
  private CanaryCounts earlierFrom;
  private CanaryCounts windowFrom;
  private long windowNanos;
  private int windows;
  private boolean healthy;
  private long healthyNanos;

  /** A canary that starts, or goes on after a restart: what was counted before is not judged. */
  public CanaryDecision(CanarySpec spec, CanaryCounts before, long nowNanos) {
    this(new CanaryGuard(spec), spec.thresholds(), before, nowNanos);
  }

  CanaryDecision(Judge judge, CanaryThresholds thresholds, CanaryCounts before, long nowNanos) {
    this.judge = judge;
    promoteAfterNanos = thresholds.promoteAfterNanos();
    windowNanosLength =
        promoteAfterNanos == 0
            ? WINDOW_NANOS_DEFAULT
            : Math.max(WINDOW_NANOS_MIN, promoteAfterNanos / WINDOWS);
    wholeFrom = before;
    earlierFrom = before;
    windowFrom = before;
    windowNanos = nowNanos;
  }

  /** What has become of it. */
  public State state() {
    return state;
  }

  /** How long it must stay healthy to be promoted; -1 where it is not, or never by itself. */
  public long untilPromotionNanos(long nowNanos) {
    return state instanceof State.Running && healthy && promoteAfterNanos > 0
        ? Math.max(0, promoteAfterNanos - (nowNanos - healthyNanos))
        : -1;
  }

  /** Judges by what all regions have counted by now; to be called each second or so. */
  public State look(CanaryCounts counts, long nowNanos) {
    if (state instanceof State.Running) {
      state = next(counts, nowNanos);
    }
    return state;
  }

  private State next(CanaryCounts counts, long nowNanos) {
    CanaryVerdict whole =
        judge.judge(counts.since(wholeFrom), FALSE_ROLLBACKS / 2 * CanaryGuard.spent(wholes));
    CanaryVerdict window =
        judge.judge(counts.since(earlierFrom), FALSE_ROLLBACKS / 2 * CanaryGuard.spent(windows));
    if (whole instanceof CanaryVerdict.Breach breach) {
      return new State.RolledBack(breach);
    }
    if (window instanceof CanaryVerdict.Breach breach) {
      return new State.RolledBack(breach);
    }
    boolean wasHealthy = healthy;
    healthy = whole instanceof CanaryVerdict.Healthy;
    if (nowNanos - windowNanos >= windowNanosLength) {
      healthy &= nextWindow(counts, nowNanos);
    }
    if (healthy && !wasHealthy) {
      healthyNanos = nowNanos;
    }
    if (healthy && promoteAfterNanos > 0 && nowNanos - healthyNanos >= promoteAfterNanos) {
      return new State.Promoted();
    }
    return new State.Running(whole);
  }

  /** Ends the window; false where one of the versions saw no request in it. */
  private boolean nextWindow(CanaryCounts counts, long nowNanos) {
    CanaryCounts window = counts.since(windowFrom);
    earlierFrom = windowFrom;
    windowFrom = counts;
    windowNanos = nowNanos;
    windows++;
    return window.requests(CanaryVariant.STABLE) > 0 && window.requests(CanaryVariant.CANARY) > 0;
  }

  /** The canary's weight changes: from here on it is compared anew. */
  public void weightChanged(CanaryCounts counts, long nowNanos) {
    wholeFrom = counts;
    wholes++;
    earlierFrom = counts;
    windowFrom = counts;
    windowNanos = nowNanos;
    windows++;
    healthy = false;
  }

  /** A person promotes it; what it became before stays. */
  public State promote() {
    return end(new State.Promoted());
  }

  /** A person ends it; what it became before stays. */
  public State abort(String reason) {
    return end(new State.Aborted(reason));
  }

  private State end(State end) {
    if (state instanceof State.Running) {
      state = end;
    }
    return state;
  }
}
