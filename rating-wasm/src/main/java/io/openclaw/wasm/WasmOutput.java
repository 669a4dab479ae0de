package io.openclaw.wasm;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelObject;
import io.openclaw.rating.ModelTrapException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a module's answer: {@code {"rating": 574, "reasons": [{"code": "R01", "text": "…",
 * "points": 31.5}], "outputs": {…}}}, of which only the rating must be there. Numbers keep six
 * digits after the point. Strict: whatever is not as documented is a failure of the module, never a
 * rating.
 */
final class WasmOutput {
  /** Reasons of one answer. */
  static final int REASONS_MAX = 100;

  /** Values of one answer, all levels together. */
  static final int VALUES_MAX = 1_000;

  /** Characters of a reason's code. */
  static final int CODE_LENGTH_MAX = 100;

  /** Characters of a reason's text. */
  static final int TEXT_LENGTH_MAX = 500;

  /** The magnitude of a rating, and the most points of a reason. */
  static final double NUMBER_MAX = 1e12;

  private static final List<String> MEMBERS = List.of("rating", "reasons", "outputs");
  private static final List<String> REASON_MEMBERS = List.of("code", "text", "points");
  private static final Comparator<Reason> MOST_POINTS_FIRST =
      Comparator.comparing(Reason::points).reversed();

  private WasmOutput() {}

  /**
   * The rating of an answer.
   *
   * @param reasonsMax how many reasons to keep, those with most points
   * @throws ModelTrapException naming the first place that is wrong, without its value: an answer
   *     may repeat the input
   */
  static Rating read(byte[] json, int reasonsMax) throws ModelTrapException {
    try {
      ModelObject answer = ModelObject.of(JsonReader.read(json, VALUES_MAX), "");
      require(answer, MEMBERS);
      return new Rating(
          decimal(answer, "rating"), reasons(answer, reasonsMax), null, outputs(answer));
    } catch (JsonSyntaxException e) {
      throw new ModelTrapException(
          "the answer: line %d, column %d: %s (expected: a JSON object)"
              .formatted(e.line(), e.column(), e.detail()));
    } catch (ModelException e) {
      ModelException.Problem problem = e.problems().getFirst();
      throw new ModelTrapException(
          "the answer: %s is wrong (expected: %s)"
              .formatted(
                  problem.place().isEmpty() ? "the whole" : problem.place(), problem.expected()));
    }
  }

  /** Like {@link ModelObject#allowOnly}, without the name of what is not allowed. */
  private static void require(ModelObject object, List<String> names) throws ModelException {
    if (!names.containsAll(object.members().keySet())) {
      throw new ModelException(
          object.pointer(), "an unknown member", "only " + String.join(", ", names));
    }
  }

  private static Json.@Nullable Obj outputs(ModelObject answer) throws ModelException {
    return switch (answer.object().get("outputs")) {
      case null -> null;
      case Json.Obj outputs -> outputs;
      default -> throw answer.wrong("outputs", "an object");
    };
  }

  private static List<Reason> reasons(ModelObject answer, int reasonsMax) throws ModelException {
    if (!answer.has("reasons")
        || (answer.required("reasons") instanceof Json.Arr none && none.elements().isEmpty())) {
      return List.of();
    }
    List<Json> elements = answer.list("reasons", REASONS_MAX);
    List<Reason> reasons = new ArrayList<>(elements.size());
    for (Json each : elements) {
      try {
        reasons.add(reason(ModelObject.of(each, ""), reasons));
      } catch (ModelException e) {
        ModelException.Problem problem = e.problems().getFirst();
        throw new ModelException(
            "/reasons/" + reasons.size() + problem.place(), problem.found(), problem.expected());
      }
    }
    reasons.sort(MOST_POINTS_FIRST);
    return List.copyOf(reasons.subList(0, Math.min(reasonsMax, reasons.size())));
  }

  private static Reason reason(ModelObject object, List<Reason> before) throws ModelException {
    require(object, REASON_MEMBERS);
    Decimal points = decimal(object, "points");
    if (points.unscaled() <= 0) {
      throw object.wrong("points", "> 0");
    }
    String code = object.text("code", CODE_LENGTH_MAX);
    for (Reason each : before) {
      if (each.code().equals(code)) {
        throw object.wrong("code", "each once");
      }
    }
    return new Reason(code, object.text("text", TEXT_LENGTH_MAX), points);
  }

  private static Decimal decimal(ModelObject object, String name) throws ModelException {
    double value = object.number(name);
    if (Math.abs(value) > NUMBER_MAX) {
      throw object.wrong(name, "a number from -1e12 to 1e12");
    }
    return Decimal.rounded(value);
  }
}
