package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Json;
import io.openclaw.domain.Tenant;
import io.openclaw.edge.Edge;
import io.openclaw.edge.Received;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.RatingModel;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the JVM compile the hot path before the node says it is ready: lets every model without
 * state rate the example of its schema, and sends refused requests down the whole way. Spends no
 * token and records nothing.
 */
final class WarmUp {
  /** Enough to load every class and start compiling, few enough not to be felt. */
  private static final int ROUNDS = 100;

  private static final byte[] BODY =
      """
      {"checking_status":"<0","duration":6,"credit_history":"existing paid","purpose":"radio/tv","credit_amount":1169,\
      "savings_status":"<100","employment":">=7","installment_commitment":4,"other_parties":"none","age":67,\
      "property_magnitude":"real estate","other_payment_plans":"none","housing":"own","existing_credits":2}
      """
          .getBytes(StandardCharsets.UTF_8);

  private WarmUp() {}

  static void run(Edge edge, Map<Tenant, List<RatingModel>> models, Clock clock) {
    // Many tenants may share a few models.
    List<RatingModel> distinct = models.values().stream().flatMap(List::stream).distinct().toList();
    IdentityHashMap<RatingModel, Json.Obj> examples = new IdentityHashMap<>();
    distinct.stream()
        .filter(RatingModel::isDeterministic)
        .forEach(model -> examples.put(model, model.schema().example()));
    for (int i = 0; i < ROUNDS; i++) {
      examples.forEach((model, example) -> rate(model, example, clock.wallMillis()));
      var _ =
          edge.rate(
              new Received("Bearer ock_none", null, BODY, null, 1, clock.nanoTime()), "warm-up");
    }
  }

  private static void rate(RatingModel model, Json.Obj example, long wallMillis) {
    try {
      if (model.check(example) instanceof Checked.Ready ready) {
        var _ = ready.rate(new Attempt(null, 1, wallMillis));
      }
    } catch (RuntimeException | StackOverflowError e) {
      // A model that breaks on its example fails requests (Edge), never the start of a node.
    }
  }
}
