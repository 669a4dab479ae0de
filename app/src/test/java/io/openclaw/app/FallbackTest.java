package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.FallbackSpec;
import io.openclaw.edge.CircuitBreaker;
import io.openclaw.edge.Fallback;
import io.openclaw.limit.ConcurrencyLimit;
import io.openclaw.net.FallbackClient;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A tenant whose disk fails, with a real fallback service over real connections. */
final class FallbackTest {
  private static final String SECRET = "Bearer s3cret-that-nobody-may-read";
  private static final String BODY = "{\"item\":\"a\",\"score\":5}";
  private static final int TIMEOUT_MILLIS = 200;

  private final Vertx vertx = Vertx.vertx();
  private final FallbackClient client = new FallbackClient(vertx, new Random(1));
  private final List<String> ends = new ArrayList<>();
  private BrokenService service;
  private FallbackSpec spec;
  private Fallback fallback;
  private FaultyServers servers;
  private LogCapture log;

  @BeforeEach
  void begin() throws Exception {
    log = LogCapture.asANodeLogs();
    service = new BrokenService(0);
    spec =
        new FallbackSpec(
            "http://127.0.0.1:" + service.port() + "/v1/rate",
            TIMEOUT_MILLIS,
            "env:RATES_TOKEN",
            new FallbackSpec.Probe("/health", 1));
    fallback =
        new Fallback(
            client.service(spec, SECRET),
            new CircuitBreaker(new Random(1)),
            spec.timeoutMillis(),
            TimeUnit.SECONDS.toNanos(60),
            (end, id, why) -> {
              synchronized (ends) {
                ends.add(end.text() + ": " + why);
              }
            },
            SystemClock.INSTANCE);
    servers = new FaultyServers(new ConcurrencyLimit(1000, 1000, 0), Map.of("items", fallback));
    servers.disk(FaultyServers.Disk.REFUSES);
  }

  @AfterEach
  void end() throws Exception {
    servers.close();
    service.close();
    client.close().toCompletionStage().toCompletableFuture().join();
    vertx.close().toCompletionStage().toCompletableFuture().join();
    assertThat(log.text()).doesNotContain("s3cret");
    log.close();
  }

  private RawHttp.Reply rate() throws IOException {
    return RawHttp.ask(
        servers.port(),
        RawHttp.request(
            "POST",
            "/v1/rate",
            BODY.getBytes(UTF_8),
            "Authorization: Bearer " + servers.key().reveal(),
            "Content-Type: application/json",
            "x-request-id: order-66",
            "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
  }

  private List<String> ends() {
    synchronized (ends) {
      return List.copyOf(ends);
    }
  }

  @Test
  void it_is_asked_as_the_client_asked_and_answers_as_the_edge_does() throws Exception {
    RawHttp.Reply reply = rate();
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.text())
        .isEqualTo(
            "{\"rating\":612.5,\"model\":\"fallback\",\"version\":\"fallback\","
                + "\"variant\":\"fallback\",\"reasons\":[],\"region\":\"test\","
                + "\"request_id\":\"order-66\"}");
    assertThat(service.requests())
        .singleElement()
        .asString()
        .startsWith("POST /v1/rate HTTP/1.1\r\n")
        .endsWith(BODY)
        .containsIgnoringCase("\r\nauthorization: " + SECRET + "\r\n")
        .containsIgnoringCase("\r\ncontent-type: application/json\r\n")
        .containsIgnoringCase("\r\nx-request-id: order-66\r\n")
        .containsIgnoringCase("\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-")
        .doesNotContain("b7ad6b7169203331", servers.key().reveal());
    servers.disk(FaultyServers.Disk.BREAKS);
    service.way(BrokenService.Way.SLOW);
    assertThat(rate().text()).startsWith("{\"rating\":613,");
    servers.disk(FaultyServers.Disk.WRITES);
    assertThat(rate().text()).contains("\"variant\":\"stable\"");
    assertThat(service.requests()).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource(
      value = BrokenService.Way.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"WELL", "SLOW"})
  void where_it_is_broken_the_original_problem_is_answered_in_time_and_then_at_once(
      BrokenService.Way way) throws Exception {
    service.way(way);
    for (int i = 0; i < 5; i++) {
      RawHttp.Reply reply = rate();
      assertThat(reply.status()).as(reply.text()).isEqualTo(503);
      assertThat(reply.text()).contains("the rating could not be written to disk");
    }
    assertThat(ends()).hasSize(5).allMatch(end -> end.startsWith("failed: "));
    assertThat(fallback.state()).isEqualTo(CircuitBreaker.State.OPEN);
    int asked = service.requests().size();
    assertThat(asked).as("each once, and no redirect followed").isEqualTo(5);
    for (int i = 0; i < 20 && fallback.state() == CircuitBreaker.State.OPEN; i++) {
      assertThat(rate().status()).isEqualTo(503);
    }
    assertThat(service.requests().size() - asked).as("asked while open").isLessThanOrEqualTo(1);
    assertThat(ends()).contains("open: the breaker is open");
  }

  @Test
  void it_closes_by_itself_when_the_service_is_back() throws Exception {
    int port = service.port();
    service.close();
    for (int i = 0; i < 5; i++) {
      assertThat(rate().status()).isEqualTo(503);
    }
    assertThat(fallback.state()).isEqualTo(CircuitBreaker.State.OPEN);
    assertThat(fallback.probe().toCompletableFuture().join()).isFalse();
    service = new BrokenService(port);
    assertThat(fallback.probe().toCompletableFuture().join()).isTrue();
    assertThat(service.requests()).singleElement().asString().startsWith("GET /health HTTP/1.1");
    assertThat(fallback.state()).isEqualTo(CircuitBreaker.State.HALF_OPEN);
    assertThat(rate().text()).contains("\"variant\":\"fallback\"");
    assertThat(rate().text()).contains("\"variant\":\"fallback\"");
    assertThat(fallback.state()).isEqualTo(CircuitBreaker.State.CLOSED);
  }
}
