package io.openclaw.rating;

import io.openclaw.domain.Json;
import io.openclaw.domain.Violation;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The {@code when} of an attribute: which values it holds for. */
sealed interface Condition {
  /** The value is absent or null. */
  record Missing() implements Condition {}

  /** Anything, missing too. */
  record Otherwise() implements Condition {}

  /** One of the strings, numbers or booleans; at least one. */
  record Values(List<Json> values) implements Condition {}

  /** A number from {@code low} to {@code high}, both included; not empty. */
  record Range(double low, double high) implements Condition {
    boolean holds(Json value) {
      return value instanceof Json.Num number && low <= number.value() && number.value() <= high;
    }
  }

  /** Values of one {@code in}. */
  int VALUES_MAX = 10_000;

  int VALUE_LENGTH_MAX = 1_000;

  static Condition read(ModelObject when) throws ModelException {
    when.allowOnly(List.of("lt", "lte", "gt", "gte", "eq", "in", "missing", "otherwise"));
    if (when.members().isEmpty()) {
      throw new ModelException(
          when.pointer(), "{}", "a condition: lt, lte, gt, gte, eq, in, missing or otherwise");
    }
    for (String alone : List.of("missing", "otherwise")) {
      if (when.has(alone)) {
        if (when.required(alone) != Json.Bool.TRUE) {
          throw when.wrong(alone, "true");
        }
        if (when.members().size() > 1) {
          throw new ModelException(
              when.at(alone), "true beside other conditions", "it stands alone");
        }
        return alone.equals("missing") ? new Missing() : new Otherwise();
      }
    }
    Range range = range(when);
    if (!when.has("eq") && !when.has("in")) {
      return range;
    }
    return values(when, range);
  }

  private static Range range(ModelObject when) throws ModelException {
    double low = -Double.MAX_VALUE;
    double high = Double.MAX_VALUE;
    if (when.has("gte")) {
      low = when.number("gte");
    }
    if (when.has("gt")) {
      low = Math.max(low, Math.nextUp(when.number("gt")));
    }
    if (when.has("lte")) {
      high = when.number("lte");
    }
    if (when.has("lt")) {
      high = Math.min(high, Math.nextDown(when.number("lt")));
    }
    if (low > high) {
      throw new ModelException(
          when.pointer(), "bounds between which no number lies", "a range that holds a number");
    }
    return new Range(low, high);
  }

  /** All given conditions must hold: beside bounds, values outside of them can never be met. */
  private static Values values(ModelObject when, Range range) throws ModelException {
    if (when.has("eq") && when.has("in")) {
      throw new ModelException(when.at("eq"), "eq beside in", "one of the two");
    }
    String name = when.has("eq") ? "eq" : "in";
    List<Json> given = when.has("eq") ? List.of(when.required("eq")) : when.list("in", VALUES_MAX);
    Set<Json> values = new LinkedHashSet<>();
    for (int i = 0; i < given.size(); i++) {
      String pointer = when.has("eq") ? when.at(name) : when.at(name) + "/" + i;
      if (!values.add(scalar(given.get(i), pointer))) {
        throw new ModelException(pointer, Violation.shown(given.get(i)) + " again", "each once");
      }
    }
    boolean bounded = when.has("lt") || when.has("lte") || when.has("gt") || when.has("gte");
    if (bounded) {
      values.removeIf(value -> !range.holds(value));
    }
    if (values.isEmpty()) {
      throw new ModelException(
          when.at(name), "no value within the bounds beside it", "at least one");
    }
    return new Values(new ArrayList<>(values));
  }

  private static Json scalar(Json value, String pointer) throws ModelException {
    return switch (value) {
      case Json.Str string -> {
        if (string.value().length() > VALUE_LENGTH_MAX) {
          throw new ModelException(
              pointer, string.value().length() + " characters", "at most " + VALUE_LENGTH_MAX);
        }
        yield string;
      }
      case Json.Num number -> new Json.Num(number.value() + 0.0);
      case Json.Bool bool -> bool;
      case Json.Obj o -> throw notScalar(value, pointer);
      case Json.Arr a -> throw notScalar(value, pointer);
      case Json.Null n -> throw notScalar(value, pointer);
    };
  }

  private static ModelException notScalar(Json value, String pointer) {
    return new ModelException(pointer, Violation.shown(value), "a string, number or boolean");
  }
}
