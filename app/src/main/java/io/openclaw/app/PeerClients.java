package io.openclaw.app;

import io.openclaw.tls.Certificates;
import io.openclaw.tls.TlsOptions;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Clients of other regions' mesh ports: one for each, because each must show another certificate;
 * made anew after new certificates, so that nothing goes on over old connections. Thread-safe.
 */
final class PeerClients {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  private final @Nullable Certificates tls;
  private final Map<String, HttpClient> clients = new ConcurrentHashMap<>();

  /**
   * @param tls what regions are shown and must show; none: no TLS
   */
  PeerClients(@Nullable Certificates tls) {
    this.tls = tls;
    if (tls != null) {
      tls.onChange(clients::clear);
    }
  }

  /** The client of one region. */
  HttpClient of(String region) {
    return clients.computeIfAbsent(tls == null ? "" : region, this::make);
  }

  private HttpClient make(String region) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT);
    if (tls != null) {
      TlsOptions.client(builder, tls, region);
    }
    return builder.build();
  }
}
