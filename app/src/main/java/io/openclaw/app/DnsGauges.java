package io.openclaw.app;

import io.openclaw.dns.DnsCounters;
import io.openclaw.router.DnsServer;
import io.openclaw.steer.HealthView;
import io.openclaw.steer.RegionState;

/** What the metrics page shows of a name server. */
final class DnsGauges {
  private DnsGauges() {}

  static void register(NodeMetrics metrics, DnsCounters counters, DnsServer server) {
    metrics.counter(
        "openclaw_dns_queries_total",
        "Queries answered, by transport, type and response code.",
        c ->
            counters.read(
                (transport, type, rcode, queries) ->
                    c.call((double) queries, transport, type, rcode)),
        "transport",
        "type",
        "rcode");
    metrics.counter(
        "openclaw_dns_lost_total",
        "Queries dropped or cut short, connections refused or ended, by why.",
        c -> {
          for (DnsCounters.Lost reason : DnsCounters.Lost.values()) {
            c.call((double) counters.countOf(reason), reason.label());
          }
        },
        "reason");
    metrics.gauge(
        "openclaw_dns_tcp_connections", "Connections open.", c -> c.call(server.connections()));
  }

  /** For a process without a router, which would show it. */
  static void health(NodeMetrics metrics, HealthView view) {
    metrics.gauge(
        "openclaw_region_healthy",
        "1 while the region is held for up.",
        c -> {
          for (int i = 0; i < view.size(); i++) {
            c.call(view.health(i).state() == RegionState.UP ? 1 : 0, view.name(i));
          }
        },
        "region");
  }
}
