package io.openclaw.pmml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.openclaw.domain.Json;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.ModelTrapException;
import io.openclaw.rating.RatingModel;
import org.junit.jupiter.api.Test;

class ExpressionsTest {
  private static final String FIELDS =
      Pmml.numbers("a", "b", "y")
          + "<DataField name='i' optype='continuous' dataType='integer'/>"
          + "<DataField name='f' optype='continuous' dataType='float'/>"
          + "<DataField name='t' optype='categorical' dataType='boolean'/>"
          + Pmml.strings("s");

  private static String document(String dictionary, String type, String expression) {
    return Pmml.document(FIELDS, "").replace("</PMML>\n", "").strip()
        + ("<TransformationDictionary>"
                + dictionary
                + "</TransformationDictionary>"
                + "<TreeModel functionName='regression'>"
                + Pmml.schema("y", "a", "b", "i", "f", "t", "s")
                + "<Output><OutputField name='out' feature='transformedValue' optype='continuous'"
                + " dataType='"
                + type
                + "'>"
                + expression
                + "</OutputField></Output>"
                + "<Node score='1'><True/></Node></TreeModel></PMML>")
            .replace('\'', '"');
  }

  private static Json evaluate(String type, String expression, String input) {
    return Pmml.output(Pmml.load(document("", type, expression)), input, "out");
  }

  private static double number(String expression, String input) {
    return ((Json.Num) evaluate("double", expression, input)).value();
  }

  private static String apply(String function, String... arguments) {
    return "<Apply function='" + function + "'>" + String.join("", arguments) + "</Apply>";
  }

  private static final String A = "<FieldRef field='a'/>";
  private static final String B = "<FieldRef field='b'/>";
  private static final String S = "<FieldRef field='s'/>";

  private static String number(double value) {
    return "<Constant dataType='double'>" + value + "</Constant>";
  }

  private static String string(String value) {
    return "<Constant dataType='string'>" + value + "</Constant>";
  }

  @Test
  void arithmetic() {
    String in = "{'a':7,'b':-2}";
    assertThat(number(apply("+", A, B), in)).isEqualTo(5);
    assertThat(number(apply("-", A, B), in)).isEqualTo(9);
    assertThat(number(apply("*", A, B), in)).isEqualTo(-14);
    assertThat(number(apply("/", A, B), in)).isEqualTo(-3.5);
    assertThat(number(apply("pow", A, number(2)), in)).isEqualTo(49);
    assertThat(number(apply("modulo", A, number(4)), in)).isEqualTo(3);
    assertThat(number(apply("modulo", B, number(5)), in)).as("of the divisor's sign").isEqualTo(3);
    assertThat(number(apply("threshold", A, B), in)).isEqualTo(1);
    assertThat(number(apply("abs", B), in)).isEqualTo(2);
    assertThat(number(apply("exp", apply("ln", A)), in)).isEqualTo(7, within(1e-12));
    assertThat(number(apply("log10", number(1000)), in)).isEqualTo(3, within(1e-12));
    assertThat(number(apply("floor", number(-1.5)), in)).isEqualTo(-2);
    assertThat(number(apply("ceil", number(-1.5)), in)).isEqualTo(-1);
    assertThat(number(apply("round", number(2.5)), in)).isEqualTo(3);
    assertThat(number(apply("rint", number(2.5)), in)).isEqualTo(2);
    assertThat(number(apply("stdNormalCDF", number(1.959963984540054)), in))
        .isEqualTo(0.975, within(1e-14));
    assertThat(number(apply("stdNormalIDF", number(0.975)), in))
        .isEqualTo(1.959963984540054, within(1e-12));
    assertThat(number(apply("erf", number(0.5)), in)).isEqualTo(0.5204998778130465, within(1e-15));
    assertThat(number(apply("erf", number(2.5)), in)).isEqualTo(0.999593047982555, within(1e-14));
  }

