package io.openclaw.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.types.CelType;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.Program;
import io.openclaw.rating.ModelTrapException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One compiled expression and where it stands in its document. Immutable and thread-safe.
 *
 * @param pointer its place in the document
 * @param ast what it says, checked
 * @param program how it is computed
 */
record Expression(String pointer, CelAbstractSyntaxTree ast, Program program) {
  private static final Pattern OFFSET = Pattern.compile("evaluation error at [^:]*:(\\d+)");

  CelType type() {
    return ast.getResultType();
  }

  /**
   * Its value: Double, Long, Boolean, String, a list or map of such, or CEL's null.
   *
   * @throws ModelTrapException with the place and the kind of the error; never with a value
   */
  Object value(Map<String, Object> variables) throws ModelTrapException {
    try {
      return program.eval(variables);
    } catch (CelEvaluationException e) {
      throw trap(reason(e) + at(String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      throw trap(e.getClass().getSimpleName());
    }
  }

  /**
   * Its value as a finite number.
   *
   * @throws ModelTrapException where it has none
   */
  double number(Map<String, Object> variables) throws ModelTrapException {
    double number =
        switch (value(variables)) {
          case Double d -> d;
          case Long l -> l.doubleValue();
          default -> throw trap("null (expected: a number)");
        };
    if (Double.isNaN(number) || Double.isInfinite(number)) {
      throw trap(
          (Double.isNaN(number) ? "not a number" : "an infinite number")
              + " (expected: a finite number)");
    }
    return number;
  }

  /**
   * Whether it holds.
   *
   * @throws ModelTrapException where it is null
   */
  boolean holds(Map<String, Object> variables) throws ModelTrapException {
    if (value(variables) instanceof Boolean holds) {
      return holds;
    }
    throw trap("null (expected: true or false)");
  }

  ModelTrapException trap(String what) {
    return new ModelTrapException(pointer + ": " + what);
  }

  /** CEL's messages may quote values of the input, so only the code is told. */
  private static String reason(CelEvaluationException e) {
    return switch (e.getErrorCode()) {
      case DIVIDE_BY_ZERO -> "a whole number divided by 0 (expected: a divisor other than 0)";
      case NUMERIC_OVERFLOW -> "a whole number beyond 64 bits (expected: a smaller one)";
      case ATTRIBUTE_NOT_FOUND -> "no such key (expected: one that the map has)";
      case INDEX_OUT_OF_BOUNDS -> "no such index (expected: one that the list or string has)";
      case BAD_FORMAT -> "a text of another form (expected: one that can be converted)";
      case OVERLOAD_NOT_FOUND -> "null where a value is needed (expected: a test for null before)";
      default -> e.getErrorCode().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    };
  }

  /** Line and column of the place that CEL's message names; empty where it names none. */
  private String at(String message) {
    Matcher offset = OFFSET.matcher(message);
    if (!offset.find() || offset.group(1).length() > 9) {
      return "";
    }
    return ast.getSource()
        .getOffsetLocation(Integer.parseInt(offset.group(1)))
        .map(Expression::shown)
        .map(place -> ", " + place)
        .orElse("");
  }

  /** A place as messages show it; columns count from 1. */
  static String shown(CelSourceLocation place) {
    return "line " + place.getLine() + ", column " + (place.getColumn() + 1);
  }
}
