package io.openclaw.pmml;

import io.openclaw.domain.Json;
import io.openclaw.domain.Violation;
import io.openclaw.rating.InputSchema;
import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a PMML model takes: its schema, and how an input becomes a frame. Thread-safe. */
final class Inputs {
  private final String[] names;
  private final int[] slots;
  private final DataType[] types;
  private final Treatment[] treatments;
  private final InputSchema schema;
  private final Symbols symbols;
  private final int textMax;

  Inputs(PmmlDocument document) throws ModelException {
    List<MiningFields.Input> inputs = document.inputs();
    symbols = document.build().symbols;
    textMax = document.build().textMax;
    names = new String[inputs.size()];
    slots = new int[names.length];
    types = new DataType[names.length];
    treatments = new Treatment[names.length];
    List<InputSchema.Field> fields = new ArrayList<>();
    BitSet needs = document.model().needs();
    for (int i = 0; i < names.length; i++) {
      MiningFields.Input input = inputs.get(i);
      names[i] = input.field().name();
      slots[i] = input.field().slot();
      types[i] = input.field().type();
      treatments[i] = input.treatment();
      fields.add(field(input, needs, document));
    }
    schema = new InputSchema(fields);
  }

  private static InputSchema.Field field(
      MiningFields.Input input, BitSet needs, PmmlDocument document) {
    Treatment treatment = input.treatment();
    InputSchema.Type type =
        switch (input.field().type()) {
          case STRING -> InputSchema.Type.STRING;
          case BOOLEAN -> InputSchema.Type.BOOLEAN;
          case INTEGER -> InputSchema.Type.INTEGER;
          case FLOAT, DOUBLE -> InputSchema.Type.NUMBER;
        };
    boolean required =
        treatment.refusesMissing()
            || (needs.get(input.field().slot()) && Double.isNaN(treatment.missingAs()));
    boolean refuses = treatment.onInvalid() == Treatment.Invalid.REFUSED;
    List<Json> allowed = new ArrayList<>();
    Double min = null;
    Double max = null;
    if (refuses && treatment.ranges().length > 0 && input.field().type().isNumber()) {
      double[] hull = hull(treatment);
      min = Double.isInfinite(hull[0]) ? null : Double.valueOf(hull[0]);
      max = Double.isInfinite(hull[1]) ? null : Double.valueOf(hull[1]);
    } else if (refuses
        && treatment.valid().length > 0
        && input.field().type() != DataType.FLOAT) { // whose 0.1 is another double: see violations
      for (double value : treatment.valid()) {
        allowed.add(json(value, input.field().type(), document.build().symbols));
      }
      for (double value : treatment.absent()) {
        allowed.add(json(value, input.field().type(), document.build().symbols));
      }
    }
    String shown = input.data().get("displayName", "");
    return new InputSchema.Field(input.field().name(), type, required, allowed, min, max, shown);
  }

  /** From the least to the greatest number that is valid, or means a missing one. */
  private static double[] hull(Treatment treatment) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (double[] range : treatment.ranges()) {
      least = Math.min(least, range[0]);
      most = Math.max(most, range[1]);
    }
    for (double[] more : new double[][] {treatment.valid(), treatment.absent()}) {
      for (double value : more) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
    }
    return new double[] {least, most};
  }

  /** A value of a frame as JSON; what is missing or no finite number as null. */
  static Json json(double value, DataType type, Symbols symbols) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return Json.Null.NULL;
    }
    return switch (type) {
      case STRING -> new Json.Str(symbols.text((int) value));
      case BOOLEAN -> Json.Bool.of(value != 0);
      case INTEGER, FLOAT, DOUBLE -> new Json.Num(value);
    };
  }

  InputSchema schema() {
    return schema;
  }

  /** Everything that is wrong with an input; empty where nothing is. */
  List<Violation> violations(Json.Obj input) {
    List<Violation> violations = schema.violations(input);
    if (!violations.isEmpty()) {
      return violations;
    }
    List<Violation> more = new ArrayList<>();
    for (int i = 0; i < names.length; i++) {
      Treatment treatment = treatments[i];
      boolean judged =
          treatment.onInvalid() == Treatment.Invalid.REFUSED
              && (treatment.ranges().length > 0
                  || treatment.invalid().length > 0
                  || types[i] == DataType.FLOAT);
      if (!judged && !(types[i] == DataType.STRING && textMax < Integer.MAX_VALUE)) {
        continue;
      }
      Json value = input.get(names[i]);
      String wrong = judged && isRefused(i, value) ? refusal(value) : tooLong(value);
      if (!wrong.isEmpty()) {
        more.add(new Violation(Violation.pointerTo(names[i]), wrong));
      }
    }
    return more;
  }

  private static String refusal(@Nullable Json value) {
    return Violation.shown(java.util.Objects.requireNonNull(value))
        + " (expected: a value that the field's dictionary calls valid)";
  }

  /** What is wrong with a string that is too long to be searched; empty for any other value. */
  private String tooLong(@Nullable Json value) {
    return value instanceof Json.Str(String text) && text.length() > textMax
        ? "a string of "
            + text.length()
            + " characters (expected: at most "
            + textMax
            + ", as the model looks for words or patterns)"
        : "";
  }

  private boolean isRefused(int field, @Nullable Json value) {
    return switch (value) {
      case Json.Num number -> isRefused(treatments[field], types[field], number.value());
      case Json.Str string ->
          isRefused(treatments[field], types[field], symbols.find(string.value()));
      case null, default -> false;
    };
  }

  private static boolean isRefused(Treatment treatment, DataType type, double number) {
    double value = type.rounded(number);
    for (double absent : treatment.absent()) {
      if (absent == value) {
        return false;
      }
    }
    return treatment.isInvalid(value);
  }

  /** Puts an input into a frame, treated; whether something is missing. */
  boolean fill(Json.Obj input, Frame f) {
    boolean missing = false;
    for (int i = 0; i < names.length; i++) {
      double value = treatments[i].apply(value(input.get(names[i]), types[i], f));
      f.x[slots[i]] = value;
      missing |= Double.isNaN(value);
    }
    return missing;
  }

  private static double value(@Nullable Json value, DataType type, Frame f) {
    return switch (value) {
      case null -> Double.NaN;
      case Json.Num number -> type.rounded(number.value());
      case Json.Bool bool -> bool == Json.Bool.TRUE ? 1 : 0;
      case Json.Str string -> f.symbol(string.value());
      case Json.Null n -> Double.NaN;
      case Json.Obj o -> Double.NaN;
      case Json.Arr a -> Double.NaN;
    };
  }

  /** What is missing of an input, as the reason why it cannot be rated. */
  List<Violation> missing(Frame f) {
    List<Violation> missing = new ArrayList<>();
    for (int i = 0; i < names.length && missing.size() < InputSchema.VIOLATIONS_MAX; i++) {
      if (Double.isNaN(f.x[slots[i]])) {
        missing.add(
            new Violation(
                Violation.pointerTo(names[i]),
                "absent (expected: a value: without it the model predicts nothing here)"));
      }
    }
    return missing;
  }
}
