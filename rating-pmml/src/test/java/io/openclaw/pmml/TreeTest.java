package io.openclaw.pmml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.openclaw.domain.Json;
import io.openclaw.rating.RatingModel;
import org.junit.jupiter.api.Test;

class TreeTest {
  private static final String FIELDS =
      Pmml.numbers("temperature", "humidity")
          + Pmml.strings("outlook", "sunny", "overcast", "rain")
          + Pmml.strings("play", "yes", "no");

  /** The golf tree of the specification's missing-value examples, cut down. */
  private static RatingModel golf(String attributes) {
    return Pmml.load(
        Pmml.document(
            FIELDS,
            "<TreeModel functionName='classification' "
                + attributes
                + ">"
                + Pmml.schema("play", "temperature", "humidity", "outlook")
                + "<Output><OutputField name='leaf' feature='entityId' optype='categorical'"
                + " dataType='string'/></Output>"
                + """
                <Node id='1' score='yes' recordCount='100' defaultChild='2'><True/>
                 <ScoreDistribution value='yes' recordCount='60'/>
                 <ScoreDistribution value='no' recordCount='40'/>
                 <Node id='2' score='yes' recordCount='50' defaultChild='3'>
                  <SimplePredicate field='outlook' operator='equal' value='sunny'/>
                  <ScoreDistribution value='yes' recordCount='40'/>
                  <ScoreDistribution value='no' recordCount='10'/>
                  <Node id='3' score='yes' recordCount='40'>
                   <SimplePredicate field='humidity' operator='lessThan' value='80'/>
                   <ScoreDistribution value='yes' recordCount='36'/>
                   <ScoreDistribution value='no' recordCount='4'/>
                  </Node>
                  <Node id='4' score='no' recordCount='10'>
                   <SimplePredicate field='humidity' operator='greaterOrEqual' value='80'/>
                   <ScoreDistribution value='yes' recordCount='2'/>
                   <ScoreDistribution value='no' recordCount='8'/>
                  </Node>
                 </Node>
                 <Node id='5' score='no' recordCount='50'>
                  <CompoundPredicate booleanOperator='or'>
                   <SimplePredicate field='outlook' operator='equal' value='overcast'/>
                   <SimplePredicate field='temperature' operator='greaterThan' value='90'/>
                  </CompoundPredicate>
                  <ScoreDistribution value='yes' recordCount='20'/>
                  <ScoreDistribution value='no' recordCount='30'/>
                 </Node>
                </Node></TreeModel>
                """));
  }

  private static void expect(
      RatingModel model, String input, String play, double yes, String leaf) {
    assertThat(Pmml.text(model, input, "play")).isEqualTo(play);
    assertThat(Pmml.number(model, input, "probability(yes)")).isEqualTo(yes, within(1e-12));
    assertThat(Pmml.text(model, input, "leaf")).isEqualTo(leaf);
  }

  @Test
  void goes_down_to_a_leaf_with_its_distribution() {
    RatingModel model = golf("");
    expect(model, "{'outlook':'sunny','humidity':70,'temperature':60}", "yes", 0.9, "3");
    expect(model, "{'outlook':'sunny','humidity':80,'temperature':60}", "no", 0.2, "4");
    expect(model, "{'outlook':'overcast','humidity':80,'temperature':60}", "no", 0.4, "5");
    expect(model, "{'outlook':'rain','humidity':80,'temperature':95}", "no", 0.4, "5");
  }

  @Test
  void what_is_unknown_counts_as_false_where_nothing_else_is_said() {
    RatingModel model = golf("missingValueStrategy='none'");
    expect(model, "{'humidity':70,'temperature':95}", "no", 0.4, "5");
    assertThat(Pmml.violations(model, "{'outlook':'sunny','temperature':60}"))
        .singleElement()
        .satisfies(v -> assertThat(v.pointer()).isEqualTo("/humidity"));
  }

  @Test
  void the_last_prediction_stands_where_a_predicate_is_unknown() {
    RatingModel model = golf("missingValueStrategy='lastPrediction'");
    expect(model, "{'outlook':'sunny','temperature':60}", "yes", 0.8, "2");
    expect(model, "{'humidity':70,'temperature':60}", "yes", 0.6, "1");
  }

  @Test
  void nothing_is_predicted_where_a_predicate_is_unknown_and_it_says_so() {
    RatingModel model = golf("missingValueStrategy='nullPrediction'");
    assertThat(Pmml.violations(model, "{'humidity':70,'temperature':95}"))
        .singleElement()
        .satisfies(v -> assertThat(v.pointer()).isEqualTo("/outlook"));
  }

  @Test
  void the_default_child_is_taken_where_a_predicate_is_unknown() {
    RatingModel model = golf("missingValueStrategy='defaultChild'");
    expect(model, "{'outlook':'sunny','temperature':60}", "yes", 0.9, "3");
    expect(model, "{'humidity':90,'temperature':60}", "no", 0.2, "4");
  }

  @Test
  void no_true_child_gives_nothing_or_the_last_prediction() {
    String rain = "{'outlook':'rain','humidity':70,'temperature':60}";
    expect(golf("noTrueChildStrategy='returnLastPrediction'"), rain, "yes", 0.6, "1");
    assertThat(golf("").check(Pmml.input(rain)))
        .isInstanceOfSatisfying(
            io.openclaw.rating.Checked.Ready.class,
            ready ->
                assertThat(ready.rate(io.openclaw.rating.Attempt.ONCE).toCompletableFuture())
                    .isCompletedExceptionally());
  }

