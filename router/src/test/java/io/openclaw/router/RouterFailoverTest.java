package io.openclaw.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.router.RawClient.Answer;
import io.openclaw.steer.HealthRules;
import io.openclaw.steer.RegionState;
import io.openclaw.steer.Steering;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class RouterFailoverTest {
  private static final long MS = 1_000_000L;

  private static RouterSettings probing(RouterSettings settings) {
    return settings
        .withSteering(new Steering.DynamicLatency())
        .withTimeouts(RouterTimeouts.defaults());
  }

  /** The region that serves a request now. */
  private static String served(TestFleet fleet) {
    try {
      return RawClient.get(fleet.port(), "/").text();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** About 300 requests a second over ten connections, each posting and checking the answer. */
  private static final class Load {
    private static final int CONNECTIONS = 10;
    private static final long PAUSE_NANOS = 33 * MS;

    final AtomicInteger sent = new AtomicInteger();
    final AtomicLong slowestNanos = new AtomicLong();
    final List<String> failures = new CopyOnWriteArrayList<>();
    private final int port;
    private long faultAtNanos;

    Load(int port) {
      this.port = port;
    }

    /** Runs for a while, and {@code fault} after a third of it. */
    void run(long nanos, Runnable fault) throws InterruptedException {
      long start = System.nanoTime();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        threads.add(Thread.ofVirtual().start(() -> drive(start + nanos)));
      }
      Thread.sleep(nanos / 3 / MS);
      faultAtNanos = System.nanoTime();
      fault.run();
      for (Thread thread : threads) {
        thread.join();
      }
    }

    private void drive(long endNanos) {
      byte[] body = {'{', '}'};
      try (RawClient client = new RawClient(port)) {
        while (System.nanoTime() - endNanos < 0) {
          long start = System.nanoTime();
          sent.incrementAndGet();
          Answer answer = client.exchange("POST", "/v1/rate", body);
          slowestNanos.accumulateAndGet(System.nanoTime() - start, Math::max);
          if (answer.status() != 200 || !answer.text().equals(answer.header("x-region"))) {
            failures.add(answer.status() + " " + answer.text());
          }
          LockSupport.parkNanos(PAUSE_NANOS - (System.nanoTime() - start));
        }
      } catch (IOException e) {
        failures.add(e.toString());
      }
    }

    void reportAndCheck(String fault, TestFleet fleet) {
      System.out.printf(
          "%s: %d requests, %d failed, slowest %.0f ms, %d retries, ejected after %.0f ms%n",
          fault,
          sent.get(),
          failures.size(),
          slowestNanos.get() / 1e6,
          fleet.metrics.retries.size(),
          (fleet.metrics.ejectedAtNanos - faultAtNanos) / 1e6);
      assertThat(failures).isEmpty();
      assertThat(sent.get()).isGreaterThan(200);
    }
  }

  @Test
  void killing_a_region_under_load_fails_no_request() throws InterruptedException {
    try (TestFleet fleet = new TestFleet(3, RouterFailoverTest::probing)) {
      Load load = new Load(fleet.port());
      load.run(2_400 * MS, fleet.region(1)::kill);
      load.reportAndCheck("killed", fleet);
      assertThat(fleet.metrics.ejected).contains("b");
      assertThat(fleet.router.view().health(1).state()).isEqualTo(RegionState.DOWN);
    }
  }

  @Test
  void the_load_sees_the_failures_that_no_retry_can_save() throws InterruptedException {
    try (TestFleet fleet = new TestFleet(1, RouterFailoverTest::probing)) {
      Load load = new Load(fleet.port());
      load.run(300 * MS, fleet.region(0)::kill);
      assertThat(load.failures).isNotEmpty();
    }
  }

  @Test
  void freezing_a_region_under_load_fails_no_request() throws InterruptedException {
    try (TestFleet fleet = new TestFleet(3, RouterFailoverTest::probing)) {
      Load load = new Load(fleet.port());
      load.run(2_400 * MS, fleet.region(1)::freeze);
      load.reportAndCheck("frozen", fleet);
      assertThat(fleet.metrics.ejected).contains("b");
      fleet.await("nothing under way", () -> fleet.router.view().inFlight(1) == 0);
    }
  }

  @Test
  void a_region_that_comes_back_is_restored_and_serves_again() throws IOException {
    HealthRules rules = HealthRules.defaults().withSlowStartNanos(200 * MS);
    try (TestFleet fleet = new TestFleet(3, settings -> probing(settings).withHealth(rules))) {
      fleet.region(0).kill();
      fleet.awaitState(0, RegionState.DOWN);
      assertThat(fleet.metrics.requests).as("probes alone saw it").isEmpty();
      fleet.region(0).restart();
      fleet.awaitState(0, RegionState.UP);
      assertThat(fleet.metrics.restored).containsExactly("a");
      fleet.await("served by a", () -> served(fleet).equals("a"));
    }
  }

  @Test
  void a_frozen_region_that_wakes_up_is_restored() {
    try (TestFleet fleet = new TestFleet(2, RouterFailoverTest::probing)) {
      fleet.region(0).freeze();
      fleet.awaitState(0, RegionState.DOWN);
      fleet.region(0).thaw();
      fleet.awaitState(0, RegionState.UP);
    }
  }

  @Test
  void a_draining_region_gets_no_more_requests_and_readyz_tells() throws IOException {
    try (TestFleet fleet = new TestFleet(2, RouterFailoverTest::probing)) {
      fleet.await("served by a", () -> served(fleet).equals("a"));
      assertThat(fleet.region(0).traffic).isNotEmpty();
      fleet.region(0).readiness = FakeRegion.Readiness.DRAINING;
      fleet.awaitState(0, RegionState.DOWN);
      fleet.await("pooled connections closed", () -> fleet.region(0).traffic.isEmpty());
      for (int i = 0; i < 20; i++) {
        assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("b");
      }
      Answer ready = RawClient.get(fleet.port(), "/readyz");
      assertThat(ready.status()).isEqualTo(200);
      assertThat(ready.text())
          .startsWith("{\"status\":\"ready\",\"regions\":[{\"name\":\"a\",\"state\":\"down\"")
          .contains("\"draining\":true")
          .contains("\"name\":\"b\",\"state\":\"up\"")
          .containsPattern("\"ewma_ms\":[0-9.]+,\"share\":1.0");
    }
  }

  @Test
  void a_router_with_no_region_up_is_alive_but_not_ready() throws IOException {
    try (TestFleet fleet = new TestFleet(1, RouterFailoverTest::probing)) {
      fleet.region(0).kill();
      fleet.awaitState(0, RegionState.DOWN);
      assertThat(RawClient.get(fleet.port(), "/readyz").status()).isEqualTo(503);
      assertThat(RawClient.get(fleet.port(), "/livez").status()).isEqualTo(200);
      assertThat(RawClient.get(fleet.port(), "/metrics").text()).isEqualTo("# metrics\n");
      assertThat(RawClient.post(fleet.port(), "/metrics", new byte[0]).status()).isEqualTo(405);
      assertThat(fleet.metrics.requests).isEmpty();
    }
  }

  @Test
  void a_wrong_health_check_does_not_take_everything_down() throws IOException {
    try (TestFleet fleet = new TestFleet(2, RouterFailoverTest::probing)) {
      fleet.regions.forEach(region -> region.readiness = FakeRegion.Readiness.SILENT);
      fleet.awaitState(0, RegionState.DOWN);
      fleet.awaitState(1, RegionState.DOWN);
      assertThat(RawClient.get(fleet.port(), "/").status()).isEqualTo(200);
    }
  }

  @Test
  void closing_lets_a_request_under_way_end() throws Exception {
    try (TestFleet fleet = new TestFleet(1, RouterFailoverTest::probing);
        RawClient client = new RawClient(fleet.port())) {
      fleet.region(0).behaviour =
          request -> fleet.vertx.setTimer(150, later -> request.response().end("done"));
      client.send("GET / HTTP/1.1\r\nhost: r\r\n\r\n");
      fleet.await("under way", () -> fleet.router.requestsUnderWay() == 1);
      var closed = fleet.router.close().toCompletionStage().toCompletableFuture();
      Answer answer = client.read("GET");
      assertThat(answer.text()).isEqualTo("done");
      assertThat(answer.header("connection")).isEqualTo("close");
      closed.get();
      assertThat(client.closedByPeer()).isTrue();
    }
  }

  @Test
  void a_region_that_the_mesh_has_lost_gets_nothing_while_another_is_up() throws IOException {
    try (TestFleet fleet = new TestFleet(2, RouterFailoverTest::probing)) {
      fleet.region(0).hears = "0/2";
      fleet.await("the word", () -> fleet.router.view().alone(0));
      assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("b");
      fleet.region(1).hears = "none";
      fleet.region(1).kill();
      fleet.awaitState(1, RegionState.DOWN);
      assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("a");
      fleet.region(0).hears = "1/2";
      fleet.await("the better word", () -> !fleet.router.view().alone(0));
    }
  }
}
