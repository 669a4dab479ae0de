package io.openclaw.bench;

/**
 * Begins request i when it is due, in turn over the URLs, whatever became of those before. What
 * cannot be sent is counted, never put off silently.
 */
final class OpenLoop implements Loop {
  /** Requests begun before answers are looked at again, when the loop is behind. */
  private static final int BATCH = 64;

  private final LoadPlan plan;
  private final Pace.Open pace;
  private final Host host;
  private final Recorder recorder;
  private final int bodies;
  private final long firstRecorded;
  private final long end;
  private long next;

  OpenLoop(LoadPlan plan, Pace.Open pace, Host host, Recorder recorder) {
    this.plan = plan;
    this.pace = pace;
    this.host = host;
    this.recorder = recorder;
    this.bodies = Math.max(1, plan.template().bodies().size());
    this.firstRecorded = pace.dueWithin(plan.warmupNanos());
    long byTime =
        plan.durationNanos() == LoadPlan.UNLIMITED
            ? Long.MAX_VALUE
            : pace.dueWithin(plan.warmupNanos() + plan.durationNanos());
    long byCount =
        plan.requestsMax() == LoadPlan.UNLIMITED
            ? Long.MAX_VALUE
            : firstRecorded + plan.requestsMax();
    this.end = Math.min(byTime, byCount);
  }

  @Override
  public void start() {
    pump();
  }

  private void pump() {
    long now = host.nowNanos();
    for (int n = 0; n < BATCH && next < end && pace.dueNanos(next) <= now; n++) {
      dispatch(next++, now);
      now = host.nowNanos();
    }
    if (next == end) {
      host.sendingIsOver();
    } else {
      host.after(pace.dueNanos(next) - now, this::pump);
    }
  }

  private void dispatch(long index, long nowNanos) {
    long dueNanos = pace.dueNanos(index);
    boolean recorded = index >= firstRecorded;
    if (host.inFlight() >= pace.inFlightMax() || nowNanos - dueNanos >= plan.timeoutNanos()) {
      if (recorded) {
        recorder.unsent(dueNanos);
      }
      return;
    }
    int target = (int) (index % plan.targets().size());
    Exchange begun = host.begin(target, (int) (index % bodies), dueNanos, recorded);
    recorder.late(begun, nowNanos - dueNanos);
  }

  @Override
  public void ended(Exchange exchange, Outcome outcome) {
    // The next request does not depend on this one: that is the point of an open loop.
  }

  @Override
  public long plannedEndNanos() {
    return pace.dueNanos(end);
  }
}