  @Test
  void aggregates_leave_out_what_is_missing() {
    String in = "{'a':7}";
    assertThat(number(apply("sum", A, B, number(1)), in)).isEqualTo(8);
    assertThat(number(apply("avg", A, B, number(1)), in)).isEqualTo(4);
    assertThat(number(apply("min", A, B, number(1)), in)).isEqualTo(1);
    assertThat(number(apply("max", A, B, number(1)), in)).isEqualTo(7);
    assertThat(number(apply("median", A, B, number(1), number(2)), in)).isEqualTo(2);
    assertThat(number(apply("product", A, B, number(2)), in)).isEqualTo(14);
    assertThat(evaluate("double", apply("+", A, B), in)).isEqualTo(Json.Null.NULL);
  }

  @Test
  void logic_and_conditions() {
    String in = "{'a':7,'s':'x'}";
    String less = apply("lessThan", A, number(8));
    String unknown = apply("lessThan", B, number(8));
    assertThat(evaluate("boolean", apply("and", less, apply("equal", S, string("x"))), in))
        .isEqualTo(Json.Bool.TRUE);
    assertThat(evaluate("boolean", apply("or", unknown, less), in)).isEqualTo(Json.Bool.TRUE);
    assertThat(evaluate("boolean", apply("and", unknown, apply("not", less)), in))
        .isEqualTo(Json.Bool.FALSE);
    assertThat(evaluate("boolean", apply("and", unknown, less), in)).isEqualTo(Json.Null.NULL);
    assertThat(evaluate("boolean", apply("isMissing", B), in)).isEqualTo(Json.Bool.TRUE);
    assertThat(evaluate("boolean", apply("isIn", S, string("y"), string("x")), in))
        .isEqualTo(Json.Bool.TRUE);
    assertThat(evaluate("boolean", apply("isNotIn", A, number(1), number(7)), in))
        .isEqualTo(Json.Bool.FALSE);
    assertThat(number(apply("if", less, number(1), number(2)), in)).isEqualTo(1);
    assertThat(number(apply("if", apply("isMissing", B), number(3), B), in)).isEqualTo(3);
    assertThat(evaluate("double", apply("if", apply("not", less), number(3)), in))
        .isEqualTo(Json.Null.NULL);
  }

  @Test
  void missing_arguments_and_results_have_stand_ins() {
    String guarded =
        "<Apply function='+' mapMissingTo='-1' defaultValue='-2'>" + A + B + "</Apply>";
    assertThat(number(guarded, "{'a':7}")).isEqualTo(-1);
    assertThat(number(guarded, "{'a':7,'b':1}")).isEqualTo(8);
    assertThat(number("<Apply function='ln' defaultValue='-2'>" + A + "</Apply>", "{'a':-7}"))
        .isEqualTo(-2);
    assertThat(number("<FieldRef field='b' mapMissingTo='5'/>", "{'a':7}")).isEqualTo(5);
  }

  @Test
  void strings() {
    String in = "{'s':' Ab cd '}";
    assertThat(evaluate("string", apply("uppercase", S), in)).isEqualTo(new Json.Str(" AB CD "));
    assertThat(evaluate("string", apply("trimBlanks", S), in)).isEqualTo(new Json.Str("Ab cd"));
    assertThat(
            evaluate(
                "string",
                apply(
                    "substring",
                    S,
                    "<Constant dataType='integer'>2</Constant>",
                    "<Constant dataType='integer'>2</Constant>"),
                in))
        .isEqualTo(new Json.Str("Ab"));
    assertThat(
            evaluate(
                "string",
                apply("concat", string("x"), S, "<FieldRef field='i'/>"),
                "{'s':'y','i':3}"))
        .isEqualTo(new Json.Str("xy3"));
    assertThat(evaluate("integer", apply("stringLength", S), in)).isEqualTo(new Json.Num(7));
    assertThat(evaluate("string", apply("replace", S, string("[ ]+"), string("_")), in))
        .isEqualTo(new Json.Str("_Ab_cd_"));
    assertThat(evaluate("boolean", apply("matches", S, string("A.")), in))
        .isEqualTo(Json.Bool.TRUE);
    Pmml.refuses(
        document("", "boolean", apply("matches", S, string("(a+)+b"))), "expression (a+)+b");
  }

