package io.openclaw.router;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.steer.RegionState;
import io.openclaw.tls.AuthorityFolder;
import io.openclaw.tls.CertificateFiles;
import io.openclaw.tls.Certificates;
import io.openclaw.tls.Names;
import io.openclaw.tls.Refusal;
import io.openclaw.tls.ServerTls;
import io.openclaw.tls.TlsEvents;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A router before regions that demand its certificate. */
final class RouterTlsTest {
  @TempDir Path folder = Path.of("");

  private final Vertx vertx = Vertx.vertx();
  private final TlsEvents events = new TlsEvents(System::nanoTime);
  private final List<Certificates> all = new ArrayList<>();
  private @Nullable RouterServer router;

  @BeforeEach
  void authority() throws IOException {
    new AuthorityFolder(folder.resolve("ca"), new SecureRandom()).init(Instant.now());
    for (String who : List.of("a", "b", "router")) {
      issue(who);
    }
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, SECONDS);
  }

  private String issue(String who) throws IOException {
    String uri = who.equals("router") ? Names.ROUTER : Names.region(who);
    return new AuthorityFolder(folder.resolve("ca"), new SecureRandom())
        .issue(
            new AuthorityFolder.Wish(who, List.of(uri), List.of(), List.of()),
            folder.resolve(who),
            Instant.now(),
            Duration.ofDays(1))
        .getSerialNumber()
        .toString(16);
  }

  private Certificates open(String who) throws IOException {
    Path in = folder.resolve(who);
    Certificates opened =
        Certificates.open(
            new CertificateFiles(
                who,
                new CertificateFiles.Pair(in.resolve("tls.crt"), in.resolve("tls.key")),
                in.resolve("ca.crt"),
                null,
                List.of()),
            events,
            System::currentTimeMillis);
    all.add(opened);
    return opened;
  }

  private URI region(String name) throws Exception {
    HttpServerOptions options = new HttpServerOptions();
    ServerTls tls = new ServerTls(open(name), false);
    tls.apply(options, 5000);
    HttpServer server =
        tls.watch(vertx.createHttpServer(options))
            .requestHandler(request -> request.response().end(name));
    server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().get(5, SECONDS);
    return URI.create("https://127.0.0.1:" + server.actualPort());
  }

  private RouterServer start(Map<String, URI> regions) throws Exception {
    RouterServer started =
        RouterServer.start(
                vertx,
                RouterSettings.of("127.0.0.1", 0, regions).withEventLoops(1),
                new RouterTls(null, open("router")),
                TestFleet.CLOCK,
                new RecordedMetrics())
            .toCompletionStage()
            .toCompletableFuture()
            .get(5, SECONDS);
    router = started;
    return started;
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + SECONDS.toNanos(10);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("waited too long").isNegative();
      Thread.sleep(10);
    }
  }

  private int ask(HttpClient client) throws IOException, InterruptedException {
    int port = java.util.Objects.requireNonNull(router).port();
    return client
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/rate"))
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  @Test
  void no_request_notices_that_certificates_and_the_authority_change() throws Exception {
    Map<String, URI> regions = new LinkedHashMap<>();
    regions.put("a", region("a"));
    regions.put("b", region("b"));
    RouterServer started = start(regions);
    await(() -> started.view().health(0).state() == RegionState.UP);
    await(() -> started.view().health(1).state() == RegionState.UP);
    AtomicBoolean ended = new AtomicBoolean();
    AtomicInteger asked = new AtomicInteger();
    List<CompletableFuture<Integer>> clients = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      clients.add(CompletableFuture.supplyAsync(() -> askUntil(ended, asked)));
    }
    String serial = "";
    AuthorityFolder authority = new AuthorityFolder(folder.resolve("ca"), new SecureRandom());
    Thread.sleep(1500); // handshakes are compiled
    for (int round = 0; round < 4; round++) {
      if (round == 2) {
        authority.rotate(Instant.now());
      }
      serial = issue("router");
      issue("a");
      issue("b");
      for (Certificates each : all) {
        assertThat(each.look()).isTrue();
      }
      String last = serial;
      await(() -> last.equals(seen("a")) && last.equals(seen("b")));
    }
    ended.set(true);
    for (CompletableFuture<Integer> client : clients) {
      assertThat(client.get(20, SECONDS)).as("answers that were not 200").isZero();
    }
    assertThat(asked.get()).isGreaterThan(100);
    assertThat(events.refusals()).isEmpty();
  }

  private String seen(String region) {
    var serial = events.peers().get(new TlsEvents.Peer(region, Names.ROUTER));
    return serial == null ? "" : serial.toString(16);
  }

  private int askUntil(AtomicBoolean ended, AtomicInteger asked) {
    int failed = 0;
    try (HttpClient client = HttpClient.newHttpClient()) {
      while (!ended.get()) {
        if (ask(client) != 200) {
          failed++;
        }
        asked.incrementAndGet();
        Thread.sleep(2);
      }
    } catch (IOException e) {
      failed++;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return failed;
  }

  @Test
  void a_region_that_shows_another_s_certificate_is_not_used() throws Exception {
    URI a = region("a");
    RouterServer started = start(Map.of("b", a));
    await(
        () -> {
          var count =
              events.refusals().get(new TlsEvents.Kind("router", Refusal.WRONG_NAME.word()));
          return count != null && count.sum() > 0;
        });
    assertThat(started.view().health(0).state()).isNotEqualTo(RegionState.UP);
    try (HttpClient client = HttpClient.newHttpClient()) {
      assertThat(ask(client)).isEqualTo(503);
    }
  }
}
