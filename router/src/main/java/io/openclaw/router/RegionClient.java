package io.openclaw.router;

import io.openclaw.tls.Certificates;
import io.openclaw.tls.TlsOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One event loop's pool of HTTP/1.1 connections to one region. Used on that event loop only. */
final class RegionClient {
  private static final int PORT_DEFAULT = 80;
  private static final int TLS_PORT_DEFAULT = 443;
  private static final int HANDSHAKE_MILLIS = 2_000;

  /** Between two connections that are replaced, unless there are more than fit the time. */
  private static final long RENEW_MILLIS = 500;

  private static final long RENEW_MILLIS_MAX = 60_000;

  private static final int KEEP_ALIVE_SECONDS = 30;

  /** EMFILE and ENFILE, in the words of the C library, which NIO and epoll pass on. */
  private static final String NO_DESCRIPTOR = "Too many open files";

  /**
   * How long a connection that is left may stay open: as long as anything is on it, which has a
   * deadline of its own, or ends where nothing moves any more. A transfer may take hours.
   */
  private static final long LEAVE_DAYS = 30;

  private final Vertx vertx;
  private final HttpClient client;
  private final Set<HttpConnection> connections = new HashSet<>();
  private final Queue<HttpConnection> old = new ArrayDeque<>();

  /**
   * @param name the region's, which its certificate must have where its address is {@code https}
   * @param tls what such a region is shown and must show
   */
  RegionClient(
      Vertx vertx,
      String name,
      URI url,
      @Nullable Certificates tls,
      long connectMillis,
      int connectionsMax) {
    this.vertx = vertx;
    boolean secure = "https".equals(url.getScheme());
    int port = url.getPort() >= 0 ? url.getPort() : secure ? TLS_PORT_DEFAULT : PORT_DEFAULT;
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_1_1)
            .setDefaultHost(url.getHost())
            .setDefaultPort(port)
            .setConnectTimeout(Math.toIntExact(connectMillis))
            .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
            .setTcpNoDelay(true);
    if (secure) {
      if (tls == null) {
        throw new IllegalArgumentException(
            "region " + name + ": " + url + " (expected: with --ca, or http)");
      }
      TlsOptions.client(options, tls, name);
      options
          .setSslHandshakeTimeout(HANDSHAKE_MILLIS)
          .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
    }
    client =
        vertx
            .httpClientBuilder()
            .with(options)
            .with(
                new PoolOptions()
                    .setHttp1MaxSize(connectionsMax)
                    .setMaxWaitQueueSize(connectionsMax))
            .withConnectHandler(this::opened)
            .build();
  }

  /**
   * Whether the router itself is why there is no connection: its pool is exhausted, or it has no
   * file descriptor left. That says nothing about the region.
   */
  static boolean isOurs(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConnectionPoolTooBusyException
          || cause.getMessage() != null && cause.getMessage().contains(NO_DESCRIPTOR)) {
        return true;
      }
    }
    return false;
  }

  Future<HttpClientRequest> request(RequestOptions options) {
    return client.request(options);
  }

  /**
   * Closes the pooled connections, each as soon as no request is on it, so that a region which
   * comes back is reached over new ones: an old one may sit in TCP's back-off for a long time.
   */
  void retire() {
    new ArrayList<>(connections).forEach(RegionClient::leave);
  }

  /**
   * Replaces the pooled connections within a minute, one by one, each as soon as no request is on
   * it: handshakes take time that requests would wait for.
   */
  void renew() {
    boolean idle = old.isEmpty();
    old.clear();
    old.addAll(connections);
    if (idle) {
      renewNext();
    }
  }

  private void renewNext() {
    HttpConnection next = old.peek();
    if (next == null) {
      return;
    }
    long pause = Math.max(1, Math.min(RENEW_MILLIS, RENEW_MILLIS_MAX / old.size()));
    leave(next);
    vertx.setTimer(
        pause,
        fired -> {
          old.remove(next);
          renewNext();
        });
  }

  /** Closes a connection as soon as no request is on it. */
  static void leave(HttpConnection connection) {
    var _ = connection.shutdown(LEAVE_DAYS, TimeUnit.DAYS);
  }

  private void opened(HttpConnection connection) {
    connections.add(connection);
    // The request on it learns of it too; without a handler Vert.x would log each one.
    connection.exceptionHandler(broken -> {});
    connection.closeHandler(closed -> connections.remove(connection));
  }
}
