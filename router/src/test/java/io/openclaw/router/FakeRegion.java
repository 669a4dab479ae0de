package io.openclaw.router;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A region of which a test says how it behaves. */
final class FakeRegion {
  /** How {@code /readyz} answers. */
  enum Readiness {
    READY,
    DRAINING,
    SILENT
  }

  record Seen(String method, String uri, MultiMap headers, Buffer body) {}

  final String name;
  final List<Seen> seen = new CopyOnWriteArrayList<>();
  final AtomicInteger served = new AtomicInteger();

  /** Open connections that carried more than health checks. */
  final Set<HttpConnection> traffic = ConcurrentHashMap.newKeySet();

  volatile Readiness readiness = Readiness.READY;
  volatile Handler<HttpServerRequest> behaviour = this::answer;
  volatile boolean recording = true;

  /** What it says of how busy it is. */
  volatile String load = "0.000";

  /** What it says of how many others it hears of. */
  volatile String hears = "2/2";

  /** Told of each request before its body is read; null where {@link #behaviour} is asked after. */
  volatile @Nullable Handler<HttpServerRequest> early;

  private final Vertx vertx;
  private int port;
  private @Nullable HttpServer server;

  FakeRegion(Vertx vertx, String name) {
    this.vertx = vertx;
    this.name = name;
    restart();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  void restart() {
    HttpServer listening =
        vertx
            .createHttpServer(new HttpServerOptions().setMaxHeaderSize(64 << 10))
            .requestHandler(this::handle);
    try {
      listening.listen(port, "127.0.0.1").toCompletionStage().toCompletableFuture().get(5, SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    port = listening.actualPort();
    server = listening;
  }

  /** Stops listening and closes every connection. */
  void kill() {
    if (server != null) {
      try {
        server.close().toCompletionStage().toCompletableFuture().get(5, SECONDS);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Answers nothing any more, not even the health check, as a stopped process. */
  void freeze() {
    readiness = Readiness.SILENT;
    behaviour = request -> {};
  }

  void thaw() {
    readiness = Readiness.READY;
    behaviour = this::answer;
  }

  void always(int status) {
    behaviour = request -> request.response().setStatusCode(status).end(name + " " + status);
  }

  private void answer(HttpServerRequest request) {
    request.response().putHeader("x-region", name).end(name);
  }

  private void handle(HttpServerRequest request) {
    if ("/readyz".equals(request.path())) {
      switch (readiness) {
        case READY ->
            request
                .response()
                .putHeader("x-openclaw-load", load)
                .putHeader("x-openclaw-hears", hears)
                .end("ok");
        case DRAINING -> request.response().setStatusCode(503).end("{\"status\":\"draining\"}");
        case SILENT -> {}
      }
      return;
    }
    HttpConnection connection = request.connection();
    if (traffic.add(connection)) {
      connection.closeHandler(closed -> traffic.remove(connection));
    }
    Handler<HttpServerRequest> first = early;
    if (first != null) {
      served.incrementAndGet();
      first.handle(request);
      return;
    }
    request
        .body()
        .onSuccess(
            body -> {
              served.incrementAndGet();
              if (recording) {
                seen.add(
                    new Seen(
                        request.method().name(),
                        request.uri(),
                        MultiMap.caseInsensitiveMultiMap().addAll(request.headers()),
                        body));
              }
              behaviour.handle(request);
            });
  }
}
