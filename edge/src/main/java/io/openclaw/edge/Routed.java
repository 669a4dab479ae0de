package io.openclaw.edge;

import io.openclaw.limit.Limit;
import io.openclaw.rating.Checked;
import io.openclaw.rating.RatingModel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A request whose model is chosen and whose input that model accepts.
 *
 * @param nest the limits that must agree: the identity's, and the model's where it has one
 * @param policy their RateLimit-Policy header
 */
@SuppressWarnings("ArrayRecordComponent") // never changed
record Routed(
    Received received,
    Identified identity,
    RatingModel model,
    Checked.Ready input,
    Limit[] nest,
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
    Limit[] nest = Arrays.copyOf(identity.nest(), identity.nest().length + 1);
    nest[nest.length - 1] = modelLimit;
    return new Routed(received, identity, model, input, nest, RateLimit.policyOf(nest));
  }
}
