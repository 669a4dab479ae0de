package io.openclaw.bench;

/** Begins a request whenever one has ended, on as many connections as asked for. */
final class ClosedLoop implements Loop {
  /** After a failure, so that a dead server is not dialled in a busy loop. */
  static final long PAUSE_NANOS = 10_000_000;

  private final LoadPlan plan;
  private final Host host;
  private final int bodies;
  private long sequence;
  private long recorded;

  ClosedLoop(LoadPlan plan, Host host) {
    this.plan = plan;
    this.host = host;
    this.bodies = Math.max(1, plan.template().bodies().size());
  }

  @Override
  public void start() {
    if (plan.durationNanos() != LoadPlan.UNLIMITED) {
      host.after(plan.warmupNanos() + plan.durationNanos(), host::sendingIsOver);
    }
    for (int i = 0; i < plan.pace().connections(); i++) {
      next(i % plan.targets().size());
    }
  }

  private void next(int target) {
    long now = host.nowNanos();
    boolean counts = now >= plan.warmupNanos();
    if (recorded == plan.requestsMax()
        || (plan.durationNanos() != LoadPlan.UNLIMITED
            && now - plan.warmupNanos() >= plan.durationNanos())) {
      host.sendingIsOver();
      return;
    }
    recorded += counts ? 1 : 0;
    host.begin(target, (int) (sequence++ % bodies), now, counts);
  }

  @Override
  public void ended(Exchange exchange, Outcome outcome) {
    switch (outcome) {
      case Outcome.Answered a -> next(exchange.target);
      case Outcome.Failed f -> host.after(PAUSE_NANOS, () -> next(exchange.target));
      case Outcome.Aborted a -> {}
    }
  }

  @Override
  public long plannedEndNanos() {
    return 0;
  }
}
