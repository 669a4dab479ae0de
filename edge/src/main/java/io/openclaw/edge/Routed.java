package io.openclaw.edge;

import io.openclaw.limit.Limit;
import io.openclaw.limit.Nest;
import io.openclaw.rating.Checked;
import io.openclaw.rating.RatingModel;
import org.jspecify.annotations.Nullable;

/**
 * A request whose model is chosen and whose input that model accepts.
 *
 * @param nest the limits that must agree: the identity's, and the model's where it has one
 * @param policy their RateLimit-Policy header
 */
record Routed(
    Received received,
    Identified identity,
    RatingModel model,
    Checked.Ready input,
    Nest nest,
    String policy) {

  static Routed of(
      Received received,
      Identified identity,
      RatingModel model,
      Checked.Ready input,
      @Nullable Limit modelLimit) {
    if (modelLimit == null) {
      return new Routed(received, identity, model, input, identity.nest(), identity.policy());
    }
    Nest nest = identity.nest().with(modelLimit);
    return new Routed(received, identity, model, input, nest, RateLimit.policyOf(nest));
  }
}
