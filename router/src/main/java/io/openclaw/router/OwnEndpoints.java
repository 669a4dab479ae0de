package io.openclaw.router;

import io.openclaw.domain.JsonWriter;
import io.openclaw.steer.HealthView;
import io.openclaw.steer.RegionHealth;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** What the router answers of itself: {@code /livez}, {@code /readyz}, {@code /metrics}. */
final class OwnEndpoints {
  private static final double NANOS_PER_MICRO = 1e3;
  private static final double MICROS_PER_MILLI = 1e3;

  private final Fleet fleet;

  OwnEndpoints(Fleet fleet) {
    this.fleet = fleet;
  }

  /** Answers the request if it is for the router itself, else does nothing and says so. */
  boolean answer(HttpServerRequest request) {
    String path = request.path();
    if (path == null) {
      return false;
    }
    boolean mine =
        switch (path) {
          case "/livez", "/readyz", "/metrics" -> true;
          default -> false;
        };
    if (!mine) {
      return false;
    }
    HttpServerResponse response = request.response();
    if (!HttpMethod.GET.equals(request.method()) && !HttpMethod.HEAD.equals(request.method())) {
      response.setStatusCode(405).putHeader("allow", "GET, HEAD").end();
      return true;
    }
    switch (path) {
      case "/livez" -> send(response, "text/plain", Buffer.buffer("ok\n"));
      case "/metrics" ->
          send(
              response,
              "text/plain; version=0.0.4; charset=utf-8",
              Buffer.buffer(fleet.settings.metricsText().get()));
      default -> {
        boolean ready = !fleet.closing && fleet.view.anyUp();
        response.setStatusCode(ready ? 200 : 503);
        send(response, "application/json", Buffer.buffer(readiness(ready)));
      }
    }
    return true;
  }

  private byte[] readiness(boolean ready) {
    long now = fleet.clock.nanoTime();
    return JsonWriter.write(
        generator -> {
          generator.startObject();
          generator.field(
              "status", fleet.closing ? "draining" : ready ? "ready" : "no region is up");
          generator.startArray("regions");
          for (int i = 0; i < fleet.view.size(); i++) {
            region(generator, fleet.view, i, now);
          }
          generator.endArray();
          generator.endObject();
        });
  }

  private static void region(JsonWriter generator, HealthView view, int index, long nowNanos) {
    RegionHealth health = view.health(index);
    generator.startObject();
    generator.field("name", view.name(index));
    generator.field("state", health.state().name().toLowerCase(java.util.Locale.ROOT));
    generator.field("draining", health.draining());
    generator.field(
        "ewma_ms", Math.round(health.latencyNanos() / NANOS_PER_MICRO) / MICROS_PER_MILLI);
    generator.field("share", Math.round(health.share(nowNanos) * 1e3) / 1e3);
    generator.field("in_flight", view.inFlight(index));
    generator.endObject();
  }

  private static void send(HttpServerResponse response, String type, Buffer body) {
    var _ =
        response
            .putHeader(HttpHeaders.CONTENT_TYPE, type)
            .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()))
            .putHeader("cache-control", "no-store")
            .end(body);
  }
}
