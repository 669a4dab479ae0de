package io.openclaw.router;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.openclaw.domain.Clock;
import io.openclaw.steer.RegionState;
import io.openclaw.steer.Steering;
import io.vertx.core.Vertx;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** A router before fake regions a, b, c, which are up when the test begins; tried in that order. */
final class TestFleet implements AutoCloseable {
  private static final long WAIT_NANOS = 10_000_000_000L;
  private static final long POLL_NANOS = 1_000_000L;

  /** So that only the outcome of requests, no probe after the first, says that a region is down. */
  static final RouterTimeouts HARDLY_PROBING = RouterTimeouts.defaults().withProbes(60_000, 5_000);

  static final Clock CLOCK =
      new Clock() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public long wallMillis() {
          return System.currentTimeMillis();
        }
      };

  final Vertx vertx = Vertx.vertx();
  final List<FakeRegion> regions = new ArrayList<>();
  final RecordedMetrics metrics = new RecordedMetrics();
  final RouterServer router;

  TestFleet(int size, UnaryOperator<RouterSettings> with) {
    this(size, with, RouterTls.NONE);
  }

  TestFleet(int size, UnaryOperator<RouterSettings> with, RouterTls tls) {
    Map<String, URI> urls = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      FakeRegion region = new FakeRegion(vertx, String.valueOf((char) ('a' + i)));
      regions.add(region);
      urls.put(region.name, region.url());
    }
    RouterSettings settings =
        RouterSettings.of("127.0.0.1", 0, urls)
            .withSteering(new Steering.Failover(List.copyOf(urls.keySet())))
            .withTimeouts(HARDLY_PROBING)
            .withMetricsText(() -> "# metrics\n");
    try {
      router =
          RouterServer.start(vertx, with.apply(settings), tls, CLOCK, metrics)
              .toCompletionStage()
              .toCompletableFuture()
              .get(5, SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    for (int i = 0; i < size; i++) {
      awaitState(i, RegionState.UP);
    }
  }

  FakeRegion region(int index) {
    return regions.get(index);
  }

  int port() {
    return router.port();
  }

  void awaitState(int region, RegionState state) {
    await("region " + region + " " + state, () -> router.view().health(region).state() == state);
  }

  void await(String what, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > WAIT_NANOS) {
        throw new AssertionError("never came: " + what);
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  @Override
  public void close() {
    try {
      vertx.close().toCompletionStage().toCompletableFuture().get(10, SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
