package io.openclaw.net;

import io.openclaw.domain.Clock;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/**
 * The exporter port: {@code /metrics} and {@code /livez}, apart from the service so that it can be
 * kept private.
 */
public final class MetricsServer {
  private MetricsServer() {}

  public static Future<GuardedServer> start(
      Vertx vertx, ApiSettings settings, MetricsCache metrics, Clock clock) {
    return GuardedServer.start(
        vertx,
        settings,
        1,
        clock,
        exchange -> {
          switch (exchange.path()) {
            case "/metrics" -> ApiServer.get(exchange, () -> metrics.show(exchange));
            case "/livez" ->
                ApiServer.get(
                    exchange, () -> exchange.answer(200, ApiServer.JSON, HealthPage.ALIVE));
            default -> exchange.refusePath();
          }
        });
  }
}