  @Test
  void maps_norms_and_bins() {
    String norm =
        "<NormContinuous field='a' outliers='OUT'><LinearNorm orig='0' norm='10'/>"
            + "<LinearNorm orig='5' norm='20'/><LinearNorm orig='10' norm='0'/></NormContinuous>";
    assertThat(number(norm.replace("OUT", "asIs"), "{'a':2.5}")).isEqualTo(15);
    assertThat(number(norm.replace("OUT", "asIs"), "{'a':7.5}")).isEqualTo(10);
    assertThat(number(norm.replace("OUT", "asIs"), "{'a':12.5}")).isEqualTo(-10);
    assertThat(number(norm.replace("OUT", "asExtremeValues"), "{'a':12.5}")).isEqualTo(0);
    assertThat(evaluate("double", norm.replace("OUT", "asMissingValues"), "{'a':12.5}"))
        .isEqualTo(Json.Null.NULL);
    assertThat(number("<NormDiscrete field='s' value='x'/>", "{'s':'x'}")).isEqualTo(1);
    assertThat(number("<NormDiscrete field='s' value='x' mapMissingTo='0.5'/>", "{}"))
        .isEqualTo(0.5);
    String bins =
        "<Discretize field='a' defaultValue='high'><DiscretizeBin binValue='low'>"
            + "<Interval closure='closedOpen' leftMargin='0' rightMargin='1'/></DiscretizeBin>"
            + "<DiscretizeBin binValue='mid'><Interval closure='closedClosed' leftMargin='1'"
            + " rightMargin='2'/></DiscretizeBin></Discretize>";
    assertThat(evaluate("string", bins, "{'a':1}")).isEqualTo(new Json.Str("mid"));
    assertThat(evaluate("string", bins, "{'a':2.1}")).isEqualTo(new Json.Str("high"));
    String map =
        "<MapValues outputColumn='out' dataType='double' defaultValue='-1' mapMissingTo='-2'>"
            + "<FieldColumnPair field='s' column='in'/><FieldColumnPair field='t' column='flag'/>"
            + "<InlineTable><row><in>x</in><flag>true</flag><out>4</out></row></InlineTable>"
            + "</MapValues>";
    assertThat(number(map, "{'s':'x','t':true}")).isEqualTo(4);
    assertThat(number(map, "{'s':'x','t':false}")).isEqualTo(-1);
    assertThat(number(map, "{'s':'x'}")).isEqualTo(-2);
  }

  @Test
  void functions_of_the_document() {
    String functions =
        "<DefineFunction name='twice' optype='continuous'><ParameterField name='p'/>"
            + apply("*", number(2), "<FieldRef field='p'/>")
            + "</DefineFunction>"
            + "<DefineFunction name='four' optype='continuous'><ParameterField name='p'/>"
            + apply("twice", apply("twice", "<FieldRef field='p'/>"))
            + "</DefineFunction>";
    RatingModel model = Pmml.load(document(functions, "double", apply("four", A)));
    assertThat(Pmml.number(model, "{'a':3}", "out")).isEqualTo(12);
    String endless =
        "<DefineFunction name='f' optype='continuous'><ParameterField name='p'/>"
            + apply("f", "<FieldRef field='p'/>")
            + "</DefineFunction>";
    Pmml.refuses(document(endless, "double", apply("f", A)), "functions more than 50 deep");
  }