  @Test
  void strategies_that_follow_several_ways_are_refused_by_name() {
    String written =
        Pmml.document(
            FIELDS,
            "<TreeModel functionName='classification' missingValueStrategy='weightedConfidence'>"
                + Pmml.schema("play", "temperature")
                + "<Node score='yes'><True/></Node></TreeModel>");
    Pmml.refuses(written, "line 5", "TreeModel", "missingValueStrategy weightedConfidence");
  }

  private static int answer(String predicate, String input) {
    RatingModel model =
        Pmml.load(
            Pmml.document(
                Pmml.numbers("a", "b", "y") + Pmml.strings("s"),
                "<TreeModel functionName='regression' noTrueChildStrategy='returnLastPrediction'>"
                    + Pmml.schema("y", "a", "b", "s")
                    + "<Node score='0'><True/><Node score='1'>"
                    + predicate
                    + "</Node></Node></TreeModel>"));
    return (int) Pmml.number(model, input, "y");
  }

  /** The compiled tree against the predicate's own evaluation, over all answers of its parts. */
  @Test
  void compound_predicates_follow_three_valued_logic() {
    String p = "<SimplePredicate field='a' operator='equal' value='1'/>";
    String q = "<SimplePredicate field='b' operator='equal' value='1'/>";
    String[] values = {"0", "1", "null"};
    for (String join : new String[] {"and", "or", "xor", "surrogate"}) {
      for (String a : values) {
        for (String b : values) {
          String input = "{'a':" + a + ",'b':" + b + ",'s':'x'}";
          boolean expected =
              switch (join) {
                case "and" -> a.equals("1") && b.equals("1");
                case "or" -> a.equals("1") || b.equals("1");
                case "xor" -> !a.equals("null") && !b.equals("null") && !a.equals(b);
                default -> a.equals("1") || (a.equals("null") && b.equals("1"));
              };
          assertThat(
                  answer(
                      "<CompoundPredicate booleanOperator='"
                          + join
                          + "'>"
                          + p
                          + q
                          + "</CompoundPredicate>",
                      input))
              .as(join + " " + input)
              .isEqualTo(expected ? 1 : 0);
        }
      }
    }
  }

  @Test
  void sets_and_missing_values_are_tested() {
    String in =
        "<SimpleSetPredicate field='s' booleanOperator='isIn'><Array n='2' type='string'>"
            + "&quot;two words&quot; one</Array></SimpleSetPredicate>";
    assertThat(answer(in, "{'a':1,'b':1,'s':'two words'}")).isEqualTo(1);
    assertThat(answer(in, "{'a':1,'b':1,'s':'unheard of'}")).isEqualTo(0);
    assertThat(answer(in.replace("isIn", "isNotIn"), "{'a':1,'b':1,'s':'unheard of'}"))
        .isEqualTo(1);
    assertThat(answer(in.replace("isIn", "isNotIn"), "{'a':1,'b':1}")).isEqualTo(0);
    String numbers =
        "<SimpleSetPredicate field='a' booleanOperator='isIn'><Array type='real'>1 2.5</Array>"
            + "</SimpleSetPredicate>";
    assertThat(answer(numbers, "{'a':2.5}")).isEqualTo(1);
    assertThat(answer(numbers, "{'a':2}")).isEqualTo(0);
    assertThat(answer("<SimplePredicate field='a' operator='isMissing'/>", "{}")).isEqualTo(1);
    assertThat(answer("<SimplePredicate field='a' operator='isNotMissing'/>", "{'a':3}"))
        .isEqualTo(1);
    assertThat(answer("<SimplePredicate field='a' operator='isNotMissing'/>", "{}")).isEqualTo(0);
  }

  @Test
  void a_float_field_is_compared_as_a_float() {
    String dictionary =
        "<DataField name='a' optype='continuous' dataType='float'/>" + Pmml.numbers("y");
    String tree =
        "<TreeModel functionName='regression'>"
            + Pmml.schema("y", "a")
            + "<Node score='0'><True/>"
            + "<Node score='1'><SimplePredicate field='a' operator='lessThan' value='0.1'/></Node>"
            + "<Node score='2'><SimplePredicate field='a' operator='greaterOrEqual' value='0.1'/>"
            + "</Node></Node></TreeModel>";
    RatingModel model = Pmml.load(Pmml.document(dictionary, tree));
    assertThat(Pmml.number(model, "{'a':0.1}", "y")).isEqualTo(2);
    assertThat(Pmml.number(model, "{'a':0.09999999999}", "y")).as("the same float").isEqualTo(2);
    assertThat(Pmml.number(model, "{'a':0.0999}", "y")).isEqualTo(1);
  }

  @Test
  void outputs_name_the_target_and_each_probability() {
    Json outputs =
        java.util.Objects.requireNonNull(
            Pmml.rate(golf(""), "{'outlook':'sunny','humidity':70,'temperature':60}").outputs());
    assertThat(outputs)
        .isEqualTo(
            Pmml.input("{'leaf':'3','play':'yes','probability(yes)':0.9,'probability(no)':0.1}"));
  }
}
