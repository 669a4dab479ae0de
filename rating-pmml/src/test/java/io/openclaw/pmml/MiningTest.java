package io.openclaw.pmml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.openclaw.rating.RatingModel;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class MiningTest {
  private static final Offset<Double> NEAR = within(1e-12);

  private static String constant(String id, String weight, String predicate, double value) {
    return "<Segment id='"
        + id
        + "' weight='"
        + weight
        + "'>"
        + predicate
        + "<RegressionModel functionName='regression'><MiningSchema><MiningField name='x'/>"
        + "</MiningSchema><RegressionTable intercept='"
        + value
        + "'>"
        + "<NumericPredictor name='x' coefficient='1'/></RegressionTable></RegressionModel></Segment>";
  }

  private static RatingModel numbers(String method, String attributes) {
    return Pmml.load(
        Pmml.document(
            Pmml.numbers("x", "y"),
            "<MiningModel functionName='regression'>"
                + Pmml.schema("y", "x")
                + "<Segmentation multipleModelMethod='"
                + method
                + "' "
                + attributes
                + ">"
                + constant("1", "1", "<True/>", 1)
                + constant("2", "3", "<True/>", 5)
                + constant(
                    "3", "2", "<SimplePredicate field='x' operator='greaterThan' value='0'/>", 3)
                + "</Segmentation></MiningModel>"));
  }

  @Test
  void combines_numbers_of_the_segments_that_take_part() {
    assertThat(Pmml.number(numbers("sum", ""), "{'x':1}", "y")).isEqualTo(2 + 6 + 4, NEAR);
    assertThat(Pmml.number(numbers("sum", ""), "{'x':-1}", "y")).isEqualTo(0 + 4, NEAR);
    assertThat(Pmml.number(numbers("average", ""), "{'x':1}", "y")).isEqualTo(4, NEAR);
    assertThat(Pmml.number(numbers("weightedAverage", ""), "{'x':1}", "y"))
        .isEqualTo((2 + 18 + 8) / 6.0, NEAR);
    assertThat(Pmml.number(numbers("weightedSum", ""), "{'x':1}", "y")).isEqualTo(28, NEAR);
    assertThat(Pmml.number(numbers("median", ""), "{'x':1}", "y")).isEqualTo(4, NEAR);
    assertThat(Pmml.number(numbers("median", ""), "{'x':-1}", "y")).isEqualTo(2, NEAR);
    assertThat(Pmml.number(numbers("max", ""), "{'x':1}", "y")).isEqualTo(6, NEAR);
    assertThat(Pmml.number(numbers("weightedMedian", ""), "{'x':1}", "y")).isEqualTo(4, NEAR);
    assertThat(Pmml.number(numbers("weightedMedian", ""), "{'x':-1}", "y")).isEqualTo(4, NEAR);
    assertThat(Pmml.number(numbers("selectFirst", ""), "{'x':1}", "y")).isEqualTo(2, NEAR);
  }

  @Test
  void select_all_is_refused_by_name() {
    Pmml.refuses(
        Pmml.document(
            Pmml.numbers("x", "y"),
            "<MiningModel functionName='regression'>"
                + Pmml.schema("y", "x")
                + "<Segmentation multipleModelMethod='selectAll'>"
                + constant("1", "1", "<True/>", 1)
                + "</Segmentation></MiningModel>"),
        "multipleModelMethod selectAll");
  }

  private static String tree(String condition, String yes, String no) {
    return "<TreeModel functionName='classification'>"
        + Pmml.schema("y", "x")
        + "<Node><True/><Node score='"
        + yes
        + "'>"
        + condition
        + "<ScoreDistribution value='"
        + yes
        + "' recordCount='3'/>"
        + "<ScoreDistribution value='"
        + no
        + "' recordCount='1'/></Node>"
        + "<Node score='"
        + no
        + "'><True/><ScoreDistribution value='"
        + no
        + "' recordCount='1'/></Node></Node></TreeModel>";
  }

  private static RatingModel forest(String method) {
    StringBuilder segments = new StringBuilder();
    for (int i = 1; i <= 3; i++) {
      segments.append(
          "<Segment weight='"
              + i
              + "'><True/>"
              + tree("<SimplePredicate field='x' operator='lessThan' value='" + i + "'/>", "a", "b")
              + "</Segment>");
    }
    return Pmml.load(
        Pmml.document(
            Pmml.numbers("x") + Pmml.strings("y", "a", "b"),
            "<MiningModel functionName='classification'>"
                + Pmml.schema("y", "x")
                + "<Segmentation multipleModelMethod='"
                + method
                + "'>"
                + segments
                + "</Segmentation></MiningModel>"));
  }

  @Test
  void votes_and_averages_of_categories() {
    assertThat(Pmml.number(forest("majorityVote"), "{'x':1.5}", "probability(a)"))
        .isEqualTo(2 / 3.0, NEAR);
    assertThat(Pmml.text(forest("majorityVote"), "{'x':1.5}", "y")).isEqualTo("a");
    assertThat(Pmml.number(forest("weightedMajorityVote"), "{'x':2.5}", "probability(a)"))
        .isEqualTo(0.5, NEAR);
    assertThat(Pmml.text(forest("weightedMajorityVote"), "{'x':2.5}", "y"))
        .as("of equals the one voted for first")
        .isEqualTo("b");
    assertThat(Pmml.number(forest("average"), "{'x':1.5}", "probability(a)")).isEqualTo(0.5, NEAR);
    assertThat(Pmml.number(forest("weightedAverage"), "{'x':1.5}", "probability(a)"))
        .isEqualTo((2 * 0.75 + 3 * 0.75) / 6, NEAR);
  }

  /**
   * What exporters of boosted trees write: a sum of trees in a field, then a logistic regression.
   */
  static String boosted(String context, String rescale) {
    StringBuilder trees = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      trees.append(
          "<Segment id='"
              + (i + 1)
              + "'><True/><TreeModel functionName='regression'"
              + " noTrueChildStrategy='returnLastPrediction'"
              + context
              + ">"
              + "<MiningSchema><MiningField name='float(x)'/><MiningField name='s'/></MiningSchema>"
              + "<Node score='"
              + (0.1 + i)
              + "'><True/><Node score='"
              + (-0.3 * i)
              + "'>"
              + "<SimplePredicate field='float(x)' operator='lessThan' value='"
              + i
              + ".5'/>"
              + "<Node score='-1.7'><SimplePredicate field='s' operator='equal' value='t'/></Node>"
              + "</Node></Node></TreeModel></Segment>");
    }
    return Pmml.document(
        Pmml.numbers("x")
            + Pmml.strings("s", "t", "u")
            + "<DataField name='y' optype='categorical' dataType='integer'>"
            + "<Value value='0'/><Value value='1'/></DataField>",
        "<MiningModel functionName='classification'"
            + context
            + "><MiningSchema>"
            + "<MiningField name='y' usageType='target'/>"
            + "<MiningField name='x' invalidValueTreatment='asIs'/>"
            + "<MiningField name='s' invalidValueTreatment='asMissing'/></MiningSchema>"
            + "<Segmentation multipleModelMethod='modelChain'><Segment id='1'><True/>"
            + "<MiningModel functionName='regression'"
            + context
            + "><MiningSchema>"
            + "<MiningField name='x'/><MiningField name='s'/></MiningSchema>"
            + "<Output><OutputField name='margin' optype='continuous' dataType='double'"
            + " isFinalResult='false'/></Output>"
            + rescale
            + "<LocalTransformations><DerivedField name='float(x)' optype='continuous'"
            + " dataType='float'><FieldRef field='x'/></DerivedField></LocalTransformations>"
            + "<Segmentation multipleModelMethod='sum'>"
            + trees
            + "</Segmentation></MiningModel>"
            + "</Segment><Segment id='2'><True/><RegressionModel functionName='classification'"
            + " normalizationMethod='logit'><MiningSchema>"
            + "<MiningField name='y' usageType='target'/><MiningField name='margin'/></MiningSchema>"
            + "<Output><OutputField name='probability(0)' optype='continuous' dataType='double'"
            + " feature='probability' value='0'/><OutputField name='probability(1)'"
            + " optype='continuous' dataType='double' feature='probability' value='1'/></Output>"
            + "<RegressionTable targetCategory='1' intercept='0'>"
            + "<NumericPredictor name='margin' coefficient='1'/></RegressionTable>"
            + "<RegressionTable targetCategory='0' intercept='0'/></RegressionModel></Segment>"
            + "</Segmentation></MiningModel>");
  }

  @Test
  void a_chain_of_boosted_trees_and_a_link() {
    String rescale = "<Targets><Target rescaleConstant='0.25'/></Targets>";
    RatingModel model = Pmml.load(boosted("", rescale));
    double margin = 0.25 + 0.1 + -0.3 + -0.6;
    assertThat(Pmml.number(model, "{'x':1.2,'s':'u'}", "probability(1)"))
        .isEqualTo(1 / (1 + Math.exp(-margin)), NEAR);
    assertThat(Pmml.number(model, "{'x':1.2,'s':'t'}", "probability(1)"))
        .isEqualTo(1 / (1 + Math.exp(-(0.25 + 0.1 - 1.7 - 1.7))), NEAR);
    assertThat(Pmml.number(model, "{'x':1.2,'s':'new'}", "probability(1)"))
        .as("an invalid value is missing: the last prediction")
        .isEqualTo(1 / (1 + Math.exp(-margin)), NEAR);
    assertThat(Pmml.number(model, "{'x':1.2,'s':'u'}", "y")).isEqualTo(0);
    assertThat(Pmml.rate(model, "{'x':1.2,'s':'u'}").value().toString()).isEqualTo("0.365864");
    RatingModel asFloat = Pmml.load(boosted(" x-mathContext='float'", rescale));
    assertThat(Pmml.number(asFloat, "{'x':1.2,'s':'u'}", "probability(1)"))
        .isEqualTo(1 / (1 + Math.exp(-margin)), within(1e-6));
  }

  @Test
  void reasons_are_the_fields_that_lowered_the_margin_most() {
    RatingModel model = Pmml.load(boosted("", ""));
    assertThat(Pmml.rate(model, "{'x':1.2,'s':'t'}").reasons())
        .extracting(r -> r.code() + " " + r.points())
        .containsExactly("x 4.1", "s 2.5");
    assertThat(Pmml.rate(model, "{'x':9,'s':'t'}").reasons()).isEmpty();
    String half = "<Targets><Target rescaleFactor='0.5'/></Targets>";
    assertThat(Pmml.rate(Pmml.load(boosted("", half)), "{'x':1.2,'s':'t'}").reasons())
        .extracting(r -> r.code() + " " + r.points())
        .containsExactly("x 2.05", "s 1.25");
  }

  @Test
  void contributions_of_a_segment_are_rescaled_as_its_target_is() {
    String linear =
        "<RegressionModel functionName='regression'><MiningSchema><MiningField name='x'/>"
            + "</MiningSchema><Targets><Target rescaleFactor='FACTOR'/></Targets>"
            + "<RegressionTable intercept='9'><NumericPredictor name='x' coefficient='1'/>"
            + "</RegressionTable></RegressionModel>";
    String document =
        Pmml.document(
            Pmml.numbers("x", "y"),
            "<MiningModel functionName='regression'>"
                + Pmml.schema("y", "x")
                + "<Targets><Target field='y' rescaleFactor='2'/></Targets>"
                + "<Segmentation multipleModelMethod='METHOD'><Segment><True/>"
                + linear
                + "</Segment></Segmentation></MiningModel>");
    for (String method : new String[] {"sum", "average", "modelChain", "selectFirst"}) {
      String negative = document.replace("METHOD", method).replace("FACTOR", "-3");
      RatingModel model = Pmml.load(negative);
      assertThat(Pmml.number(model, "{'x':4}", "y")).as(method).isEqualTo(-78);
      assertThat(Pmml.rate(model, "{'x':4}").reasons())
          .as(method)
          .extracting(r -> r.code() + " " + r.points())
          .containsExactly("x 24");
      assertThat(Pmml.rate(model, "{'x':-4}").reasons()).as(method).isEmpty();
    }
  }

  @Test
  void a_derived_field_of_a_segments_result_is_computed_after_it_or_refused() {
    String derived =
        "<LocalTransformations><DerivedField name='d' optype='continuous' dataType='double'>"
            + "<Apply function='*'><FieldRef field='first'/><Constant dataType='double'>3</Constant>"
            + "</Apply></DerivedField></LocalTransformations>";
    String first =
        "<Segment><True/><RegressionModel functionName='regression'><MiningSchema>"
            + "<MiningField name='x'/></MiningSchema><Output><OutputField name='first'"
            + " feature='predictedValue' optype='continuous' dataType='double'/></Output>"
            + "<RegressionTable intercept='1'><NumericPredictor name='x' coefficient='1'/>"
            + "</RegressionTable></RegressionModel></Segment>";
    String second =
        "<Segment><True/><RegressionModel functionName='regression'>INNER<MiningSchema>"
            + "<MiningField name='y' usageType='target'/><MiningField name='first'/></MiningSchema>"
            + "<RegressionTable intercept='0'><NumericPredictor name='d' coefficient='1'/>"
            + "</RegressionTable></RegressionModel></Segment>";
    String model =
        "<MiningModel functionName='regression'>"
            + Pmml.schema("y", "x")
            + "OUTER"
            + "<Segmentation multipleModelMethod='modelChain'>"
            + first
            + second
            + "</Segmentation></MiningModel>";
    String inside = model.replace("INNER", derived).replace("OUTER", "");
    assertThat(
            Pmml.number(Pmml.load(Pmml.document(Pmml.numbers("x", "y"), inside)), "{'x':4}", "y"))
        .isEqualTo(15);
    String beside = model.replace("OUTER", derived).replace("INNER", "");
    Pmml.refuses(
        Pmml.document(Pmml.numbers("x", "y"), beside), "a DerivedField of a segment's result");
  }

  @Test
  void missing_predictions_are_skipped_or_end_it() {
    String silent =
        "<Segment><True/><TreeModel functionName='regression'><MiningSchema>"
            + "<MiningField name='x'/></MiningSchema><Node score='9'>"
            + "<SimplePredicate field='x' operator='lessThan' value='0'/></Node></TreeModel></Segment>";
    for (String treatment : new String[] {"skipSegment", "returnMissing"}) {
      RatingModel model =
          Pmml.load(
              Pmml.document(
                  Pmml.numbers("x", "y"),
                  "<MiningModel functionName='regression'>"
                      + Pmml.schema("y", "x")
                      + "<Segmentation multipleModelMethod='average' missingPredictionTreatment='"
                      + treatment
                      + "'>"
                      + silent
                      + constant("2", "1", "<True/>", 2)
                      + "</Segmentation></MiningModel>"));
      assertThat(Pmml.number(model, "{'x':-1}", "y")).isEqualTo(5, NEAR);
      if (treatment.equals("skipSegment")) {
        assertThat(Pmml.number(model, "{'x':1}", "y")).isEqualTo(3, NEAR);
      } else {
        assertThat(model.check(Pmml.input("{'x':1}")))
            .isInstanceOfSatisfying(
                io.openclaw.rating.Checked.Ready.class,
                r ->
                    assertThat(r.rate(io.openclaw.rating.Attempt.ONCE).toCompletableFuture())
                        .isCompletedExceptionally());
      }
    }
  }

  private static String tree(double low, double high) {
    return "<Segment><True/><TreeModel functionName='classification'><MiningSchema>"
        + "<MiningField name='x'/></MiningSchema><Node><True/>"
        + leaf("lessOrEqual", low)
        + leaf("greaterThan", high)
        + "</Node></TreeModel></Segment>";
  }

  private static String leaf(String operator, double ofOne) {
    return "<Node score='"
        + Math.round(ofOne)
        + "'><SimplePredicate field='x' operator='"
        + operator
        + "' value='0'/><ScoreDistribution value='0' probability='"
        + (1 - ofOne)
        + "'/><ScoreDistribution value='1' probability='"
        + ofOne
        + "'/></Node>";
  }

  /**
   * As scikit-learn's forests are exported: trees without a target, of categories that are numbers.
   */
  @Test
  void segments_without_a_target_predict_what_the_model_around_them_does() {
    RatingModel forest =
        Pmml.load(
            Pmml.document(
                Pmml.numbers("x")
                    + "<DataField name='y' optype='categorical' dataType='integer'>"
                    + "<Value value='0'/><Value value='1'/></DataField>",
                "<MiningModel functionName='classification'>"
                    + Pmml.schema("y", "x")
                    + "<Segmentation multipleModelMethod='average'>"
                    + tree(0.25, 0.75)
                    + tree(0.125, 0.5)
                    + "</Segmentation></MiningModel>"));
    assertThat(Pmml.number(forest, "{'x':1}", "probability(1)")).isEqualTo(0.625, NEAR);
    assertThat(Pmml.number(forest, "{'x':1}", "y")).isEqualTo(1, NEAR);
    assertThat(Pmml.number(forest, "{'x':-1}", "probability(0)")).isEqualTo(0.8125, NEAR);
  }

  /** As XGBoost answers: what is left of a float probability is the difference of floats. */
  @Test
  void the_second_of_two_float_probabilities_is_one_less_the_first_as_a_float() {
    RatingModel model =
        Pmml.load(
            Pmml.document(
                Pmml.numbers("x") + Pmml.strings("y", "no", "yes"),
                "<RegressionModel functionName='classification' normalizationMethod='logit' "
                    + "x-mathContext='float'>"
                    + Pmml.schema("y", "x")
                    + "<RegressionTable intercept='0' targetCategory='yes'>"
                    + "<NumericPredictor name='x' coefficient='1'/></RegressionTable>"
                    + "<RegressionTable intercept='0' targetCategory='no'/></RegressionModel>"));
    float yes = (float) (1 / (1 + Math.exp(-5.875)));
    assertThat(Pmml.number(model, "{'x':5.875}", "probability(yes)")).isEqualTo(yes);
    assertThat(Pmml.number(model, "{'x':5.875}", "probability(no)")).isEqualTo(1f - yes);
  }
}
