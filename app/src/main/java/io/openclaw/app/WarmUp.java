package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Tenant;
import io.openclaw.edge.AnswerJson;
import io.openclaw.edge.Edge;
import io.openclaw.edge.Received;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.RatingModel;
import io.openclaw.release.Content;
import io.openclaw.release.ModelSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the JVM compile the hot path before the node says it is ready: lets every model without
 * state rate what is recorded for it (its document's samples, its tenants') and the example of its
 * schema, and sends refused requests down the whole way. Spends no token and records nothing.
 */
final class WarmUp {
  /** Enough to load every class and start compiling, few enough not to be felt. */
  static final int ROUNDS_MIN = 100;

  /** Inputs of one model. */
  private static final int INPUTS_MAX = 20;

  private static final byte[] BODY =
      """
      {"checking_status":"<0","duration":6,"credit_history":"existing paid","purpose":"radio/tv","credit_amount":1169,\
      "savings_status":"<100","employment":">=7","installment_commitment":4,"other_parties":"none","age":67,\
      "property_magnitude":"real estate","other_payment_plans":"none","housing":"own","existing_credits":2}
      """
          .getBytes(StandardCharsets.UTF_8);

  private final Edge edge;
  private final Clock clock;
  private final IdentityHashMap<RatingModel, List<Json.Obj>> inputs;

  /**
   * @param models by tenant
   * @param shelf reads what the models' documents record
   */
  WarmUp(
      Edge edge,
      Content content,
      Map<Tenant, List<RatingModel>> models,
      ModelShelf shelf,
      Clock clock) {
    this.edge = edge;
    this.clock = clock;
    this.inputs = inputs(content, models, shelf);
  }

  /** Many tenants may share a few models. */
  private static IdentityHashMap<RatingModel, List<Json.Obj>> inputs(
      Content content, Map<Tenant, List<RatingModel>> models, ModelShelf shelf) {
    Map<String, ModelSpec> documents = new LinkedHashMap<>();
    content.models().forEach(each -> documents.put(each.name(), each));
    IdentityHashMap<RatingModel, List<Json.Obj>> inputs = new IdentityHashMap<>();
    models.forEach(
        (tenant, served) -> {
          for (RatingModel model : served) {
            if (model.isDeterministic()) {
              List<Json.Obj> some = inputs.computeIfAbsent(model, m -> first(m, documents, shelf));
              var recorded = content.samples().get(tenant.id());
              if (recorded != null && some.size() < INPUTS_MAX) {
                some.addAll(recorded.inputs().stream().limit(INPUTS_MAX - some.size()).toList());
              }
            }
          }
        });
    return inputs;
  }

  private static List<Json.Obj> first(
      RatingModel model, Map<String, ModelSpec> documents, ModelShelf shelf) {
    List<Json.Obj> some = new ArrayList<>(List.of(model.schema().example()));
    ModelSpec document = documents.get(model.name());
    try {
      if (document != null) {
        some.addAll(shelf.samples(document).stream().limit(INPUTS_MAX - 1).toList());
      }
    } catch (ModelException e) {
      // A document that does not read would not be served; an example is enough to warm up with.
    }
    return some;
  }

  /** Rates for so long, and at least {@link #ROUNDS_MIN} rounds; how many ratings that were. */
  long run(long millis) {
    long endNanos = clock.nanoTime() + millis * 1_000_000;
    long ratings = 0;
    for (int round = 0; round < ROUNDS_MIN || clock.nanoTime() - endNanos < 0; round++) {
      for (Map.Entry<RatingModel, List<Json.Obj>> each : inputs.entrySet()) {
        List<Json.Obj> some = each.getValue();
        rate(each.getKey(), some.get(round % some.size()));
        ratings++;
      }
      var _ =
          edge.rate(
              new Received("Bearer ock_none", null, BODY, null, 1, clock.nanoTime()), "warm-up");
    }
    return ratings;
  }

  private void rate(RatingModel model, Json.Obj input) {
    try {
      if (model.check(input) instanceof Checked.Ready ready) {
        var _ = ready.rate(Attempt.ONCE).thenAccept(rating -> write(model, rating));
      }
    } catch (RuntimeException | StackOverflowError e) {
      // A model that breaks on its example fails requests (Edge), never the start of a node.
    }
  }

  private static void write(RatingModel model, Rating rating) {
    var _ = AnswerJson.write(rating, model.name(), model.version(), "stable", null, "", "warm-up");
  }
}
