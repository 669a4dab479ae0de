package io.openclaw.rating;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a model answers to the rows of one table, held against the rows of another: the judge of a
 * model that came with expected results.
 *
 * <p>A cell of the inputs becomes what the model's schema says of its column. A column of the
 * expected results is the output of that name; {@code rating} is the rating, {@code decision_at_N}
 * is {@code approve} where the rating is N or more, {@code probability(a)}, {@code probability_a}
 * and {@code Probability_a} are the same, {@code _target} is the first output that is no
 * probability, {@code reasons} the codes with spaces between, {@code row} is not compared. Numbers
 * are equal within an absolute or relative tolerance, texts exactly, and an expected cell that is
 * empty, {@code NA} or {@code N/A} is no answer.
 */
public final class ExpectedRows {
  /** Texts that stand for a missing value. */
  private static final Set<String> MISSING =
      Set.of("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?");

  private static final Pattern PROBABILITY =
      Pattern.compile("[Pp]robability[(_](.*?)\\)?", Pattern.DOTALL);

  private static final String DECISION = "decision_at_";

  /** What the model says of one input. */
  @FunctionalInterface
  public interface Rater {
    /** The rating; null where the model refuses the input or fails on it. */
    @Nullable Rating rate(Json.Obj input);
  }

  /**
   * A cell that is not as expected.
   *
   * @param row from 1, without the header
   */
  public record Difference(int row, String column, String expected, String found) {}

  /**
   * How it went.
   *
   * @param right rows of which every cell is as expected
   * @param unknown columns of the expected results that the model does not answer at all
   * @param differences the first of them
   */
  public record Verdict(int rows, int right, List<String> unknown, List<Difference> differences) {
    /** Whether everything that could be compared is as expected, and there was something. */
    public boolean isRight() {
      return rows > 0 && right == rows && unknown.isEmpty();
    }
  }

  private final InputSchema schema;
  private final Rater rater;
  private final double absolute;
  private final double relative;
  private final int differencesMax;

  /**
   * A judge of one model.
   *
   * @param absolute how far two numbers near zero may be apart
   * @param relative how far two numbers may be apart, as a part of the larger
   * @param differencesMax how many are told
   */
  public ExpectedRows(
      InputSchema schema, Rater rater, double absolute, double relative, int differencesMax) {
    this.schema = schema;
    this.rater = rater;
    this.absolute = absolute;
    this.relative = relative;
    this.differencesMax = differencesMax;
  }

  /**
   * Rates every row and compares.
   *
   * @throws IllegalArgumentException where the tables do not have as many rows
   */
  public Verdict judge(CsvTable inputs, CsvTable expected) {
    if (inputs.rows().size() != expected.rows().size()) {
      throw new IllegalArgumentException(
          "%d rows of expected results (expected: %d, one for each input)"
              .formatted(expected.rows().size(), inputs.rows().size()));
    }
    List<Column> columns = columns(inputs);
    List<Difference> differences = new ArrayList<>();
    boolean[] answered = new boolean[expected.columns().size()];
    boolean[] asked = new boolean[expected.columns().size()];
    int right = 0;
    for (int row = 0; row < inputs.rows().size(); row++) {
      Rating rating = rater.rate(input(columns, inputs.rows().get(row)));
      boolean rowRight = true;
      for (int column = 0; column < asked.length; column++) {
        String name = expected.columns().get(column);
        String want = expected.rows().get(row).get(column).strip();
        if (name.equals("row")) {
          continue;
        }
        String found = rating == null ? null : found(rating, name);
        asked[column] |= !MISSING.contains(want);
        answered[column] |= found != null;
        if (!isSame(want, found)) {
          rowRight = false;
          if (differences.size() < differencesMax) {
            differences.add(
                new Difference(row + 1, name, want, found == null ? "no answer" : found));
          }
        }
      }
      right += rowRight ? 1 : 0;
    }
    List<String> unknown = new ArrayList<>();
    for (int column = 0; column < asked.length; column++) {
      if (asked[column] && !answered[column]) {
        unknown.add(expected.columns().get(column));
      }
    }
    return new Verdict(inputs.rows().size(), right, unknown, differences);
  }

  /** What a column of the inputs is to the model. */
  private record Column(String name, InputSchema.Type type, Set<Json> allowed) {}

