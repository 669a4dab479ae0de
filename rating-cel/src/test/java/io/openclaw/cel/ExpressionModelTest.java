package io.openclaw.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.ModelTrapException;
import io.openclaw.rating.RatingModel;
import io.openclaw.rating.Ratings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpressionModelTest {
  private static final String INPUTS =
      "'inputs':{'x':{'type':'number'},'n':{'type':'integer'},'s':{'type':'string'},"
          + "'b':{'type':'boolean'},'d':{'type':'number','required':false}}";

  private static final Json.Obj INPUT = Ratings.object("{'x':2.5,'n':3,'s':'hello','b':true}");

  static RatingModel model(String members) throws ModelException {
    return new CelKind().load(new ModelSource("m", "v1", document(members)));
  }

  /** A document with these members; single quotes are double ones, backquotes single ones. */
  static byte[] document(String members) {
    return ("{'kind':'expression'," + INPUTS + "," + members + "}")
        .replace('\'', '"')
        .replace('`', '\'')
        .getBytes(StandardCharsets.UTF_8);
  }

  private static Rating rate(String members) throws ModelException {
    return Ratings.rate(model(members), INPUT);
  }

  private static String refusal(String members) {
    try {
      model(members);
    } catch (ModelException e) {
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError("loaded: " + members);
  }

  private static Throwable trap(String members) throws ModelException {
    try {
      rate(members);
    } catch (CompletionException e) {
      return java.util.Objects.requireNonNull(e.getCause());
    }
    throw new AssertionError("rated: " + members);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          x * 2                                   | 5
          2 * x                                   | 5
          n * x - 1                               | 6.5
          n / 2                                   | 1
          n / 2.0                                 | 1.5
          x == 2.5 && n == 3.0 && x != 2 ? 1 : 0  | 1
          d == null ? 0.0 : d                     | 0
          math.greatest(x, 1.0) + math.round(x)   | 5.5
          [1, 2, 3].map(i, i * n)[2]              | 9
          [1.5, x].exists(v, v > 2) ? 1 : 2       | 1
          [x, 1.0].all(v, v > 2) ? 1 : 2          | 2
          [1, 2, 3, 4].filter(i, i % 2 == 0).size() | 2
          size(s) + s.indexOf(`l`)                | 7
          s.matches(`^h.*o$`) ? 1 : 0             | 1
          {`hello`: 1.5}[s]                       | 1.5
          n in [1, 2, 3] ? 7 : 8                  | 7
          """)
  void computes(String expression, String expected) throws Exception {
    assertThat(rate("'rating':'" + expression + "'").value()).isEqualTo(Decimal.of(expected));
  }

  @Test
  void a_derived_value_is_known_to_those_after_it() throws Exception {
    assertThat(rate("'derived':{'y':'x + 1','z':'y * y'},'rating':'z'").value())
        .isEqualTo(Decimal.of("12.25"));
    assertThat(refusal("'derived':{'z':'y * y','y':'x + 1'},'rating':'z'"))
        .startsWith("/derived/z: line 1, column 1: undeclared reference to 'y'")
        .contains("(expected: a function, or one of x, n, s, b, d)");
  }

  @Test
  void every_problem_is_listed_with_its_place_and_the_fix() {
    String refusal =
        refusal(
            "'derived':{'x':'1','return':'2'},'rating':'true ? 1 : x','reasons':{'rules':[{'code':'R',"
                + "'text':'t','when':'x','points':'s'}]},'outputs':{'o':'1 +','p':'[1]'}");
    assertThat(refusal)
        .contains("/derived/x: also an input (expected: another name)")
        .contains("/derived/return: \"return\" (expected: a name")
        .contains("/rating: line 1, column 6: found no matching overload for '_?_:_'")
        .contains("(expected: both whole numbers or both doubles: 2.0 for 2, double(x) for x)")
        .contains("/reasons/rules/0/when: a value of type double (expected: a condition")
        .contains("/reasons/rules/0/points: a value of type string (expected: a number)")
        .contains("/outputs/o: line 1, column 4:")
        .contains("/outputs/p: a value of type list");
  }

  @Test
  void reasons_are_distinct_ranked_positive_and_few() throws Exception {
    List<Reason> reasons =
        rate("'rating':'1','reasons':{'limit':2,'rules':["
                + rule("A", "true", "1")
                + ","
                + rule("B", "x > 2", "n")
                + ","
                + rule("C", "b", "2")
                + ","
                + rule("A", "true", "2")
                + ","
                + rule("D", "true", "-9")
                + ","
                + rule("E", "!b", "99")
                + "]}")
            .reasons();
    assertThat(reasons)
        .containsExactly(
            new Reason("B", "t", Decimal.of("3")), new Reason("A", "t", Decimal.of("2")));
  }

  private static String rule(String code, String when, String points) {
    return "{'code':'" + code + "','text':'t','when':'" + when + "','points':'" + points + "'}";
  }

  @Test
  void outputs_are_numbers_strings_booleans_and_null() throws Exception {
    assertThat(
            rate("'rating':'1','outputs':{'a':'s + `!`','b':'x > 1','c':'n + 1','e':'d'}")
                .outputs())
        .isEqualTo(Ratings.object("{'a':'hello!','b':true,'c':4,'e':null}"));
  }

  @Test
  void a_trap_names_its_place_and_not_the_value() throws Exception {
    assertThat(trap("'rating':'n / (n - 3)'"))
        .isInstanceOf(ModelTrapException.class)
        .hasMessage(
            "/rating: a whole number divided by 0 (expected: a divisor other than 0), line 1,"
                + " column 3");
    assertThat(trap("'rating':'1','outputs':{'o':'\\n double(s)'}"))
        .hasMessageStartingWith("/outputs/o: a text of another form")
        .hasMessageContaining("line 2")
        .hasMessageNotContaining("hello");
    assertThat(trap("'rating':'{`a`: 1.0}[s]'")).hasMessageContaining("no such key");
    assertThat(trap("'rating':'[1, 2][n]'")).hasMessageContaining("no such index");
    assertThat(trap("'rating':'9223372036854775807 + n'")).hasMessageContaining("64 bits");
    assertThat(trap("'rating':'x / 0.0'")).hasMessageContaining("an infinite number");
    assertThat(trap("'rating':'0.0 / (x - x)'")).hasMessageContaining("not a number");
    assertThat(trap("'rating':'1','outputs':{'o':'x / 0.0'}")).hasMessageContaining("/outputs/o");
  }

  @Test
  void a_trap_costs_only_its_own_request() throws Exception {
    RatingModel model = model("'rating':'6 / n'");
    Json.Obj zero = Ratings.object("{'x':2.5,'n':0,'s':'hello','b':true}");
    Checked.Ready ready = (Checked.Ready) model.check(zero);
    assertThat(ready.rate(Attempt.ONCE).toCompletableFuture()).isCompletedExceptionally();
    assertThat(Ratings.rate(model, INPUT).value()).isEqualTo(Decimal.of("2"));
  }

  @Test
  void an_optional_field_that_is_not_tested_for_null_is_refused() throws Exception {
    assertThat(refusal("'rating':'d + 1'"))
        .contains("/inputs/d: optional, but without it: /rating: null where a value is needed")
        .contains("d == null ? … : …");
    assertThat(rate("'rating':'d == null ? 1.0 : d'").value()).isEqualTo(Decimal.of("1"));
  }

  @Test
  void an_input_that_is_too_large_is_refused() throws Exception {
    RatingModel model = model("'rating':'1'");
    String s = "a".repeat(ExpressionModel.STRING_LENGTH_MAX + 1);
    assertThat(
            Ratings.violations(model, Ratings.object("{'x':1,'n':1e300,'s':'" + s + "','b':true}")))
        .extracting(v -> v.pointer())
        .containsExactly("/n", "/s");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          timestamp(s).getFullYear()          | the function
          int(dyn(x))                         | the function dyn
          size(b`ab`)                         | a literal of another type
          s.matches(s) ? 1 : 2                | a pattern that is computed
          s.matches(`(`) ? 1 : 2              | missing closing
          s.matches(`(a{100}){100}`) ? 1 : 2  | expected:
          (s + s + s + s + s + s + s + s).replace(`a`, `bbbbbbbbbbbbbbbbbbbb`).size() | a string of up to
          google.protobuf.Int64Value{value: 1} | /rating
          """)
  void what_cannot_be_bounded_is_refused(String expression, String found) {
    assertThat(refusal("'rating':'" + expression + "'")).contains("/rating").contains(found);
  }

  @Test
  void an_expression_that_would_hold_the_event_loop_is_refused() {
    String ten = "[1,2,3,4,5,6,7,8,9,10]";
    assertThat(
            refusal(
                "'rating':'T.map(a, T.map(b, T.map(c, T.map(d, a+b+c+d)))).size()'"
                    .replace("T", ten)))
        .contains("steps (expected: at most 50000");
    StringBuilder growing = new StringBuilder("'derived':{'a0':'s'");
    for (int i = 1; i < 30; i++) {
      growing.append(",'a%d':'a%d + a%d'".formatted(i, i - 1, i - 1));
    }
    assertThat(refusal(growing + "},'rating':'1'")).contains("a string of up to");
    assertThat(refusal("'rating':'" + "(".repeat(100) + "1" + ")".repeat(100) + "'"))
        .contains("recursion limit");
    assertThat(refusal("'rating':'1" + "+1".repeat(1999) + "'")).contains("/rating");
  }

  @Test
  void unknown_members_and_scalars_without_type_are_refused() {
    assertThat(refusal("'rating':'1','rules':[]")).contains("/rules: an unknown member");
    assertThatThrownBy(
            () ->
                new CelKind()
                    .load(
                        new ModelSource(
                            "m",
                            "v1",
                            Ratings.bytes(
                                "{'kind':'expression','inputs':{'a-b':{'type':'number'},"
                                    + "'c':{'type':'any'}},'rating':'1'}"))))
        .hasMessageContaining("/inputs/a-b: \"a-b\" (expected: a name of letters")
        .hasMessageContaining("/inputs/c/type: any type");
  }

  @Test
  void the_example_rates_its_samples() throws Exception {
    byte[] policy = Files.readAllBytes(ExpressionContractTest.POLICY);
    RatingModel model = new CelKind().load(new ModelSource("p", "v1", policy));
    List<Json.Obj> samples = new CelKind().samples(policy);
    Rating first = Ratings.rate(model, samples.get(0));
    assertThat(first.value()).isEqualTo(Decimal.of("591"));
    assertThat(first.reasons()).extracting(Reason::code).containsExactly("P1", "P5");
    Rating second = Ratings.rate(model, samples.get(1));
    assertThat(second.value()).isEqualTo(Decimal.of("474"));
    assertThat(second.outputs())
        .isEqualTo(Ratings.object("{'decision':'accept','monthly':123.98,'savings':'unknown'}"));
  }

  @Test
  void the_document_of_the_manual_loads_and_rates() throws Exception {
    String manual = Files.readString(java.nio.file.Path.of("..", "docs", "models-expression.md"));
    int from = manual.indexOf("```json") + 7;
    byte[] json =
        manual.substring(from, manual.indexOf("```", from)).getBytes(StandardCharsets.UTF_8);
    RatingModel model = new CelKind().load(new ModelSource("m", "v1", json));
    for (Json.Obj sample : new CelKind().samples(json)) {
      assertThat(Ratings.rate(model, sample).value()).isEqualTo(Decimal.of("98"));
    }
  }
}
