package io.openclaw.rating;

import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A table of inputs and a table of what a model should answer for each: tells which cells differ.
 *
 * <p>Input columns are the model's fields, others are ignored. Expected columns are names of the
 * rating's outputs; {@code _target} and {@code y} are the target where the outputs have no such
 * name, {@code probability(1)}, {@code probability_1} and {@code Probability_1} are the same, and
 * {@code $out} before a name is left out. An empty cell, {@code NA}, {@code N/A} and {@code null}
 * are missing. Where a column is in no answer at all, it is not compared, and said so. Numbers
 * agree within a share of the expected one, or near zero absolutely; others letter by letter, save
 * that a number and its text, and a boolean and its text, agree. Immutable and thread-safe.
 */
public final class ExpectedRows {
  /** Rows of one table. */
  public static final int ROWS_MAX = 1_000_000;

  /** Differences that one comparison lists. */
  public static final int DIFFERENCES_MAX = 1_000;

  private static final Set<String> MISSING = Set.of("", "NA", "N/A", "null", "NaN", "nan");

  private static final Pattern PROBABILITY =
      Pattern.compile("[Pp]robability[(_](.*?)\\)?", Pattern.DOTALL);

  /**
   * How near a number must be.
   *
   * @param relative share of the expected number
   * @param absolute difference that is always right
   */
  public record Tolerance(double relative, double absolute) {
    /** For models that compute with doubles. */
    public static final Tolerance DOUBLE = new Tolerance(1e-6, 1e-8);

    /** For models that compute with floats. */
    public static final Tolerance FLOAT = new Tolerance(2e-5, 2e-5);
  }

  /**
   * A cell that differs.
   *
   * @param row from 1, without the header
   * @param found what the model answered; {@code nothing} where it refused the input
   */
  public record Difference(int row, String column, String found, String expected) {
    @Override
    public String toString() {
      return "row " + row + ", " + column + ": " + found + " (expected: " + expected + ")";
    }
  }

  /**
   * What a comparison found.
   *
   * @param rows how many rows both tables have
   * @param rowsRight how many have no difference
   * @param cells how many cells were compared
   * @param differences the first {@link #DIFFERENCES_MAX}
   * @param notCompared expected columns that the model does not answer
   */
  public record Result(
      int rows,
      int rowsRight,
      long cells,
      List<Difference> differences,
      List<String> notCompared) {}

  private final RatingModel model;
  private final Tolerance tolerance;
  private final Map<String, InputSchema.Type> types = new LinkedHashMap<>();

  public ExpectedRows(RatingModel model, Tolerance tolerance) {
    this.model = model;
    this.tolerance = tolerance;
    for (InputSchema.Field field : model.schema().fields()) {
      types.put(field.name(), field.type());
    }
  }

  /**
   * Compares row by row; the tables' first lines name their columns.
   *
   * @throws IllegalArgumentException where a table is no CSV with such a line, the two have not as
   *     many rows, or too many
   */
  public Result compare(String inputsCsv, String expectedCsv) {
    Csv inputs = Csv.read(inputsCsv);
    Csv expected = Csv.read(expectedCsv);
    if (inputs.rows().size() != expected.rows().size() || inputs.rows().size() > ROWS_MAX) {
      throw new IllegalArgumentException(
          inputs.rows().size()
              + " inputs, "
              + expected.rows().size()
              + " expected (expected: as many, at most "
              + ROWS_MAX
              + ")");
    }
    List<Map<String, Json>> answers = new ArrayList<>();
    Set<String> known = new java.util.LinkedHashSet<>();
    for (List<String> row : inputs.rows()) {
      Map<String, Json> answer = answer(input(inputs.header(), row));
      answers.add(answer);
      known.addAll(answer.keySet());
    }
    Map<Integer, String> columns = new LinkedHashMap<>();
    List<String> notCompared = new ArrayList<>();
    for (int i = 0; i < expected.header().size(); i++) {
      String output = output(expected.header().get(i), known);
      if (output == null) {
        notCompared.add(expected.header().get(i));
      } else {
        columns.put(i, output);
      }
    }
    List<Difference> differences = new ArrayList<>();
    int right = 0;
    for (int row = 0; row < answers.size(); row++) {
      boolean same = true;
      for (Map.Entry<Integer, String> column : columns.entrySet()) {
        String cell = expected.rows().get(row).get(column.getKey());
        Json found = answers.get(row).get(column.getValue());
        if (!agrees(found, cell)) {
          same = false;
          if (differences.size() < DIFFERENCES_MAX) {
            differences.add(
                new Difference(
                    row + 1,
                    expected.header().get(column.getKey()),
                    found == null ? "nothing" : io.openclaw.domain.Violation.shown(found),
                    cell));
          }
        }
      }
      right += same ? 1 : 0;
    }
    return new Result(
        answers.size(), right, 1L * answers.size() * columns.size(), differences, notCompared);
  }

