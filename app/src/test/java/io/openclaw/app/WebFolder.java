package io.openclaw.app;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A web server over a folder, or over whatever a test says. */
final class WebFolder implements AutoCloseable {
  /** What a test says to a request. */
  @FunctionalInterface
  interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService pool = Executors.newCachedThreadPool();

  /** The Authorization headers that came. */
  final List<@Nullable String> authorizations = new CopyOnWriteArrayList<>();

  private WebFolder(Answer answer) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.setExecutor(pool);
    server.createContext(
        "/",
        exchange -> {
          authorizations.add(exchange.getRequestHeaders().getFirst("authorization"));
          try (exchange) {
            answer.to(exchange);
          }
        });
    server.start();
  }

  static WebFolder of(Path folder) throws IOException {
    return of(
        exchange -> {
          Path file = folder.resolve(exchange.getRequestURI().getPath().substring(1));
          if (Files.isRegularFile(file)) {
            give(exchange, 200, Files.readAllBytes(file));
          } else {
            give(exchange, 404, new byte[0]);
          }
        });
  }

  static WebFolder of(Answer answer) throws IOException {
    return new WebFolder(answer);
  }

  static void give(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    pool.shutdownNow();
  }
}
