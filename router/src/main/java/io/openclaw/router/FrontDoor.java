package io.openclaw.router;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.tls.ServerTls;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/** One event loop of the router: its server, its clients' connections, its pools to the regions. */
final class FrontDoor extends VerticleBase {
  private static final long SWEEP_MILLIS = 100;
  private static final long MILLI = 1_000_000L;
  private static final int REQUEST_LINE_BYTES_MAX = 8 << 10;
  private static final int SEED_BYTES = 16;

  final Fleet fleet;
  final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed());
  private final int listenPort;
  private final List<RegionClient> regions = new ArrayList<>();
  private final List<Set<Attempt>> waiting = new ArrayList<>();
  private final Map<HttpConnection, ClientConnection> clients = new HashMap<>();
  private final OwnEndpoints own;
  private final ListeningSocket socket = new ListeningSocket();
  private @Nullable HttpServer server;

  FrontDoor(Fleet fleet, int listenPort) {
    this.fleet = fleet;
    this.listenPort = listenPort;
    this.own = new OwnEndpoints(fleet);
  }

  @Override
  public Future<?> start() {
    RouterSettings settings = fleet.settings;
    settings
        .regions()
        .forEach(
            (name, url) ->
                regions.add(
                    new RegionClient(
                        vertx,
                        name,
                        url,
                        fleet.tls.regions(),
                        settings.timeouts().connect(),
                        settings.bounds().connectionsPerRegion())));
    fleet.whenRenewed(() -> context.runOnContext(now -> regions.forEach(RegionClient::renew)));
    settings.regions().keySet().forEach(name -> waiting.add(new HashSet<>()));
    fleet.whenOut(region -> context.runOnContext(now -> leave(region)));
    vertx.setPeriodic(SWEEP_MILLIS, timer -> sweep());
    HttpServerOptions options =
        new HttpServerOptions()
            .setMaxHeaderSize(settings.bounds().headerBytes())
            .setMaxInitialLineLength(REQUEST_LINE_BYTES_MAX)
            .setHandle100ContinueAutomatically(false)
            .setHttp2ClearTextEnabled(false)
            .setTcpNoDelay(true)
            .setReusePort(settings.reusePort());
    ServerTls tls = fleet.tls.listener();
    if (tls != null) {
      tls.apply(options, settings.timeouts().deadline());
      offerHttp2(options, settings.bounds());
    }
    HttpServer listening =
        vertx
            .createHttpServer(options)
            .connectionHandler(this::connected)
            .requestHandler(this::received)
            .invalidRequestHandler(this::malformed);
    if (tls != null) {
      tls.watch(listening);
    }
    server = listening;
    return listening.listen(listenPort, settings.host());
  }

  /** Over TLS, where ALPN says what a connection speaks before anything is sent (RFC 9113, 3.2). */
  private static void offerHttp2(HttpServerOptions options, RouterBounds bounds) {
    options
        .setUseAlpn(true)
        .setHttp2RstFloodMaxRstFramePerWindow(bounds.resetsPerWindow())
        .setHttp2RstFloodWindowDuration(RouterBounds.RESETS_WINDOW_SECONDS)
        .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS)
        .setInitialSettings(
            new Http2Settings()
                .setMaxConcurrentStreams(bounds.streamsPerConnection())
                .setMaxHeaderListSize(bounds.headerBytes()));
  }

  int port() {
    return server == null ? -1 : server.actualPort();
  }

  /** A region left service: what waits for it goes elsewhere, unless it only drains. */
  private void leave(int region) {
    if (!fleet.view.health(region).draining()) {
      List.copyOf(waiting.get(region)).forEach(Attempt::regionIsOut);
    }
    regions.get(region).retire();
  }

  /** The tries that a region has not begun to answer. */
  Set<Attempt> waiting(int region) {
    return waiting.get(region);
  }

  RegionClient region(int index) {
    return regions.get(index);
  }

  /** Asks its HTTP/2 clients to come back on another connection. */
  void goAway(long millis) {
    context.runOnContext(now -> List.copyOf(clients.values()).forEach(each -> each.goAway(millis)));
  }

  void stopAccepting() {
    socket.close();
  }

  /** Stops accepting and lets the requests under way end. */
  Future<Void> shutdown(long millis) {
    return server == null
        ? Future.succeededFuture()
        : server.shutdown(millis, TimeUnit.MILLISECONDS);
  }

  /** 128 random bits in hex. */
  String newId() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }

  long setTimer(long millis, Runnable action) {
    return vertx.setTimer(Math.max(1, millis), timer -> action.run());
  }

  void cancelTimer(long timer) {
    vertx.cancelTimer(timer);
  }

  private static byte[] seed() {
    byte[] seed = new byte[SEED_BYTES];
    new SecureRandom().nextBytes(seed);
    return seed;
  }

  private void connected(HttpConnection connection) {
    socket.accepted(connection);
    connection.exceptionHandler(broken -> {});
    if (fleet.connections.incrementAndGet() > fleet.settings.bounds().connections()) {
      fleet.connections.decrementAndGet();
      fleet.metrics.connectionRefused();
      var _ = connection.close();
      return;
    }
    long headBy = fleet.clock.nanoTime() + fleet.settings.timeouts().deadline() * MILLI;
    clients.put(connection, new ClientConnection(connection, headBy));
    connection.closeHandler(
        closed -> {
          fleet.connections.decrementAndGet();
          clients.remove(connection);
        });
  }

  private void received(HttpServerRequest request) {
    ClientConnection connection = clients.get(request.connection());
    if (connection == null) {
      var _ = request.connection().close();
      return;
    }
    ClientStream client = new ClientStream(connection, request);
    connection.add(client);
    request.response().endHandler(ended -> answered(connection, client));
    if (own.answer(request)) {
      return;
    }
    Problem unfit = Headers.unfit(request);
    if (unfit != null) {
      turnAway(request, client, unfit);
    } else if (fleet.concurrent.incrementAndGet() > fleet.settings.bounds().concurrentRequests()) {
      fleet.concurrent.decrementAndGet();
      turnAway(request, client, overloaded());
    } else if (Passage.serves(request.path())) {
      new Passage(this, request, client).start();
    } else {
      new Exchange(this, request, client).start();
    }
  }

  private void answered(ClientConnection connection, ClientStream client) {
    long now = fleet.clock.nanoTime();
    RouterTimeouts timeouts = fleet.settings.timeouts();
    connection.answered(client, now + timeouts.idle() * MILLI, now + timeouts.stall() * MILLI);
  }

  private Problem overloaded() {
    int most = fleet.settings.bounds().concurrentRequests();
    return Problem.of(
            ProblemType.UNAVAILABLE,
            "the router is serving " + most + " requests already, as many as it may")
        .withRetryAfter(1);
  }

  /** Refuses a request that is none of those under way. */
  private void turnAway(HttpServerRequest request, ClientStream client, Problem problem) {
    request.exceptionHandler(broken -> {});
    request.response().exceptionHandler(broken -> {});
    String given = Headers.requestId(request.headers());
    fleet.metrics.request(RouterMetrics.NO_REGION, problem.type().status(), 0);
    refuse(request, client, problem, given == null ? newId() : given);
  }

  /** Answers a problem before the request's body was read to its end. */
  void refuse(HttpServerRequest request, ClientStream client, Problem problem, String requestId) {
    if (request.isEnded()) {
      Problems.answer(request.response(), problem, requestId);
      return;
    }
    client.announceClose();
    Future<Void> answer = Problems.answer(request.response(), problem, requestId);
    client.discardRest(answer, fleet.clock.nanoTime() + AnswerStream.LINGER_NANOS);
  }

  private void malformed(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    boolean tooLong = cause instanceof TooLongHttpHeaderException;
    Problem problem =
        tooLong
            ? Problem.of(
                ProblemType.HEADERS_TOO_LARGE,
                "the header fields exceed " + fleet.settings.bounds().headerBytes() + " bytes")
            : Problem.of(ProblemType.BAD_REQUEST, "the request is not well-formed HTTP/1.1");
    fleet.metrics.request(RouterMetrics.NO_REGION, problem.type().status(), 0);
    request.response().putHeader("connection", "close");
    Problems.answer(request.response(), problem, newId())
        .onComplete(sent -> request.connection().close());
  }

  private void sweep() {
    long now = fleet.clock.nanoTime();
    for (ClientConnection client : List.copyOf(clients.values())) {
      client.sweep(now);
    }
  }
}
