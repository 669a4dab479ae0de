package io.openclaw.cel;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import io.openclaw.domain.Violation;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.DocumentModel;
import io.openclaw.rating.InputSchema;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.ModelTrapException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A model of kind {@code expression}: the rating, its reasons and other outputs are expressions of
 * CEL (cel.dev) over the input's fields, checked and bounded when it is loaded.
 *
 * <p>An optional field that is absent is null. An expression that fails, as a division of whole
 * numbers by 0 does, fails the rating with {@link ModelTrapException}. Immutable and thread-safe;
 * rates where it is called, in at most about a millisecond ({@link Compiler#STEPS_MAX}).
 */
public final class ExpressionModel extends DocumentModel {
  /** UTF-16 units of a string of an input, where the field names no values. */
  public static final int STRING_LENGTH_MAX = 1_000;

  /** Magnitude of a whole number of an input: 2^53, up to which JSON's doubles are exact. */
  private static final double INTEGER_MAX = 9_007_199_254_740_992.0;

  /** Magnitude of a reason's points. */
  private static final double POINTS_MAX = 1e9;

  private final ExpressionReader.Parts parts;

  private ExpressionModel(ModelSource source, ExpressionReader.Parts parts) {
    super(source, CelKind.NAME, parts.schema());
    this.parts = parts;
  }

  /**
   * Loads a document of kind {@code expression}.
   *
   * @throws ModelException listing everything that is wrong with its expressions, each with its
   *     line and column
   */
  public static ExpressionModel load(ModelSource source) throws ModelException {
    return new ExpressionModel(source, ExpressionReader.read(source.bytes())).withoutSurprise();
  }

  /** Refuses expressions that can be rated, but not where an optional field is absent. */
  private ExpressionModel withoutSurprise() throws ModelException {
    Map<String, Json> example = parts.schema().example().members();
    if (trap(example) != null) {
      return this; // the example's values are made up: samples say more
    }
    List<ModelException.Problem> problems = new ArrayList<>();
    for (InputSchema.Field field : parts.schema().fields()) {
      if (!field.required()) {
        Map<String, Json> without = new HashMap<>(example);
        without.remove(field.name());
        String trap = trap(without);
        if (trap != null) {
          problems.add(
              new ModelException.Problem(
                  "/inputs" + Violation.pointerTo(field.name()),
                  "optional, but without it: " + trap,
                  "a required field, or " + field.name() + " == null ? … : …"));
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new ModelException(problems);
    }
    return this;
  }

  /** What goes wrong with an input; null for nothing. */
  private @org.jspecify.annotations.Nullable String trap(Map<String, Json> input) {
    try {
      var _ = rating(variables(new Json.Obj(input)));
      return null;
    } catch (ModelTrapException e) {
      return e.getMessage();
    }
  }

  @Override
  protected List<Violation> violations(Json.Obj input) {
    List<Violation> violations = super.violations(input);
    return violations.isEmpty() ? tooLarge(input) : violations;
  }

  @Override
  protected Checked ready(Json.Obj input) {
    return new Input(variables(input));
  }

  /** What the schema takes and expressions do not. */
  private List<Violation> tooLarge(Json.Obj input) {
    List<Violation> violations = new ArrayList<>();
    for (InputSchema.Field field : parts.schema().fields()) {
      String found =
          switch (input.get(field.name())) {
            case Json.Str(String text) when text.length() > STRING_LENGTH_MAX ->
                text.length() + " characters (expected: at most " + STRING_LENGTH_MAX + ")";
            case Json.Num(double value)
                when field.type() == InputSchema.Type.INTEGER && Math.abs(value) > INTEGER_MAX ->
                new Json.Num(value).text() + " (expected: a whole number of up to 2^53)";
            case null, default -> null;
          };
      if (found != null) {
        violations.add(new Violation(Violation.pointerTo(field.name()), found));
      }
    }
    return violations;
  }

  private Map<String, Object> variables(Json.Obj input) {
    List<InputSchema.Field> fields = parts.schema().fields();
    Map<String, Object> variables = HashMap.newHashMap(fields.size() + parts.derived().size());
    for (InputSchema.Field field : fields) {
      variables.put(field.name(), Values.of(input.get(field.name()), field.type()));
    }
    return variables;
  }

  /** An input as variables, to which the derived ones are added. */
  private final class Input implements Checked.Ready {
    private final Map<String, Object> variables;

    Input(Map<String, Object> variables) {
      this.variables = variables;
    }

    @Override
    public CompletionStage<Rating> rate(Attempt attempt) {
      try {
        return CompletableFuture.completedFuture(rating(new HashMap<>(variables)));
      } catch (ModelTrapException e) {
        return CompletableFuture.failedFuture(e);
      }
    }
  }

  private Rating rating(Map<String, Object> variables) throws ModelTrapException {
    for (Map.Entry<String, Expression> each : parts.derived().entrySet()) {
      variables.put(each.getKey(), each.getValue().value(variables));
    }
    Decimal value = parts.scale().rate(parts.rating().number(variables));
    return new Rating(value, reasons(variables), null, outputs(variables));
  }

  /** Each code once, at its most points; ties in the order of the rules. */
  private List<Reason> reasons(Map<String, Object> variables) throws ModelTrapException {
    Map<String, Reason> byCode = new LinkedHashMap<>();
    for (ExpressionReader.Rule rule : parts.rules()) {
      if (rule.when().holds(variables)) {
        double number = rule.points().number(variables);
        if (Math.abs(number) > POINTS_MAX) {
          throw rule.points().trap("points beyond 1e9 (expected: fewer)");
        }
        Decimal points = Decimal.rounded(number);
        Reason known = byCode.get(rule.code());
        if (points.unscaled() > 0 && (known == null || known.points().compareTo(points) < 0)) {
          byCode.put(rule.code(), new Reason(rule.code(), rule.text(), points));
        }
      }
    }
    return byCode.values().stream()
        .sorted(Comparator.comparing(Reason::points).reversed())
        .limit(parts.reasonsMax())
        .toList();
  }

  private Json.@org.jspecify.annotations.Nullable Obj outputs(Map<String, Object> variables)
      throws ModelTrapException {
    if (parts.outputs().isEmpty()) {
      return null;
    }
    Map<String, Json> outputs = new LinkedHashMap<>();
    for (Map.Entry<String, Expression> each : parts.outputs().entrySet()) {
      Object value = each.getValue().value(variables);
      if (value instanceof Double number && (number.isNaN() || number.isInfinite())) {
        throw each.getValue().trap("no finite number (expected: one)");
      }
      outputs.put(each.getKey(), Values.json(value));
    }
    return new Json.Obj(outputs);
  }
}
