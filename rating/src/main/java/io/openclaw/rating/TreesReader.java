package io.openclaw.rating;

import io.openclaw.domain.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the JSON of trees into a {@link TreeEnsemble}; one use. */
final class TreesReader {
  /** Everything that rating needs. */
  record Read(
      InputSchema schema,
      TreeEnsemble trees,
      double base,
      boolean average,
      boolean floats,
      PointsLine line,
      FieldReasons reasons) {}

  /** A node that was added: its number, its mean and the weight of its leaves. */
  private record Added(int node, double mean, double weight) {}

  private final ModelObject root;
  private final InputSchema schema;
  private final Map<String, Integer> indexes = new HashMap<>();
  private final TreeEnsemble.Builder builder = new TreeEnsemble.Builder();
  private final boolean floats;

  private TreesReader(ModelObject root) throws ModelException {
    this.root = root;
    root.allowOnly(
        List.of(
            "kind",
            "name",
            "description",
            "inputs",
            "aggregate",
            "base",
            "float",
            "link",
            "trees",
            "scale",
            "reasons",
            Samples.MEMBER));
    root.title();
    var _ = Samples.read(root);
    schema = InputFields.read(root, "inputs");
    ModelObject inputs = root.object("inputs");
    for (InputSchema.Field field : schema.fields()) {
      if (field.type() == InputSchema.Type.SCALAR || field.type() == InputSchema.Type.ANY) {
        // A number would pass as the index of a string.
        throw ModelObject.of(inputs.required(field.name()), inputs.at(field.name()))
            .wrong("type", "number, integer, string or boolean");
      }
      indexes.put(field.name(), indexes.size());
    }
    floats = root.has("float") && isTrue(root, "float");
  }

  static Read read(byte[] json) throws ModelException {
    return new TreesReader(ModelObject.document(json, "trees")).read();
  }

  private Read read() throws ModelException {
    boolean average =
        switch (root.text("aggregate", 20)) {
          case "sum" -> false;
          case "average" -> true;
          default -> throw root.wrong("aggregate", "sum or average");
        };
    double base = root.has("base") ? number(root, "base") : 0;
    PointsLine line = PointsLine.read(root);
    FieldReasons reasons = FieldReasons.read(root, schema);
    List<Json> written = root.list("trees", TreesModel.TREES_MAX);
    List<ModelException.Problem> problems = new ArrayList<>();
    for (int i = 0; i < written.size(); i++) {
      try {
        builder.tree(node(ModelObject.of(written.get(i), root.at("trees") + "/" + i), 0).node);
      } catch (ModelException e) {
        problems.addAll(e.problems());
      }
    }
    if (!problems.isEmpty()) {
      throw new ModelException(problems);
    }
    return new Read(schema, builder.build(), base, average, floats, line, reasons);
  }

  private Added node(ModelObject written, int depth) throws ModelException {
    if (written.has("leaf")) {
      written.allowOnly(List.of("leaf", "weight"));
      double value = number(written, "leaf");
      double weight = written.has("weight") ? written.number("weight") : 1;
      if (!(weight > 0) || weight > RegressionReader.COEFFICIENT_MAX) {
        throw written.wrong("weight", "> 0 and <= 1e12");
      }
      return new Added(builder.leaf(floats ? (float) value : value), value, weight);
    }
    written.allowOnly(List.of("field", "lt", "lte", "eq", "in", "yes", "no", "missing", "value"));
    if (depth == TreesModel.DEPTH_MAX) {
      throw new ModelException(
          written.pointer(), "a node below " + depth + " others", "at most " + depth);
    }
    InputSchema.Field field = field(written);
    Test test = test(written, field);
    boolean missingYes = missing(written, field);
    Added yes = node(written.object("yes"), depth + 1);
    Added no = node(written.object("no"), depth + 1);
    double weight = yes.weight + no.weight;
    double mean =
        written.has("value")
            ? number(written, "value")
            : (yes.mean * yes.weight + no.mean * no.weight) / weight;
    int index = indexes.getOrDefault(field.name(), -1);
    int missing = missingYes ? yes.node : no.node;
    int node =
        switch (test) {
          case Test.Less(double operand) ->
              builder.less(index, operand, mean, yes.node, no.node, missing);
          case Test.LessOrEqual(double operand) ->
              builder.lessOrEqual(index, operand, mean, yes.node, no.node, missing);
          case Test.Equal(double operand) ->
              builder.equal(index, operand, mean, yes.node, no.node, missing);
          case Test.In(int[] values) -> builder.in(index, values, mean, yes.node, no.node, missing);
        };
    return new Added(node, mean, weight);
  }

