package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.Tenant;
import io.openclaw.edge.Edge;
import io.openclaw.edge.Received;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.RatingModel;
import io.openclaw.rating.ScorecardModel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Makes the JVM compile the hot path before the node says it is ready: parses a body and lets every
 * scorecard check it, and sends refused requests down the whole way. Spends no token and records
 * nothing.
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
    for (int i = 0; i < ROUNDS; i++) {
      Json body;
      try {
        body = JsonReader.read(BODY);
      } catch (JsonSyntaxException e) {
        throw new IllegalStateException("the body above is JSON", e);
      }
      for (RatingModel model : distinct) {
        if (model instanceof ScorecardModel
            && body instanceof Json.Obj input
            && model.check(input) instanceof Checked.Ready ready) {
          ready.rate(new Attempt(null, 1, clock.wallMillis()));
        }
      }
      var _ =
          edge.rate(
              new Received("Bearer ock_none", null, BODY, null, 1, clock.nanoTime()), "warm-up");
    }
  }
}
