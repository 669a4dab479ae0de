package io.openclaw.edge;

import io.openclaw.domain.Json;
import io.openclaw.domain.Tenant;
import io.openclaw.limit.Limit;
import io.openclaw.limit.Nest;
import io.openclaw.limit.Quota;
import io.openclaw.limit.QuotaNest;
import io.openclaw.rating.Checked;
import io.openclaw.rating.RatingModel;
import org.jspecify.annotations.Nullable;

/**
 * A request whose model is chosen and whose input that model accepts.
 *
 * @param document the input as it was read
 * @param maxAgeSeconds how old a rating of it may be; 0 where it is always rated anew
 * @param trial what it counts for, where its model has a canary; null otherwise
 * @param nest the limits that must agree: the identity's, and the model's where it has one
 * @param quotas the quotas that must agree: likewise
 * @param policy their RateLimit-Policy header
 */
record Routed(
    Received received,
    Identified identity,
    RatingModel model,
    Checked.Ready input,
    Json.Obj document,
    int maxAgeSeconds,
    @Nullable Trial trial,
    Nest nest,
    QuotaNest quotas,
    String policy) {

  static Routed of(
      Received received,
      Identified identity,
      RatingModel model,
      Checked.Ready input,
      Json.Obj document,
      @Nullable Trial trial,
      Directory.Served served) {
    Limit modelLimit = served.limit();
    Quota modelQuota = served.quota();
    Nest nest = modelLimit == null ? identity.nest() : identity.nest().with(modelLimit);
    QuotaNest quotas = modelQuota == null ? identity.quotas() : identity.quotas().with(modelQuota);
    String policy =
        modelLimit == null && modelQuota == null
            ? identity.policy()
            : RateLimit.policyOf(nest, quotas);
    return new Routed(
        received,
        identity,
        model,
        input,
        document,
        served.maxAgeSeconds(),
        trial,
        nest,
        quotas,
        policy);
  }

  /** Whether its answer has a tag, or may have been given before. */
  boolean isReusable() {
    return received.query() != null || maxAgeSeconds > 0;
  }

  /** What its answer is decided by, where the model is deterministic. */
  RatingKey key() {
    Tenant tenant = identity.tenant().tenant();
    return RatingKey.of(tenant.id(), model, variant(), tenant.threshold(), document);
  }

  /** Which version rates it, as answers and metrics name it. */
  String variant() {
    return trial != null && trial.byCanary() ? "canary" : "stable";
  }

  /** The same request rated by the stable version, counting for nothing. */
  Routed by(RatingModel stable, Checked.Ready stableInput) {
    return new Routed(
        received,
        identity,
        stable,
        stableInput,
        document,
        maxAgeSeconds,
        null,
        nest,
        quotas,
        policy);
  }
}