  /** What a node asks of its field. */
  private sealed interface Test {
    record Less(double operand) implements Test {}

    record LessOrEqual(double operand) implements Test {}

    record Equal(double operand) implements Test {}

    @SuppressWarnings("ArrayRecordComponent") // handed on
    record In(int[] values) implements Test {}
  }

  private InputSchema.Field field(ModelObject written) throws ModelException {
    Integer index = indexes.get(written.text("field", ScorecardReader.NAME_LENGTH_MAX));
    if (index == null) {
      throw written.wrong("field", "one of the inputs");
    }
    return schema.fields().get(index);
  }

  private Test test(ModelObject written, InputSchema.Field field) throws ModelException {
    String found = "";
    for (String name : List.of("lt", "lte", "eq", "in")) {
      if (written.has(name)) {
        if (!found.isEmpty()) {
          throw new ModelException(written.at(name), name + " beside " + found, "one of the two");
        }
        found = name;
      }
    }
    return switch (found) {
      case "lt" -> new Test.Less(bound(written, "lt", field));
      case "lte" -> new Test.LessOrEqual(bound(written, "lte", field));
      case "eq" -> new Test.Equal(value(written.required("eq"), written.at("eq"), field));
      case "in" -> in(written, field);
      default -> throw new ModelException(written.pointer(), "no test", "lt, lte, eq, in or leaf");
    };
  }

  private double bound(ModelObject written, String name, InputSchema.Field field)
      throws ModelException {
    if (field.type() != InputSchema.Type.NUMBER && field.type() != InputSchema.Type.INTEGER) {
      throw written.wrong(name, "eq or in, since the input is not a number");
    }
    double bound = written.number(name);
    return floats ? (float) bound : bound;
  }

  /** A value as {@link Features} has it. */
  private double value(Json value, String place, InputSchema.Field field) throws ModelException {
    switch (field.type()) {
      case NUMBER, INTEGER -> {
        if (value instanceof Json.Num number) {
          return floats ? (float) number.value() : number.value();
        }
      }
      case BOOLEAN -> {
        if (value instanceof Json.Bool bool) {
          return bool == Json.Bool.TRUE ? 1 : 0;
        }
      }
      case STRING -> {
        int index = value instanceof Json.Str ? field.allowed().indexOf(value) : -1;
        if (index >= 0) {
          return index;
        }
      }
      case SCALAR, ANY -> {
        // refused with the inputs
      }
    }
    throw new ModelException(
        place, io.openclaw.domain.Violation.shown(value), "a value that the input can have");
  }

  private Test in(ModelObject written, InputSchema.Field field) throws ModelException {
    if (field.type() != InputSchema.Type.STRING) {
      throw written.wrong("in", "lt, lte or eq, since the input is not a string");
    }
    List<Json> values = written.list("in", Condition.VALUES_MAX);
    int[] indexes = new int[values.size()];
    for (int i = 0; i < indexes.length; i++) {
      indexes[i] = (int) value(values.get(i), written.at("in") + "/" + i, field);
    }
    return new Test.In(indexes);
  }

  /** Whether a missing value goes the way of yes; must be said where one can be missing. */
  private static boolean missing(ModelObject written, InputSchema.Field field)
      throws ModelException {
    if (field.required() && !written.has("missing")) {
      return false;
    }
    return switch (written.text("missing", 20)) {
      case "yes" -> true;
      case "no" -> false;
      default -> throw written.wrong("missing", "yes or no");
    };
  }

  private static boolean isTrue(ModelObject owner, String name) throws ModelException {
    if (owner.required(name) instanceof Json.Bool bool) {
      return bool == Json.Bool.TRUE;
    }
    throw owner.wrong(name, "true or false");
  }

  private static double number(ModelObject owner, String name) throws ModelException {
    double value = owner.number(name);
    if (Math.abs(value) > RegressionReader.COEFFICIENT_MAX) {
      throw owner.wrong(name, "-1e12 to 1e12");
    }
    return value;
  }
}
