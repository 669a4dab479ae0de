package io.openclaw.edge;

import io.openclaw.domain.LimitSpec;
import io.openclaw.limit.Limit;

/**
 * The {@code RateLimit-Policy} and {@code RateLimit} header fields
 * (draft-ietf-httpapi-ratelimit-headers-10): for each limit its burst {@code q} per window {@code
 * w} of burst ÷ rate seconds, the tokens {@code r} left in this region, and the seconds {@code t}
 * until this region's share is full.
 */
public record RateLimit(String policy, String state) {

  static String policyOf(Limit[] nest) {
    StringBuilder text = new StringBuilder(32 * nest.length);
    for (Limit limit : nest) {
      LimitSpec spec = limit.spec();
      separate(text).append('"').append(spec.level().text()).append("\";q=").append(spec.burst());
      text.append(";w=")
          .append(Math.max(1, Math.ceilDiv(spec.burst() * 1000, spec.milliTokensPerSecond())));
    }
    return text.toString();
  }

  static RateLimit of(String policy, Limit[] nest, long[] remaining, long nowNanos) {
    StringBuilder text = new StringBuilder(24 * nest.length);
    for (int i = 0; i < nest.length; i++) {
      separate(text)
          .append('"')
          .append(nest[i].spec().level().text())
          .append("\";r=")
          .append(Math.max(0, remaining[i]));
      text.append(";t=").append(nest[i].secondsToFull(Math.max(0, remaining[i]), nowNanos));
    }
    return new RateLimit(policy, text.toString());
  }

  private static StringBuilder separate(StringBuilder text) {
    return text.isEmpty() ? text : text.append(", ");
  }
}
