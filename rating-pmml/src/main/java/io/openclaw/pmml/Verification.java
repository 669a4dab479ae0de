package io.openclaw.pmml;

import io.openclaw.domain.Json;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.InputSchema;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.Samples;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A document's {@code ModelVerification}: inputs with what the model that was exported predicted.
 *
 * @param rows the first {@link Samples#SAMPLES_MAX}
 */
record Verification(List<Row> rows) {
  /** The finest share of a number that is asked for: sums in another order differ by less. */
  private static final double DOUBLE_PRECISION = 1e-11;

  private static final double FLOAT_PRECISION = 1e-6;

  /** A result to be verified. */
  record Expected(String field, String value, double precision, double zero) {}

  /** One recorded input. */
  record Row(XmlNode node, Json.Obj input, List<Expected> expected) {}

  private record Column(String field, String column, double precision, double zero) {}

  /** What the document verifies; null where it verifies nothing. */
  static @Nullable Verification of(PmmlDocument document, InputSchema schema)
      throws ModelException {
    XmlNode written = document.element().child("ModelVerification");
    if (written == null) {
      return null;
    }
    List<Column> columns = new ArrayList<>();
    double finest = document.model().target().asFloat() ? FLOAT_PRECISION : DOUBLE_PRECISION;
    XmlNode fields = written.requireChild("VerificationFields");
    for (XmlNode each : fields.children("VerificationField")) {
      String field = each.require("field");
      columns.add(
          new Column(
              field,
              Expressions.local(each.get("column", field)),
              Math.max(finest, each.number("precision", 1e-6)),
              each.number("zeroThreshold", 1e-16)));
    }
    Map<String, InputSchema.Type> types = new LinkedHashMap<>();
    schema.fields().forEach(f -> types.put(f.name(), f.type()));
    List<Row> rows = new ArrayList<>();
    for (XmlNode row : written.requireChild("InlineTable").children("row")) {
      if (rows.size() == Samples.SAMPLES_MAX) {
        break;
      }
      rows.add(row(row, columns, types));
    }
    return new Verification(rows);
  }

  private static Row row(XmlNode row, List<Column> columns, Map<String, InputSchema.Type> types)
      throws ModelException {
    Map<String, Json> input = new LinkedHashMap<>();
    List<Expected> expected = new ArrayList<>();
    for (Column column : columns) {
      String cell = Expressions.cell(row, column.column);
      InputSchema.Type type = types.get(column.field);
      if (type == null) {
        expected.add(
            new Expected(column.field, cell == null ? "" : cell, column.precision, column.zero));
      } else if (cell != null && (!cell.isEmpty() || type == InputSchema.Type.STRING)) {
        input.put(column.field, value(row, cell, type));
      }
    }
    return new Row(row, new Json.Obj(input), expected);
  }

  private static Json value(XmlNode row, String cell, InputSchema.Type type) throws ModelException {
    return switch (type) {
      case STRING -> new Json.Str(cell);
      case BOOLEAN ->
          switch (cell) {
            case "true", "TRUE", "True", "1", "1.0" -> Json.Bool.TRUE;
            case "false", "FALSE", "False", "0", "0.0" -> Json.Bool.FALSE;
            default -> throw row.wrong("\"" + XmlNode.shown(cell) + "\"", "true or false");
          };
      default -> new Json.Num(row.parse(cell, "cell"));
    };
  }

  /**
   * Rates every row.
   *
   * @throws ModelException with the row's place, the field, what was found and expected
   */
  void run(PmmlModel model) throws ModelException {
    for (Row row : rows) {
      Map<String, Json> outputs = outputs(model, row);
      for (Expected each : row.expected) {
        Json found = outputs.get(each.field);
        boolean known = found != null || outputs.isEmpty();
        if (known && !agrees(each, found)) {
          throw row.node.wrong(
              "ModelVerification: "
                  + XmlNode.shown(each.field)
                  + " "
                  + (found == null ? "no prediction" : shown(found)),
              each.value.isEmpty() ? "no value" : XmlNode.shown(each.value));
        }
        if (!known) {
          throw row.node.wrong(
              "VerificationField " + XmlNode.shown(each.field), "an input or a result");
        }
      }
    }
  }

  private static Map<String, Json> outputs(PmmlModel model, Row row) throws ModelException {
    return switch (model.check(row.input)) {
      case Checked.Invalid invalid -> {
        boolean silent = row.expected.stream().allMatch(e -> e.value.isEmpty());
        if (silent) {
          yield Map.of();
        }
        throw row.node.wrong(
            "ModelVerification: an input that is refused: "
                + invalid.violations().getFirst().pointer()
                + " "
                + invalid.violations().getFirst().detail(),
            "one that the model takes");
      }
      case Checked.Ready ready -> {
        try {
          Json.Obj found = ready.rate(Attempt.ONCE).toCompletableFuture().join().outputs();
          yield found == null ? Map.of() : found.members();
        } catch (CompletionException e) {
          yield Map.of();
        }
      }
    };
  }

  private static String shown(Json json) {
    return io.openclaw.domain.Violation.shown(json);
  }

  private static boolean agrees(Expected expected, @Nullable Json found) {
    if (found == null || found == Json.Null.NULL) {
      return expected.value.isEmpty();
    }
    if (found instanceof Json.Num number) {
      try {
        double value = Double.parseDouble(expected.value);
        return Math.abs(value) <= expected.zero
            ? Math.abs(number.value()) <= expected.zero
            : Math.abs(number.value() - value) <= expected.precision * Math.abs(value);
      } catch (NumberFormatException e) {
        return false;
      }
    }
    if (found instanceof Json.Bool bool) {
      return expected.value.equalsIgnoreCase(bool == Json.Bool.TRUE ? "true" : "false");
    }
    return found instanceof Json.Str string && string.value().equals(expected.value);
  }
}
