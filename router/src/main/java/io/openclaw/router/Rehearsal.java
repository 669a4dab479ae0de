package io.openclaw.router;

import io.openclaw.domain.Clock;
import io.openclaw.steer.HealthRules;
import io.openclaw.steer.RegionReport;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A rehearsal of failover, so that the first real one does not wait for classes to load and for the
 * JVM to compile: requests go through routers of its own, on ports of this machine, to two regions,
 * one of which resets its connections, then refuses, then falls silent, and each time comes back.
 *
 * <p>It touches no real region and counts nothing. TLS is not rehearsed. For one use.
 */
public final class Rehearsal {
  /** What the failing region does, an act each. */
  private enum Mood {
    GOOD,
    RESETS,
    REFUSES,
    SILENT
  }

  private static final int CLIENTS = 16;
  private static final String HOST = "127.0.0.1";
  private static final int ATTEMPT_MILLIS = 40;
  private static final int PROBE_MILLIS = 20;
  private static final Buffer INPUT =
      Buffer.buffer("{\"duration\":6,\"purpose\":\"radio/tv\",\"credit_amount\":1169}");
  private static final Buffer ANSWER =
      Buffer.buffer("{\"rating\":0.5,\"reasons\":[]}".getBytes(StandardCharsets.UTF_8));

  private final Vertx vertx;
  private final Clock clock;
  private final HttpClient client;
  private final List<HttpServer> regions = new ArrayList<>();
  private final AtomicLong answered = new AtomicLong();
  private volatile Mood mood = Mood.GOOD;
  private volatile boolean resting;

  private Rehearsal(Vertx vertx, Clock clock) {
    this.vertx = vertx;
    this.clock = clock;
    this.client = vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(CLIENTS));
  }

  /**
   * Rehearses for about {@code millis} milliseconds; the future completes with how many requests
   * were answered well, and fails where there is no port to be had.
   */
  public static Future<Long> run(Vertx vertx, Clock clock, long millis) {
    Rehearsal rehearsal = new Rehearsal(vertx, clock);
    long each = Math.max(1, millis / (Mood.values().length - 1));
    return rehearsal
        .listen()
        .compose(ready -> rehearsal.act(Mood.RESETS, each))
        .compose(over -> rehearsal.act(Mood.REFUSES, each))
        .compose(over -> rehearsal.act(Mood.SILENT, each))
        .eventually(rehearsal::close)
        .map(over -> rehearsal.answered.get());
  }

  private Future<Void> listen() {
    HttpServer failing = vertx.createHttpServer().requestHandler(this::inItsMood);
    HttpServer good = vertx.createHttpServer().requestHandler(Rehearsal::well);
    regions.add(failing);
    regions.add(good);
    return failing.listen(0, HOST).compose(listens -> good.listen(0, HOST)).mapEmpty();
  }

  private Future<Void> act(Mood failure, long millis) {
    Map<String, URI> urls = new LinkedHashMap<>();
    for (HttpServer region : regions) {
      urls.put("region-" + urls.size(), URI.create("http://" + HOST + ":" + region.actualPort()));
    }
    RouterSettings settings =
        RouterSettings.of(HOST, 0, urls)
            .withTimeouts(
                RouterTimeouts.defaults()
                    .withAttempt(ATTEMPT_MILLIS)
                    .withProbes(PROBE_MILLIS, 2 * PROBE_MILLIS)
                    .withDrain(0))
            .withHealth(HealthRules.defaults().withSlowStartNanos(PROBE_MILLIS * 1_000_000L));
    resting = false;
    return RouterServer.start(vertx, settings, clock, RouterMetrics.NONE)
        .compose(
            router -> {
              for (int i = 0; i < CLIENTS; i++) {
                ask(router.port());
              }
              return after(millis / 4)
                  .compose(well -> during(failure, millis / 2))
                  .compose(back -> after(millis / 4))
                  .eventually(
                      () -> {
                        resting = true;
                        return router.close();
                      });
            });
  }

  private Future<Void> during(Mood failure, long millis) {
    mood = failure;
    return after(millis).onComplete(over -> mood = Mood.GOOD).mapEmpty();
  }

  private Future<Void> after(long millis) {
    return vertx.timer(Math.max(1, millis), TimeUnit.MILLISECONDS).mapEmpty();
  }

  /** One client: the next request follows the answer of the last one. */
  private void ask(int port) {
    client
        .request(
            new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost(HOST)
                .setPort(port)
                .setURI("/v1/rate"))
        .compose(
            request ->
                request
                    .putHeader("content-type", "application/json")
                    .send(INPUT)
                    .compose(answer -> answer.body().map(body -> answer.statusCode())))
        .onComplete(
            status -> {
              if (status.succeeded() && status.result() == 200) {
                answered.incrementAndGet();
              }
              if (!resting) {
                ask(port);
              }
            });
  }

  private void inItsMood(HttpServerRequest request) {
    switch (mood) {
      case GOOD -> well(request);
      case RESETS -> {
        var _ = request.connection().close();
      }
      case REFUSES -> {
        var _ = request.response().setStatusCode(503).end();
      }
      case SILENT -> {}
    }
  }

  private static void well(HttpServerRequest request) {
    request.endHandler(
        whole -> {
          var _ =
              request
                  .response()
                  .putHeader("content-type", "application/json")
                  .putHeader(RegionReport.LOAD, "0.100")
                  .end(ANSWER);
        });
  }

  private Future<Void> close() {
    List<Future<Void>> gone = new ArrayList<>(List.of(client.close()));
    regions.forEach(region -> gone.add(region.close()));
    return Future.join(gone).mapEmpty();
  }
}
