package io.openclaw.pmml;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Json;
import io.openclaw.rating.InputSchema;
import io.openclaw.rating.RatingModel;
import org.junit.jupiter.api.Test;

/** What happens to values before a model sees them. */
class FieldsTest {
  private static RatingModel model(String data, String mining) {
    return Pmml.load(
        Pmml.document(
            data + Pmml.numbers("y"),
            "<TreeModel functionName='regression'><MiningSchema>"
                + "<MiningField name='y' usageType='target'/>"
                + mining
                + "</MiningSchema>"
                + "<Output><OutputField name='seen' feature='transformedValue' optype='continuous'"
                + " dataType='string'><FieldRef field='v'/></OutputField></Output>"
                + "<Node score='1'><True/></Node></TreeModel>"));
  }

  private static final String COLOUR =
      "<DataField name='v' optype='categorical' dataType='string'><Value value='red'/>"
          + "<Value value='blue'/><Value value='?' property='missing'/>"
          + "<Value value='void' property='invalid'/></DataField>";

  private static final String AGE =
      "<DataField name='v' optype='continuous' dataType='integer'>"
          + "<Interval closure='closedOpen' leftMargin='18' rightMargin='120'/>"
          + "<Value value='-1' property='missing'/></DataField>";

  private static Json seen(RatingModel model, String input) {
    return Pmml.output(model, input, "seen");
  }

  @Test
  void invalid_values_are_refused_all_at_once() {
    RatingModel model = model(COLOUR, "<MiningField name='v'/>");
    assertThat(Pmml.violations(model, "{'v':'green'}"))
        .singleElement()
        .satisfies(v -> assertThat(v.detail()).contains("\"green\"").contains("\"red\""));
    assertThat(seen(model, "{'v':'red'}")).isEqualTo(new Json.Str("red"));
    assertThat(seen(model, "{'v':'?'}")).isEqualTo(Json.Null.NULL);
    assertThat(seen(model, "{}")).isEqualTo(Json.Null.NULL);
  }

  @Test
  void invalid_values_are_kept_missing_or_replaced() {
    assertThat(
            seen(
                model(COLOUR, "<MiningField name='v' invalidValueTreatment='asIs'/>"), "{'v':'g'}"))
        .isEqualTo(new Json.Str("g"));
    assertThat(
            seen(
                model(
                    COLOUR,
                    "<MiningField name='v' invalidValueTreatment='asMissing'"
                        + " missingValueReplacement='blue'/>"),
                "{'v':'g'}"))
        .isEqualTo(new Json.Str("blue"));
    assertThat(
            seen(
                model(
                    COLOUR,
                    "<MiningField name='v' invalidValueTreatment='asValue'"
                        + " invalidValueReplacement='red'/>"),
                "{'v':'void'}"))
        .isEqualTo(new Json.Str("red"));
  }

  @Test
  void intervals_bound_numbers() {
    RatingModel model = model(AGE, "<MiningField name='v'/>");
    InputSchema.Field field = model.schema().fields().getFirst();
    assertThat(field.type()).isEqualTo(InputSchema.Type.INTEGER);
    assertThat(field.max()).isEqualTo(120.0);
    assertThat(seen(model, "{'v':18}")).isEqualTo(new Json.Str("18"));
    assertThat(seen(model, "{'v':-1}")).isEqualTo(Json.Null.NULL);
    assertThat(Pmml.violations(model, "{'v':120}")).as("the end is open").hasSize(1);
    assertThat(Pmml.violations(model, "{'v':17}")).hasSize(1);
    assertThat(Pmml.violations(model, "{'v':18.5}")).hasSize(1);
  }

  @Test
  void outliers_become_missing_or_extreme() {
    String bounds = " lowValue='20' highValue='60' invalidValueTreatment='asIs'/>";
    assertThat(
            seen(
                model(AGE, "<MiningField name='v' outliers='asExtremeValues'" + bounds),
                "{'v':90}"))
        .isEqualTo(new Json.Str("60"));
    assertThat(
            seen(
                model(AGE, "<MiningField name='v' outliers='asMissingValues'" + bounds),
                "{'v':90}"))
        .isEqualTo(Json.Null.NULL);
  }

  @Test
  void missing_values_are_replaced_or_refused() {
    assertThat(seen(model(AGE, "<MiningField name='v' missingValueReplacement='33'/>"), "{}"))
        .isEqualTo(new Json.Str("33"));
    RatingModel strict =
        model(AGE, "<MiningField name='v' missingValueTreatment='returnInvalid'/>");
    assertThat(strict.schema().fields().getFirst().required()).isTrue();
    assertThat(Pmml.violations(strict, "{}")).hasSize(1);
  }

  @Test
  void a_field_without_a_type_has_that_of_its_kind() {
    RatingModel model =
        model("<DataField name='v' optype='continuous'/>", "<MiningField name='v'/>");
    assertThat(model.schema().fields().getFirst().type()).isEqualTo(InputSchema.Type.NUMBER);
    assertThat(seen(model, "{'v':1.5}")).isEqualTo(new Json.Str("1.5"));
  }

  /** 0.1 as a float is another double than 0.1. */
  @Test
  void a_float_takes_its_own_values() {
    RatingModel model =
        model(
            "<DataField name='v' optype='categorical' dataType='float'><Value value='0.1'/>"
                + "<Value value='2'/><Value value='-0.3' property='missing'/></DataField>",
            "<MiningField name='v'/>");
    assertThat(seen(model, "{'v':0.1}")).isEqualTo(new Json.Str("0.1"));
    assertThat(seen(model, "{'v':2}")).isEqualTo(new Json.Str("2.0"));
    assertThat(seen(model, "{'v':-0.3}")).isEqualTo(Json.Null.NULL);
    assertThat(Pmml.violations(model, "{'v':0.2}"))
        .singleElement()
        .satisfies(v -> assertThat(v.detail()).contains("0.2", "dictionary calls valid"));
  }

  @Test
  void a_segment_may_treat_a_field_once_more() {
    RatingModel model =
        Pmml.load(
            Pmml.document(
                Pmml.numbers("x", "y"),
                "<MiningModel functionName='regression'>"
                    + Pmml.schema("y", "x")
                    + "<Segmentation multipleModelMethod='sum'><Segment><True/>"
                    + "<RegressionModel functionName='regression'><MiningSchema>"
                    + "<MiningField name='x' missingValueReplacement='10'/></MiningSchema>"
                    + "<RegressionTable intercept='1'><NumericPredictor name='x' coefficient='2'/>"
                    + "</RegressionTable></RegressionModel></Segment></Segmentation></MiningModel>"));
    assertThat(Pmml.number(model, "{}", "y")).isEqualTo(21);
    assertThat(Pmml.number(model, "{'x':1}", "y")).isEqualTo(3);
  }
}
