package io.openclaw.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.steer.LatencyWindow;
import io.openclaw.steer.RegionState;
import io.openclaw.steer.Steering;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Tries that take as long as a region needs, and second tries beside slow first ones. */
class RouterHedgeTest {
  private static final RouterTimeouts TIMEOUTS = TestFleet.HARDLY_PROBING;

  private static RouterSettings hedging(RouterSettings settings) {
    return settings.withTimeouts(TIMEOUTS.withAttempt(2_000)).withHedge(true);
  }

  private static void slow(TestFleet fleet, int region, long millis) {
    FakeRegion slow = fleet.region(region);
    slow.behaviour =
        request -> fleet.vertx.setTimer(millis, late -> request.response().end(slow.name));
  }

  /** So many quick answers of region a that a few slow ones do not become what is usual there. */
  private static void know(TestFleet fleet) throws IOException {
    try (RawClient client = new RawClient(fleet.port())) {
      for (int i = 0; i < 5 * LatencyWindow.SAMPLES_MIN; i++) {
        assertThat(client.exchange("GET", "/", new byte[0]).text()).isEqualTo("a");
      }
    }
    fleet.regions.forEach(region -> region.seen.clear());
    fleet.metrics.retries.clear();
  }

  private static long millis(IoAction action) throws IOException {
    long start = System.nanoTime();
    action.run();
    return (System.nanoTime() - start) / 1_000_000;
  }

  @FunctionalInterface
  private interface IoAction {
    void run() throws IOException;
  }

  @Test
  void a_request_that_takes_unusually_long_is_sent_to_a_second_region_too() throws IOException {
    try (TestFleet fleet = new TestFleet(2, RouterHedgeTest::hedging)) {
      know(fleet);
      slow(fleet, 0, 1_500);
      long took = millis(() -> assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("b"));
      assertThat(took).isLessThan(1_400);
      assertThat(fleet.metrics.retries).containsExactly(RetryReason.HEDGE);
      assertThat(fleet.region(0).seen.get(0).headers().get("x-openclaw-attempt")).endsWith("try=1");
      assertThat(fleet.region(1).seen.get(0).headers().get("x-openclaw-attempt")).endsWith("try=2");
      fleet.await("nothing under way", () -> fleet.router.requestsUnderWay() == 0);
      assertThat(fleet.router.view().inFlight(0) + fleet.router.view().inFlight(1)).isZero();
      assertThat(fleet.router.view().health(0).state()).isEqualTo(RegionState.UP);
    }
  }

  @Test
  void the_first_try_may_still_win() throws IOException {
    try (TestFleet fleet = new TestFleet(2, RouterHedgeTest::hedging)) {
      know(fleet);
      slow(fleet, 0, 1_000);
      slow(fleet, 1, 5_000);
      assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("a");
      assertThat(fleet.metrics.retries).containsExactly(RetryReason.HEDGE);
      fleet.await("nothing under way", () -> fleet.router.requestsUnderWay() == 0);
      assertThat(fleet.router.view().inFlight(1)).isZero();
    }
  }

  @Test
  void a_try_that_fails_beside_another_is_no_answer() throws IOException {
    try (TestFleet fleet = new TestFleet(2, RouterHedgeTest::hedging)) {
      know(fleet);
      slow(fleet, 0, 1_000);
      for (int status : new int[] {503, 429}) {
        fleet.region(1).always(status);
        assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("a");
      }
      fleet.region(0).behaviour =
          request -> fleet.vertx.setTimer(700, late -> request.connection().close());
      slow(fleet, 1, 1_000);
      assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("b");
      assertThat(fleet.metrics.retries).hasSize(3).containsOnly(RetryReason.HEDGE);
    }
  }

  @Test
  void a_region_that_left_the_request_to_another_does_not_answer_it() throws IOException {
    try (TestFleet fleet = new TestFleet(2, RouterHedgeTest::hedging)) {
      know(fleet);
      fleet.region(0).behaviour = request -> takenOver(fleet, request, 400);
      slow(fleet, 1, 1_000);
      RawClient.Answer answer = RawClient.get(fleet.port(), "/");
      assertThat(answer.text()).as("the second try is waited for").isEqualTo("b");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(fleet.metrics.retries).containsExactly(RetryReason.HEDGE);
      AtomicInteger asked = new AtomicInteger();
      fleet.region(1).behaviour =
          request -> {
            if (asked.incrementAndGet() == 1) {
              request.connection().close();
            } else {
              request.response().end("b again");
            }
          };
      assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("b again");
      assertThat(fleet.metrics.retries).endsWith(RetryReason.HEDGE, RetryReason.TAKEN_OVER);
      assertThat(fleet.metrics.ejected).isEmpty();
    }
  }

