package io.openclaw.net;

import io.openclaw.domain.Clock;
import io.openclaw.tls.ServerTls;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * An HTTP/1.1 server with one event loop per core and the guards that Vert.x leaves to its user: a
 * cap on bodies, a deadline on whole requests, a cut for slow clients, and caps on connections and
 * requests under way.
 */
public final class GuardedServer {
  private static final AtomicInteger FREE_PORTS = new AtomicInteger();

  private final int port;
  private final List<HttpServer> servers;
  private final List<LoopGuard> guards;

  private GuardedServer(int port, List<HttpServer> servers, List<LoopGuard> guards) {
    this.port = port;
    this.servers = servers;
    this.guards = guards;
  }

  /**
   * Listens; the future fails where it cannot.
   *
   * @param loops event loops to use, at least 1
   * @param routes told of each request on its event loop; must not block
   */
  static Future<GuardedServer> start(
      Vertx vertx, ApiSettings settings, int loops, Clock clock, Consumer<Exchange> routes) {
    return start(vertx, settings, loops, clock, routes, (exchange, answered) -> {});
  }

  /**
   * The same.
   *
   * @param counter told of what was sent
   */
  static Future<GuardedServer> start(
      Vertx vertx,
      ApiSettings settings,
      int loops,
      Clock clock,
      Consumer<Exchange> routes,
      Exchange.Counter counter) {
    List<HttpServer> servers = new CopyOnWriteArrayList<>();
    List<LoopGuard> guards = new CopyOnWriteArrayList<>();
    AtomicInteger inFlight = new AtomicInteger();
    AtomicInteger connections = new AtomicInteger();
    java.util.function.IntFunction<Deployable> loop =
        port ->
            new VerticleBase() {
              @Override
              public Future<?> start() {
                LoopGuard guard =
                    new LoopGuard(vertx, settings, clock, routes, counter, inFlight, connections);
                guards.add(guard);
                HttpServer server =
                    vertx
                        .createHttpServer(options(settings).setPort(port))
                        .requestHandler(guard::request)
                        .connectionHandler(guard::connection)
                        .invalidRequestHandler(guard::invalid);
                servers.add(server);
                ServerTls tls = settings.tls();
                if (tls != null) {
                  tls.watch(server);
                  tls.certificates().onChange(() -> guard.checkClients(true));
                  tls.certificates().onMinute(() -> guard.checkClients(false));
                }
                return server.listen();
              }
            };
    // Vert.x shares a free port among the servers that ask for the same negative one.
    int port = settings.port() == 0 ? -FREE_PORTS.incrementAndGet() : settings.port();
    List<Future<String>> deployed = new ArrayList<>();
    for (int i = 0; i < loops; i++) {
      deployed.add(vertx.deployVerticle(loop.apply(port)));
    }
    Future<GuardedServer> started =
        Future.join(deployed)
            .map(all -> new GuardedServer(servers.getFirst().actualPort(), servers, guards));
    return started.recover(
        failure ->
            Future.failedFuture(
                new java.io.IOException(
                    "cannot listen on "
                        + settings.host()
                        + ":"
                        + settings.port()
                        + ": "
                        + failure.getMessage(),
                    failure)));
  }

  private static HttpServerOptions options(ApiSettings settings) {
    HttpServerOptions options = new HttpServerOptions();
    options
        .setHost(settings.host())
        .setTcpNoDelay(true)
        .setAcceptBacklog(1024)
        // No idle timeout of Vert.x: it cuts requests under way too. LoopGuard sees to silence.
        .setMaxInitialLineLength(ApiSettings.REQUEST_LINE_BYTES_MAX)
        .setMaxHeaderSize(ApiSettings.HEADER_BYTES_MAX)
        .setHandle100ContinueAutomatically(false) // only once the body is wanted
        // With HTTP/2 in clear text Vert.x tells of a connection only when its first head is whole:
        // one that never is could neither be counted nor cut.
        .setHttp2ClearTextEnabled(false);
    ServerTls tls = settings.tls();
    if (tls != null) {
      tls.apply(options, settings.headerMillis());
    }
    return options;
  }

  /** The port it listens on. */
  public int port() {
    return port;
  }

  /**
   * Goes on serving, and ends each connection with its next answer: who keeps connections is to
   * look for another node before this one is gone. Any thread.
   */
  public void leave() {
    guards.forEach(LoopGuard::leave);
  }

  /**
   * Takes no new connections, lets requests under way end for at most {@code millis}, and closes.
   */
  public Future<Void> shutdown(long millis) {
    List<Future<Void>> ends = new ArrayList<>();
    for (HttpServer server : servers) {
      ends.add(server.shutdown(millis, TimeUnit.MILLISECONDS));
    }
    guards.forEach(LoopGuard::stop);
    Promise<Void> ended = Promise.promise();
    Future.join(ends).onComplete(all -> ended.complete());
    return ended.future();
  }
}
