package io.openclaw.rating;

import io.openclaw.domain.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads an {@link InputSchema} as models write it: {@code {"age": {"type": "integer", "min": 18,
 * "max": 120, "required": false, "description": "…"}, "purpose": {"type": "string", "values":
 * ["car", "tv"]}}}. A field is required unless it says otherwise.
 */
public final class InputFields {
  private InputFields() {}

  /**
   * The schema that an object's member describes.
   *
   * @throws ModelException naming the first place that is wrong
   */
  public static InputSchema read(ModelObject owner, String name) throws ModelException {
    ModelObject written = owner.object(name);
    if (written.members().isEmpty() || written.members().size() > InputSchema.FIELDS_MAX) {
      throw new ModelException(
          owner.at(name), written.members().size() + " fields", "1 to " + InputSchema.FIELDS_MAX);
    }
    List<InputSchema.Field> fields = new ArrayList<>();
    for (Map.Entry<String, Json> each : written.members().entrySet()) {
      if (each.getKey().isEmpty() || each.getKey().length() > ScorecardReader.NAME_LENGTH_MAX) {
        throw new ModelException(
            written.at(each.getKey()),
            each.getKey().length() + " characters",
            "a name of 1 to " + ScorecardReader.NAME_LENGTH_MAX);
      }
      fields.add(field(each.getKey(), ModelObject.of(each.getValue(), written.at(each.getKey()))));
    }
    return new InputSchema(fields);
  }

  private static InputSchema.Field field(String name, ModelObject written) throws ModelException {
    written.allowOnly(List.of("type", "values", "min", "max", "required", "description"));
    InputSchema.Type type =
        switch (written.text("type", 20)) {
          case "number" -> InputSchema.Type.NUMBER;
          case "integer" -> InputSchema.Type.INTEGER;
          case "string" -> InputSchema.Type.STRING;
          case "boolean" -> InputSchema.Type.BOOLEAN;
          case "scalar" -> InputSchema.Type.SCALAR;
          case "any" -> InputSchema.Type.ANY;
          default -> throw written.wrong("type", "number, integer, string, boolean, scalar or any");
        };
    Double min = number(written, type, "min");
    Double max = number(written, type, "max");
    if (min != null && max != null && min > max) {
      throw written.wrong("max", ">= min, " + new Json.Num(min).text());
    }
    boolean required = true;
    if (written.has("required")) {
      if (!(written.required("required") instanceof Json.Bool bool)) {
        throw written.wrong("required", "true or false");
      }
      required = bool == Json.Bool.TRUE;
    }
    String description =
        written.has("description")
            ? written.text("description", ScorecardReader.TEXT_LENGTH_MAX)
            : "";
    return new InputSchema.Field(
        name, type, required, values(written, type), min, max, description);
  }

  private static @Nullable Double number(ModelObject written, InputSchema.Type type, String name)
      throws ModelException {
    if (!written.has(name)) {
      return null;
    }
    if (type != InputSchema.Type.NUMBER && type != InputSchema.Type.INTEGER) {
      throw written.wrong(name, "no bound, since the type is not a number");
    }
    return written.number(name);
  }

  private static List<Json> values(ModelObject written, InputSchema.Type type)
      throws ModelException {
    if (!written.has("values")) {
      return List.of();
    }
    List<Json> values = written.list("values", Condition.VALUES_MAX);
    Set<Json> seen = new HashSet<>();
    for (int i = 0; i < values.size(); i++) {
      boolean scalar = InputSchema.Type.SCALAR.holds(values.get(i));
      if (!scalar || !type.holds(values.get(i)) || !seen.add(values.get(i))) {
        throw new ModelException(
            written.at("values") + "/" + i,
            io.openclaw.domain.Violation.shown(values.get(i)),
            "a value of the field's type, each once");
      }
    }
    return values;
  }
}
