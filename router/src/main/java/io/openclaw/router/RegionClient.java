package io.openclaw.router;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** One event loop's pool of HTTP/1.1 connections to one region. Used on that event loop only. */
final class RegionClient {
  private static final int PORT_DEFAULT = 80;
  private static final int KEEP_ALIVE_SECONDS = 30;

  /** How long a request may go on over a connection of a region that has left service. */
  private static final long LEAVE_SECONDS = 60;

  private final HttpClient client;
  private final Set<HttpConnection> connections = new HashSet<>();

  RegionClient(Vertx vertx, URI url, long connectMillis, int connectionsMax) {
    client =
        vertx
            .httpClientBuilder()
            .with(
                new HttpClientOptions()
                    .setProtocolVersion(HttpVersion.HTTP_1_1)
                    .setDefaultHost(url.getHost())
                    .setDefaultPort(url.getPort() < 0 ? PORT_DEFAULT : url.getPort())
                    .setConnectTimeout(Math.toIntExact(connectMillis))
                    .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                    .setTcpNoDelay(true))
            .with(
                new PoolOptions()
                    .setHttp1MaxSize(connectionsMax)
                    .setMaxWaitQueueSize(connectionsMax))
            .withConnectHandler(this::opened)
            .build();
  }

  Future<HttpClientRequest> request(RequestOptions options) {
    return client.request(options);
  }

  /**
   * Closes the pooled connections, each as soon as no request is on it, so that a region which
   * comes back is reached over new ones: an old one may sit in TCP's back-off for a long time.
   */
  void retire() {
    for (HttpConnection connection : new ArrayList<>(connections)) {
      var _ = connection.shutdown(LEAVE_SECONDS, TimeUnit.SECONDS);
    }
  }

  Future<Void> close() {
    return client.close();
  }

  private void opened(HttpConnection connection) {
    connections.add(connection);
    // The request on it learns of it too; without a handler Vert.x would log each one.
    connection.exceptionHandler(broken -> {});
    connection.closeHandler(closed -> connections.remove(connection));
  }
}
