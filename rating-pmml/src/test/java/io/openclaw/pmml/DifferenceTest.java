package io.openclaw.pmml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.openclaw.domain.Json;
import io.openclaw.rating.RatingModel;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.pmml4s.model.Model;

/** The same documents and inputs through another engine, pmml4s. */
class DifferenceTest {
  private static Map<String, Object> input(String json) {
    Map<String, Object> input = new HashMap<>();
    Pmml.input(json)
        .members()
        .forEach(
            (name, value) ->
                input.put(
                    name,
                    value instanceof Json.Num n ? (Object) n.value() : ((Json.Str) value).value()));
    return input;
  }

  /** A number that the other engine must answer. */
  private static double number(Map<String, Object> answer, String name) {
    return ((Number) Objects.requireNonNull(answer.get(name))).doubleValue();
  }

  @Test
  void boosted_trees_agree_with_and_without_gaps() {
    for (int seed = 0; seed < 5; seed++) {
      RandomForests forests = new RandomForests(new SplittableRandom(seed), 6);
      String document = forests.boosted(20, 4);
      RatingModel ours = Pmml.load(document);
      Model theirs = Model.fromString(document);
      for (int i = 0; i < 200; i++) {
        String input = forests.input(i % 2 == 1);
        double expected = number(theirs.predict(input(input)), "predicted_y");
        assertThat(Pmml.number(ours, input, "y"))
            .as("seed " + seed + ", " + input)
            .isEqualTo(expected, within(1e-12));
      }
    }
  }

  @Test
  void forests_of_categories_agree() {
    for (int seed = 0; seed < 5; seed++) {
      RandomForests forests = new RandomForests(new SplittableRandom(100 + seed), 6);
      String document = forests.forest(15, 3);
      RatingModel ours = Pmml.load(document);
      Model theirs = Model.fromString(document);
      for (int i = 0; i < 200; i++) {
        String input = forests.input(false);
        Map<String, Object> expected = theirs.predict(input(input));
        assertThat(Pmml.number(ours, input, "probability(yes)"))
            .as("seed " + seed + ", " + input)
            .isEqualTo(number(expected, "probability_yes"), within(1e-12));
        assertThat(Pmml.text(ours, input, "y")).isEqualTo(expected.get("predicted_y"));
      }
    }
  }

  @Test
  void the_naive_bayes_of_the_specification_agrees() throws IOException {
    String document = Files.readString(ExamplesTest.EXAMPLES.resolve("dmg-naive-bayes.pmml"));
    String input = "{'age of individual':24,'gender':'male','no of claims':'2','age of car':1}";
    Map<String, Object> expected = Model.fromString(document).predict(input(input));
    RatingModel ours = Pmml.load(document);
    for (String category : new String[] {"100", "500", "1000", "5000", "10000"}) {
      assertThat(Pmml.number(ours, input, "probability(" + category + ")"))
          .isEqualTo(number(expected, "probability_" + category), within(1e-9));
    }
  }

  /** A difference must be seen: one threshold moved a little. */
  @Test
  void a_moved_threshold_is_found() {
    RandomForests forests = new RandomForests(new SplittableRandom(7), 2);
    String document = forests.boosted(3, 3);
    String moved = document.replaceFirst("greaterThan\" value=\"-?0", "greaterThan\" value=\"5");
    assertThat(moved).isNotEqualTo(document);
    RatingModel ours = Pmml.load(moved);
    Model theirs = Model.fromString(document);
    int different = 0;
    for (int i = 0; i < 500; i++) {
      String input = forests.input(false);
      double expected = number(theirs.predict(input(input)), "predicted_y");
      Json found =
          ours.check(Pmml.input(input)) instanceof io.openclaw.rating.Checked.Ready ready
                  && !ready
                      .rate(io.openclaw.rating.Attempt.ONCE)
                      .toCompletableFuture()
                      .isCompletedExceptionally()
              ? Pmml.output(ours, input, "y")
              : Json.Null.NULL;
      different += found instanceof Json.Num n && Math.abs(n.value() - expected) < 1e-12 ? 0 : 1;
    }
    assertThat(different).isPositive();
  }
}