  @Test
  void a_client_is_not_told_that_another_region_has_its_request() throws IOException {
    try (TestFleet fleet = new TestFleet(2, settings -> settings)) {
      fleet.regions.forEach(region -> region.behaviour = request -> takenOver(fleet, request, 1));
      RawClient.Answer answer = RawClient.get(fleet.port(), "/");
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.text()).contains("no region answered: a taken_over, b taken_over");
      assertThat(fleet.metrics.retries).hasSize(3).containsOnly(RetryReason.TAKEN_OVER);
      assertThat(fleet.metrics.ejected).isEmpty();
    }
  }

  private static void takenOver(TestFleet fleet, HttpServerRequest request, long millis) {
    fleet.vertx.setTimer(
        millis, late -> request.response().setStatusCode(421).end("another region has it"));
  }

  @Test
  void nothing_is_sent_twice_while_it_is_not_known_what_is_usual() throws IOException {
    try (TestFleet fleet = new TestFleet(2, RouterHedgeTest::hedging)) {
      slow(fleet, 0, 200);
      assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("a");
      assertThat(fleet.metrics.retries).isEmpty();
      assertThat(fleet.region(1).served).hasValue(0);
    }
  }

  @Test
  void without_the_option_nothing_is_sent_twice() throws IOException {
    try (TestFleet fleet =
        new TestFleet(2, settings -> settings.withTimeouts(TIMEOUTS.withAttempt(2_000)))) {
      slow(fleet, 0, 200);
      assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("a");
      assertThat(fleet.region(1).served).hasValue(0);
    }
  }

  @Test
  void a_region_that_is_always_slow_is_given_the_time_it_needs() throws IOException {
    try (TestFleet fleet =
            new TestFleet(2, settings -> settings.withTimeouts(TIMEOUTS.withAttempt(80)));
        RawClient client = new RawClient(fleet.port())) {
      slow(fleet, 0, 60);
      for (int i = 0; i < 25; i++) {
        client.exchange("GET", "/", new byte[0]);
      }
      // They take some 65 ms now; a try may take three times that.
      fleet.await(
          "quantiles",
          () -> fleet.router.view().latencies(0).quantiles(System.nanoTime()).p95() > 0);
      fleet.metrics.retries.clear();
      slow(fleet, 0, 150);
      RawClient.Answer answer = client.exchange("GET", "/", new byte[0]);
      assertThat(answer.text()).isEqualTo("a");
      assertThat(fleet.metrics.retries).isEmpty();
    }
  }

  @Test
  void a_field_of_the_clients_choice_keeps_requests_together() throws IOException {
    try (TestFleet fleet =
        new TestFleet(
            3,
            settings ->
                settings.withSteering(new Steering.DynamicLatency()).withAffinity("x-customer"))) {
      for (int customer = 0; customer < 10; customer++) {
        String field = "X-Customer: " + customer;
        String first = RawClient.get(fleet.port(), "/", field).text();
        for (int i = 0; i < 5; i++) {
          assertThat(RawClient.get(fleet.port(), "/", field).text()).isEqualTo(first);
        }
      }
    }
  }

  @Test
  void a_request_that_goes_in_a_circle_is_refused() throws IOException {
    try (TestFleet fleet = new TestFleet(1, settings -> settings)) {
      String via = "via: 1.1 openclaw-router, 1.1 proxy, 1.1 openclaw-router";
      assertThat(RawClient.get(fleet.port(), "/", via).status()).isEqualTo(200);
      RawClient.Answer circle = RawClient.get(fleet.port(), "/", via, via);
      assertThat(circle.status()).isEqualTo(508);
      assertThat(circle.text()).contains("urn:openclaw:problem:loop-detected");
    }
  }

  @Test
  void an_answer_says_how_it_came_about_where_it_is_asked() throws IOException {
    try (TestFleet fleet = new TestFleet(2, settings -> settings)) {
      assertThat(RawClient.get(fleet.port(), "/").headers())
          .doesNotContainKey("x-openclaw-steered");
      fleet.region(0).always(503);
      assertThat(
              RawClient.get(fleet.port(), "/", "x-openclaw-explain: 1")
                  .header("x-openclaw-steered"))
          .isEqualTo("b; policy=failover; tries=2; failed=\"a unavailable\"");
    }
  }

  @Test
  void a_region_says_with_each_probe_how_busy_it_is() {
    try (TestFleet fleet =
        new TestFleet(1, settings -> settings.withTimeouts(TIMEOUTS.withProbes(20, 1_000)))) {
      fleet.region(0).load = "0.625";
      fleet.await("load", () -> fleet.router.view().load(0) == 0.625);
      fleet.region(0).load = "9e9";
      fleet.await("what is no load is none", () -> fleet.router.view().load(0) == 0);
    }
  }

  @Test
  void an_operator_may_ask_where_a_request_would_go_and_why() throws IOException {
    try (TestFleet fleet = new TestFleet(2, settings -> settings.withAdminPort(0))) {
      fleet.region(0).always(503);
      String path = "/admin/v1/steer/explain";
      RawClient.Answer answer = RawClient.get(fleet.router.adminPort(), path + "?affinity=x");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text())
          .contains(
              "\"policy\":\"failover\"", "\"preferred\":\"", "\"why\":\"the request asks for it\"");
      assertThat(RawClient.get(fleet.router.adminPort(), path + "?address=nowhere").status())
          .isEqualTo(400);
      assertThat(RawClient.get(fleet.router.adminPort(), "/").status()).isEqualTo(404);
      assertThat(RawClient.post(fleet.router.adminPort(), path, new byte[0]).status())
          .isEqualTo(405);
      assertThat(RawClient.get(fleet.port(), path).text()).as("for a region").isEqualTo("b");
    }
  }

  @Test
  void what_waits_for_a_region_that_is_found_out_goes_elsewhere_at_once() throws IOException {
    RouterTimeouts timeouts = TIMEOUTS.withAttempt(5_000).withProbes(20, 60);
    try (TestFleet fleet = new TestFleet(2, settings -> settings.withTimeouts(timeouts))) {
      fleet.region(0).freeze();
      long took = millis(() -> assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("b"));
      assertThat(took).isLessThan(2_000);
      assertThat(fleet.metrics.ejected).containsExactly("a");
    }
  }
}
