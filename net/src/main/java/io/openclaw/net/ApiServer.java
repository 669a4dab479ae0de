package io.openclaw.net;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.edge.Answered;
import io.openclaw.edge.Edge;
import io.openclaw.edge.EdgeMetrics;
import io.openclaw.edge.Elsewhere;
import io.openclaw.edge.Received;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** The service port of a node: the routes of the OpenAPI document {@code openclaw-openapi.json}. */
public final class ApiServer {
  static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence HEARS = HttpHeaders.createOptimized("x-openclaw-hears");
  private static final CharSequence LOAD = HttpHeaders.createOptimized("x-openclaw-load");
  private static final CharSequence ATTEMPT = HttpHeaders.createOptimized("x-openclaw-attempt");
  private static final CharSequence ELSEWHERE = HttpHeaders.createOptimized("x-openclaw-elsewhere");
  static final CharSequence TENANT = HttpHeaders.createOptimized("x-tenant-id");
  private static final CharSequence TRACEPARENT = HttpHeaders.createOptimized("traceparent");
  private static final String MODEL = "/v1/models/";
  private static final String TRY = ";try=";
  private static final int ATTEMPT_ID_LENGTH_MAX = 64;
  private static final byte[] OPENAPI = resource("/openclaw-openapi.json");

  /** Packed once, when it is first asked for. */
  private static final class Packed {
    static final byte[] OPENAPI = Gzip.pack(ApiServer.OPENAPI);
  }

  private final Edge edge;
  private final EdgeMetrics metrics;
  private final Readiness readiness;
  private final HealthPage health;
  private final MetricsCache metricsPage;
  private final Clock clock;
  private final BatchServer batches;
  private final JobServer jobs;

  private ApiServer(
      Edge edge,
      BatchServer batches,
      JobServer jobs,
      EdgeMetrics metrics,
      Readiness readiness,
      HealthPage health,
      MetricsCache metricsPage,
      Clock clock) {
    this.edge = edge;
    this.batches = batches;
    this.jobs = jobs;
    this.metrics = metrics;
    this.readiness = readiness;
    this.health = health;
    this.metricsPage = metricsPage;
    this.clock = clock;
  }

  /** Starts to listen on {@code loops} event loops. */
  public static Future<GuardedServer> start(
      Vertx vertx,
      ApiSettings settings,
      int loops,
      Edge edge,
      BatchServer batches,
      JobServer jobs,
      EdgeMetrics metrics,
      Readiness readiness,
      HealthPage health,
      MetricsCache metricsPage,
      Clock clock) {
    ApiServer server =
        new ApiServer(edge, batches, jobs, metrics, readiness, health, metricsPage, clock);
    return GuardedServer.start(vertx, settings, loops, clock, server::route, server::sent);
  }

  /** Counts what was sent, whoever refused it, but for what {@link #isCounted} leaves out. */
  private void sent(Exchange exchange, Answered answered) {
    if (isCounted(exchange.path())) {
      metrics.answered(answered, clock.nanoTime() - exchange.arrivedNanos());
    }
  }

  /** Pages that machines look at are no requests of tenants; jobs count their rows. */
  private static boolean isCounted(String path) {
    return switch (path) {
      case "/livez", "/readyz", "/metrics", "/openapi.json" -> false;
      default -> !JobServer.serves(path);
    };
  }

