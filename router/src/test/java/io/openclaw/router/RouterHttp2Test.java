package io.openclaw.router;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.tls.AuthorityFolder;
import io.openclaw.tls.CertificateFiles;
import io.openclaw.tls.Certificates;
import io.openclaw.tls.ServerTls;
import io.openclaw.tls.TlsEvents;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many requests over one HTTP/2 connection: what happens to one is not felt by the others. */
final class RouterHttp2Test {
  private static final int BODY_MAX = 4_000;

  @TempDir static Path folder = Path.of("");

  private final List<AutoCloseable> open = new ArrayList<>();

  /** Vert.x closes the connections of a client that nobody holds. */
  private final List<HttpClientAgent> clients = new ArrayList<>();

  @BeforeEach
  void certificate() throws IOException {
    if (!folder.resolve("router").toFile().exists()) {
      AuthorityFolder authority = new AuthorityFolder(folder.resolve("ca"), new SecureRandom());
      authority.init(Instant.now());
      authority.issue(
          new AuthorityFolder.Wish("router", List.of(), List.of("localhost"), List.of()),
          folder.resolve("router"),
          Instant.now(),
          Duration.ofDays(1));
    }
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  private TestFleet fleet(int size, UnaryOperator<RouterSettings> with) throws IOException {
    CertificateFiles.Pair pair =
        new CertificateFiles.Pair(
            folder.resolve("router/tls.crt"), folder.resolve("router/tls.key"));
    Certificates shown =
        Certificates.open(
            new CertificateFiles("http", pair, null, null, List.of()),
            new TlsEvents(System::nanoTime),
            System::currentTimeMillis);
    TestFleet fleet = new TestFleet(size, with, new RouterTls(new ServerTls(shown, true), null));
    open.add(fleet);
    return fleet;
  }

  private static RouterSettings small(RouterSettings settings) {
    return settings.withBounds(RouterBounds.defaults().withBodyBytes(BODY_MAX)).withEventLoops(1);
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, SECONDS);
  }

  private HttpClientConnection connect(TestFleet fleet) throws Exception {
    return connect(fleet, new Http2Settings());
  }

  private HttpClientConnection connect(TestFleet fleet, Http2Settings settings) throws Exception {
    HttpClientAgent client =
        fleet.vertx.createHttpClient(
            new HttpClientOptions()
                .setSsl(true)
                .setUseAlpn(true)
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setTrustAll(true)
                .setInitialSettings(settings)
                .setVerifyHost(false));
    clients.add(client);
    HttpClientConnection connection =
        get(client.connect(new HttpConnectOptions().setHost("127.0.0.1").setPort(fleet.port())));
    connection.exceptionHandler(broken -> {});
    return connection;
  }

  private static Future<HttpClientRequest> request(
      HttpClientConnection connection, HttpMethod method, String path) {
    return connection.request(new RequestOptions().setMethod(method).setURI(path));
  }

  private static Future<HttpClientResponse> post(
      HttpClientConnection connection, String path, Buffer body) {
    return request(connection, HttpMethod.POST, path)
        .compose(
            request -> {
              request.setChunked(true).putHeader("content-type", "application/json");
              Future<HttpClientResponse> answer = request.response();
              var _ = request.write(body); // without a length
              var _ = request.end();
              return answer;
            });
  }

  private static int status(HttpClientConnection connection) throws Exception {
    HttpClientResponse answer = get(post(connection, "/v1/rate", Buffer.buffer("{}")));
    return answer.statusCode();
  }

