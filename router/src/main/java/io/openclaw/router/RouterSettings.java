package io.openclaw.router;

import io.openclaw.steer.HealthRules;
import io.openclaw.steer.HealthView;
import io.openclaw.steer.Steering;
import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Everything a router is told at start-up.
 *
 * @param host the address to listen on
 * @param port the port to listen on, 0 for any free one
 * @param regions name to base URL, {@code http://host:port} or {@code https}, in the order they are
 *     shown
 * @param steering how a region is chosen
 * @param reusePort whether another router on this machine may listen on the port too, so that one
 *     takes over from the other
 * @param affinity the header field whose value requests come back to a region by; empty for none.
 *     Idempotency-Key is always one
 * @param hedge whether a request that takes unusually long is sent to a second region too
 * @param health when a region is ejected and restored
 * @param eventLoops how many event loops serve, each with its own connections to the regions
 * @param adminPort where {@link AdminDoor} listens, on 127.0.0.1: 0 for any free port, -1 for none
 * @param metricsText what {@code /metrics} answers, in Prometheus' text format
 */
public record RouterSettings(
    String host,
    int port,
    Map<String, URI> regions,
    Steering steering,
    boolean reusePort,
    String affinity,
    boolean hedge,
    HealthRules health,
    RouterTimeouts timeouts,
    RouterBounds bounds,
    int eventLoops,
    int adminPort,
    Supplier<String> metricsText) {

  private static final Pattern FIELD_NAME = Pattern.compile("[A-Za-z0-9-]{1,64}");

  public RouterSettings {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
    }
    if (adminPort < -1 || adminPort > 65_535) {
      throw new IllegalArgumentException(
          "adminPort: " + adminPort + " (expected: 0 to 65535, or -1 for none)");
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
    if (!affinity.isEmpty() && !FIELD_NAME.matcher(affinity).matches()) {
      throw new IllegalArgumentException(
          "affinity: " + affinity + " (expected: the name of a header field)");
    }
    steering.requireKnown(regions.keySet());
  }

  /** Dynamic latency, default times and bounds, one event loop per processor, empty metrics. */
  public static RouterSettings of(String host, int port, Map<String, URI> regions) {
    return new RouterSettings(
        host,
        port,
        regions,
        new Steering.DynamicLatency(),
        false,
        "",
        false,
        HealthRules.defaults(),
        RouterTimeouts.defaults(),
        RouterBounds.defaults(),
        Runtime.getRuntime().availableProcessors(),
        -1,
        () -> "");
  }

  public RouterSettings withSteering(Steering other) {
    return with(copy -> copy.steering = other);
  }

  public RouterSettings withReusePort(boolean reuses) {
    return with(copy -> copy.reusePort = reuses);
  }

  public RouterSettings withAffinity(String field) {
    return with(copy -> copy.affinity = field);
  }

  public RouterSettings withHedge(boolean hedges) {
    return with(copy -> copy.hedge = hedges);
  }

  public RouterSettings withHealth(HealthRules other) {
    return with(copy -> copy.health = other);
  }

  public RouterSettings withTimeouts(RouterTimeouts other) {
    return with(copy -> copy.timeouts = other);
  }

  public RouterSettings withBounds(RouterBounds other) {
    return with(copy -> copy.bounds = other);
  }

  public RouterSettings withEventLoops(int loops) {
    return with(copy -> copy.eventLoops = loops);
  }

  public RouterSettings withAdminPort(int number) {
    return with(copy -> copy.adminPort = number);
  }

  public RouterSettings withMetricsText(Supplier<String> text) {
    return with(copy -> copy.metricsText = text);
  }

  private RouterSettings with(Consumer<Copy> change) {
    Copy copy = new Copy(this);
    change.accept(copy);
    return copy.settings();
  }

  /** Settings that are about to differ in one thing. */
  private static final class Copy {
    private final String host;
    private final int port;
    private final Map<String, URI> regions;
    private Steering steering;
    private boolean reusePort;
    private String affinity;
    private boolean hedge;
    private HealthRules health;
    private RouterTimeouts timeouts;
    private RouterBounds bounds;
    private int eventLoops;
    private int adminPort;
    private Supplier<String> metricsText;

    Copy(RouterSettings from) {
      host = from.host;
      port = from.port;
      regions = from.regions;
      steering = from.steering;
      reusePort = from.reusePort;
      affinity = from.affinity;
      hedge = from.hedge;
      health = from.health;
      timeouts = from.timeouts;
      bounds = from.bounds;
      eventLoops = from.eventLoops;
      adminPort = from.adminPort;
      metricsText = from.metricsText;
    }

    RouterSettings settings() {
      return new RouterSettings(
          host,
          port,
          regions,
          steering,
          reusePort,
          affinity,
          hedge,
          health,
          timeouts,
          bounds,
          eventLoops,
          adminPort,
          metricsText);
    }
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
