package io.openclaw.app;

/** What the metrics page shows of jobs. */
final class JobGauges {
  private JobGauges() {}

  static void register(NodeMetrics metrics, String region, Jobs jobs) {
    metrics.gauge(
        "openclaw_jobs",
        "Jobs on disk, by state.",
        c -> {
          for (JobState.Phase phase : JobState.Phase.values()) {
            c.call((double) jobs.count(phase), region, phase.text());
          }
        },
        "region",
        "state");
    metrics.gauge(
        "openclaw_jobs_disk_bytes",
        "Bytes of all jobs on disk, their results too.",
        c -> c.call((double) jobs.bytes(), region),
        "region");
    metrics.counter(
        "openclaw_job_rows_total",
        "Rows of jobs answered, with a rating or with a problem.",
        c -> {
          c.call((double) jobs.rated(), region, "rated");
          c.call((double) jobs.failed(), region, "problem");
        },
        "region",
        "result");
    metrics.counter(
        "openclaw_job_webhooks_total",
        "Deliveries of webhooks, by what became of them.",
        c -> {
          c.call((double) jobs.hooksDelivered(), region, "delivered");
          c.call((double) jobs.hooksFailed(), region, "failed");
        },
        "region",
        "result");
  }
}