  private List<Column> columns(CsvTable inputs) {
    Map<String, InputSchema.Field> fields = new LinkedHashMap<>();
    schema.fields().forEach(field -> fields.put(field.name(), field));
    List<Column> columns = new ArrayList<>();
    for (String name : inputs.columns()) {
      InputSchema.Field field = fields.get(name);
      columns.add(
          field == null
              ? new Column(name, InputSchema.Type.SCALAR, Set.of())
              : new Column(name, field.type(), new HashSet<>(field.allowed())));
    }
    return columns;
  }

  /** The row as JSON, each cell as the schema types its column; missing ones are left out. */
  private static Json.Obj input(List<Column> columns, List<String> cells) {
    Map<String, Json> input = new LinkedHashMap<>();
    for (int i = 0; i < cells.size(); i++) {
      Column column = columns.get(i);
      Json value = value(cells.get(i), column.type, column.allowed);
      if (value != null) {
        input.put(column.name, value);
      }
    }
    return new Json.Obj(input);
  }

  private static @Nullable Json value(String cell, InputSchema.Type type, Set<Json> allowed) {
    Json.Str text = new Json.Str(cell);
    if (allowed.contains(text)) {
      return text;
    }
    String stripped = cell.strip();
    if (MISSING.contains(stripped)) {
      return null;
    }
    Double number = number(stripped);
    return switch (type) {
      case STRING -> allowed.contains(new Json.Str(stripped)) ? new Json.Str(stripped) : text;
      case BOOLEAN ->
          switch (stripped.toLowerCase(java.util.Locale.ROOT)) {
            case "true", "1", "1.0" -> Json.Bool.TRUE;
            case "false", "0", "0.0" -> Json.Bool.FALSE;
            default -> text;
          };
      case NUMBER, INTEGER, SCALAR, ANY -> number == null ? text : new Json.Num(number);
    };
  }

  private static @Nullable Double number(String text) {
    try {
      double value = Double.parseDouble(text);
      return Double.isFinite(value) && !text.matches(".*[dDfFxX]") ? value : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** What the model answers under a column's name; null for nothing. */
  private static @Nullable String found(Rating rating, String name) {
    Json.Obj outputs = rating.outputs();
    Json output = outputs == null ? null : output(outputs, name);
    if (output != null) {
      return output == Json.Null.NULL ? null : text(output);
    }
    if (name.equals("rating")) {
      return rating.value().toString();
    }
    if (name.equals("reasons")) {
      return String.join(" ", rating.reasons().stream().map(Reason::code).toList());
    }
    Double threshold = name.startsWith(DECISION) ? number(name.substring(DECISION.length())) : null;
    if (threshold != null) {
      Decimal at = Decimal.of(name.substring(DECISION.length()));
      return rating.value().compareTo(at) >= 0 ? "approve" : "decline";
    }
    return null;
  }

  /** The output of a column's name, or of the name that other tools give it. */
  private static @Nullable Json output(Json.Obj outputs, String column) {
    Json exact = outputs.get(column);
    if (exact != null) {
      return exact;
    }
    Matcher wanted = PROBABILITY.matcher(column);
    boolean isTarget = column.equals("_target");
    if (!isTarget && !wanted.matches()) {
      return null;
    }
    for (Map.Entry<String, Json> each : outputs.members().entrySet()) {
      Matcher other = PROBABILITY.matcher(each.getKey());
      if (other.matches() ? !isTarget && isSameText(other.group(1), wanted.group(1)) : isTarget) {
        return each.getValue();
      }
    }
    return null;
  }

  private static boolean isSameText(String a, String b) {
    Double number = number(a);
    return a.equals(b) || (number != null && number.equals(number(b)));
  }

  private static String text(Json value) {
    return switch (value) {
      case Json.Str string -> string.value();
      case Json.Num number -> number.text();
      case Json.Bool bool -> bool == Json.Bool.TRUE ? "true" : "false";
      case Json.Null n -> "null";
      case Json.Obj o -> value.typeName();
      case Json.Arr a -> value.typeName();
    };
  }

  private boolean isSame(String want, @Nullable String found) {
    if (MISSING.contains(want)) {
      return found == null || found.equals(want);
    }
    if (found == null) {
      return false;
    }
    if (want.equals(found.strip()) || isSameBoolean(want, found)) {
      return true;
    }
    Double wanted = number(want);
    Double is = number(found);
    return wanted != null
        && is != null
        && Math.abs(wanted - is)
            <= Math.max(absolute, relative * Math.max(Math.abs(wanted), Math.abs(is)));
  }

  private static boolean isSameBoolean(String want, String found) {
    return (found.equals("true") || found.equals("false")) && want.equalsIgnoreCase(found);
  }
}
