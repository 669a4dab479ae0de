package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The trained models rate every application, and every text, as their trainer says. */
class CreditModelsTest {
  private static final double FACTOR = 57.70780163555854;

  /** How far the ratings are from the points of the probabilities, at most. */
  private static double farthest(RatingModel model, double[] probabilities) {
    List<Json.Obj> applications = CreditG.applications();
    assertThat(probabilities).hasSize(applications.size());
    double farthest = 0;
    for (int i = 0; i < probabilities.length; i++) {
      double points = 600 + FACTOR * Math.log(probabilities[i] / (1 - probabilities[i]));
      double rating =
          Double.parseDouble(Ratings.rate(model, applications.get(i)).value().toString());
      farthest = Math.max(farthest, Math.abs(rating - points));
    }
    return farthest;
  }

  @Test
  void regression_and_trees_rate_as_trained() {
    String expected = "models/credit-g.models.expected.csv";
    RatingModel regression =
        Examples.load("regression", Examples.bytes("models/credit-g.regression.json"));
    RatingModel trees = Examples.load("trees", Examples.bytes("models/credit-g.trees.json"));
    assertThat(farthest(regression, Examples.column(expected, 1))).isLessThan(0.5 + 1e-6);
    assertThat(farthest(trees, Examples.column(expected, 2))).isLessThan(0.5 + 1e-6);
    // planted: each model held against the other's column
    assertThat(farthest(regression, Examples.column(expected, 2))).isGreaterThan(10);
  }

  @Test
  void texts_are_rated_as_trained() {
    RatingModel model = Examples.load("content", Examples.bytes("models/content.json"));
    double[] expected = Examples.column("models/content.expected.csv", 1);
    List<Json.Obj> texts = Examples.texts();
    assertThat(expected).hasSize(texts.size());
    for (int i = 0; i < expected.length; i++) {
      Rating rating = Ratings.rate(model, texts.get(i));
      assertThat(Double.parseDouble(rating.value().toString()) - 100 * expected[i])
          .as(texts.get(i).toString())
          .isBetween(-0.05 - 1e-9, 0.05 + 1e-9);
    }
  }

  @Test
  void samples_of_every_trained_model_can_be_rated() throws Exception {
    for (String kind : List.of("regression", "trees", "content")) {
      byte[] json =
          Examples.bytes(
              kind.equals("content") ? "models/content.json" : "models/credit-g." + kind + ".json");
      List<Json.Obj> samples = Samples.of(json, kind);
      assertThat(samples).isNotEmpty();
      samples.forEach(sample -> Ratings.rate(Examples.load(kind, json), sample));
    }
  }

  @Test
  void reasons_of_regression_and_trees_name_what_lowered_the_rating() {
    Json.Obj worst =
        Ratings.object(
            "{'checking_status':'<0','duration':60,'credit_history':'all paid','purpose':'education',"
                + "'credit_amount':15000,'savings_status':'<100','employment':'unemployed',"
                + "'installment_commitment':4,'other_parties':'none',"
                + "'property_magnitude':'no known property','other_payment_plans':'bank',"
                + "'housing':'rent','existing_credits':1}");
    for (String kind : List.of("regression", "trees")) {
      Rating rating =
          Ratings.rate(
              Examples.load(kind, Examples.bytes("models/credit-g." + kind + ".json")), worst);
      assertThat(rating.value().compareTo(io.openclaw.domain.Decimal.of("600"))).isNegative();
      assertThat(rating.reasons())
          .hasSize(4)
          .isSortedAccordingTo((a, b) -> b.points().compareTo(a.points()));
      assertThat(rating.reasons().stream().map(r -> r.code()).distinct()).hasSize(4);
      assertThat(rating.reasons().stream().map(r -> r.code()))
          .contains("duration", "checking_status");
    }
  }
}
