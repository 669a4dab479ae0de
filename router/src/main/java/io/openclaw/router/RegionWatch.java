package io.openclaw.router;

import io.openclaw.domain.Clock;
import io.openclaw.steer.HealthView;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/** The router's health checks without its front door: for who only wants to know. Thread-safe. */
public final class RegionWatch {
  private final Vertx vertx;
  private final HealthView view;
  private final String deployment;

  private RegionWatch(Vertx vertx, HealthView view, String deployment) {
    this.vertx = vertx;
    this.view = view;
    this.deployment = deployment;
  }

  /** Starts to probe the settings' regions; their address to listen on is not used. */
  public static Future<RegionWatch> start(
      Vertx vertx, RouterSettings settings, RouterTls tls, Clock clock, RouterMetrics metrics) {
    Fleet fleet = new Fleet(settings, tls, clock, metrics);
    return vertx
        .deployVerticle(new Prober(fleet))
        .map(deployment -> new RegionWatch(vertx, fleet.view, deployment));
  }

  /** The health of the regions now. */
  public HealthView view() {
    return view;
  }

  public Future<Void> close() {
    return vertx.undeploy(deployment);
  }
}
