package io.openclaw.app;

import io.openclaw.edge.Tries;
import io.openclaw.limit.ConcurrencyLimit;

/**
 * The limit on ratings under way: made of the settings, and shown as metrics with what else says
 * how busy a node is.
 */
final class ConcurrencyGauges {
  private ConcurrencyGauges() {}

  /** A limit within the configured bounds; where these cross, the upper one holds. */
  static ConcurrencyLimit limit(NodeConfig config, long nowNanos) {
    int max = config.number(Setting.HTTP_IN_FLIGHT_MAX);
    int min = Math.min(max, config.number(Setting.HTTP_CONCURRENCY_MIN));
    return new ConcurrencyLimit(min, max, nowNanos);
  }

  static void register(NodeMetrics metrics, String region, ConcurrencyLimit limit) {
    metrics.gauge(
        "openclaw_concurrency_limit",
        "Ratings that may be under way now.",
        c -> c.call(limit.limit(), region),
        "region");
    metrics.gauge(
        "openclaw_concurrency_in_flight",
        "Ratings under way.",
        c -> c.call(limit.inFlight(), region),
        "region");
    metrics.counter(
        "openclaw_shed_total",
        "Requests refused with 503 because too many ratings were under way.",
        c -> c.call((double) limit.shed(), region),
        "region");
  }

  static void register(NodeMetrics metrics, String region, Load load, Tries tries) {
    metrics.gauge(
        "openclaw_load",
        "How busy the node is, 0 to 1: its processors or its slots, whichever is busier.",
        c -> c.call(load.now(), region),
        "region");
    metrics.counter(
        "openclaw_tries_taken_back_total",
        "Tries whose tokens were given back because another region admitted a later one.",
        c -> c.call((double) tries.takenBack(), region),
        "region");
  }
}
