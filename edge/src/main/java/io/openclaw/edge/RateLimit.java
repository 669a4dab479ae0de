package io.openclaw.edge;

import io.openclaw.domain.LimitSpec;
import io.openclaw.limit.Decision;
import io.openclaw.limit.Limit;
import io.openclaw.limit.Nest;

/**
 * The {@code RateLimit-Policy} and {@code RateLimit} header fields
 * (draft-ietf-httpapi-ratelimit-headers-10): for each limit its burst {@code q} per window {@code
 * w} of burst ÷ rate seconds, the tokens {@code r} left in this region, and the seconds {@code t}
 * until this region's share is full.
 */
public record RateLimit(String policy, String state) {

  static String policyOf(Nest nest) {
    StringBuilder text = new StringBuilder(32 * nest.size());
    for (int i = 0; i < nest.size(); i++) {
      LimitSpec spec = nest.limit(i).spec();
      separate(text).append('"').append(spec.level().text()).append("\";q=").append(spec.burst());
      text.append(";w=")
          .append(Math.max(1, Math.ceilDiv(spec.burst() * 1000, spec.milliTokensPerSecond())));
    }
    return text.toString();
  }

  static RateLimit of(String policy, Nest nest, Decision.Admitted admitted, long nowNanos) {
    StringBuilder text = new StringBuilder(24 * nest.size());
    for (int i = 0; i < nest.size(); i++) {
      state(text, nest.limit(i), admitted.remaining(i), nowNanos);
    }
    return new RateLimit(policy, text.toString());
  }

  static RateLimit of(Decision.Denied denied, long nowNanos) {
    StringBuilder text = new StringBuilder(24);
    state(text, denied.by(), denied.remaining(), nowNanos);
    return new RateLimit(policyOf(denied.by()), text.toString());
  }

  private static void state(StringBuilder text, Limit limit, long remaining, long nowNanos) {
    separate(text).append('"').append(limit.spec().level().text());
    text.append("\";r=").append(remaining);
    text.append(";t=").append(limit.secondsToFull(remaining, nowNanos));
  }

  private static StringBuilder separate(StringBuilder text) {
    return text.isEmpty() ? text : text.append(", ");
  }
}
