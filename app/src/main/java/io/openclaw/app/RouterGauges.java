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

  RouterGauges(NodeMetrics metrics, Supplier<@Nullable RouterServer> router, Clock clock) {
    latency =
        Histogram.builder()
            .name("openclaw_router_request_latency_seconds")
            .help("Time from a request's headers to the end of its answer, retries included.")
            .labelNames("region")
            .classicOnly()
            .classicUpperBounds(LATENCY_SECONDS)
            .register(metrics.registry());
    requests =
        Counter.builder()
            .name("openclaw_router_requests_total")
            .help("Requests answered, by the region that answered and the status.")
            .labelNames("region", "status")
            .register(metrics.registry());
    retries =
        Counter.builder()
            .name("openclaw_router_retries_total")
            .help("Tries in another region, by what was wrong with the one before.")
            .labelNames("reason")
            .register(metrics.registry());
    diverted =
        Counter.builder()
            .name("openclaw_router_diverted_total")
            .help("Refused requests tried elsewhere, as the region that refused them asked.")
            .labelNames("reason")
            .register(metrics.registry());
    ejections =
        Counter.builder()
            .name("openclaw_router_ejections_total")
            .help("How often a region was taken out of service.")
            .labelNames("region")
            .register(metrics.registry());
    restorations =
        Counter.builder()
            .name("openclaw_router_restorations_total")
            .help("How often a region came back into service.")
            .labelNames("region")
            .register(metrics.registry());
    mistaken =
        Counter.builder()
            .name("openclaw_router_false_ejections_total")
            .help("How often a region was back within a second, and so taken out by mistake.")
            .labelNames("region")
            .register(metrics.registry());
    detection =
        Histogram.builder()
            .name("openclaw_router_detection_seconds")
            .help("Time from a region's last good answer until it was taken out of service.")
            .labelNames("region")
            .classicOnly()
            .classicUpperBounds(LATENCY_SECONDS)
            .register(metrics.registry());
    disturbance =
        Histogram.builder()
            .name("openclaw_router_disturbance_seconds")
            .help("Time from a first failed try until the last one before a second without any.")
            .classicOnly()
            .classicUpperBounds(LATENCY_SECONDS)
            .register(metrics.registry());
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
}
