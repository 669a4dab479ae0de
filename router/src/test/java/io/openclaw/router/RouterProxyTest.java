package io.openclaw.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.router.RawClient.Answer;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RouterProxyTest {
  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  @Test
  void method_target_fields_and_body_arrive_in_the_region_and_its_answer_in_the_client()
      throws IOException {
    try (TestFleet fleet = new TestFleet(1, settings -> settings)) {
      Answer answer =
          RawClient.post(
              fleet.port(),
              "/v1/rate?x=%20y&z",
              "{\"a\":1}".getBytes(java.nio.charset.StandardCharsets.UTF_8),
              "authorization: Bearer k",
              "content-type: application/json",
              "traceparent: 00-1-2-01",
              "x-request-id: mine");
      FakeRegion.Seen seen = fleet.region(0).seen.get(0);
      assertThat(seen.method()).isEqualTo("POST");
      assertThat(seen.uri()).isEqualTo("/v1/rate?x=%20y&z");
      assertThat(seen.body().toString()).isEqualTo("{\"a\":1}");
      assertThat(seen.headers().get("authorization")).isEqualTo("Bearer k");
      assertThat(seen.headers().get("content-type")).isEqualTo("application/json");
      assertThat(seen.headers().get("traceparent")).isEqualTo("00-1-2-01");
      assertThat(seen.headers().get("x-request-id")).isEqualTo("mine");
      assertThat(seen.headers().get("host")).isEqualTo("router");
      assertThat(seen.headers().get("x-forwarded-for")).isEqualTo("127.0.0.1");
      assertThat(seen.headers().get("via")).isEqualTo("1.1 openclaw-router");
      assertThat(answer.header("x-region")).isEqualTo("a");
      assertThat(answer.header("x-request-id")).isEqualTo("mine");
      assertThat(answer.header("via")).isEqualTo("1.1 openclaw-router");
    }
  }

  @Test
  void fields_of_one_hop_and_the_routers_own_are_dropped() throws IOException {
    try (TestFleet fleet = new TestFleet(1, settings -> settings)) {
      fleet.region(0).behaviour =
          request ->
              request
                  .response()
                  .putHeader("keep-alive", "timeout=5")
                  .putHeader("connection", "x-private")
                  .putHeader("x-private", "1")
                  .putHeader("x-openclaw-internal", "1")
                  .putHeader("x-public", "1")
                  .end();
      Answer answer =
          RawClient.get(
              fleet.port(),
              "/",
              "connection: keep-alive, X-Hop",
              "keep-alive: 5",
              "x-hop: 1",
              "te: trailers",
              "upgrade: websocket",
              "proxy-authorization: Basic x",
              "X-OpenClaw-Attempt: 00000000000000000000000000000000;try=1",
              "x-openclaw-anything: 1",
              "x-request-id: bad id",
              "x-forwarded-for: 10.0.0.1",
              "x-end: 1");
      MultiMap seen = fleet.region(0).seen.get(0).headers();
      for (String dropped :
          new String[] {
            "keep-alive", "x-hop", "te", "upgrade", "proxy-authorization", "x-openclaw-anything"
          }) {
        assertThat(seen.contains(dropped)).as(dropped).isFalse();
      }
      assertThat(seen.getAll("x-openclaw-attempt")).hasSize(1);
      assertThat(seen.get("x-openclaw-attempt")).doesNotStartWith("0000000000000000");
      assertThat(seen.get("x-request-id")).matches("[0-9a-f]{32}");
      assertThat(seen.get("x-forwarded-for")).isEqualTo("10.0.0.1, 127.0.0.1");
      assertThat(seen.get("x-end")).isEqualTo("1");
      assertThat(answer.headers())
          .containsKey("x-public")
          .doesNotContainKeys("keep-alive", "x-private", "x-openclaw-internal");
    }
  }

  @Test
  void a_long_answer_of_unknown_length_is_streamed_intact() throws IOException {
    byte[] long5Mb = random(5_000_000);
    try (TestFleet fleet = new TestFleet(1, settings -> settings)) {
      fleet.region(0).behaviour =
          request -> request.response().setChunked(true).end(Buffer.buffer(long5Mb));
      assertThat(RawClient.get(fleet.port(), "/").body()).isEqualTo(long5Mb);
    }
  }

  @Test
  void a_long_answer_of_known_length_is_streamed_intact_on_a_connection_kept_alive()
      throws IOException {
    byte[] long5Mb = random(5_000_000);
    try (TestFleet fleet = new TestFleet(1, settings -> settings);
        RawClient client = new RawClient(fleet.port())) {
      fleet.region(0).behaviour = request -> request.response().end(Buffer.buffer(long5Mb));
      for (int i = 0; i < 2; i++) {
        Answer answer = client.exchange("GET", "/", new byte[0]);
        assertThat(answer.header("content-length")).isEqualTo("5000000");
        assertThat(answer.body()).isEqualTo(long5Mb);
      }
      fleet.region(0).behaviour = request -> request.response().end("short");
      assertThat(client.exchange("GET", "/", new byte[0]).text()).isEqualTo("short");
    }
  }

  @Test
  void a_client_that_stops_reading_is_cut_and_holds_nothing() throws IOException {
    RouterTimeouts timeouts = TestFleet.HARDLY_PROBING.withStall(300);
    try (TestFleet fleet = new TestFleet(1, settings -> settings.withTimeouts(timeouts));
        RawClient client = new RawClient(fleet.port())) {
      fleet.region(0).behaviour =
          request -> request.response().end(Buffer.buffer(random(20_000_000)));
      client.send("GET / HTTP/1.1\r\nhost: r\r\n\r\n");
      fleet.await("under way", () -> fleet.router.requestsUnderWay() == 1);
      fleet.await("cut", () -> !fleet.metrics.requests.isEmpty());
      assertThat(fleet.metrics.requests).as("the region is not at fault").containsExactly("a 499");
      assertThat(fleet.router.requestsUnderWay()).isZero();
      assertThat(fleet.router.view().inFlight(0)).isZero();
    }
  }

  @Test
  void head_and_bodiless_answers_keep_the_connection_in_step() throws IOException {
    try (TestFleet fleet = new TestFleet(1, settings -> settings);
        RawClient client = new RawClient(fleet.port())) {
      fleet.region(0).behaviour =
          request -> request.response().putHeader("content-length", "90000").end();
      assertThat(client.exchange("HEAD", "/", new byte[0]).header("content-length"))
          .isEqualTo("90000");
      for (int status : new int[] {204, 304}) {
        fleet.region(0).behaviour = request -> request.response().setStatusCode(status).end();
        assertThat(client.exchange("GET", "/", new byte[0]).status()).isEqualTo(status);
      }
      fleet.region(0).always(200);
      assertThat(client.exchange("GET", "/", new byte[0]).text()).isEqualTo("a 200");
    }
  }

  @Test
  void a_chunked_body_and_an_absolute_target_are_understood() throws IOException {
    try (TestFleet fleet = new TestFleet(1, settings -> settings);
        RawClient client = new RawClient(fleet.port())) {
      String request =
          """
          POST http://router.example/v1/rate?q HTTP/1.1
          host: r
          transfer-encoding: chunked

          5
          hello
          6
           world
          0

          """;
      client.send(request.replace("\n", "\r\n"));
      assertThat(client.read("POST").status()).isEqualTo(200);
      FakeRegion.Seen seen = fleet.region(0).seen.get(0);
      assertThat(seen.uri()).isEqualTo("/v1/rate?q");
      assertThat(seen.body().toString()).isEqualTo("hello world");
      assertThat(seen.headers().get("content-length")).isEqualTo("11");
      assertThat(seen.headers().contains("transfer-encoding")).isFalse();
    }
  }

  @Test
  void odd_bytes_in_header_fields_leave_nothing_hanging() throws Exception {
    String[] odds = {"a\u0001", "a\u000bb", "a\u007f", "\u00e9", "a\tb", ""};
    try (TestFleet fleet = new TestFleet(1, settings -> settings)) {
      for (String odd : odds) {
        assertThat(RawClient.get(fleet.port(), "/", "x-odd: " + odd).status()).isIn(200, 400);
      }
      fleet.region(0).kill();
      AtomicReference<String> answer = new AtomicReference<>("");
      fleet
          .vertx
          .createNetServer()
          .connectHandler(
              socket ->
                  socket.handler(
                      request -> socket.write(Buffer.buffer(answer.get(), "ISO-8859-1"))))
          .listen(fleet.region(0).url().getPort(), "127.0.0.1")
          .await(5, TimeUnit.SECONDS);
      for (String odd : odds) {
        answer.set("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-odd: " + odd + "\r\n\r\nok");
        assertThat(RawClient.get(fleet.port(), "/").status()).as("%s", odd).isIn(200, 502, 503);
      }
      fleet.await("nothing under way", () -> fleet.router.requestsUnderWay() == 0);
      assertThat(fleet.router.view().inFlight(0)).isZero();
    }
  }

  @Test
  void pipelined_requests_are_answered_in_order() throws IOException {
    try (TestFleet fleet = new TestFleet(1, settings -> settings);
        RawClient client = new RawClient(fleet.port())) {
      fleet.region(0).behaviour = request -> request.response().end(request.path());
      StringBuilder requests = new StringBuilder();
      for (int i = 0; i < 20; i++) {
        requests.append("GET /").append(i).append(" HTTP/1.1\r\nhost: r\r\n\r\n");
      }
      client.send(requests.toString());
      for (int i = 0; i < 20; i++) {
        assertThat(client.read("GET").text()).isEqualTo("/" + i);
      }
    }
  }
}