  @Test
  void requests_share_a_connection_and_do_not_notice_that_a_region_dies() throws Exception {
    TestFleet fleet = fleet(3, RouterHttp2Test::small);
    HttpClientConnection connection = connect(fleet);
    assertThat(connection.remoteSettings().getMaxConcurrentStreams()).isEqualTo(100);
    List<Future<HttpClientResponse>> answers = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      if (i == 30) {
        fleet.region(0).kill();
      }
      answers.add(post(connection, "/v1/rate", Buffer.buffer("{\"n\":" + i + "}")));
    }
    for (Future<HttpClientResponse> each : answers) {
      HttpClientResponse answer = get(each);
      assertThat(answer.version()).isEqualTo(HttpVersion.HTTP_2);
      assertThat(answer.statusCode()).isEqualTo(200);
    }
    FakeRegion.Seen seen = fleet.region(1).seen.getLast();
    assertThat(seen.body().toString()).startsWith("{\"n\":");
    assertThat(seen.headers().get("host")).isEqualTo("127.0.0.1:" + fleet.port());
  }

  @Test
  void a_request_without_a_body_reaches_the_region_without_one() throws Exception {
    TestFleet fleet = fleet(1, RouterHttp2Test::small);
    HttpClientConnection connection = connect(fleet);
    for (String path : List.of("/v1/models", "/v1/jobs")) {
      HttpClientResponse answer =
          get(request(connection, HttpMethod.GET, path).compose(HttpClientRequest::send));
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(fleet.region(0).seen.getLast().headers().contains("content-length")).isFalse();
      assertThat(fleet.region(0).seen.getLast().headers().contains("transfer-encoding")).isFalse();
    }
  }

  @Test
  void a_target_that_no_start_line_can_carry_is_refused_and_no_region_is_blamed() throws Exception {
    TestFleet fleet = fleet(2, RouterHttp2Test::small);
    HttpClientConnection connection = connect(fleet);
    for (String path :
        List.of("/v1/rate HTTP/1.1", "/v1/limits?a b", "/v1/rate/batch?x= ", "/v1/jobs/\t")) {
      for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.POST)) {
        HttpClientResponse answer =
            get(request(connection, method, path).compose(request -> request.send("{}")));
        assertThat(answer.statusCode()).as(path).isEqualTo(400);
        assertThat(answer.getHeader("content-type")).isEqualTo("application/problem+json");
      }
    }
    assertThat(Headers.isTarget("/\u0001")).as("what this client does not send").isFalse();
    assertThat(fleet.region(0).served).hasValue(0);
    assertThat(fleet.metrics.retries).isEmpty();
    assertThat(fleet.metrics.ejected).isEmpty();
    assertThat(status(connection)).isEqualTo(200);
    assertThat(fleet.region(0).seen.getLast().uri()).isEqualTo("/v1/rate");
    fleet.await("nothing under way", () -> fleet.router.requestsUnderWay() == 0);
  }

  @Test
  void a_body_that_is_too_large_is_refused_and_the_others_go_on() throws Exception {
    TestFleet fleet = fleet(1, RouterHttp2Test::small);
    HttpClientConnection connection = connect(fleet);
    HttpClientRequest endless = get(request(connection, HttpMethod.POST, "/v1/rate"));
    endless.setChunked(true).exceptionHandler(reset -> {});
    var _ = endless.write(Buffer.buffer(new byte[BODY_MAX + 1]));
    assertThat(get(endless.response()).statusCode()).isEqualTo(413);
    assertThat(status(connection)).isEqualTo(200);
    HttpClientResponse declared =
        get(
            request(connection, HttpMethod.POST, "/v1/rate")
                .compose(request -> request.send(Buffer.buffer(new byte[BODY_MAX + 1]))));
    assertThat(declared.statusCode()).isEqualTo(413);
    assertThat(status(connection)).isEqualTo(200);
  }

  @Test
  void a_region_that_dies_while_it_answers_resets_that_stream_alone() throws Exception {
    TestFleet fleet = fleet(1, RouterHttp2Test::small);
    HttpClientConnection connection = connect(fleet);
    fleet.region(0).behaviour =
        request ->
            request
                .response()
                .setChunked(true)
                .write("half")
                .onComplete(sent -> request.connection().close());
    AtomicInteger begun = new AtomicInteger();
    // The body is asked for on the event loop, before the reset: Vert.x tells nobody of it after.
    Future<Buffer> half =
        post(connection, "/v1/rate", Buffer.buffer("{}"))
            .compose(
                answer -> {
                  begun.set(answer.statusCode());
                  return answer.body();
                });
    assertThatThrownBy(() -> get(half)).isInstanceOf(ExecutionException.class);
    assertThat(begun).hasValue(200);
    fleet.region(0).thaw();
    assertThat(status(connection)).isEqualTo(200);
  }

  @Test
  void a_batch_is_passed_on_both_ways_as_it_comes() throws Exception {
    TestFleet fleet = fleet(1, RouterHttp2Test::small);
    HttpClientConnection connection = connect(fleet);
    fleet.region(0).early =
        request -> {
          request.response().setChunked(true);
          request.handler(part -> request.response().write(part));
          request.endHandler(end -> request.response().end());
        };
    HttpClientRequest batch = get(request(connection, HttpMethod.POST, "/v1/rate/batch"));
    batch.setChunked(true);
    List<String> lines = new CopyOnWriteArrayList<>();
    AtomicBoolean over = new AtomicBoolean();
    batch
        .response()
        .onSuccess(
            answer ->
                answer
                    .handler(part -> lines.add(part.toString()))
                    .endHandler(end -> over.set(true)));
    var _ = batch.write("one\n");
    fleet.await("the first line", () -> lines.contains("one\n"));
    assertThat(over).isFalse();
    var _ = batch.end("two\n");
    fleet.await("the end", over::get);
    assertThat(String.join("", lines)).isEqualTo("one\ntwo\n");
  }

  @Test
  void a_flood_of_resets_costs_the_client_its_connection_and_nobody_else() throws Exception {
    TestFleet fleet = fleet(1, RouterHttp2Test::small);
    fleet.region(0).behaviour = request -> {};
    HttpClientConnection flood = connect(fleet);
    HttpClientConnection other = connect(fleet);
    AtomicBoolean closed = new AtomicBoolean();
    flood.closeHandler(gone -> closed.set(true));
    for (int i = 0; i < 400 && !closed.get(); i++) {
      request(flood, HttpMethod.GET, "/v1/models")
          .onSuccess(
              request -> {
                request.exceptionHandler(reset -> {});
                request.sendHead().onSuccess(sent -> request.reset());
              });
    }
    fleet.await("the end of the connection", closed::get);
    fleet.region(0).thaw();
    assertThat(status(other)).isEqualTo(200);
    fleet.await("no request left", () -> fleet.router.requestsUnderWay() == 0);
  }

  @Test
  void headers_beyond_the_bound_are_refused() throws Exception {
    TestFleet fleet = fleet(1, RouterHttp2Test::small);
    HttpClientConnection connection = connect(fleet);
    HttpClientRequest request = get(request(connection, HttpMethod.GET, "/v1/models"));
    request.exceptionHandler(reset -> {});
    request.putHeader("x-large", "a".repeat(20_000));
    assertThatThrownBy(() -> get(request.send())).isNotNull();
    assertThat(fleet.region(0).seen).isEmpty();
    assertThat(status(connect(fleet))).isEqualTo(200);
  }

  @Test
  void an_answer_that_is_not_taken_is_taken_back() throws Exception {
    TestFleet fleet =
        fleet(1, settings -> small(settings).withTimeouts(TestFleet.HARDLY_PROBING.withStall(300)));
    fleet.region(0).behaviour = request -> request.response().end(Buffer.buffer(new byte[8 << 20]));
    HttpClientConnection connection = connect(fleet);
    HttpClientRequest request = get(request(connection, HttpMethod.GET, "/v1/models"));
    AtomicInteger resets = new AtomicInteger();
    request.exceptionHandler(reset -> resets.incrementAndGet());
    Future<HttpClientResponse> answer = request.send();
    answer.onSuccess(
        begun -> {
          begun.exceptionHandler(reset -> resets.incrementAndGet());
          begun.pause();
        });
    get(answer);
    fleet.await("the reset", () -> fleet.router.requestsUnderWay() == 0);
    fleet.region(0).thaw();
    assertThat(status(connection)).isEqualTo(200);
  }

  @Test
  void a_client_that_opens_no_window_for_an_answer_loses_its_connection() throws Exception {
    TestFleet fleet =
        fleet(1, settings -> small(settings).withTimeouts(TestFleet.HARDLY_PROBING.withStall(300)));
    fleet.region(0).behaviour = request -> request.response().end(Buffer.buffer(new byte[9_000]));
    HttpClientConnection connection = connect(fleet, new Http2Settings().setInitialWindowSize(100));
    AtomicBoolean closed = new AtomicBoolean();
    connection.closeHandler(gone -> closed.set(true));
    get(
        request(connection, HttpMethod.GET, "/v1/models")
            .compose(HttpClientRequest::send)
            .onSuccess(HttpClientResponse::pause));
    fleet.await("the end of the connection", closed::get);
  }

  @Test
  void a_client_that_takes_a_request_back_ends_its_try() throws Exception {
    TestFleet fleet = fleet(1, RouterHttp2Test::small);
    List<HttpServerRequest> held = new CopyOnWriteArrayList<>();
    fleet.region(0).behaviour = held::add;
    HttpClientConnection connection = connect(fleet);
    HttpClientRequest request = get(request(connection, HttpMethod.GET, "/v1/models"));
    request.exceptionHandler(reset -> {});
    var _ = request.send();
    fleet.await("the request", () -> held.size() == 1);
    request.reset();
    fleet.await("the end of the try", () -> fleet.router.requestsUnderWay() == 0);
    fleet.region(0).thaw();
    assertThat(status(connection)).isEqualTo(200);
  }

  @Test
  void a_router_that_closes_says_so_and_answers_what_it_has() throws Exception {
    TestFleet fleet = fleet(1, RouterHttp2Test::small);
    List<HttpServerRequest> held = new CopyOnWriteArrayList<>();
    fleet.region(0).behaviour = held::add;
    HttpClientConnection connection = connect(fleet);
    AtomicBoolean told = new AtomicBoolean();
    connection.goAwayHandler(away -> told.set(true));
    connection.shutdownHandler(shut -> told.set(true));
    Future<HttpClientResponse> answer = post(connection, "/v1/rate", Buffer.buffer("{}"));
    fleet.await("the request", () -> held.size() == 1);
    Future<Void> closing = fleet.router.close();
    fleet.await("the word", told::get);
    held.getFirst().response().end("late");
    assertThat(get(answer).statusCode()).isEqualTo(200);
    get(closing);
  }

  @Test
  void a_connection_that_says_nothing_is_closed() throws Exception {
    TestFleet fleet =
        fleet(
            1,
            settings -> small(settings).withTimeouts(TestFleet.HARDLY_PROBING.withDeadline(500)));
    HttpClientConnection connection = connect(fleet);
    AtomicBoolean closed = new AtomicBoolean();
    connection.closeHandler(gone -> closed.set(true));
    fleet.await("the end of the connection", closed::get);
  }
}
