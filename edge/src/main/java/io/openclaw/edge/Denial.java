package io.openclaw.edge;

import io.openclaw.domain.Json;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.QuotaWindow;
import io.openclaw.limit.Decision;
import io.openclaw.limit.Limit;
import io.openclaw.limit.Quota;
import io.openclaw.limit.QuotaNest;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A limiter's denial as a client sees it: which limit, at which level, and when the next tokens
 * come.
 */
final class Denial {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private Denial() {}

  /**
   * A quota's denial.
   *
   * @param elsewhere whether another region has enough: it may give some soon
   */
  static Problem problem(
      QuotaNest.Denied denied, boolean elsewhere, String region, long wallMillis) {
    Quota quota = denied.by();
    QuotaSpec spec = quota.spec();
    QuotaWindow window = quota.window();
    long remaining = quota.remainingHere();
    boolean soon = window == null || elsewhere || remaining >= denied.cost();
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("level", new Json.Str(spec.level().text()));
    members.put("quota", new Json.Str(spec.id()));
    members.put("per", new Json.Str(spec.per().text()));
    members.put("tokens", new Json.Num(spec.tokens()));
    if (window != null) {
      members.put("window", new Json.Str(window.name()));
      members.put("window_ends", new Json.Str(Instant.ofEpochMilli(window.endMillis()).toString()));
    }
    members.put("region", new Json.Str(region));
    members.put("remaining_here", new Json.Num(remaining));
    members.put("violated-policies", new Json.Arr(List.of(new Json.Str(spec.policy()))));
    return Problem.of(
            ProblemType.LIMIT_EXCEEDED,
            "the quota of this "
                + spec.level().text()
                + (soon
                    ? " is exhausted in region " + region + " for now"
                    : " is exhausted for this " + spec.per().text()))
        .withRetryAfter(soon ? 1 : RateLimit.secondsToEnd(quota, wallMillis))
        .withMembers(new Json.Obj(members));
  }

  static Problem problem(Decision.Denied denied, Holdings holdings, String region, long nowNanos) {
    Limit limit = denied.by();
    LimitSpec spec = limit.spec();
    long retryAfterSeconds = Math.ceilDiv(denied.retryAfterNanos(), NANOS_PER_SECOND);
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("level", new Json.Str(spec.level().text()));
    members.put("limit", new Json.Str(spec.id()));
    members.put("mode", new Json.Str(spec.mode().text()));
    members.put("rate", new Json.Num(spec.milliTokensPerSecond() / 1000.0));
    members.put("burst", new Json.Num(spec.burst()));
    members.put("share", new Json.Num(limit.share(nowNanos)));
    members.put("region", new Json.Str(region));
    Map<String, Json> parts = new LinkedHashMap<>();
    holdings.of(spec.id()).forEach((name, part) -> parts.put(name, new Json.Num(part)));
    members.put("shares", new Json.Obj(parts));
    members.put(
        "next_token_seconds", new Json.Num(denied.retryAfterNanos() / (double) NANOS_PER_SECOND));
    members.put("violated-policies", new Json.Arr(List.of(new Json.Str(spec.level().text()))));
    return Problem.of(
            ProblemType.LIMIT_EXCEEDED,
            "the limit of this " + spec.level().text() + " is exhausted in region " + region)
        .withRetryAfter(retryAfterSeconds)
        .withMembers(new Json.Obj(members));
  }
}