  /** As SAS Enterprise Miner writes it: the constant is the parameter of this name. */
  @Test
  void a_constant_that_names_a_parameter_is_the_parameter() {
    String cut =
        "<DefineFunction name='cut' optype='categorical' dataType='string'>"
            + "<ParameterField name='WIDTH' optype='continuous'/><ParameterField name='TEXT'/>"
            + apply(
                "trimBlanks",
                apply(
                    "substring",
                    "<FieldRef field='TEXT'/>",
                    "<Constant>1</Constant>",
                    "<Constant>WIDTH</Constant>"))
            + "</DefineFunction>";
    RatingModel model =
        Pmml.load(document(cut, "string", apply("cut", "<Constant>3</Constant>", S)));
    assertThat(Pmml.text(model, "{'s':'abcdef'}", "out")).isEqualTo("abc");
    Pmml.refuses(
        document(
            "",
            "string",
            apply("substring", S, "<Constant>1</Constant>", "<Constant>W</Constant>")),
        "substring from or to");
  }

  @Test
  void terms_of_a_text_are_counted() {
    String index =
        "<DefineFunction name='tf' optype='continuous'><ParameterField name='document'/>"
            + "<ParameterField name='term'/><TextIndex textField='document'>"
            + "<FieldRef field='term'/></TextIndex></DefineFunction>";
    RatingModel model = Pmml.load(document(index, "double", apply("tf", S, string("a great"))));
    assertThat(Pmml.number(model, "{'s':'A great day, a GREAT! (a great) grand'}", "out"))
        .isEqualTo(3);
    assertThat(Pmml.number(model, "{'s':'agreat'}", "out")).isEqualTo(0);
  }

  private static final String INDEX =
      "<DefineFunction name='tf' optype='continuous'><ParameterField name='document'/>"
          + "<ParameterField name='term'/><TextIndex textField='document'>"
          + "<FieldRef field='term'/></TextIndex></DefineFunction>";

  @Test
  void the_texts_that_a_model_searches_are_bounded() {
    RatingModel words = Pmml.load(document(INDEX, "double", apply("tf", S, string("a!b"))));
    String most = "a" + "!".repeat(9_998) + "b";
    assertThat(Pmml.number(words, "{'s':'" + most + "'}", "out")).isZero();
    assertThat(Pmml.number(words, "{'s':'!!a!b?? (a!b) !'}", "out")).isEqualTo(2);
    assertThat(Pmml.violations(words, "{'s':'" + most + "!'}"))
        .singleElement()
        .satisfies(v -> assertThat(v.pointer()).isEqualTo("/s"))
        .satisfies(
            v -> assertThat(v.detail()).contains("10001 characters", "expected: at most 10000"));
    RatingModel slow =
        Pmml.load(
            document(
                INDEX.replace("textField", "wordSeparatorCharacterRE='\\s+,' textField"),
                "double",
                apply("tf", S, string("b"))));
    assertThat(Pmml.number(slow, "{'s':'a  ,b'}", "out")).isEqualTo(1);
    assertThat(Pmml.violations(slow, "{'s':'" + "a".repeat(1_001) + "'}"))
        .singleElement()
        .satisfies(v -> assertThat(v.detail()).contains("at most 1000"));
    RatingModel pattern = Pmml.load(document("", "boolean", apply("matches", S, string("a+b"))));
    assertThat(Pmml.violations(pattern, "{'s':'" + "a".repeat(1_000) + "'}")).isEmpty();
    assertThat(Pmml.violations(pattern, "{'s':'" + "a".repeat(1_001) + "'}")).hasSize(1);
  }

  /** 66 options of 66 characters have 2^66 ways. */
  @Test
  void an_expression_has_one_repetition_or_option() {
    for (String many : new String[] {"a?".repeat(66) + "b", "a*b?", "a|b", "\\R\\R", "\\X"}) {
      Pmml.refuses(
          document("", "boolean", apply("matches", S, string(many))),
          "with one repetition or option at most");
    }
    assertThat(evaluate("boolean", apply("matches", S, string("^colou?r$")), "{'s':'color'}"))
        .isEqualTo(Json.Bool.TRUE);
  }

