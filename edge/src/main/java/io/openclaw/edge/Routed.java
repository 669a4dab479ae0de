package io.openclaw.edge;

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
    @Nullable Trial trial,
    Nest nest,
    QuotaNest quotas,
    String policy) {

  static Routed of(
      Received received,
      Identified identity,
      RatingModel model,
      Checked.Ready input,
      @Nullable Trial trial,
      @Nullable Limit modelLimit,
      @Nullable Quota modelQuota) {
    Nest nest = modelLimit == null ? identity.nest() : identity.nest().with(modelLimit);
    QuotaNest quotas = modelQuota == null ? identity.quotas() : identity.quotas().with(modelQuota);
    String policy =
        modelLimit == null && modelQuota == null
            ? identity.policy()
            : RateLimit.policyOf(nest, quotas);
    return new Routed(received, identity, model, input, trial, nest, quotas, policy);
  }

  /** Which version rates it, as answers and metrics name it. */
  String variant() {
    return trial != null && trial.byCanary() ? "canary" : "stable";
  }

  /** The same request rated by the stable version, counting for nothing. */
  Routed by(RatingModel stable, Checked.Ready stableInput) {
    return new Routed(received, identity, stable, stableInput, null, nest, quotas, policy);
  }
}
