package io.openclaw.pmml;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Json;
import io.openclaw.rating.RatingModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The scorecard of the specification (PMML 4.3, Scorecard), with points added by hand. */
class ScorecardTest {
  private static final RatingModel CARD = load();

  private static RatingModel load() {
    try {
      return Pmml.load(Files.readString(Path.of("../examples/pmml/dmg-scorecard.pmml")));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void adds_the_first_attribute_that_holds_of_each_characteristic() {
    assertThat(
            Pmml.number(CARD, "{'department':'engineering','age':25,'income':500}", "Final Score"))
        .isEqualTo(3 + 0 + 26);
    assertThat(
            Pmml.number(CARD, "{'department':'marketing','age':40,'income':3000}", "overallScore"))
        .as("a complex partial score")
        .isEqualTo(19 + 18 + 0.01 * 3000 - 18);
    assertThat(Pmml.number(CARD, "{}", "Final Score")).isEqualTo(-9 - 1 + 3);
  }

  @Test
  void reasons_are_distinct_ranked_and_only_what_was_lost() {
    String input = "{'department':'engineering','age':25,'income':500}";
    assertThat(Pmml.rate(CARD, input).reasons())
        .extracting(r -> r.code() + " " + r.points())
        .containsExactly("RC2 18", "RC1 16");
    assertThat(Pmml.text(CARD, input, "Reason Code 1")).isEqualTo("RC2");
    assertThat(Pmml.text(CARD, input, "Reason Code 2")).isEqualTo("RC1");
    assertThat(Pmml.output(CARD, input, "Reason Code 3")).isEqualTo(Json.Null.NULL);
    assertThat(Pmml.rate(CARD, "{'department':'marketing','age':40,'income':500}").reasons())
        .isEmpty();
  }

  private static RatingModel card(String attributes, String one, String two) {
    return Pmml.load(
        Pmml.document(
            Pmml.numbers("x", "y"),
            "<Scorecard functionName='regression' "
                + attributes
                + ">"
                + Pmml.schema("y", "x")
                + "<Characteristics><Characteristic name='a' baselineScore='10' reasonCode='A'>"
                + one
                + "</Characteristic><Characteristic name='b' baselineScore='10'>"
                + two
                + "</Characteristic></Characteristics></Scorecard>"));
  }

  @Test
  void points_lost_are_rescaled_as_the_target_is() {
    String attribute = "<Attribute partialScore='4' reasonCode='C'><True/></Attribute>";
    String targets = "><Targets><Target field='y' rescaleFactor='0.5'/></Targets";
    RatingModel model = card(targets, attribute, attribute);
    assertThat(Pmml.number(model, "{'x':1}", "y")).isEqualTo(4);
    assertThat(Pmml.rate(model, "{'x':1}").reasons())
        .extracting(r -> r.code() + " " + r.points())
        .containsExactly("C 6");
  }

  @Test
  void what_one_code_loses_is_added_up_and_points_above_are_the_other_way() {
    String attribute = "<Attribute partialScore='4' reasonCode='C'><True/></Attribute>";
    assertThat(Pmml.rate(card("", attribute, attribute), "{'x':1}").reasons())
        .extracting(r -> r.code() + " " + r.points())
        .containsExactly("C 12");
    assertThat(
            Pmml.rate(card("reasonCodeAlgorithm='pointsAbove'", attribute, attribute), "{'x':1}")
                .reasons())
        .isEmpty();
    String high = "<Attribute partialScore='14' reasonCode='D'><True/></Attribute>";
    assertThat(
            Pmml.rate(card("reasonCodeAlgorithm='pointsAbove'", attribute, high), "{'x':1}")
                .reasons())
        .extracting(r -> r.code() + " " + r.points())
        .containsExactly("D 4");
  }
}
