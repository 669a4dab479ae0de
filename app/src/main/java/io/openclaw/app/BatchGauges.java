package io.openclaw.app;

import io.openclaw.net.BatchServer;

/** What the metrics page shows of batches. */
final class BatchGauges {
  private BatchGauges() {}

  static void register(NodeMetrics metrics, String region, BatchServer batches) {
    metrics.gauge(
        "openclaw_batches_under_way",
        "Batches under way.",
        c -> c.call(batches.underWay(), region),
        "region");
    metrics.counter(
        "openclaw_batches_total",
        "Batches begun.",
        c -> c.call((double) batches.batches(), region),
        "region");
    metrics.counter(
        "openclaw_batches_cut_total",
        "Batches that ended before their last input.",
        c -> c.call((double) batches.cut(), region),
        "region");
    metrics.counter(
        "openclaw_batch_items_total",
        "Inputs of batches answered, with a rating or with a problem.",
        c -> {
          c.call((double) batches.rated(), region, "rated");
          c.call((double) batches.failed(), region, "problem");
        },
        "region",
        "result");
  }
}
