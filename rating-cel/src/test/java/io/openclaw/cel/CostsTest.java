package io.openclaw.cel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelRuntime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is computed, as CEL's own listener counts it, against what was said before. */
class CostsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          x * x + 1                                                       | false
          n > 2 ? x : x + x                                               | false
          [1, 2, 3, 4, 5, 6].map(a, a * n).size()                         | true
          [1, 2, 3, 4, 5, 6].filter(a, a in [n, 2, 3]).size()             | true
          [1, 2, 3].map(a, [1, 2, 3, 4, 5].map(b, a * b)[4])[2]           | true
          [1, 2, 3].map(a, [a, a]).map(l, l.map(e, e + 1)[1])[2]          | true
          [1, 2, 3, 4].exists(a, [5, 6, 7].exists(b, a > b)) ? 1 : 2      | true
          ([1, 2, 3] + [4, 5, 6]).map(a, a).map(b, b * b)[5]              | true
          """)
  void no_more_is_computed_than_was_said(String text, boolean loops) throws Exception {
    Compiler compiler = new Compiler();
    compiler.declare("x", SimpleType.DOUBLE, Costs.Size.ONE);
    compiler.declare("n", SimpleType.INT, Costs.Size.ONE);
    Expression expression =
        Objects.requireNonNull(
                compiler.compile("", text, List.of(SimpleType.DOUBLE, SimpleType.INT), ""),
                () -> compiler.problems().toString())
            .expression();
    AtomicLong evaluated = new AtomicLong();
    Map<String, Object> variables = new HashMap<>(Map.of("x", 1.5, "n", 3L));
    var _ =
        ((CelRuntime.Program) expression.program())
            .trace(variables, (e, value) -> evaluated.incrementAndGet());
    assertThat(evaluated.get()).isPositive().isLessThanOrEqualTo(compiler.steps());
    if (loops) { // a bound that forgot to multiply would be this one
      assertThat(evaluated.get()).isGreaterThan(nodes(text) / 2);
      assertThat(compiler.steps()).isGreaterThan(2L * nodes(text));
    }
  }

  /** Nodes of an expression, roughly: its names, numbers and operators. */
  private static long nodes(String text) {
    return java.util.regex.Pattern.compile("\\w+|[-+*>?]").matcher(text).results().count();
  }
}
