package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Violation;
import io.openclaw.rating.ExpectedRows.Result;
import io.openclaw.rating.ExpectedRows.Tolerance;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ExpectedRowsTest {
  /** Doubles {@code x}; refuses an input without it; tells whether {@code flag} is on. */
  private static final RatingModel DOUBLING =
      new RatingModel() {
        @Override
        public String name() {
          return "m";
        }

        @Override
        public String version() {
          return "v";
        }

        @Override
        public String kind() {
          return "fake";
        }

        @Override
        public String digest() {
          return "";
        }

        @Override
        public InputSchema schema() {
          return new InputSchema(
              List.of(
                  new InputSchema.Field("x", InputSchema.Type.NUMBER, true),
                  new InputSchema.Field("s", InputSchema.Type.STRING, false),
                  new InputSchema.Field("flag", InputSchema.Type.BOOLEAN, false)));
        }

        @Override
        public Checked check(Json.Obj input) {
          List<Violation> violations = schema().violations(input);
          if (!violations.isEmpty()) {
            return new Checked.Invalid(violations);
          }
          double x = ((Json.Num) java.util.Objects.requireNonNull(input.get("x"))).value();
          Map<String, Json> outputs = new LinkedHashMap<>();
          Json text = input.get("s");
          outputs.put("y", new Json.Num(2 * x));
          outputs.put("text", text == null ? Json.Null.NULL : text);
          outputs.put("probability(1)", new Json.Num(x / 10));
          outputs.put("on", Json.Bool.of(input.get("flag") == Json.Bool.TRUE));
          return (Checked.Ready)
              attempt ->
                  CompletableFuture.completedFuture(
                      new Rating(Decimal.ZERO, List.of(), null, new Json.Obj(outputs)));
        }
      };

  private static Result compare(String inputs, String expected) {
    return new ExpectedRows(DOUBLING, Tolerance.DOUBLE).compare(inputs, expected);
  }

  @Test
  void every_cell_that_agrees_is_right() {
    Result result =
        compare(
            "x,s,flag,other\n1.5,a,true,z\n2,NA,0,\nN/A,b,,\n",
            "y,text,Probability_1,on,$out.y\n3.0,a,0.15,true,3\n4,,0.2,false,4.0000000001\n,,,,NA\n");
    assertThat(result.differences()).isEmpty();
    assertThat(result.rowsRight()).isEqualTo(3);
    assertThat(result.cells()).isEqualTo(15);
  }

  @Test
  void planted_differences_are_found_with_row_column_found_and_expected() {
    Result result = compare("x,s\n1,a\n2,b\n3,c\n\"\",d\n", "y,text\n2.00001,a\n4,x\n,c\n8,\n");
    assertThat(result.differences())
        .extracting(Object::toString)
        .containsExactly(
            "row 1, y: 2 (expected: 2.00001)",
            "row 2, text: \"b\" (expected: x)",
            "row 3, y: 6 (expected: )",
            "row 4, y: nothing (expected: 8)");
    assertThat(result.rowsRight()).isZero();
  }

  @Test
  void floats_have_more_room() {
    Result strict = compare("x\n1\n", "y\n2.00002\n");
    Result loose = new ExpectedRows(DOUBLING, Tolerance.FLOAT).compare("x\n1\n", "y\n2.00002\n");
    assertThat(strict.rowsRight()).isZero();
    assertThat(loose.rowsRight()).isEqualTo(1);
  }

  @Test
  void a_target_without_a_name_and_columns_that_nobody_answers() {
    Result result = compare("x\n1\n", "_target,z\n2,5\n");
    assertThat(result.rowsRight()).isEqualTo(1);
    assertThat(result.notCompared()).containsExactly("z");
  }

  @Test
  void tables_that_do_not_fit_are_refused() {
    assertThatThrownBy(() -> compare("x\n1\n2\n", "y\n2\n"))
        .hasMessageContaining("2 inputs, 1 expected");
    assertThatThrownBy(() -> compare("x,s\n1\n", "y\n2\n")).hasMessageContaining("line 2: 1 cells");
    assertThatThrownBy(() -> compare("x\n\"1\n", "y\n2\n")).hasMessageContaining("a quote");
    assertThatThrownBy(() -> compare("", "y\n2\n")).hasMessageContaining("no line");
  }

  @Test
  void quotes_tabs_marks_and_line_ends_are_read() {
    Csv csv = Csv.read("\uFEFF\"a,b\",c\r\n\"say \"\"hi\"\"\",\"two\nlines\"\r\n");
    assertThat(csv.header()).containsExactly("a,b", "c");
    assertThat(csv.rows()).containsExactly(List.of("say \"hi\"", "two\nlines"));
    assertThat(Csv.read("a\tb\n1\t\n").rows()).containsExactly(List.of("1", ""));
    assertThat(Csv.read("a;b\n1;2").rows()).containsExactly(List.of("1", "2"));
  }
}
