package io.openclaw.app;

import io.openclaw.release.FleetState;
import java.util.List;

/** What metrics show of a node's releases. */
final class ReleaseGauges {
  private static final List<FleetState.Stage> MOVING =
      List.of(FleetState.Stage.STAGING, FleetState.Stage.SOAK);

  private ReleaseGauges() {}

  static void register(NodeMetrics metrics, String region, Releases releases, Changes changes) {
    metrics.gauge(
        "openclaw_release_version",
        "The release that is served; 0 is what the configuration says.",
        c -> c.call((double) releases.active().version(), region),
        "region");
    metrics.gauge(
        "openclaw_release_stale",
        "1 while another release may be in force than the one that is served.",
        c -> c.call(releases.stale().isEmpty() ? 0 : 1, region),
        "region");
    metrics.gauge(
        "openclaw_release_primary",
        "1 where this region writes releases.",
        c -> c.call(releases.isPrimary() ? 1 : 0, region),
        "region");
    metrics.gauge(
        "openclaw_release_on_its_way",
        "1 while a release is in that stage.",
        c -> {
          FleetState.Stage now = releases.agreed().stage();
          for (FleetState.Stage stage : MOVING) {
            c.call(now == stage ? 1 : 0, region, stage.text());
          }
        },
        "region",
        "stage");
    metrics.gauge(
        "openclaw_changes_waiting",
        "Changes that wait to be published together.",
        c -> c.call(changes.waiting(), region),
        "region");
    metrics.counter(
        "openclaw_changes_refused_total",
        "Batches of changes that were refused and go on waiting.",
        c -> c.call((double) changes.refusedBatches(), region),
        "region");
    metrics.counter(
        "openclaw_release_refused_total",
        "Releases refused, by the stage that refused them.",
        c ->
            releases
                .refused()
                .forEach((stage, count) -> c.call((double) count.sum(), region, stage.text())),
        "region",
        "stage");
  }
}
