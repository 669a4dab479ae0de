package io.openclaw.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.ProblemType;
import io.openclaw.router.RawClient.Answer;
import io.openclaw.steer.HealthRules;
import io.openclaw.steer.LatencyWindow;
import io.openclaw.steer.RegionState;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouterRetryTest {
  /** Where a timer of a busy machine is late, the region is forgiven: the next time counts. */
  private static final int ROUNDS_MAX = 10;

  private static RouterSettings asIs(RouterSettings settings) {
    return settings;
  }

  private static UnaryOperator<RouterSettings> with(RouterTimeouts timeouts) {
    return settings -> settings.withTimeouts(timeouts);
  }

  @Test
  void a_refused_connection_is_tried_in_the_next_region() throws IOException {
    try (TestFleet fleet = new TestFleet(3, RouterRetryTest::asIs)) {
      fleet.region(0).kill();
      Answer answer = RawClient.get(fleet.port(), "/v1/models");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isEqualTo("b");
      assertThat(answer.header("x-openclaw-tries")).isEqualTo("2");
      assertThat(fleet.metrics.retries).containsExactly(RetryReason.CONNECT);
      assertThat(fleet.metrics.requests).containsExactly("b 200");
    }
  }

  @Test
  void a_killed_region_is_ejected_by_the_second_request_that_fails_there() throws IOException {
    try (TestFleet fleet = new TestFleet(3, RouterRetryTest::asIs)) {
      fleet.region(0).kill();
      for (int i = 0; i < 5; i++) {
        assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("b");
      }
      assertThat(fleet.metrics.retries).hasSize(2);
      assertThat(fleet.metrics.ejected).containsExactly("a");
      assertThat(fleet.router.view().health(0).state()).isEqualTo(RegionState.DOWN);
    }
  }

  @Test
  void a_reset_while_waiting_for_the_answer_is_tried_in_the_next_region() throws IOException {
    try (TestFleet fleet = new TestFleet(3, RouterRetryTest::asIs)) {
      fleet.region(0).behaviour = request -> request.connection().close();
      assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("b");
      assertThat(fleet.metrics.retries).containsExactly(RetryReason.RESET);
    }
  }

  @Test
  void a_503_is_tried_elsewhere_and_ejects_at_the_fifth_in_a_row() throws IOException {
    try (TestFleet fleet = new TestFleet(3, RouterRetryTest::asIs)) {
      fleet.region(0).always(503);
      fleet.region(1).always(502);
      for (int i = 0; i < 4; i++) {
        Answer answer = RawClient.get(fleet.port(), "/");
        assertThat(answer.text()).isEqualTo("c");
        assertThat(answer.header("x-openclaw-tries")).isEqualTo("3");
      }
      assertThat(fleet.metrics.retries).hasSize(8).containsOnly(RetryReason.UNAVAILABLE);
      assertThat(fleet.metrics.ejected).isEmpty();
      RawClient.get(fleet.port(), "/");
      assertThat(fleet.metrics.ejected).hasSize(2);
      assertThat(RawClient.get(fleet.port(), "/").headers()).doesNotContainKey("x-openclaw-tries");
    }
  }

  @Test
  void what_a_client_did_wrong_is_not_tried_again() throws IOException {
    try (TestFleet fleet = new TestFleet(3, RouterRetryTest::asIs)) {
      for (int status : new int[] {400, 401, 404, 422, 429, 500, 504}) {
        fleet.region(0).always(status);
        Answer answer = RawClient.get(fleet.port(), "/");
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.text()).isEqualTo("a " + status);
        assertThat(answer.headers()).doesNotContainKey("x-openclaw-tries");
      }
      assertThat(fleet.metrics.retries).isEmpty();
    }
  }

  @Test
  void when_every_region_refuses_the_last_refusal_is_the_answer() throws IOException {
    try (TestFleet fleet = new TestFleet(2, RouterRetryTest::asIs)) {
      fleet.regions.forEach(region -> region.always(503));
      Answer answer = RawClient.get(fleet.port(), "/");
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.text()).endsWith(" 503");
      assertThat(answer.header("x-openclaw-tries")).isEqualTo("4");
    }
  }

  @Test
  void a_refusal_is_kept_as_the_answer_when_the_other_regions_are_gone() throws IOException {
    try (TestFleet fleet = new TestFleet(3, RouterRetryTest::asIs)) {
      fleet.region(0).always(503);
      fleet.region(1).kill();
      fleet.region(2).kill();
      assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("a 503");
    }
  }

  @Test
  void when_no_region_answers_the_client_gets_a_problem() throws IOException {
    try (TestFleet fleet = new TestFleet(2, RouterRetryTest::asIs)) {
      fleet.regions.forEach(FakeRegion::kill);
      Answer answer = RawClient.get(fleet.port(), "/", "x-request-id: mine-1");
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
      assertThat(answer.header("retry-after")).isEqualTo("1");
      assertThat(answer.text())
          .contains("\"type\":\"" + ProblemType.UNAVAILABLE.uri() + "\"")
          .contains("\"request_id\":\"mine-1\"")
          .contains("no region answered: a connect, b connect");
    }
  }

  @Test
  void a_body_arrives_whole_in_the_region_that_answers() throws IOException {
    byte[] body = new byte[700_000];
    new Random(1).nextBytes(body);
    try (TestFleet fleet = new TestFleet(3, RouterRetryTest::asIs)) {
      fleet.region(0).behaviour = request -> request.connection().close();
      fleet.region(1).always(503);
      try (RawClient client = new RawClient(fleet.port())) {
        for (int i = 0; i < 3; i++) {
          assertThat(client.exchange("POST", "/v1/rate", body).text()).isEqualTo("c");
        }
      }
      fleet.region(2).seen.forEach(seen -> assertThat(seen.body().getBytes()).isEqualTo(body));
    }
  }

  @Test
  void each_try_of_a_request_carries_its_id_and_its_number() throws IOException {
    try (TestFleet fleet = new TestFleet(2, RouterRetryTest::asIs)) {
      fleet.region(0).always(503);
      RawClient.get(fleet.port(), "/");
      RawClient.get(fleet.port(), "/");
      String first =
          String.valueOf(fleet.region(0).seen.get(0).headers().get("x-openclaw-attempt"));
      assertThat(first).matches("[0-9a-f]{32};try=1");
      String id = first.substring(0, 32);
      FakeRegion.Seen second = fleet.region(1).seen.get(0);
      assertThat(second.headers().get("x-openclaw-attempt")).isEqualTo(id + ";try=2");
      assertThat(second.headers().get("x-request-id")).isEqualTo(id);
      assertThat(fleet.region(0).seen.get(1).headers().get("x-openclaw-attempt"))
          .doesNotStartWith(id);
    }
  }

  @Test
  void a_region_that_hangs_is_left_after_the_time_for_one_try() throws IOException {
    try (TestFleet fleet = new TestFleet(2, RouterRetryTest::asIs)) {
      fleet.region(0).behaviour = request -> {};
      long start = System.nanoTime();
      assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("b");
      assertThat((System.nanoTime() - start) / 1e6).isBetween(199.0, 2_000.0);
      for (int i = 0; i < ROUNDS_MAX && fleet.metrics.ejected.isEmpty(); i++) {
        assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("b");
      }
      assertThat(fleet.metrics.retries).containsOnly(RetryReason.TIMEOUT);
      assertThat(fleet.metrics.ejected).containsExactly("a");
    }
  }

  /** Two requests at once for what region a is slow with; b answers them. */
  private static void twoSlow(TestFleet fleet, IoAction meanwhile) throws IOException {
    int before = fleet.region(0).served.get();
    try (RawClient one = new RawClient(fleet.port());
        RawClient two = new RawClient(fleet.port())) {
      for (RawClient client : List.of(one, two)) {
        client.send("GET /slow HTTP/1.1\r\nhost: r\r\n\r\n");
      }
      fleet.await("both in region a", () -> fleet.region(0).served.get() == before + 2);
      meanwhile.run();
      for (RawClient client : List.of(one, two)) {
        assertThat(client.read("GET").text()).isEqualTo("b");
      }
    }
  }

  @FunctionalInterface
  private interface IoAction {
    void run() throws IOException;
  }

  @ParameterizedTest
  @CsvSource({"200, true", "404, false", "429, false", "500, false"})
  void one_tenants_slow_answers_take_out_no_region_that_serves_others(int status, boolean serves)
      throws IOException {
    try (TestFleet fleet = new TestFleet(2, with(TestFleet.HARDLY_PROBING.withAttempt(1_500)))) {
      fleet.region(0).behaviour =
          request -> {
            if (!"/slow".equals(request.path())) {
              request.response().setStatusCode(status).end("a");
            }
          };
      for (int i = 0; i < (serves ? 1 : ROUNDS_MAX) && fleet.metrics.ejected.isEmpty(); i++) {
        twoSlow(
            fleet, () -> assertThat(RawClient.get(fleet.port(), "/quick").text()).isEqualTo("a"));
      }
      assertThat(fleet.metrics.retries).containsOnly(RetryReason.TIMEOUT);
      assertThat(fleet.metrics.ejected).hasSize(serves ? 0 : 1);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {600, 60_000})
  void a_region_that_is_slow_for_everybody_is_left_as_soon_as_one_that_froze(long millis)
      throws IOException {
    try (TestFleet fleet = new TestFleet(2, with(TestFleet.HARDLY_PROBING.withAttempt(300)))) {
      for (int i = 0; i < 10; i++) {
        assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("a");
      }
      fleet.region(0).behaviour =
          request -> fleet.vertx.setTimer(millis, late -> request.response().end("late"));
      for (int i = 0; i < ROUNDS_MAX && fleet.metrics.ejected.isEmpty(); i++) {
        twoSlow(fleet, () -> {});
      }
      assertThat(fleet.metrics.ejected).containsExactly("a");
    }
  }

  @Test
  void a_slow_region_is_waited_for_when_there_is_no_better_one() throws IOException {
    try (TestFleet fleet = new TestFleet(2, with(TestFleet.HARDLY_PROBING.withAttempt(50)))) {
      fleet.region(1).kill();
      fleet.region(0).always(503);
      RawClient.get(fleet.port(), "/");
      assertThat(fleet.metrics.ejected).containsExactly("b");
      fleet.region(0).behaviour =
          request -> fleet.vertx.setTimer(90, late -> request.response().end("late"));
      Answer answer = RawClient.get(fleet.port(), "/");
      assertThat(answer.text()).isEqualTo("late");
      assertThat(answer.headers()).doesNotContainKey("x-openclaw-tries");
    }
  }

  @Test
  void a_region_known_to_be_quick_is_waited_for_less_long() throws IOException {
    RouterTimeouts timeouts =
        TestFleet.HARDLY_PROBING.withDeadline(60_000).withAttempt(30_000, 100);
    try (TestFleet fleet = new TestFleet(2, with(timeouts))) {
      for (int i = 0; i < LatencyWindow.SAMPLES_MIN; i++) {
        assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("a");
      }
      fleet.region(0).behaviour = request -> {};
      long start = System.nanoTime();
      assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("b");
      assertThat((System.nanoTime() - start) / 1e6).isBetween(95.0, 15_000.0);
    }
  }

  @Test
  void a_request_past_its_deadline_is_a_504() throws IOException {
    RouterTimeouts timeouts = TestFleet.HARDLY_PROBING.withAttempt(100).withDeadline(350);
    try (TestFleet fleet = new TestFleet(2, with(timeouts))) {
      fleet.regions.forEach(region -> region.behaviour = request -> {});
      long start = System.nanoTime();
      Answer answer = RawClient.get(fleet.port(), "/");
      assertThat(answer.status()).isEqualTo(504);
      assertThat((System.nanoTime() - start) / 1e6).isBetween(340.0, 2_000.0);
      assertThat(answer.text()).contains("urn:openclaw:problem:deadline-exceeded");
      fleet.await("nothing under way", () -> fleet.router.requestsUnderWay() == 0);
      assertThat(fleet.router.view().inFlight(0) + fleet.router.view().inFlight(1)).isZero();
    }
  }

  @Test
  void a_small_answer_cut_short_is_tried_in_the_next_region() throws IOException {
    try (TestFleet fleet = new TestFleet(2, RouterRetryTest::asIs)) {
      fleet.region(0).behaviour =
          request -> {
            request.response().putHeader("content-length", "1000").write("only the beginning");
            request.connection().close();
          };
      assertThat(RawClient.get(fleet.port(), "/").text()).isEqualTo("b");
    }
  }

  @Test
  void a_streamed_answer_cut_short_is_cut_short_for_the_client_too() throws IOException {
    try (TestFleet fleet = new TestFleet(2, RouterRetryTest::asIs)) {
      fleet.region(0).behaviour =
          request -> {
            request.response().setChunked(true).write(Buffer.buffer(new byte[100_000]));
            fleet.vertx.setTimer(50, later -> request.connection().close());
          };
      assertThatThrownBy(() -> RawClient.get(fleet.port(), "/")).isInstanceOf(IOException.class);
      assertThat(fleet.region(1).served).hasValue(0);
      assertThat(fleet.metrics.retries).isEmpty();
      fleet.await("nothing under way", () -> fleet.router.requestsUnderWay() == 0);
      assertThat(fleet.router.view().inFlight(0)).isZero();
    }
  }

  @Test
  void the_retry_budget_ends_retries() throws IOException {
    HealthRules usual = HealthRules.defaults();
    HealthRules patient =
        new HealthRules(
            usual.failuresToEject(),
            usual.failureWindowNanos(),
            1_000,
            usual.goodProbesToRestore(),
            usual.slowStartNanos(),
            usual.latencyMemoryNanos(),
            usual.refusalLatencyNanos());
    try (TestFleet fleet = new TestFleet(2, settings -> settings.withHealth(patient))) {
      fleet.region(0).always(503);
      int refused = 0;
      try (RawClient client = new RawClient(fleet.port())) {
        for (int i = 0; i < 150; i++) {
          refused += client.exchange("GET", "/", new byte[0]).status() == 503 ? 1 : 0;
        }
      }
      assertThat(fleet.metrics.retries).hasSize(100);
      assertThat(refused).isEqualTo(50);
    }
  }

  @Test
  void a_client_that_goes_away_takes_its_try_with_it() throws IOException {
    try (TestFleet fleet = new TestFleet(2, with(TestFleet.HARDLY_PROBING.withAttempt(5_000)))) {
      fleet.region(0).behaviour = request -> {};
      try (RawClient client = new RawClient(fleet.port())) {
        client.send("GET / HTTP/1.1\r\nhost: r\r\n\r\n");
        fleet.await("under way", () -> fleet.router.view().inFlight(0) == 1);
      }
      fleet.await("given up", () -> !fleet.metrics.requests.isEmpty());
      assertThat(fleet.router.view().inFlight(0)).isZero();
      assertThat(fleet.router.requestsUnderWay()).isZero();
      assertThat(fleet.metrics.requests).containsExactly("a 499");
    }
  }
}
