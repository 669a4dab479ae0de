package io.openclaw.tls;

import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;

/**
 * How a listener speaks TLS.
 *
 * @param certificates what it shows, and whom it believes
 * @param older whether clients may use TLS 1.2, where they need no certificate
 */
public record ServerTls(Certificates certificates, boolean older) {
  /** Makes a server speak TLS within {@code handshakeMillis}. */
  public void apply(HttpServerOptions options, long handshakeMillis) {
    TlsOptions.server(options, certificates, older, handshakeMillis);
  }

  /** Has handshakes that fail counted; the server must not listen yet. */
  public HttpServer watch(HttpServer server) {
    return server.exceptionHandler(failure -> HandshakeFaults.server(certificates, failure));
  }
}