  /** Each level used to compute its argument twice: 2^60 times in all. */
  @Test
  void an_argument_is_computed_once() {
    String guarded = A;
    String upper = S;
    String sum = "<Apply function='+' mapMissingTo='-1'>";
    for (int i = 0; i < 60; i++) {
      guarded = sum + guarded + number(1) + "</Apply>";
      upper = apply("uppercase", apply("trimBlanks", upper));
    }
    assertThat(number(guarded, "{'a':7}")).isEqualTo(67);
    assertThat(number(guarded, "{'s':'x'}")).isEqualTo(-1 + 59);
    assertThat(evaluate("string", upper, "{'s':' x '}")).isEqualTo(new Json.Str("X"));
    assertThat(
            number(
                "<Apply function='if' mapMissingTo='-1'>"
                    + apply("lessThan", A, number(8))
                    + apply("+", A, number(1))
                    + number(2)
                    + "</Apply>",
                "{'a':7}"))
        .isEqualTo(8);
  }

  @Test
  void strings_that_a_model_makes_are_bounded() {
    StringBuilder doubling = new StringBuilder();
    for (int i = 1; i <= 40; i++) {
      String before = i == 1 ? S : "<FieldRef field='d" + (i - 1) + "'/>";
      doubling.append(
          "<DerivedField name='d"
              + i
              + "' optype='categorical' dataType='string'>"
              + apply("concat", before, before)
              + "</DerivedField>");
    }
    String length = apply("stringLength", "<FieldRef field='d16'/>");
    RatingModel most = Pmml.load(document(doubling.toString(), "double", length));
    assertThat(Pmml.number(most, "{'s':'x'}", "out")).isEqualTo(65_536);
    breaksOff(most, "{'s':'xy'}");
    breaksOff(
        Pmml.load(document(doubling.toString(), "double", length.replace("d16", "d40"))),
        "{'s':'x'}");
    String longer = apply("replace", S, string("x"), string("y".repeat(66)));
    RatingModel replaces = Pmml.load(document("", "string", longer));
    assertThat(Pmml.text(replaces, "{'s':'" + "x".repeat(992) + "'}", "out")).hasSize(65_472);
    breaksOff(replaces, "{'s':'" + "x".repeat(993) + "'}");
    breaksOff(
        Pmml.load(document("", "boolean", apply("matches", longer, string("y+z")))),
        "{'s':'" + "x".repeat(16) + "'}");
  }

  private static void breaksOff(RatingModel model, String input) {
    Checked.Ready ready = (Checked.Ready) model.check(Pmml.input(input));
    assertThat(ready.rate(Attempt.ONCE).toCompletableFuture())
        .failsWithin(java.time.Duration.ofSeconds(10))
        .withThrowableThat()
        .withCauseInstanceOf(ModelTrapException.class);
  }

  @Test
  void what_is_not_supported_is_refused_by_name() {
    Pmml.refuses(document("", "double", "<Lag field='a'/>"), "<Lag>");
    Pmml.refuses(document("", "double", "<Aggregate field='a' function='count'/>"), "<Aggregate>");
    Pmml.refuses(document("", "double", apply("dateDaysSinceYear", A)), "dateDaysSinceYear");
    Pmml.refuses(
        document("", "double", apply("/", "<FieldRef field='i'/>", "<FieldRef field='i'/>")),
        "/ of two integers");
    Pmml.refuses(document("", "double", "<FieldRef field='nowhere'/>"), "field nowhere");
    Pmml.refuses(document("", "double", apply("+", A)), "+ of 1 arguments");
    Pmml.refuses(
        document(
            "<DerivedField name='d' optype='continuous' dataType='double'><FieldRef field='e'/>"
                + "</DerivedField><DerivedField name='e' optype='continuous' dataType='double'>"
                + "<FieldRef field='d'/></DerivedField>",
            "double",
            "<FieldRef field='d'/>"),
        "leads to itself");
  }
}
