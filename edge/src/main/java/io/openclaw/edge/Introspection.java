package io.openclaw.edge;

import io.openclaw.domain.Clock;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.QuotaWindow;
import io.openclaw.limit.Limit;
import io.openclaw.limit.LimitFacts;
import io.openclaw.limit.Limiter;
import io.openclaw.limit.Quota;
import io.openclaw.rating.RatingModel;
import java.time.Instant;
import java.util.Map;

/** What callers may read of themselves. */
final class Introspection {
  private Introspection() {}

  static byte[] limits(
      Identified who, Limiter limiter, Holdings holdings, String region, Clock clock) {
    long nowNanos = clock.nanoTime();
    return JsonWriter.write(
        out -> {
          out.startObject();
          out.field("tenant", who.tenant().tenant().id());
          out.field("region", region);
          out.startArray("limits");
          for (int i = 0; i < who.nest().size(); i++) {
            Limit limit = who.nest().limit(i);
            write(
                out,
                limit,
                limiter.facts().totals(limit),
                holdings.of(limit.spec().id()),
                nowNanos);
          }
          out.endArray();
          out.startArray("quotas");
          for (int i = 0; i < who.quotas().size(); i++) {
            write(out, who.quotas().quota(i), clock.wallMillis());
          }
          out.endArray();
          out.endObject();
        });
  }

  private static void write(JsonWriter out, Quota quota, long wallMillis) {
    QuotaSpec spec = quota.spec();
    QuotaWindow window = quota.window();
    out.startObject();
    out.field("id", spec.id());
    out.field("level", spec.level().text());
    out.field("per", spec.per().text());
    out.field("dry_run", spec.dryRun());
    out.field("tokens", spec.tokens());
    if (window != null) {
      out.field("window", window.name());
      out.field("window_ends", Instant.ofEpochMilli(window.endMillis()).toString());
      out.field("seconds_left", RateLimit.secondsToEnd(quota, wallMillis));
    }
    out.field("remaining_here", quota.remainingHere());
    if (spec.level() != LimitSpec.Level.GLOBAL) { // what other tenants do is not this one's to know
      out.field("remaining_all_regions", quota.remainingAllRegions());
      out.field("spent_all_regions", quota.spentAllRegions());
      out.field("spent_here", quota.spentHere());
      out.field("denied_here", quota.deniedHere());
      out.field("burned_here", quota.burnedHere());
    }
    out.endObject();
  }

  private static void write(
      JsonWriter out,
      Limit limit,
      LimitFacts.Totals totals,
      Map<String, Double> shares,
      long nowNanos) {
    LimitSpec spec = limit.spec();
    out.startObject();
    out.field("id", spec.id());
    out.field("level", spec.level().text());
    out.field("mode", spec.mode().text());
    if (spec.mode() == LimitSpec.Mode.BOUNDED) {
      out.field("overdraft", spec.overdraft());
      out.field("debt", limit.debt(nowNanos));
    }
    out.field("dry_run", spec.dryRun());
    out.field("rate", spec.milliTokensPerSecond() / 1000.0);
    out.field("burst", spec.burst());
    Limit.Bound bound = limit.bound();
    if (bound != null) {
      out.startObject("bound");
      out.field("burst", bound.burst());
      out.field("rate", bound.perSecond());
      out.endObject();
    }
    out.field("share", limit.share(nowNanos));
    out.field("share_burst", limit.capTokens(nowNanos));
    out.startObject("shares");
    for (Map.Entry<String, Double> each : shares.entrySet()) {
      out.field(each.getKey(), each.getValue());
    }
    out.endObject();
    out.field("remaining", limit.tokens(nowNanos));
    if (spec.level() != LimitSpec.Level.GLOBAL) { // what other tenants do is not this one's to know
      out.field("spent_here", limit.spent());
      out.field("denied_here", limit.denied());
      out.field("burned_here", limit.burned());
      out.field("spent_all_regions", totals.spent());
      out.field("denied_all_regions", totals.denied());
    }
    out.endObject();
  }

  static byte[] model(RatingModel model) {
    return JsonWriter.write(
        out -> {
          out.startObject();
          out.field("name", model.name());
          out.field("version", model.version());
          out.field("kind", model.kind());
          out.field("sha256", model.digest());
          out.field("deterministic", model.isDeterministic());
          out.field("input", model.schema().toJsonSchema());
          out.field("example", model.schema().example());
          out.endObject();
        });
  }

  static byte[] models(Identified who) {
    return JsonWriter.write(
        out -> {
          out.startObject();
          out.field("tenant", who.tenant().tenant().id());
          out.startArray("models");
          for (Directory.Served served : who.tenant().models()) {
            RatingModel model = served.model();
            out.startObject();
            out.field("name", model.name());
            out.field("version", model.version());
            out.field("kind", model.kind());
            out.field("sha256", model.digest());
            out.endObject();
          }
          out.endArray();
          out.endObject();
        });
  }
}
