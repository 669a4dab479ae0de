package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import io.openclaw.edge.Answered;
import io.openclaw.edge.CanaryAdministration;
import io.openclaw.release.CanaryCounts;
import io.openclaw.release.CanaryDecision;
import io.openclaw.release.CanarySpec;
import io.openclaw.release.CanaryStop;
import io.openclaw.release.CanaryVariant;
import io.openclaw.release.CanaryVerdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What an administrator sees of all canaries: the counts of all regions, and the verdict so far.
 */
final class CanaryPage implements CanaryAdministration {
  private final String region;
  private final Canaries canaries;
  private final Clock clock;

  CanaryPage(String region, Canaries canaries, Clock clock) {
    this.region = region;
    this.canaries = canaries;
    this.clock = clock;
  }

  @Override
  public Answered list() {
    List<Json> all = new ArrayList<>();
    canaries.live().forEach(canary -> all.add(shown(canary)));
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("region", new Json.Str(region));
    members.put("canaries", new Json.Arr(all));
    return new Answered(JsonWriter.write(new Json.Obj(members)), null, "", "", "", null, null);
  }

  private Json.Obj shown(LiveCanary canary) {
    CanarySpec spec = canary.spec();
    CanaryCounts counts = canary.stats().total();
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("tenant", new Json.Str(spec.tenant()));
    members.put("model", new Json.Str(spec.model()));
    members.put("stable", new Json.Str(spec.stable()));
    members.put("canary", new Json.Str(spec.canary()));
    members.put("weight", new Json.Str(spec.traffic().text()));
    members.put("sticky", new Json.Str(spec.sticky().text()));
    members.put("state", new Json.Str(state(canary)));
    members.put("verdict", new Json.Str(verdict(canary)));
    members.put("requests", both(v -> (double) counts.requests(v)));
    members.put("errors", both(v -> (double) counts.errors(v)));
    members.put("p95_micros", both(v -> (double) Math.round(counts.latencyMicros(v, 0.95))));
    members.put("decisions", new Json.Num(counts.pairs()));
    members.put("decisions_that_differ", new Json.Num(counts.flips()));
    members.put("shadow_dropped_here", new Json.Num(canary.shadowDropped()));
    long nanos = canary.untilPromotionNanos(clock.nanoTime());
    if (nanos >= 0) {
      members.put("promoted_in_seconds", new Json.Num(Math.floorDiv(nanos, 1_000_000_000L)));
    }
    CanaryStop stop = canary.stop();
    if (stop != null) {
      members.put("stop", stop.json());
    }
    return new Json.Obj(members);
  }

  private static Json.Obj both(Function<CanaryVariant, Double> count) {
    Map<String, Json> members = new LinkedHashMap<>();
    for (CanaryVariant variant : CanaryVariant.values()) {
      members.put(variant.text(), new Json.Num(count.apply(variant)));
    }
    return new Json.Obj(members);
  }

  /** Where it stands: {@code starting}, {@code running}, {@code promoting} or {@code stopped}. */
  static String state(LiveCanary canary) {
    return canary.stop() != null
        ? "stopped"
        : switch (canary.state()) {
          case null -> "starting";
          case CanaryDecision.State.Promoted promoted -> "promoting";
          case CanaryDecision.State.Running running -> "running";
          case CanaryDecision.State.RolledBack rolledBack -> "stopped";
          case CanaryDecision.State.Aborted aborted -> "stopped";
        };
  }

  private static String verdict(LiveCanary canary) {
    CanaryStop stop = canary.stop();
    if (stop != null) {
      return "breach: " + stop.reason();
    }
    return switch (canary.state()) {
      case null -> "not judged yet";
      case CanaryDecision.State.Running(CanaryVerdict.Healthy healthy) -> "healthy";
      case CanaryDecision.State.Running(var verdict) -> verdict.toString();
      case CanaryDecision.State.Promoted promoted -> "healthy for long enough";
      case CanaryDecision.State.RolledBack(var breach) -> "breach: " + breach;
      case CanaryDecision.State.Aborted(String reason) -> "ended: " + reason;
    };
  }
}
