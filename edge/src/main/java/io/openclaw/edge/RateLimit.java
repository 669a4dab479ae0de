package io.openclaw.edge;

import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.QuotaWindow;
import io.openclaw.limit.Decision;
import io.openclaw.limit.Limit;
import io.openclaw.limit.Nest;
import io.openclaw.limit.Quota;
import io.openclaw.limit.QuotaNest;
import org.jspecify.annotations.Nullable;

/**
 * The {@code RateLimit-Policy} and {@code RateLimit} header fields
 * (draft-ietf-httpapi-ratelimit-headers-10): for each limit its burst, or what it refills if that
 * is more, as {@code q} per window {@code w} of burst ÷ rate seconds, the tokens {@code r} left in
 * this region, and the seconds {@code t} until this region's share is full; for each quota its
 * tokens {@code q} per window {@code w}, the longest one's seconds, the tokens {@code r} of this
 * window that this region has a right to, and the seconds {@code t} until the window ends.
 */
public record RateLimit(String policy, String state) {
  private static final long MILLIS_PER_SECOND = 1000;

  static String policyOf(Nest nest, QuotaNest quotas) {
    StringBuilder text = new StringBuilder(32 * nest.size());
    for (int i = 0; i < nest.size(); i++) {
      policy(text, nest.limit(i).spec());
    }
    for (int i = 0; i < quotas.size(); i++) {
      policy(text, quotas.quota(i).spec());
    }
    return text.toString();
  }

  /** Windows are whole seconds: what is refilled in one may be more than the burst. */
  private static void policy(StringBuilder text, LimitSpec spec) {
    long milliTokens = spec.milliTokensPerSecond();
    long window = Math.max(1, Math.ceilDiv(spec.burst() * 1000, milliTokens));
    separate(text).append('"').append(spec.level().text());
    text.append("\";q=").append(Math.max(spec.burst(), milliTokens * window / 1000));
    text.append(";w=").append(window);
  }

  private static void policy(StringBuilder text, QuotaSpec spec) {
    separate(text).append('"').append(spec.policy()).append("\";q=").append(spec.tokens());
    text.append(";w=").append(spec.per().secondsMax());
  }

  /** The headers of an admitted request; {@code admitted} is null where there is no limit. */
  static RateLimit of(
      Routed routed, Decision.@Nullable Admitted admitted, long nowNanos, long wallMillis) {
    Nest nest = routed.nest();
    QuotaNest quotas = routed.quotas();
    StringBuilder text = new StringBuilder(24 * nest.size());
    for (int i = 0; admitted != null && i < nest.size(); i++) {
      state(text, nest.limit(i), admitted.remaining(i), nowNanos);
    }
    for (int i = 0; i < quotas.size(); i++) {
      state(text, quotas.quota(i), wallMillis);
    }
    return new RateLimit(routed.policy(), text.toString());
  }

  static RateLimit of(QuotaNest.Denied denied, long wallMillis) {
    StringBuilder policy = new StringBuilder(32);
    policy(policy, denied.by().spec());
    StringBuilder text = new StringBuilder(32);
    state(text, denied.by(), wallMillis);
    return new RateLimit(policy.toString(), text.toString());
  }

  static RateLimit of(Decision.Denied denied, long nowNanos) {
    StringBuilder text = new StringBuilder(24);
    state(text, denied.by(), denied.remaining(), nowNanos);
    return new RateLimit(policyOf(denied.by(), QuotaNest.NONE), text.toString());
  }

  private static void state(StringBuilder text, Quota quota, long wallMillis) {
    separate(text).append('"').append(quota.spec().policy());
    text.append("\";r=").append(quota.remainingHere());
    text.append(";t=").append(secondsToEnd(quota, wallMillis));
  }

  /** Seconds, rounded up and at least 1, until the window that is spent from ends. */
  static long secondsToEnd(Quota quota, long wallMillis) {
    QuotaWindow window = quota.window();
    return window == null
        ? 1
        : Math.max(1, Math.ceilDiv(window.endMillis() - wallMillis, MILLIS_PER_SECOND));
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
