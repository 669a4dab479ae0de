package io.openclaw.router;

import io.openclaw.steer.HealthRules;
import io.openclaw.steer.HealthView;
import io.openclaw.steer.Steering;
import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Everything a router is told at start-up.
 *
 * @param host the address to listen on
 * @param port the port to listen on, 0 for any free one
 * @param regions name to base URL, {@code http://host:port} or {@code https}, in the order they are
 *     shown
 * @param steering how a region is chosen
 * @param health when a region is ejected and restored
 * @param eventLoops how many event loops serve, each with its own connections to the regions
 * @param metricsText what {@code /metrics} answers, in Prometheus' text format
 */
public record RouterSettings(
    String host,
    int port,
    Map<String, URI> regions,
    Steering steering,
    HealthRules health,
    RouterTimeouts timeouts,
    RouterBounds bounds,
    int eventLoops,
    Supplier<String> metricsText) {

  public RouterSettings {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
    }
    if (eventLoops < 1) {
      throw new IllegalArgumentException("eventLoops: " + eventLoops + " (expected: >= 1)");
    }
    if (regions.isEmpty() || regions.size() > HealthView.REGIONS_MAX) {
      throw new IllegalArgumentException(
          "regions: " + regions.size() + " (expected: 1 to " + HealthView.REGIONS_MAX + ")");
    }
    regions.forEach(RouterSettings::checkUrl);
    regions = Collections.unmodifiableMap(new LinkedHashMap<>(regions));
    if (steering instanceof Steering.Failover failover) {
      for (String name : failover.order()) {
        if (!regions.containsKey(name)) {
          throw new IllegalArgumentException(
              "failover order: " + name + " (expected: one of " + regions.keySet() + ")");
        }
      }
    }
  }

  /** Dynamic latency, default times and bounds, one event loop per processor, empty metrics. */
  public static RouterSettings of(String host, int port, Map<String, URI> regions) {
    return new RouterSettings(
        host,
        port,
        regions,
        new Steering.DynamicLatency(),
        HealthRules.defaults(),
        RouterTimeouts.defaults(),
        RouterBounds.defaults(),
        Runtime.getRuntime().availableProcessors(),
        () -> "");
  }

  public RouterSettings withSteering(Steering other) {
    return new RouterSettings(
        host, port, regions, other, health, timeouts, bounds, eventLoops, metricsText);
  }

  public RouterSettings withHealth(HealthRules other) {
    return new RouterSettings(
        host, port, regions, steering, other, timeouts, bounds, eventLoops, metricsText);
  }

  public RouterSettings withTimeouts(RouterTimeouts other) {
    return new RouterSettings(
        host, port, regions, steering, health, other, bounds, eventLoops, metricsText);
  }

  public RouterSettings withBounds(RouterBounds other) {
    return new RouterSettings(
        host, port, regions, steering, health, timeouts, other, eventLoops, metricsText);
  }

  public RouterSettings withEventLoops(int loops) {
    return new RouterSettings(
        host, port, regions, steering, health, timeouts, bounds, loops, metricsText);
  }

  public RouterSettings withMetricsText(Supplier<String> text) {
    return new RouterSettings(
        host, port, regions, steering, health, timeouts, bounds, eventLoops, text);
  }

  private static void checkUrl(String name, URI url) {
    boolean plain = url.getRawPath() == null || url.getRawPath().matches("/?");
    boolean bare = url.getRawQuery() == null && url.getUserInfo() == null;
    boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    if (!http || url.getHost() == null || !plain || !bare) {
      throw new IllegalArgumentException(
          "region " + name + ": " + url + " (expected: http://host:port, or https)");
    }
  }
}
