package io.openclaw.pmml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.openclaw.rating.RatingModel;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class RegressionTest {
  private static final Offset<Double> NEAR = within(1e-12);

  private static String regression(String attributes, String tables) {
    return Pmml.document(
        Pmml.numbers("age", "salary", "claims") + Pmml.strings("car", "carpark", "street"),
        "<RegressionModel functionName='regression' "
            + attributes
            + ">"
            + Pmml.schema("claims", "age", "salary", "car")
            + tables
            + "</RegressionModel>");
  }

  /** The linear example of the specification. */
  private static final String LINEAR =
      "<RegressionTable intercept='132.37'>"
          + "<NumericPredictor name='age' exponent='1' coefficient='7.1'/>"
          + "<NumericPredictor name='salary' exponent='1' coefficient='0.01'/>"
          + "<CategoricalPredictor name='car' value='carpark' coefficient='41.1'/>"
          + "<CategoricalPredictor name='car' value='street' coefficient='325.03'/>"
          + "</RegressionTable>";

  @Test
  void adds_what_each_predictor_gives() {
    RatingModel model = Pmml.load(regression("", LINEAR));
    double carpark = 132.37 + 7.1 * 30 + 0.01 * 1000 + 41.1;
    assertThat(Pmml.number(model, "{'age':30,'salary':1000,'car':'carpark'}", "claims"))
        .isEqualTo(carpark, NEAR);
    assertThat(Pmml.number(model, "{'age':30,'salary':1000}", "claims"))
        .as("a missing category gives nothing")
        .isEqualTo(132.37 + 7.1 * 30 + 0.01 * 1000, NEAR);
  }

  @Test
  void a_number_that_is_needed_is_required_by_the_schema() {
    RatingModel model = Pmml.load(regression("", LINEAR));
    assertThat(model.schema().fields())
        .extracting(f -> f.required())
        .containsExactly(true, true, false);
    assertThat(Pmml.violations(model, "{'car':'moon'}"))
        .extracting(v -> v.pointer())
        .containsExactly("/age", "/salary", "/car");
  }

  @Test
  void powers_and_products_of_fields() {
    RatingModel model =
        Pmml.load(
            regression(
                "",
                "<RegressionTable intercept='2'>"
                    + "<NumericPredictor name='age' exponent='2' coefficient='3'/>"
                    + "<PredictorTerm coefficient='-0.5'><FieldRef field='age'/>"
                    + "<FieldRef field='salary'/></PredictorTerm></RegressionTable>"));
    assertThat(Pmml.number(model, "{'age':4,'salary':10}", "claims"))
        .isEqualTo(2 + 3 * 16 - 0.5 * 40, NEAR);
  }

  @Test
  void normalizes_a_number() {
    String table =
        "<RegressionTable intercept='0.3'><NumericPredictor name='age' coefficient='1'/>"
            + "</RegressionTable>";
    String input = "{'age':0.4}";
    double y = 0.7;
    assertThat(normalized("logit", table, input)).isEqualTo(1 / (1 + Math.exp(-y)), NEAR);
    assertThat(normalized("softmax", table, input)).isEqualTo(1 / (1 + Math.exp(-y)), NEAR);
    assertThat(normalized("exp", table, input)).isEqualTo(Math.exp(y), NEAR);
    assertThat(normalized("cloglog", table, input)).isEqualTo(1 - Math.exp(-Math.exp(y)), NEAR);
    assertThat(normalized("loglog", table, input)).isEqualTo(Math.exp(-Math.exp(-y)), NEAR);
    assertThat(normalized("cauchit", table, input)).isEqualTo(0.5 + Math.atan(y) / Math.PI, NEAR);
    assertThat(normalized("probit", table, input)).isEqualTo(0.758036347776927, within(1e-12));
  }

  private static double normalized(String method, String table, String input) {
    return Pmml.number(
        Pmml.load(regression("normalizationMethod='" + method + "'", table)), input, "claims");
  }

  private static RatingModel classes(String method, double... intercepts) {
    StringBuilder tables = new StringBuilder();
    for (int i = 0; i < intercepts.length; i++) {
      tables.append(
          "<RegressionTable targetCategory='c"
              + i
              + "' intercept='"
              + intercepts[i]
              + "'>"
              + (i == 0 ? "<NumericPredictor name='x' coefficient='1'/>" : "")
              + "</RegressionTable>");
    }
    String[] names = new String[intercepts.length];
    for (int i = 0; i < names.length; i++) {
      names[i] = "c" + i;
    }
    return Pmml.load(
        Pmml.document(
            Pmml.numbers("x") + Pmml.strings("y", names),
            "<RegressionModel functionName='classification' normalizationMethod='"
                + method
                + "'>"
                + Pmml.schema("y", "x")
                + tables
                + "</RegressionModel>"));
  }

  @Test
  void two_categories_share_what_the_first_leaves() {
    RatingModel model = classes("logit", 0.5, 0);
    double p = 1 / (1 + Math.exp(-1.5));
    assertThat(Pmml.number(model, "{'x':1}", "probability(c0)")).isEqualTo(p, NEAR);
    assertThat(Pmml.number(model, "{'x':1}", "probability(c1)")).isEqualTo(1 - p, NEAR);
    assertThat(Pmml.text(model, "{'x':1}", "y")).isEqualTo("c0");
    assertThat(Pmml.rate(model, "{'x':1}").value().toString())
        .as("the last category's probability is the rating")
        .isEqualTo("0.182426");
  }

  private static String reasons(RatingModel model, String input) {
    return Pmml.rate(model, input).reasons().stream()
        .map(reason -> reason.code() + " " + reason.points())
        .toList()
        .toString();
  }

  /** The rating is the second category's probability, which falls where the first's rises. */
  @Test
  void what_raises_the_first_of_two_categories_lowers_the_second() {
    for (String method : new String[] {"logit", "loglog", "cloglog", "simplemax", "softmax"}) {
      RatingModel model = classes(method, 0.5, 1);
      assertThat(Pmml.rate(model, "{'x':1}").value())
          .as(method)
          .isLessThan(Pmml.rate(model, "{'x':0}").value());
      assertThat(reasons(model, "{'x':1}")).as(method).isEqualTo("[x 1]");
      assertThat(reasons(model, "{'x':-0.4}")).as(method).isEqualTo("[]");
    }
  }

  @Test
  void a_share_follows_from_both_tables() {
    String tables =
        "<RegressionTable targetCategory='c0' intercept='1'/>"
            + "<RegressionTable targetCategory='c1' intercept='2'>"
            + "<NumericPredictor name='x' coefficient='1'/></RegressionTable>";
    RatingModel model =
        Pmml.load(
            Pmml.document(
                Pmml.numbers("x") + Pmml.strings("y", "c0", "c1"),
                "<RegressionModel functionName='classification' normalizationMethod='simplemax'>"
                    + Pmml.schema("y", "x")
                    + tables
                    + "</RegressionModel>"));
    assertThat(Pmml.number(model, "{'x':-1}", "probability(c1)")).isEqualTo(0.5, NEAR);
    assertThat(reasons(model, "{'x':-1}")).isEqualTo("[x 1]");
    assertThat(reasons(model, "{'x':1}")).isEqualTo("[]");
  }

  @Test
  void softmax_and_simplemax_share_among_all() {
    double sum = Math.exp(1.5) + Math.exp(0.2) + Math.exp(-1);
    RatingModel soft = classes("softmax", 0.5, 0.2, -1);
    assertThat(Pmml.number(soft, "{'x':1}", "probability(c1)"))
        .isEqualTo(Math.exp(0.2) / sum, NEAR);
    RatingModel simple = classes("simplemax", 0.5, 0.2, 0.3);
    assertThat(Pmml.number(simple, "{'x':1}", "probability(c2)")).isEqualTo(0.3 / 2, NEAR);
  }

  @Test
  void what_is_not_agreed_upon_is_refused() {
    Pmml.refuses(
        Pmml.document(
            Pmml.numbers("x") + Pmml.strings("y", "a", "b", "c"),
            "<RegressionModel functionName='classification' normalizationMethod='logit'>"
                + Pmml.schema("y", "x")
                + "<RegressionTable targetCategory='a' intercept='1'/>"
                + "<RegressionTable targetCategory='b' intercept='1'/>"
                + "<RegressionTable targetCategory='c' intercept='1'/></RegressionModel>"),
        "3 RegressionTable");
  }

  @Test
  void floats_are_added_as_floats() {
    String table =
        "<RegressionTable intercept='0.1'><NumericPredictor name='age' coefficient='0.2'/>"
            + "</RegressionTable>";
    RatingModel model = Pmml.load(regression("x-mathContext='float'", table));
    assertThat(Pmml.number(model, "{'age':3}", "claims")).isEqualTo(0.1f + 0.2f * 3f);
  }

  @Test
  void targets_clamp_rescale_and_round() {
    String targets =
        "<Targets><Target field='claims' min='0' max='100' rescaleFactor='2'"
            + " rescaleConstant='0.6' castInteger='round'/></Targets>";
    String table =
        "<RegressionTable intercept='0'><NumericPredictor name='age' coefficient='1'/>"
            + "</RegressionTable>";
    RatingModel model = Pmml.load(regression("", targets + table));
    assertThat(Pmml.number(model, "{'age':10}", "claims")).isEqualTo(21);
    assertThat(Pmml.number(model, "{'age':1000}", "claims")).isEqualTo(201);
    assertThat(Pmml.number(model, "{'age':-5}", "claims")).isEqualTo(1);
  }

  @Test
  void reasons_are_rescaled_as_the_target_is() {
    String table =
        "<RegressionTable intercept='100'><NumericPredictor name='age' coefficient='1'/>"
            + "<NumericPredictor name='salary' coefficient='-1'/></RegressionTable>";
    String target = "<Targets><Target field='claims' rescaleFactor='FACTOR'/></Targets>";
    String input = "{'age':10,'salary':20}";
    assertThat(reasons(Pmml.load(regression("", table)), input)).isEqualTo("[salary 20]");
    RatingModel tenth = Pmml.load(regression("", target.replace("FACTOR", "0.1") + table));
    assertThat(reasons(tenth, input)).isEqualTo("[salary 2]");
    RatingModel negative = Pmml.load(regression("", target.replace("FACTOR", "-2") + table));
    assertThat(reasons(negative, input)).isEqualTo("[age 20]");
  }
}
