package io.openclaw.app;

/** What metrics show of a node's releases. */
final class ReleaseGauges {
  private ReleaseGauges() {}

  static void register(NodeMetrics metrics, String region, Releases releases, Changes changes) {
    metrics.gauge(
        "openclaw_release_version",
        "The release that is served; 0 is what the configuration says.",
        c -> c.call((double) releases.active().version(), region),
        "region");
    metrics.gauge(
        "openclaw_release_stale",
        "1 while another release is served than the one in force.",
        c -> c.call(releases.active().isStale() ? 1 : 0, region),
        "region");
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
