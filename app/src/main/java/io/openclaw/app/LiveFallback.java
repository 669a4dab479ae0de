package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.FallbackSpec;
import io.openclaw.edge.CircuitBreaker;
import io.openclaw.edge.Fallback;
import io.openclaw.edge.FallbackService;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;

/**
 * A tenant's fallback that is served, with what was counted of it here and when it is probed next.
 * Thread-safe.
 */
final class LiveFallback {
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final String tenant;
  private final FallbackSpec spec;
  private final Secret secret;
  private final Fallback view;
  private final FallbackLog log;
  private final Clock clock;
  private final RandomGenerator random;
  private final Map<Fallback.End, LongAdder> ends = new EnumMap<>(Fallback.End.class);
  private CircuitBreaker.State shown = CircuitBreaker.State.CLOSED;
  private long sinceMillis;
  private long probeNanos;
  private boolean probing;

  LiveFallback(
      String tenant,
      FallbackSpec spec,
      Secret secret,
      FallbackService service,
      long deadlineNanos,
      FallbackLog log,
      Clock clock,
      RandomGenerator random) {
    this.tenant = tenant;
    this.spec = spec;
    this.secret = secret;
    this.log = log;
    this.clock = clock;
    this.random = random;
    for (Fallback.End end : Fallback.End.values()) {
      ends.put(end, new LongAdder());
    }
    this.view =
        new Fallback(
            service,
            new CircuitBreaker(random),
            spec.timeoutMillis(),
            deadlineNanos,
            this::ended,
            clock);
    this.sinceMillis = clock.wallMillis();
    this.probeNanos = clock.nanoTime();
  }

  private void ended(Fallback.End end, String requestId, String why) {
    java.util.Objects.requireNonNull(ends.get(end)).increment();
    log.ended(tenant, end, requestId, why);
  }

  String tenant() {
    return tenant;
  }

  /** Whether it is the same service, asked with the same secret. */
  boolean isOf(FallbackSpec other, Secret otherSecret) {
    return spec.equals(other) && secret.equals(otherSecret);
  }

  FallbackSpec spec() {
    return spec;
  }

  /** As requests see it. */
  Fallback view() {
    return view;
  }

  /** How often asking ended so, here, since this fallback is served. */
  long ends(Fallback.End end) {
    return java.util.Objects.requireNonNull(ends.get(end)).sum();
  }

  /** What the breaker said when it was last looked at. */
  synchronized CircuitBreaker.State state() {
    return shown;
  }

  /** Since when, as far as was looked. */
  synchronized long sinceMillis() {
    return sinceMillis;
  }

  /** Looks at the breaker, and probes where it is time to; whether the state is another one. */
  boolean look() {
    long nowNanos = clock.nanoTime();
    probe(nowNanos);
    CircuitBreaker.State now = view.state();
    synchronized (this) {
      if (now == shown) {
        return false;
      }
      log.changed(tenant, shown, now);
      shown = now;
      sinceMillis = clock.wallMillis();
      return true;
    }
  }

  private void probe(long nowNanos) {
    FallbackSpec.Probe probe = spec.probe();
    synchronized (this) {
      if (probe == null || probing || nowNanos - probeNanos < 0) {
        return;
      }
      probing = true;
      // A quarter more or less, so that regions and tenants do not ask in step.
      long every = probe.everySeconds() * SECOND_NANOS;
      probeNanos = nowNanos + every - every / 4 + random.nextLong(every / 2);
    }
    var _ =
        view.probe()
            .thenAccept(
                good -> {
                  synchronized (this) {
                    probing = false;
                  }
                });
  }
}
