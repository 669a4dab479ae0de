package io.openclaw.app;

import io.openclaw.release.CanaryCounts;
import io.openclaw.release.CanarySpec;
import io.openclaw.release.CanaryVariant;
import java.util.List;
import java.util.function.ObjLongConsumer;
import java.util.function.ToLongBiFunction;

/** What metrics show of a node's canaries: what this region counted, and where each stands. */
final class CanaryGauges {
  private static final String[] VARIANT_LABELS = {"region", "tenant", "model", "variant"};
  private static final List<String> STATES = List.of("starting", "running", "promoting", "stopped");

  private CanaryGauges() {}

  static void register(NodeMetrics metrics, String region, Canaries canaries) {
    counter(
        metrics,
        region,
        canaries,
        "openclaw_canary_requests_total",
        "Ratings of a model with a canary in this region, by the version that was to give them.",
        CanaryCounts::requests);
    counter(
        metrics,
        region,
        canaries,
        "openclaw_canary_errors_total",
        "Those of them that failed by no fault of the client.",
        CanaryCounts::errors);
    metrics.gauge(
        "openclaw_canary_rating_p95_seconds",
        "Time to check and rate that 95 % of a version's ratings in this region did not exceed.",
        c ->
            each(
                region,
                canaries,
                (counts, variant) -> Math.round(counts.latencyMicros(variant, 0.95)),
                (labels, micros) -> c.call(micros / 1e6, labels)),
        VARIANT_LABELS);
    metrics.gauge(
        "openclaw_canary_state",
        "1 for the state that a canary is in, as seen from here.",
        c -> {
          for (LiveCanary canary : canaries.live()) {
            CanarySpec spec = canary.spec();
            String now = CanaryPage.state(canary);
            for (String state : STATES) {
              c.call(state.equals(now) ? 1 : 0, region, spec.tenant(), spec.model(), state);
            }
          }
        },
        "region",
        "tenant",
        "model",
        "state");
    metrics.counter(
        "openclaw_canary_shadow_dropped_total",
        "Inputs that a shadowing version did not rate in this region, because too many waited.",
        c -> {
          for (LiveCanary canary : canaries.live()) {
            CanarySpec spec = canary.spec();
            c.call((double) canary.shadowDropped(), region, spec.tenant(), spec.model());
          }
        },
        "region",
        "tenant",
        "model");
  }

  private static void counter(
      NodeMetrics metrics,
      String region,
      Canaries canaries,
      String name,
      String help,
      ToLongBiFunction<CanaryCounts, CanaryVariant> count) {
    metrics.counter(
        name,
        help,
        c -> each(region, canaries, count, (labels, value) -> c.call((double) value, labels)),
        VARIANT_LABELS);
  }

  private static void each(
      String region,
      Canaries canaries,
      ToLongBiFunction<CanaryCounts, CanaryVariant> count,
      ObjLongConsumer<String[]> sink) {
    for (LiveCanary canary : canaries.live()) {
      CanarySpec spec = canary.spec();
      CanaryCounts counts = canary.stats().own();
      for (CanaryVariant variant : CanaryVariant.values()) {
        sink.accept(
            new String[] {region, spec.tenant(), spec.model(), variant.text()},
            count.applyAsLong(counts, variant));
      }
    }
  }
}
