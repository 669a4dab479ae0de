package io.openclaw.bench;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A tiny server in this process that counts what it receives. */
final class TestServer implements AutoCloseable {
  private static final int SECONDS_MAX = 10;

  private final Vertx vertx = Vertx.vertx();
  final AtomicLong requests = new AtomicLong();
  final List<String> bodies = new CopyOnWriteArrayList<>();
  private int port;

  static TestServer http(Handler<HttpServerRequest> handler) throws Exception {
    TestServer server = new TestServer();
    HttpServer http =
        server.vertx.createHttpServer().requestHandler(request -> server.count(request, handler));
    http.listen(0, "127.0.0.1").await(SECONDS_MAX, TimeUnit.SECONDS);
    server.port = http.actualPort();
    return server;
  }

  /** Answers every request with this status at once. */
  static TestServer answering(int status) throws Exception {
    return http(request -> request.response().setStatusCode(status).end("{}"));
  }

  /** Hands every connection to the handler; what it closes is reset. */
  static TestServer tcp(Handler<NetSocket> handler) throws Exception {
    TestServer server = new TestServer();
    NetServer tcp =
        server.vertx.createNetServer(new NetServerOptions().setSoLinger(0)).connectHandler(handler);
    tcp.listen(0, "127.0.0.1").await(SECONDS_MAX, TimeUnit.SECONDS);
    server.port = tcp.actualPort();
    return server;
  }

  /** A URL at which nothing listens. */
  static String unusedUrl() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return "http://127.0.0.1:" + socket.getLocalPort() + "/";
    }
  }

  private void count(HttpServerRequest request, Handler<HttpServerRequest> handler) {
    request
        .body()
        .onSuccess(
            body -> {
              requests.incrementAndGet();
              if (body.length() > 0) {
                bodies.add(body.toString());
              }
              handler.handle(request);
            });
  }

  Vertx vertx() {
    return vertx;
  }

  String url() {
    return "http://127.0.0.1:" + port + "/v1/rate";
  }

  @Override
  public void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
