package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.router.DivertReason;
import io.openclaw.router.RetryReason;
import io.openclaw.router.RouterMetrics;
import io.openclaw.router.RouterServer;
import io.openclaw.steer.HealthView;
import io.openclaw.steer.RegionState;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** A router's metrics. Thread-safe. */
final class RouterGauges implements RouterMetrics {
  private static final double[] LATENCY_SECONDS = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1, 2.5, 5, 10
  };

  private final Histogram latency;
  private final Counter requests;
  private final Counter retries;
  private final Counter diverted;
  private final Counter ejections;
  private final Counter restorations;
  private final Counter mistaken;
  private final Histogram detection;
  private final Histogram disturbance;
  private final Counter refused;

  RouterGauges(NodeMetrics metrics, Supplier<@Nullable RouterServer> router, Clock clock) {
    latency =
        histogram(
            metrics,
            "openclaw_router_request_latency_seconds",
            "Time from a request's headers to the end of its answer, retries included.",
            "region");
    requests =
        counter(
            metrics,
            "openclaw_router_requests_total",
            "Requests answered, by the region that answered and the status.",
            "region",
            "status");
    retries =
        counter(
            metrics,
            "openclaw_router_retries_total",
            "Tries in another region, by what was wrong with the one before.",
            "reason");
    diverted =
        counter(
            metrics,
            "openclaw_router_diverted_total",
            "Refused requests tried elsewhere, as the region that refused them asked.",
            "reason");
    ejections =
        counter(
            metrics,
            "openclaw_router_ejections_total",
            "How often a region was taken out of service.",
            "region");
    restorations =
        counter(
            metrics,
            "openclaw_router_restorations_total",
            "How often a region came back into service.",
            "region");
    mistaken =
        counter(
            metrics,
            "openclaw_router_false_ejections_total",
            "How often a region was back within a second, and so taken out by mistake.",
            "region");
    detection =
        histogram(
            metrics,
            "openclaw_router_detection_seconds",
            "Time from a region's last good answer until it was taken out of service.",
            "region");
    disturbance =
        histogram(
            metrics,
            "openclaw_router_disturbance_seconds",
            "Time from a first failed try until the last one before a second without any.");
    refused = refused(metrics);
    gauges(metrics, router);
  }

  private static Counter refused(NodeMetrics metrics) {
    return counter(
        metrics,
        "openclaw_router_connections_refused_total",
        "Connections of clients closed at once, for there were as many as may be.");
  }

  private static Counter counter(NodeMetrics metrics, String name, String help, String... labels) {
    return Counter.builder().name(name).help(help).labelNames(labels).register(metrics.registry());
  }

  private static Histogram histogram(
      NodeMetrics metrics, String name, String help, String... labels) {
    return Histogram.builder()
        .name(name)
        .help(help)
        .labelNames(labels)
        .classicOnly()
        .classicUpperBounds(LATENCY_SECONDS)
        .register(metrics.registry());
  }

  private static void gauges(NodeMetrics metrics, Supplier<@Nullable RouterServer> router) {
    metrics.gauge(
        "openclaw_region_healthy",
        "1 while the router holds the region for up.",
        c -> {
          RouterServer server = router.get();
          if (server != null) {
            HealthView view = server.view();
            for (int i = 0; i < view.size(); i++) {
              c.call(view.health(i).state() == RegionState.UP ? 1 : 0, view.name(i));
            }
          }
        },
        "region");
    gauge(
        metrics,
        router,
        "openclaw_router_connections",
        "Connections of clients that are open.",
        RouterServer::connections);
    gauge(
        metrics,
        router,
        "openclaw_router_held_bytes",
        "Bytes of requests held so that another region can get them.",
        RouterServer::heldBytes);
  }

  private static void gauge(
      NodeMetrics metrics,
      Supplier<@Nullable RouterServer> router,
      String name,
      String help,
      ToLongFunction<RouterServer> value) {
    metrics.gauge(
        name,
        help,
        c -> {
          RouterServer server = router.get();
          if (server != null) {
            c.call((double) value.applyAsLong(server));
          }
        });
  }

  @Override
  public void request(String region, int status, long latencyNanos) {
    requests.labelValues(region, Integer.toString(status)).inc();
    latency.labelValues(region).observe(latencyNanos / 1e9);
  }

  @Override
  public void retry(RetryReason reason) {
    retries.labelValues(reason.name().toLowerCase(Locale.ROOT)).inc();
  }

  @Override
  public void diverted(DivertReason reason) {
    diverted.labelValues(reason.name().toLowerCase(Locale.ROOT)).inc();
  }

  @Override
  public void ejected(String region, long detectedNanos) {
    ejections.labelValues(region).inc();
    if (detectedNanos > 0) {
      detection.labelValues(region).observe(detectedNanos / 1e9);
    }
  }

  @Override
  public void restored(String region, boolean hardlyAway) {
    restorations.labelValues(region).inc();
    if (hardlyAway) {
      mistaken.labelValues(region).inc();
    }
  }

  @Override
  public void steady(long disturbedNanos) {
    disturbance.observe(disturbedNanos / 1e9);
  }

  @Override
  public void connectionRefused() {
    refused.inc();
  }
}
