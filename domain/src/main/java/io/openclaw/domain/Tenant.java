package io.openclaw.domain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A customer of the edge, with the models it rates with and what it may spend.
 *
 * @param models names of its models; with several, the first that recognises an input rates it
 * @param threshold a rating at or above it is approved; null for no decision
 * @param cost tokens per request, 1 or more
 * @param limit its limit over all regions; null for none
 * @param quota its tokens per day or month over all regions; null for none
 * @param fallback what answers where its model fails; null for nothing
 */
public record Tenant(
    String id,
    List<String> models,
    @Nullable Decimal threshold,
    long cost,
    @Nullable LimitSpec limit,
    @Nullable QuotaSpec quota,
    @Nullable FallbackSpec fallback) {
  /** A tenant without a fallback. */
  public Tenant(
      String id,
      List<String> models,
      @Nullable Decimal threshold,
      long cost,
      @Nullable LimitSpec limit,
      @Nullable QuotaSpec quota) {
    this(id, models, threshold, cost, limit, quota, null);
  }

  /** A tenant without a quota and a fallback. */
  public Tenant(
      String id,
      List<String> models,
      @Nullable Decimal threshold,
      long cost,
      @Nullable LimitSpec limit) {
    this(id, models, threshold, cost, limit, null, null);
  }

  public Tenant {
    if (!id.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
      throw new IllegalArgumentException(
          "tenant: \"" + id + "\" (expected: 1 to 64 letters, digits, '.', '_' or '-')");
    }
    if (models.isEmpty()) {
      throw new IllegalArgumentException("tenant " + id + ": no model");
    }
    if (cost < 1 || (limit != null && cost > limit.burst())) {
      throw new IllegalArgumentException(
          "cost: "
              + cost
              + " (expected: 1 to the burst, "
              + (limit == null ? "any" : limit.burst())
              + ")");
    }
    if (quota != null && cost > quota.tokens()) {
      throw new IllegalArgumentException(
          "quota.tokens: " + quota.tokens() + " (expected: >= the cost, " + cost + ")");
    }
    models = List.copyOf(models);
  }
}