  private void route(Exchange exchange) {
    switch (exchange.path()) {
      case "/v1/rate" -> {
        if (exchange.method().equals("POST")) {
          exchange.jsonBody(body -> rate(exchange, body));
        } else {
          exchange.tell(ReuseHeaders.ACCEPT_QUERY, ReuseHeaders.QUERY_TYPE);
          if (exchange.method().equals(ReuseHeaders.QUERY)) {
            exchange.jsonBody(body -> rate(exchange, body));
          } else {
            exchange.refuseMethod("POST, QUERY");
          }
        }
      }
      case "/v1/rate/batch" -> {
        if (exchange.method().equals("POST")) {
          batches.begin(exchange);
        } else {
          exchange.refuseMethod("POST");
        }
      }
      case "/v1/limits" ->
          get(
              exchange,
              () -> exchange.answer(edge.limits(authorization(exchange), exchange.header(TENANT))));
      case "/v1/models" ->
          get(
              exchange,
              () -> exchange.answer(edge.models(authorization(exchange), exchange.header(TENANT))));
      case "/livez" -> get(exchange, () -> exchange.answer(200, JSON, HealthPage.ALIVE));
      case "/readyz" -> get(exchange, () -> ready(exchange));
      case "/metrics" -> get(exchange, () -> metricsPage.show(exchange));
      case "/openapi.json" ->
          get(
              exchange,
              () ->
                  exchange.answerKept(200, JSON, exchange.takesGzip() ? Packed.OPENAPI : OPENAPI));
      default -> {
        if (JobServer.serves(exchange.path())) {
          jobs.route(exchange);
        } else if (exchange.path().startsWith(MODEL)) {
          String name = exchange.path().substring(MODEL.length());
          get(
              exchange,
              () ->
                  exchange.answer(
                      edge.model(authorization(exchange), exchange.header(TENANT), name)));
        } else {
          exchange.refusePath();
        }
      }
    }
  }

  static void get(Exchange exchange, Runnable answer) {
    if (exchange.method().equals("GET") || exchange.method().equals("HEAD")) {
      answer.run();
    } else {
      exchange.refuseMethod("GET, HEAD");
    }
  }

  private void ready(Exchange exchange) {
    boolean ready = readiness.state() == Readiness.State.READY;
    if (ready && health.isDrained()) {
      exchange.refuse(
          Problem.of(ProblemType.UNAVAILABLE, "draining: by order, requests are still served")
              .withRetryAfter(1));
    } else if (ready) {
      exchange.tell(LOAD, health.load());
      String hears = health.hears();
      if (!hears.isEmpty()) {
        exchange.tell(HEARS, hears);
      }
      exchange.answer(200, JSON, health.ready(isVerbose(exchange.query())));
    } else {
      exchange.refuse(
          Problem.of(
                  ProblemType.UNAVAILABLE,
                  readiness.state() == Readiness.State.STARTING ? "starting" : "draining")
              .withRetryAfter(1));
    }
  }

  private static boolean isVerbose(@Nullable String query) {
    return query != null && (query.equals("verbose") || query.equals("verbose=true"));
  }

  private void rate(Exchange exchange, byte[] body) {
    String attempt = exchange.header(ATTEMPT);
    int end = attemptIdEnd(attempt);
    Received plain =
        new Received(
            authorization(exchange),
            exchange.header(TENANT),
            body,
            attempt == null || end < 0 ? null : attempt.substring(0, end),
            attempt == null || end < 0 ? 1 : attempt.charAt(end + TRY.length()) - '0',
            exchange.arrivedNanos(),
            exchange.header(TRACEPARENT));
    Received received = ReuseHeaders.asked(exchange, plain);
    if (received == null) {
      return;
    }
    exchange.await(
        edge.rate(received, exchange.requestId(), exchange),
        answered -> {
          Elsewhere elsewhere = answered.elsewhere();
          if (elsewhere != null && received.attemptId() != null) {
            exchange.tell(ELSEWHERE, elsewhere.text()); // a router asks, and keeps it to itself
          }
          exchange.answer(answered);
        });
  }

  static @Nullable String authorization(Exchange exchange) {
    return exchange.header(HttpHeaders.AUTHORIZATION);
  }

  /**
   * Where the id ends in what a router says of its tries, {@code <id>;try=<1 to 9>}; -1 where the
   * header is none.
   */
  private static int attemptIdEnd(@Nullable String header) {
    int end = header == null ? -1 : header.indexOf(TRY);
    boolean whole =
        header != null
            && end >= 1
            && end <= ATTEMPT_ID_LENGTH_MAX
            && header.length() == end + TRY.length() + 1
            && header.charAt(header.length() - 1) >= '1'
            && header.charAt(header.length() - 1) <= '9';
    return whole ? end : -1;
  }

  private static byte[] resource(String name) {
    try (InputStream in = ApiServer.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from the class path");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
