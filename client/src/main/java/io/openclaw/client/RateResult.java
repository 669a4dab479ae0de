package io.openclaw.client;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A rating, and how it was come by.
 *
 * @param rating the rating, right to 15 digits
 * @param decision {@code approve} or {@code decline}; null where the tenant has no threshold
 * @param threshold what the rating was held to; null where there is none
 * @param model the model's name
 * @param version the model's version
 * @param variant {@code stable}, {@code canary} or {@code fallback}
 * @param reasons why the rating is not higher, most important first
 * @param item the rated item's running aggregate; empty for models that keep none
 * @param outputs what else the model answers, by name; values are null, strings, booleans, {@link
 *     BigDecimal}s, lists and maps
 * @param region who answered
 * @param requestId the request's id in the region's logs
 * @param rateLimits what is left of the limits in that region, in the order they were named
 * @param replayed whether it is an earlier answer under the same idempotency key
 * @param tries how often it was tried, at least 1, hedges too
 */
public record RateResult(
    BigDecimal rating,
    @Nullable String decision,
    @Nullable BigDecimal threshold,
    String model,
    String version,
    String variant,
    List<Reason> reasons,
    Map<String, @Nullable Object> item,
    Map<String, @Nullable Object> outputs,
    String region,
    String requestId,
    List<RateLimit> rateLimits,
    boolean replayed,
    int tries) {

  /**
   * Why a rating is not higher.
   *
   * @param code the model's reason code
   * @param text what it means, for a person
   * @param points the points lost
   */
  public record Reason(String code, String text, BigDecimal points) {}

  /** Whether the decision is {@code approve}. */
  public boolean approved() {
    return "approve".equals(decision);
  }
}