  /** A row as an input; cells that are missing, or no value of the field's type, are left out. */
  private Json.Obj input(List<String> header, List<String> row) {
    Map<String, Json> input = new LinkedHashMap<>();
    for (int i = 0; i < header.size(); i++) {
      InputSchema.Type type = types.get(header.get(i));
      Json value = type == null ? null : value(row.get(i), type);
      if (value != null) {
        input.put(header.get(i), value);
      }
    }
    return new Json.Obj(input);
  }

  private static @Nullable Json value(String cell, InputSchema.Type type) {
    if (MISSING.contains(cell)) {
      return null;
    }
    return switch (type) {
      case STRING -> new Json.Str(cell);
      case BOOLEAN ->
          switch (cell) {
            case "true", "TRUE", "True", "1", "1.0" -> Json.Bool.TRUE;
            case "false", "FALSE", "False", "0", "0.0" -> Json.Bool.FALSE;
            default -> new Json.Str(cell);
          };
      case NUMBER, INTEGER, SCALAR, ANY -> {
        Double number = number(cell);
        yield number == null ? new Json.Str(cell) : new Json.Num(number);
      }
    };
  }

  private static @Nullable Double number(String cell) {
    try {
      double value = Double.parseDouble(cell);
      return Double.isNaN(value) || Double.isInfinite(value) ? null : Double.valueOf(value);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** What the model answers; empty where it refuses the input or predicts nothing. */
  private Map<String, Json> answer(Json.Obj input) {
    if (!(model.check(input) instanceof Checked.Ready ready)) {
      return Map.of();
    }
    try {
      Rating rating = ready.rate(new Attempt(null, 1, 0)).toCompletableFuture().join();
      Json.Obj outputs = rating.outputs();
      return outputs == null
          ? Map.of("_target", new Json.Num(Double.parseDouble(rating.value().toString())))
          : outputs.members();
    } catch (CompletionException e) {
      return Map.of();
    }
  }

  /** The output that a column expects; null where there is none. */
  private static @Nullable String output(String column, Set<String> known) {
    String name = column.startsWith("$out") ? column.substring("$out".length()) : column;
    name = name.startsWith(".") ? name.substring(1) : name;
    if (known.contains(name)) {
      return name;
    }
    if (name.equals("_target") || name.equals("y") || name.isEmpty()) {
      return known.stream().filter(each -> !isProbability(each)).findFirst().orElse(null);
    }
    Matcher wanted = PROBABILITY.matcher(name);
    if (wanted.matches()) {
      for (String each : known) {
        Matcher other = PROBABILITY.matcher(each);
        if (other.matches() && sameText(other.group(1), wanted.group(1))) {
          return each;
        }
      }
    }
    return null;
  }

  private static boolean isProbability(String name) {
    return PROBABILITY.matcher(name).matches();
  }

  private static boolean sameText(String a, String b) {
    Double left = number(a);
    Double right = number(b);
    return a.equals(b) || (left != null && left.equals(right));
  }

  private boolean agrees(@Nullable Json found, String cell) {
    boolean missing = MISSING.contains(cell);
    return switch (found) {
      case null -> missing;
      case Json.Null n -> missing;
      case Json.Num number -> {
        Double wanted = number(cell);
        yield wanted != null && near(number.value(), wanted);
      }
      case Json.Bool bool ->
          cell.equalsIgnoreCase(bool == Json.Bool.TRUE ? "true" : "false")
              || cell.equals(bool == Json.Bool.TRUE ? "1" : "0");
      case Json.Str string -> string.value().equals(cell) || sameText(string.value(), cell);
      case Json.Obj o -> false;
      case Json.Arr a -> false;
    };
  }

  private boolean near(double found, double wanted) {
    double difference = Math.abs(found - wanted);
    return difference <= tolerance.absolute()
        || difference <= tolerance.relative() * Math.abs(wanted);
  }
}
