package io.openclaw.app;

import io.openclaw.edge.CircuitBreaker;
import io.openclaw.edge.Fallback;

/** What metrics show of a node's fallbacks. */
final class FallbackGauges {
  private FallbackGauges() {}

  static void register(NodeMetrics metrics, String region, Fallbacks fallbacks) {
    metrics.counter(
        "openclaw_fallback_requests_total",
        "Requests whose model failed here and whose tenant has a fallback, by how asking it ended.",
        c -> {
          for (LiveFallback fallback : fallbacks.live().values()) {
            for (Fallback.End end : Fallback.End.values()) {
              c.call((double) fallback.ends(end), region, fallback.tenant(), end.text());
            }
          }
        },
        "region",
        "tenant",
        "end");
    metrics.gauge(
        "openclaw_fallback_state",
        "1 for the state that the breaker of this region is in.",
        c -> {
          for (LiveFallback fallback : fallbacks.live().values()) {
            CircuitBreaker.State now = fallback.state();
            for (CircuitBreaker.State state : CircuitBreaker.State.values()) {
              c.call(state == now ? 1 : 0, region, fallback.tenant(), state.text());
            }
          }
        },
        "region",
        "tenant",
        "state");
    metrics.gauge(
        "openclaw_fallback_usable",
        "1 where a tenant's fallback is switched on and its secret is here.",
        c -> {
          for (LiveFallback fallback : fallbacks.live().values()) {
            boolean usable =
                fallback.view().isEnabled() && fallbacks.unusable(fallback.tenant()).isEmpty();
            c.call(usable ? 1 : 0, region, fallback.tenant());
          }
        },
        "region",
        "tenant");
  }
}
