package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpectedRowsTest {
  private static final InputSchema SCHEMA =
      new InputSchema(
          List.of(
              new InputSchema.Field("x", InputSchema.Type.NUMBER, false),
              new InputSchema.Field("code", InputSchema.Type.STRING, false),
              new InputSchema.Field("on", InputSchema.Type.BOOLEAN, false)));

  /** Twice x; the code as an output; no rating for a negative x. */
  private static @Nullable Rating rate(Json.Obj input) {
    double x = input.get("x") instanceof Json.Num n ? n.value() : 0;
    Json code = input.get("code");
    return x < 0
        ? null
        : new Rating(
            Decimal.rounded(2 * x),
            List.of(new Reason("R1", "text", new Decimal(1, 0))),
            null,
            new Json.Obj(
                Map.of(
                    "code",
                    code == null ? Json.Null.NULL : code,
                    "on",
                    input.get("on") == Json.Bool.TRUE ? Json.Bool.TRUE : Json.Bool.FALSE)));
  }

  private static ExpectedRows.Verdict judge(String inputs, String expected) {
    return new ExpectedRows(SCHEMA, ExpectedRowsTest::rate, 1e-9, 1e-6, 10)
        .judge(CsvTable.read(inputs), CsvTable.read(expected));
  }

  @Test
  void right_rows_are_right() {
    ExpectedRows.Verdict verdict =
        judge(
            "x,code,on\n1,007,true\n2.5,\"a,\"\"b\"\"\",0\nNA,,FALSE\n",
            "row,rating,code,on,reasons,decision_at_3\n1,2,007,TRUE,R1,decline\n"
                + "2,5.0000001,\"a,\"\"b\"\"\",false,R1,approve\n3,0,NA,false,R1,decline\n");
    assertThat(verdict.differences()).isEmpty();
    assertThat(verdict.isRight()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "2.00001,   rating, 2.00001, 2",
    "approve,   rating, approve, 2",
    "N/A,       rating, N/A, 2",
  })
  void an_altered_cell_is_found(String cell, String column, String expected, String found) {
    ExpectedRows.Verdict verdict = judge("x\n3\n1\n", "rating\n6\n" + cell + "\n");
    assertThat(verdict.isRight()).isFalse();
    assertThat(verdict.right()).isEqualTo(1);
    assertThat(verdict.differences())
        .containsExactly(new ExpectedRows.Difference(2, column, expected, found));
  }

  @Test
  void a_refused_row_is_wrong_and_a_column_that_nothing_answers_is_told() {
    ExpectedRows.Verdict verdict = judge("x\n-1\n1\n", "rating,p\n-2,0.5\n2,\n");
    assertThat(verdict.unknown()).containsExactly("p");
    assertThat(verdict.right()).isEqualTo(1);
    assertThat(verdict.differences())
        .contains(new ExpectedRows.Difference(1, "rating", "-2", "no answer"));
    assertThat(judge("x\n", "rating\n").isRight()).isFalse();
  }

  @Test
  void outputs_have_the_names_that_other_tools_give_them() {
    ExpectedRows.Rater rater =
        input ->
            new Rating(
                Decimal.ZERO,
                List.of(),
                null,
                new Json.Obj(
                    Map.of("probability(1)", new Json.Num(0.25), "label", new Json.Str("bad"))));
    for (String name : List.of("probability(1)", "Probability_1", "probability_1.0")) {
      ExpectedRows judge = new ExpectedRows(SCHEMA, rater, 1e-9, 1e-6, 10);
      CsvTable inputs = CsvTable.read("x\n1\n");
      assertThat(judge.judge(inputs, CsvTable.read("_target," + name + "\nbad,0.25\n")).isRight())
          .isTrue();
      assertThat(judge.judge(inputs, CsvTable.read(name + "\n0.26\n")).isRight()).isFalse();
    }
  }

  @Test
  void tables_that_do_not_fit_are_refused() {
    assertThatThrownBy(() -> judge("x\n1\n", "rating\n"))
        .hasMessage("0 rows of expected results (expected: 1, one for each input)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|line 1: empty (expected: a header)",
        "'a,b;1'|line 2: 1 cells (expected: 2, as in the header)",
        "'a,b;\"1,2'|line 2: a quote that nothing closes (expected: \")",
        "'a,b;\"1\"x,2'|line 2: text after a closing quote (expected: a delimiter)",
      })
  void a_wrong_table_is_refused_with_its_line(String text, String refusal) {
    assertThatThrownBy(() -> CsvTable.read(text.replace(';', '\n'))).hasMessage(refusal);
  }

  @Test
  void tables_of_every_manner_are_read() {
    List<List<String>> rows = List.of(List.of("1", "x\ny"), List.of("", "2"));
    assertThat(CsvTable.read("a,b\r\n1,\"x\ny\"\r\n\r\n,2").rows()).isEqualTo(rows);
    assertThat(CsvTable.read("\uFEFFa;b\n1;\"x\ny\"\n;2\n").rows()).isEqualTo(rows);
    assertThat(CsvTable.read("a\tb\n1\t\"x\ny\"\n\t2\n").columns()).containsExactly("a", "b");
  }
}
