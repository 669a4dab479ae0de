package io.openclaw.onnx;

import io.openclaw.domain.Json;
import io.openclaw.rating.InputSchema;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelException.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How an input becomes a row of numbers and texts, and which of them go to which input of the
 * graph. Immutable and thread-safe.
 *
 * @param columns what a row holds
 * @param bindings the graph's inputs, in order; each takes some columns next to each other
 * @param open whether the graph takes any number of rows; else one
 */
record Columns(List<Column> columns, List<Binding> bindings, boolean open) {
  private static final Set<Integer> ELEMENTS =
      Set.of(OnnxFile.FLOAT, OnnxFile.DOUBLE, OnnxFile.INT64, OnnxFile.STRING, OnnxFile.BOOL);

  /**
   * One column.
   *
   * @param equals as in {@link OnnxSettings.Feature}
   * @param text whether it holds a text
   */
  record Column(String field, @Nullable Json equals, double missing, boolean text) {
    double number(Json.Obj input) {
      Json value = input.get(field);
      if (value == null || value == Json.Null.NULL) {
        return missing;
      }
      if (equals != null) {
        return equals.equals(value) ? 1 : 0;
      }
      return switch (value) {
        case Json.Num(double number) -> number;
        case Json.Bool bool -> bool == Json.Bool.TRUE ? 1 : 0;
        default -> Double.NaN;
      };
    }

    String words(Json.Obj input) {
      return input.get(field) instanceof Json.Str(String words) ? words : "";
    }
  }

  /**
   * An input of the graph.
   *
   * @param element its element type, as in {@link OnnxFile.Value}
   * @param first its first column
   * @param width how many columns it takes
   * @param rank 1 for a tensor {@code [N]}, 2 for {@code [N, width]}
   */
  record Binding(String input, int element, int first, int width, int rank) {}

  /** One row. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Row(double[] numbers, String[] texts) {}

  /** The row of an input. */
  Row row(Json.Obj input) {
    double[] numbers = new double[columns.size()];
    String[] texts = new String[columns.size()];
    for (int i = 0; i < numbers.length; i++) {
      Column column = columns.get(i);
      if (column.text()) {
        texts[i] = column.words(input);
      } else {
        numbers[i] = column.number(input);
      }
    }
    return new Row(numbers, texts);
  }

  /**
   * The columns of a file with these settings.
   *
   * @throws ModelException listing everything in which they do not fit
   */
  static Columns of(OnnxFile file, OnnxSettings settings) throws ModelException {
    List<Problem> problems = new ArrayList<>();
    Columns made =
        settings.features().isEmpty()
            ? named(file, settings, problems)
            : matrix(file, settings, problems);
    if (file.sized()) {
      bounded(made, settings, problems);
    }
    Set<String> outputs =
        new java.util.LinkedHashSet<>(file.outputs().stream().map(OnnxFile.Value::name).toList());
    if (!outputs.contains(settings.rating().output())) {
      problems.add(
          new Problem(
              "/rating/output",
              settings.rating().output(),
              "one of " + String.join(", ", outputs)));
    }
    settings
        .outputs()
        .forEach(
            (name, output) -> {
              if (!outputs.contains(output.output())) {
                problems.add(
                    new Problem(
                        "/outputs/" + name + "/output",
                        output.output(),
                        "one of " + String.join(", ", outputs)));
              }
            });
    if (!problems.isEmpty()) {
      throw new ModelException(problems);
    }
    return made;
  }

  /** Numbers that may say how large a tensor is must have bounds. */
  private static void bounded(Columns columns, OnnxSettings settings, List<Problem> problems) {
    for (InputSchema.Field field : settings.schema().fields()) {
      boolean number =
          field.type() == InputSchema.Type.NUMBER || field.type() == InputSchema.Type.INTEGER;
      boolean handed =
          columns.columns().stream()
              .anyMatch(c -> c.field().equals(field.name()) && c.equals() == null);
      boolean open = field.allowed().isEmpty() && (field.min() == null || field.max() == null);
      if (number && handed && open) {
        problems.add(
            new Problem(
                "/inputs/" + field.name(),
                "a number without min or max",
                "both, in a graph whose values say how large its tensors are"));
      }
    }
  }

