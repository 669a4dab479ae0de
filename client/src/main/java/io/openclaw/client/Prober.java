package io.openclaw.client;

import io.openclaw.steer.RegionReport;
import io.openclaw.steer.RegionState;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The health checks: {@code GET /readyz} of every region at the start and then at a fixed interval
 * or, where none is set, of regions that are not up, at most once a second and only while calls are
 * made; without that they would never come back. 200 is good; 503 whose body has the word {@code
 * draining} takes the region out without blaming it; anything else is a failure. Each waits on a
 * virtual thread of its own. Thread-safe.
 */
final class Prober {
  /** A probe may have to connect across an ocean first. */
  private static final long TIMEOUT_NANOS = 1_000 * Fleet.MILLI;

  private static final long LOOK_NANOS = 1_000 * Fleet.MILLI;
  private static final int UNDER_WAY_MAX = 4;
  private static final int BODY_BYTES_MAX = 8 << 10;
  private static final HttpResponse.BodyHandler<byte[]> WHOLE =
      HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), BODY_BYTES_MAX);

  private final Fleet fleet;
  private final AtomicIntegerArray underWay;
  private final Set<Thread> asking = ConcurrentHashMap.newKeySet();
  private final AtomicLong lookNanos = new AtomicLong(System.nanoTime() + LOOK_NANOS);

  Prober(Fleet fleet) {
    this.fleet = fleet;
    this.underWay = new AtomicIntegerArray(fleet.view.size());
  }

  void start() {
    long interval = fleet.settings.probeNanos();
    if (interval > 0) {
      var _ =
          fleet.timer.scheduleWithFixedDelay(
              this::probeAll, interval, interval, TimeUnit.NANOSECONDS);
    }
    probeAll();
  }

  /**
   * Called at each call: where there are no regular probes, looks after regions that are not up.
   */
  void lookAfterThoseNotUp(long nowNanos) {
    long due = lookNanos.get();
    if (fleet.settings.probeNanos() > 0
        || nowNanos - due < 0
        || !lookNanos.compareAndSet(due, nowNanos + LOOK_NANOS)) {
      return;
    }
    for (int region = 0; region < fleet.view.size(); region++) {
      if (fleet.view.health(region).state() != RegionState.UP) {
        probe(region);
      }
    }
  }

  private void probeAll() {
    for (int region = 0; region < fleet.view.size(); region++) {
      probe(region);
    }
  }

  private void probe(int region) {
    if (underWay.incrementAndGet(region) > UNDER_WAY_MAX) {
      underWay.decrementAndGet(region);
    } else {
      Fleet.thread(() -> ask(region)).start();
    }
  }

  private void ask(int region) {
    long start = System.nanoTime();
    HttpResponse<byte[]> answer = answer(region);
    underWay.decrementAndGet(region);
    judge(region, start, answer);
  }

  /** What a region answers; null where that is nothing, or not before the thread is interrupted. */
  private @Nullable HttpResponse<byte[]> answer(int region) {
    Thread thread = Thread.currentThread();
    Future<?> late = null;
    asking.add(thread);
    try {
      // Refused once the client is closed; so close() ends whatever comes to be sent.
      late = fleet.timer.schedule(thread::interrupt, TIMEOUT_NANOS, TimeUnit.NANOSECONDS);
      HttpRequest request =
          HttpRequest.newBuilder(fleet.resolve(region, "/readyz"))
              .header("User-Agent", fleet.settings.userAgent())
              .build();
      return fleet.http.send(request, WHOLE);
    } catch (IOException | InterruptedException | RuntimeException failure) {
      return null;
    } finally {
      asking.remove(thread);
      if (late != null) {
        late.cancel(false);
      }
    }
  }

  /** Ends the probes under way; the timer must have been ended, so that there are no new ones. */
  void close() {
    asking.forEach(Thread::interrupt);
  }

  private void judge(int region, long startNanos, @Nullable HttpResponse<byte[]> response) {
    long now = System.nanoTime();
    boolean stoodStill = response == null && now - startNanos - TIMEOUT_NANOS > Fleet.LATE_NANOS;
    if (fleet.closed || stoodStill) {
      return;
    }
    if (response == null) {
      fleet.observed(region, fleet.view.probeFailed(region, now));
    } else if (response.statusCode() == 200) {
      fleet.view.reported(
          region,
          RegionReport.of(
              response.headers().firstValue(RegionReport.LOAD).orElse(null),
              response.headers().firstValue(RegionReport.HEARS).orElse(null)));
      fleet.observed(region, fleet.view.probeOk(region, now - startNanos, now));
    } else if (response.statusCode() == 503
        && new String(response.body(), StandardCharsets.UTF_8).contains("draining")) {
      fleet.observed(region, fleet.view.probeDraining(region, now));
    } else {
      fleet.observed(region, fleet.view.probeFailed(region, now));
    }
  }
}
