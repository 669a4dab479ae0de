package io.openclaw.router;

import io.openclaw.domain.Clock;
import io.openclaw.steer.Elsewhere;
import io.openclaw.steer.HealthChange;
import io.openclaw.steer.HealthView;
import io.openclaw.steer.RegionHealth;
import io.openclaw.steer.RetryBudget;
import io.openclaw.tls.Certificates;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntConsumer;

/** What the router's event loops share: the regions' health, the retry budget, the counters. */
final class Fleet {
  /** A region that is back sooner was hardly away: it was taken out by mistake. */
  private static final long FALSE_NANOS_MAX = 1_000_000_000L;

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

  /** Clients' connections. */
  final AtomicInteger connections = new AtomicInteger();

  /** Bytes of requests that are held so that another region can get them. */
  private final AtomicLong bodies = new AtomicLong();

  volatile boolean closing;
  private final Disturbance disturbance = new Disturbance();
  private final AtomicLongArray outNanos;
  private final List<IntConsumer> whenOut = new CopyOnWriteArrayList<>();

  Fleet(RouterSettings settings, RouterTls tls, Clock clock, RouterMetrics metrics) {
    this.settings = settings;
    this.tls = tls;
    this.clock = clock;
    this.metrics = metrics;
    long now = clock.nanoTime();
    this.view = new HealthView(List.copyOf(settings.regions().keySet()), settings.health(), now);
    this.outNanos = new AtomicLongArray(view.size());
    this.budget = new RetryBudget(now);
    this.diversions = new RetryBudget(now);
  }

  /** Takes room for a part of a body; false, and then none is taken, where there is not enough. */
  boolean hold(int bytes) {
    if (bodies.addAndGet(bytes) <= settings.bounds().bodiesBytes()) {
      return true;
    }
    bodies.addAndGet(-bytes);
    return false;
  }

  /** Gives room back. */
  void release(int bytes) {
    bodies.addAndGet(-bytes);
  }

  long heldBytes() {
    return bodies.get();
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

  /** A request is about to be tried again. */
  void retried(RetryReason reason) {
    metrics.retry(reason);
    if (reason != RetryReason.HEDGE) {
      disturbance.failed(clock.nanoTime());
    }
  }

  /** To be called now and then: says to the metrics when a disturbance is over. */
  void look() {
    long lasted = disturbance.over(clock.nanoTime());
    if (lasted != Disturbance.NONE_OVER) {
      metrics.steady(lasted);
    }
  }

  /** Acts on what an observation did to a region. */
  void observed(int region, HealthChange change) {
    switch (change) {
      case NONE, FOUND, MISSING -> {}
      case RESTORED -> {
        long away = view.health(region).sinceNanos() - outNanos.get(region);
        metrics.restored(view.name(region), away < FALSE_NANOS_MAX);
      }
      case EJECTED, DRAINED -> {
        RegionHealth health = view.health(region);
        outNanos.set(region, health.sinceNanos());
        long detected = health.draining() ? 0 : health.sinceNanos() - health.goodNanos();
        metrics.ejected(view.name(region), Math.max(0, detected));
        whenOut.forEach(listener -> listener.accept(region));
      }
    }
  }
}
