package io.openclaw.router;

import io.openclaw.domain.Clock;
import io.openclaw.steer.Elsewhere;
import io.openclaw.steer.HealthChange;
import io.openclaw.steer.HealthView;
import io.openclaw.steer.RetryBudget;
import io.openclaw.tls.Certificates;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** What the router's event loops share: the regions' health, the retry budget, the counters. */
final class Fleet {
  final RouterSettings settings;
  final RouterTls tls;
  final Clock clock;
  final RouterMetrics metrics;
  final HealthView view;
  final RetryBudget budget;

  /** Diversions have a budget of their own: a tenant over its limit must not use up failover's. */
  final RetryBudget diversions;

  final Elsewhere elsewhere = new Elsewhere();
  final AtomicInteger concurrent = new AtomicInteger();
  volatile boolean closing;
  private final List<IntConsumer> whenOut = new CopyOnWriteArrayList<>();

  Fleet(RouterSettings settings, RouterTls tls, Clock clock, RouterMetrics metrics) {
    this.settings = settings;
    this.tls = tls;
    this.clock = clock;
    this.metrics = metrics;
    long now = clock.nanoTime();
    this.view = new HealthView(List.copyOf(settings.regions().keySet()), settings.health(), now);
    this.budget = new RetryBudget(now);
    this.diversions = new RetryBudget(now);
  }

  /** {@code listener} is told the index of every region that leaves service, on any thread. */
  void whenOut(IntConsumer listener) {
    whenOut.add(listener);
  }

  /** Runs {@code action} after new certificates for the regions, on any thread. */
  void whenRenewed(Runnable action) {
    Certificates regions = tls.regions();
    if (regions != null) {
      regions.onChange(action);
    }
  }

  /** Acts on what an observation did to a region. */
  void observed(int region, HealthChange change) {
    switch (change) {
      case NONE, FOUND, MISSING -> {}
      case RESTORED -> metrics.restored(view.name(region));
      case EJECTED, DRAINED -> {
        metrics.ejected(view.name(region));
        whenOut.forEach(listener -> listener.accept(region));
      }
    }
  }
}
