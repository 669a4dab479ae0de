package io.openclaw.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.ProblemType;
import io.openclaw.router.RawClient.Answer;
import io.openclaw.steer.Steering;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class RouterBoundsTest {
  private static void isProblem(Answer answer, int status, String uri) {
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
    assertThat(answer.text()).contains("\"type\":\"" + uri + "\"");
  }

  @Test
  void a_body_over_the_cap_is_a_413_whether_its_length_is_declared_or_not() throws IOException {
    RouterBounds bounds = RouterBounds.defaults().withBodyBytes(1_000);
    try (TestFleet fleet = new TestFleet(1, settings -> settings.withBounds(bounds))) {
      assertThat(RawClient.post(fleet.port(), "/", new byte[1_000]).status()).isEqualTo(200);
      isProblem(
          RawClient.post(fleet.port(), "/", new byte[1_001]),
          413,
          ProblemType.BODY_TOO_LARGE.uri());
      try (RawClient client = new RawClient(fleet.port())) {
        client.send(
            "POST / HTTP/1.1\r\nhost: r\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n"
                + "x".repeat(1_001));
        isProblem(client.read("POST"), 413, ProblemType.BODY_TOO_LARGE.uri());
      }
      assertThat(fleet.region(0).served).hasValue(1);
    }
  }

  @Test
  void a_client_that_asks_first_is_told_before_it_sends_a_body() throws IOException {
    RouterBounds bounds = RouterBounds.defaults().withBodyBytes(1_000);
    try (TestFleet fleet = new TestFleet(1, settings -> settings.withBounds(bounds));
        RawClient small = new RawClient(fleet.port());
        RawClient large = new RawClient(fleet.port())) {
      String head = "POST / HTTP/1.1\r\nhost: r\r\nexpect: 100-continue\r\ncontent-length: ";
      small.send(head + "2\r\n\r\n");
      assertThat(small.read("POST").status()).isEqualTo(100);
      small.send("{}");
      assertThat(small.read("POST").status()).isEqualTo(200);
      large.send(head + "1001\r\n\r\n");
      isProblem(large.read("POST"), 413, ProblemType.BODY_TOO_LARGE.uri());
    }
  }

  @Test
  void a_body_that_does_not_arrive_in_time_is_a_408_and_the_end() throws IOException {
    RouterTimeouts timeouts = TestFleet.HARDLY_PROBING.withDeadline(200);
    try (TestFleet fleet = new TestFleet(1, settings -> settings.withTimeouts(timeouts));
        RawClient client = new RawClient(fleet.port())) {
      client.send("POST / HTTP/1.1\r\nhost: r\r\ncontent-length: 10\r\n\r\n{");
      isProblem(client.read("POST"), 408, ProblemType.REQUEST_TIMEOUT.uri());
      assertThat(client.closedByPeer()).isTrue();
      assertThat(fleet.router.requestsUnderWay()).isZero();
    }
  }

  @Test
  void a_client_that_never_ends_its_head_is_cut() throws IOException {
    RouterTimeouts timeouts = TestFleet.HARDLY_PROBING.withDeadline(200);
    try (TestFleet fleet = new TestFleet(1, settings -> settings.withTimeouts(timeouts));
        RawClient client = new RawClient(fleet.port())) {
      client.send("GET / HTTP/1.1\r\nhost: r\r\nx-slow: ");
      assertThat(client.closedByPeer()).isTrue();
    }
  }

  @Test
  void heads_that_are_too_large_or_malformed_are_problems() throws IOException {
    try (TestFleet fleet = new TestFleet(1, settings -> settings)) {
      String large = "x-large: " + "x".repeat(20_000);
      isProblem(RawClient.get(fleet.port(), "/", large), 431, ProblemType.HEADERS_TOO_LARGE.uri());
      isProblem(
          RawClient.get(fleet.port(), "/", "bad name: x"), 400, ProblemType.BAD_REQUEST.uri());
      assertThat(fleet.region(0).served).hasValue(0);
    }
  }

  @Test
  void requests_beyond_the_bound_are_refused_with_a_503() throws IOException {
    RouterBounds bounds = RouterBounds.defaults().withConcurrentRequests(1);
    RouterTimeouts timeouts = TestFleet.HARDLY_PROBING.withAttempt(5_000);
    try (TestFleet fleet =
            new TestFleet(1, settings -> settings.withBounds(bounds).withTimeouts(timeouts));
        RawClient waiting = new RawClient(fleet.port())) {
      fleet.region(0).behaviour = request -> {};
      waiting.send("GET / HTTP/1.1\r\nhost: r\r\n\r\n");
      fleet.await("one under way", () -> fleet.router.requestsUnderWay() == 1);
      Answer refused = RawClient.get(fleet.port(), "/");
      isProblem(refused, 503, ProblemType.UNAVAILABLE.uri());
      assertThat(refused.header("retry-after")).isEqualTo("1");
      assertThat(RawClient.get(fleet.port(), "/livez").status()).isEqualTo(200);
    }
  }

  private static TestFleet holding(long bytes) {
    return new TestFleet(
        1,
        settings ->
            settings
                .withBounds(RouterBounds.defaults().withBodiesBytes(bytes))
                .withTimeouts(TestFleet.HARDLY_PROBING.withAttempt(5_000)));
  }

  private static void post(RawClient client, int length, int sent) throws IOException {
    client.send("POST / HTTP/1.1\r\nhost: r\r\ncontent-length: " + length + "\r\n\r\n");
    client.send("x".repeat(sent));
  }

  @Test
  void bodies_beyond_what_all_may_hold_are_refused_until_others_are_answered() throws IOException {
    List<HttpServerRequest> held = new CopyOnWriteArrayList<>();
    try (TestFleet fleet = holding(1_500);
        RawClient whole = new RawClient(fleet.port())) {
      fleet.region(0).behaviour = held::add;
      post(whole, 700, 700);
      fleet.await("a request", () -> held.size() == 1);
      try (RawClient part = new RawClient(fleet.port())) {
        post(part, 900, 600);
        fleet.await("a part of another", () -> fleet.router.heldBytes() == 1_300);
        Answer refused = RawClient.post(fleet.port(), "/", new byte[201]);
        isProblem(refused, 503, ProblemType.UNAVAILABLE.uri());
        assertThat(refused.header("retry-after")).isEqualTo("1");
        assertThat(fleet.router.heldBytes()).isEqualTo(1_300);
        held.getFirst().response().end("whole");
        assertThat(whole.read("POST").text()).isEqualTo("whole");
        assertThat(fleet.router.heldBytes()).isEqualTo(600);
        fleet.region(0).thaw();
        assertThat(RawClient.post(fleet.port(), "/", new byte[900]).status()).isEqualTo(200);
      }
      fleet.await("nothing held", () -> fleet.router.heldBytes() == 0);
    }
  }

  @Test
  void a_body_is_let_go_when_its_answer_begins_and_a_batch_holds_none() throws IOException {
    List<HttpServerRequest> held = new CopyOnWriteArrayList<>();
    try (TestFleet fleet = holding(1_500);
        RawClient streamed = new RawClient(fleet.port());
        RawClient batch = new RawClient(fleet.port())) {
      fleet.region(0).behaviour = held::add;
      post(streamed, 1_000, 1_000);
      fleet.await("a request", () -> held.size() == 1);
      assertThat(fleet.router.heldBytes()).isEqualTo(1_000);
      var _ = held.getFirst().response().setChunked(true).write("begun");
      assertThat(streamed.line()).isEqualTo("HTTP/1.1 200 OK");
      fleet.await("nothing held", () -> fleet.router.heldBytes() == 0);
      assertThat(fleet.router.requestsUnderWay()).isEqualTo(1);
      batch.send("POST /v1/rate/batch HTTP/1.1\r\nhost: r\r\ncontent-length: 9000\r\n\r\n");
      batch.send("x".repeat(9_000));
      fleet.await("the batch", () -> held.size() == 2);
      assertThat(fleet.router.heldBytes()).isZero();
    }
  }

  @Test
  void connections_beyond_the_bound_are_closed_and_counted() throws IOException {
    RouterBounds bounds = RouterBounds.defaults().withConnections(2);
    try (TestFleet fleet = new TestFleet(1, settings -> settings.withBounds(bounds));
        RawClient one = new RawClient(fleet.port())) {
      assertThat(one.exchange("GET", "/", new byte[0]).status()).isEqualTo(200);
      try (RawClient two = new RawClient(fleet.port())) {
        assertThat(two.exchange("GET", "/", new byte[0]).status()).isEqualTo(200);
        try (RawClient three = new RawClient(fleet.port())) {
          assertThat(three.closedByPeer()).isTrue();
        }
        assertThat(fleet.metrics.refusedConnections).hasValue(1);
        assertThat(one.exchange("GET", "/", new byte[0]).status()).isEqualTo(200);
      }
      fleet.await("room", () -> fleet.router.connections() == 1);
      assertThat(RawClient.get(fleet.port(), "/").status()).isEqualTo(200);
      assertThat(fleet.metrics.refusedConnections).hasValue(1);
    }
  }

  @Test
  void settings_that_make_no_sense_are_refused_with_what_was_expected() {
    Map<String, URI> one = Map.of("a", URI.create("http://localhost:1"));
    assertThatThrownBy(() -> RouterSettings.of("h", 70_000, one))
        .hasMessage("port: 70000 (expected: 0 to 65535)");
    assertThatThrownBy(() -> RouterBounds.defaults().withConnections(0))
        .hasMessage("bounds.connections: 0 (expected: > 0)");
    assertThatThrownBy(() -> RouterBounds.defaults().withBodiesBytes(0))
        .hasMessage("bounds.bodiesBytes: 0 (expected: > 0)");
    assertThatThrownBy(() -> RouterSettings.of("h", 1, Map.of("a", URI.create("ftp://x/y"))))
        .hasMessage("region a: ftp://x/y (expected: http://host:port, or https)");
    assertThatThrownBy(
            () -> RouterSettings.of("h", 1, one).withSteering(new Steering.Failover(List.of("b"))))
        .hasMessage("steering failover: b (expected: one of [a])");
  }
}