  private static Columns matrix(OnnxFile file, OnnxSettings settings, List<Problem> problems) {
    List<Column> columns = new ArrayList<>();
    for (OnnxSettings.Feature feature : settings.features()) {
      columns.add(new Column(feature.field(), feature.equals(), feature.missing(), false));
    }
    if (file.inputs().size() != 1) {
      problems.add(
          new Problem(
              "/features",
              "a graph of " + file.inputs().size() + " inputs",
              "one matrix; without features, each input is the field of its name"));
      return new Columns(columns, List.of(), false);
    }
    OnnxFile.Value input = file.inputs().getFirst();
    long[] shape = input.shape();
    boolean fits =
        (input.element() == OnnxFile.FLOAT || input.element() == OnnxFile.DOUBLE)
            && (shape == null
                || (shape.length == 2
                    && (shape[0] == -1 || shape[0] == 1)
                    && (shape[1] == -1 || shape[1] == columns.size())));
    if (!fits) {
      problems.add(
          new Problem(
              "the graph's input " + input.name(),
              shown(input),
              "floats or doubles [N, " + columns.size() + "], as many as there are /features"));
    }
    Binding binding = new Binding(input.name(), input.element(), 0, columns.size(), 2);
    return new Columns(columns, List.of(binding), isOpen(shape));
  }

  private static Columns named(OnnxFile file, OnnxSettings settings, List<Problem> problems) {
    List<Column> columns = new ArrayList<>();
    List<Binding> bindings = new ArrayList<>();
    boolean open = true;
    for (OnnxFile.Value input : file.inputs()) {
      long[] shape = input.shape();
      boolean scalar =
          shape == null
              || (shape.length == 1 && shape[0] <= 1)
              || (shape.length == 2 && shape[0] <= 1 && shape[1] <= 1);
      InputSchema.Field field =
          settings.schema().fields().stream()
              .filter(known -> known.name().equals(input.name()))
              .findFirst()
              .orElse(null);
      boolean text = input.element() == OnnxFile.STRING;
      if (!scalar || !ELEMENTS.contains(input.element())) {
        problems.add(
            new Problem(
                "the graph's input " + input.name(),
                shown(input),
                "[N, 1] of float, double, int64, bool or string, or one matrix and /features"));
      } else if (field == null || !fits(field, input.element())) {
        problems.add(
            new Problem(
                "/inputs/" + input.name(),
                field == null ? "absent" : "another type, or an optional field",
                "a field for the graph's input of " + shown(input)));
      }
      int rank = shape == null ? 2 : shape.length;
      bindings.add(new Binding(input.name(), input.element(), columns.size(), 1, rank));
      columns.add(new Column(input.name(), null, Double.NaN, text));
      open &= isOpen(shape);
    }
    if (bindings.isEmpty()) {
      problems.add(new Problem("", "a graph without inputs", "one that takes an input"));
    }
    return new Columns(columns, bindings, open);
  }

  /** Whether an input takes any number of rows; a scalar takes none. */
  private static boolean isOpen(long @Nullable [] shape) {
    return shape == null || (shape.length > 0 && shape[0] == -1);
  }

  /** Only floats can say that something is missing. */
  private static boolean fits(InputSchema.Field field, int element) {
    boolean number =
        field.type() == InputSchema.Type.NUMBER || field.type() == InputSchema.Type.INTEGER;
    return switch (element) {
      case OnnxFile.FLOAT, OnnxFile.DOUBLE -> number || field.type() == InputSchema.Type.BOOLEAN;
      case OnnxFile.INT64 -> field.type() == InputSchema.Type.INTEGER && field.required();
      case OnnxFile.BOOL -> field.type() == InputSchema.Type.BOOLEAN && field.required();
      default -> field.type() == InputSchema.Type.STRING && field.required();
    };
  }

  private static String shown(OnnxFile.Value value) {
    String element =
        switch (value.element()) {
          case 0 -> "no tensor";
          case OnnxFile.FLOAT -> "float";
          case OnnxFile.DOUBLE -> "double";
          case OnnxFile.INT32 -> "int32";
          case OnnxFile.INT64 -> "int64";
          case OnnxFile.STRING -> "string";
          case OnnxFile.BOOL -> "bool";
          default -> "element type " + value.element();
        };
    return element
        + (value.shape() == null
            ? ""
            : " " + java.util.Arrays.toString(value.shape()).replace("-1", "N"));
  }
}
