package io.openclaw.pmml;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.rating.ModelException;
import org.junit.jupiter.api.Test;

class VerificationTest {
  private static String document(String expected) {
    return Pmml.document(
        Pmml.numbers("x", "y"),
        "<RegressionModel functionName='regression'>"
            + Pmml.schema("y", "x")
            + "<RegressionTable intercept='1'><NumericPredictor name='x' coefficient='2'/>"
            + "</RegressionTable><ModelVerification recordCount='2'><VerificationFields>"
            + "<VerificationField field='x' column='data:x'/>"
            + "<VerificationField field='y' column='data:y' precision='1E-9'/>"
            + "</VerificationFields>\n<InlineTable xmlns:data='http://example.org/data'>"
            + "<row><data:x>1.5</data:x><data:y>4.0</data:y></row>\n"
            + "<row><data:x>3</data:x><data:y>"
            + expected
            + "</data:y></row>"
            + "</InlineTable></ModelVerification></RegressionModel>");
  }

  @Test
  void a_model_that_does_what_it_was_verified_to_do_loads_with_its_rows_as_samples()
      throws ModelException {
    var model = Pmml.load(document("7.000000001"));
    assertThat(Pmml.number(model, "{'x':3}", "y")).isEqualTo(7);
    assertThat(new PmmlKind().samples(Pmml.bytes(document("7"))))
        .containsExactly(Pmml.input("{'x':1.5}"), Pmml.input("{'x':3}"));
  }

  @Test
  void a_planted_mismatch_refuses_the_model_with_row_field_found_and_expected() {
    Pmml.refuses(document("7.00001"), "line 7", "row", "y 7", "(expected: 7.00001)");
    Pmml.refuses(document(""), "y 7", "no value");
    Pmml.refuses(document("seven"), "y 7", "seven");
  }

  @Test
  void fields_that_are_neither_inputs_nor_results_refuse_it() {
    Pmml.refuses(
        document("7").replace("field=\"y\" column", "field=\"z\" column"), "VerificationField z");
  }
}
