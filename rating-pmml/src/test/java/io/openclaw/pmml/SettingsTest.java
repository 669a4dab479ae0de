package io.openclaw.pmml;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.rating.ModelException;
import io.openclaw.rating.RatingModel;
import org.junit.jupiter.api.Test;

class SettingsTest {
  private static String document(String settings) {
    String extension =
        "<Extension name='openclaw' value='" + settings.replace("'", "&quot;") + "'/>";
    return Pmml.document(
            Pmml.numbers("income", "debt") + Pmml.strings("risk", "good", "bad"),
            "<RegressionModel functionName='classification' normalizationMethod='logit'>"
                + Pmml.schema("risk", "income", "debt")
                + "<Output><OutputField name='p' optype='continuous' dataType='double'"
                + " feature='probability' value='bad'/></Output>"
                + "<ModelStats><UnivariateStats field='income'><NumericInfo mean='10'/>"
                + "</UnivariateStats></ModelStats>"
                + "<RegressionTable targetCategory='good' intercept='0.5'>"
                + "<NumericPredictor name='income' coefficient='0.2'/>"
                + "<NumericPredictor name='debt' coefficient='-0.1'/></RegressionTable>"
                + "<RegressionTable targetCategory='bad' intercept='0'/></RegressionModel>")
        .replace("<Header>", extension.replace('\'', '"') + "<Header>");
  }

  private static final String POINTS =
      "{'rating': {'output': 'probability(good)'}, 'scale': {'of': 'log-odds', 'factor': 20,"
          + " 'offset': 600, 'min': 0, 'max': 1000, 'digits': 0}, 'reasons': {'limit': 1, 'texts':"
          + " {'income': 'Income is low', 'debt': 'Debts are high'}}, 'samples': [{'income': 5,"
          + " 'debt': 1}]}";

  private static final String INPUT = "{'income':5,'debt':30}";

  @Test
  void the_last_category_is_rated_as_it_is_where_nothing_is_said() {
    RatingModel model = Pmml.load(document("{}"));
    double good = 1 / (1 + Math.exp(-(0.5 + 0.2 * 5 - 0.1 * 30)));
    assertThat(Pmml.rate(model, INPUT).value().toString())
        .isEqualTo(io.openclaw.domain.Decimal.rounded(1 - good).toString());
    assertThat(Pmml.rate(model, INPUT).reasons()).as("what makes it less bad").isEmpty();
  }

  @Test
  void points_on_a_scale_with_reasons_against_the_mean() throws ModelException {
    RatingModel model = Pmml.load(document(POINTS));
    assertThat(Pmml.rate(model, INPUT).value().toString())
        .isEqualTo(String.valueOf(Math.round(600 + 20 * (0.5 + 1 - 3))));
    assertThat(Pmml.rate(model, INPUT).reasons())
        .extracting(r -> r.code() + ": " + r.text() + ", " + r.points())
        .containsExactly("debt: Debts are high, 60");
    assertThat(Pmml.rate(model, "{'income':5,'debt':0}").reasons())
        .extracting(r -> r.code() + ": " + r.text() + ", " + r.points())
        .as("0.2 × (10 − 5) × 20")
        .containsExactly("income: Income is low, 20");
    assertThat(new PmmlKind().samples(Pmml.bytes(document(POINTS))))
        .containsExactly(Pmml.input("{'income':5,'debt':1}"));
  }

  @Test
  void settings_are_read_strictly() {
    Pmml.refuses(document("{'sclae': {}}"), "sclae", "an unknown member");
    Pmml.refuses(document("{'rating': {'output': 'nothing'}}"), "nothing", "/rating/output");
    Pmml.refuses(document("{'rating': {'output': 'risk'}}"), "probability(<category>)");
    Pmml.refuses(document("{"), "value: line 1");
    Pmml.refuses(document("{'reasons': {'limit': 101}}"), "limit");
  }

  @Test
  void an_output_by_name() {
    RatingModel model = Pmml.load(document("{'rating': {'output': 'p'}}"));
    double good = 1 / (1 + Math.exp(-(0.5 + 0.2 * 5 - 0.1 * 30)));
    assertThat(Double.parseDouble(Pmml.rate(model, INPUT).value().toString()))
        .isEqualTo(1 - good, org.assertj.core.api.Assertions.within(1e-6));
  }
}
