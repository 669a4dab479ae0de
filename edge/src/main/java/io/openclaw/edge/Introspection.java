package io.openclaw.edge;

import com.fasterxml.jackson.core.JsonGenerator;
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
import java.io.IOException;
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
          out.writeStartObject();
          out.writeStringField("tenant", who.tenant().tenant().id());
          out.writeStringField("region", region);
          out.writeArrayFieldStart("limits");
          for (int i = 0; i < who.nest().size(); i++) {
            Limit limit = who.nest().limit(i);
            write(
                out,
                limit,
                limiter.facts().totals(limit),
                holdings.of(limit.spec().id()),
                nowNanos);
          }
          out.writeEndArray();
          out.writeArrayFieldStart("quotas");
          for (int i = 0; i < who.quotas().size(); i++) {
            write(out, who.quotas().quota(i), clock.wallMillis());
          }
          out.writeEndArray();
          out.writeEndObject();
        });
  }

  private static void write(JsonGenerator out, Quota quota, long wallMillis) throws IOException {
    QuotaSpec spec = quota.spec();
    QuotaWindow window = quota.window();
    out.writeStartObject();
    out.writeStringField("id", spec.id());
    out.writeStringField("level", spec.level().text());
    out.writeStringField("per", spec.per().text());
    out.writeBooleanField("dry_run", spec.dryRun());
    out.writeNumberField("tokens", spec.tokens());
    if (window != null) {
      out.writeStringField("window", window.name());
      out.writeStringField("window_ends", Instant.ofEpochMilli(window.endMillis()).toString());
      out.writeNumberField("seconds_left", RateLimit.secondsToEnd(quota, wallMillis));
    }
    out.writeNumberField("remaining_here", quota.remainingHere());
    if (spec.level() != LimitSpec.Level.GLOBAL) { // what other tenants do is not this one's to know
      out.writeNumberField("remaining_all_regions", quota.remainingAllRegions());
      out.writeNumberField("spent_all_regions", quota.spentAllRegions());
      out.writeNumberField("spent_here", quota.spentHere());
      out.writeNumberField("denied_here", quota.deniedHere());
      out.writeNumberField("burned_here", quota.burnedHere());
    }
    out.writeEndObject();
  }

  private static void write(
      JsonGenerator out,
      Limit limit,
      LimitFacts.Totals totals,
      Map<String, Double> shares,
      long nowNanos)
      throws IOException {
    LimitSpec spec = limit.spec();
    out.writeStartObject();
    out.writeStringField("id", spec.id());
    out.writeStringField("level", spec.level().text());
    out.writeStringField("mode", spec.mode().text());
    if (spec.mode() == LimitSpec.Mode.BOUNDED) {
      out.writeNumberField("overdraft", spec.overdraft());
      out.writeNumberField("debt", limit.debt(nowNanos));
    }
    out.writeBooleanField("dry_run", spec.dryRun());
    out.writeNumberField("rate", spec.milliTokensPerSecond() / 1000.0);
    out.writeNumberField("burst", spec.burst());
    Limit.Bound bound = limit.bound();
    if (bound != null) {
      out.writeObjectFieldStart("bound");
      out.writeNumberField("burst", bound.burst());
      out.writeNumberField("rate", bound.perSecond());
      out.writeEndObject();
    }
    out.writeNumberField("share", limit.share(nowNanos));
    out.writeNumberField("share_burst", limit.capTokens(nowNanos));
    out.writeObjectFieldStart("shares");
    for (Map.Entry<String, Double> each : shares.entrySet()) {
      out.writeNumberField(each.getKey(), each.getValue());
    }
    out.writeEndObject();
    out.writeNumberField("remaining", limit.tokens(nowNanos));
    if (spec.level() != LimitSpec.Level.GLOBAL) { // what other tenants do is not this one's to know
      out.writeNumberField("spent_here", limit.spent());
      out.writeNumberField("denied_here", limit.denied());
      out.writeNumberField("burned_here", limit.burned());
      out.writeNumberField("spent_all_regions", totals.spent());
      out.writeNumberField("denied_all_regions", totals.denied());
    }
    out.writeEndObject();
  }

  static byte[] model(RatingModel model) {
    return JsonWriter.write(
        out -> {
          out.writeStartObject();
          out.writeStringField("name", model.name());
          out.writeStringField("version", model.version());
          out.writeStringField("kind", model.kind());
          out.writeStringField("sha256", model.digest());
          out.writeBooleanField("deterministic", model.isDeterministic());
          out.writeFieldName("input");
          JsonWriter.write(out, model.schema().toJsonSchema());
          out.writeFieldName("example");
          JsonWriter.write(out, model.schema().example());
          out.writeEndObject();
        });
  }

  static byte[] models(Identified who) {
    return JsonWriter.write(
        out -> {
          out.writeStartObject();
          out.writeStringField("tenant", who.tenant().tenant().id());
          out.writeArrayFieldStart("models");
          for (Directory.Served served : who.tenant().models()) {
            RatingModel model = served.model();
            out.writeStartObject();
            out.writeStringField("name", model.name());
            out.writeStringField("version", model.version());
            out.writeStringField("kind", model.kind());
            out.writeStringField("sha256", model.digest());
            out.writeEndObject();
          }
          out.writeEndArray();
          out.writeEndObject();
        });
  }
}
