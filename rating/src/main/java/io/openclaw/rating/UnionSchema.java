package io.openclaw.rating;

import io.openclaw.domain.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a chain takes: every field that a stage takes and no earlier one passes, as narrow as all
 * stages together have it; one use.
 */
final class UnionSchema {
  private final String place;
  private final List<ChainReader.Stage> stages;
  private final Map<String, InputSchema.Field> fields = new LinkedHashMap<>();

  /**
   * @param place of the stages, for messages
   */
  UnionSchema(String place, List<ChainReader.Stage> stages) {
    this.place = place;
    this.stages = stages;
  }

  InputSchema schema() throws ModelException {
    for (int i = 0; i < stages.size(); i++) {
      ChainReader.Stage stage = stages.get(i);
      for (InputSchema.Field field : stage.model().schema().fields()) {
        if (!stage.takes().contains(field.name())) {
          add(field, place + "/" + i + "/model");
        }
      }
      if (!stage.passes().isEmpty() && fields.containsKey(stage.passes())) {
        throw new ModelException(
            place + "/" + i + "/pass/score",
            "\"" + stage.passes() + "\"",
            "no field that the input has");
      }
    }
    if (fields.size() > InputSchema.FIELDS_MAX) {
      throw new ModelException(
          place, fields.size() + " fields", "at most " + InputSchema.FIELDS_MAX);
    }
    return new InputSchema(List.copyOf(fields.values()));
  }

  private void add(InputSchema.Field field, String at) throws ModelException {
    InputSchema.Field known = fields.get(field.name());
    if (known == null) {
      fields.put(field.name(), field);
      return;
    }
    InputSchema.Field both = both(known, field);
    if (both == null) {
      throw new ModelException(
          at,
          "the field " + field.name() + " as " + field.expected(),
          "as earlier stages have it, " + known.expected());
    }
    fields.put(field.name(), both);
  }

  /** What both take; null where that is nothing. */
  private static InputSchema.@Nullable Field both(InputSchema.Field a, InputSchema.Field b) {
    InputSchema.Type type = narrower(a.type(), b.type());
    if (type == null) {
      return null;
    }
    Double min = a.min() == null || (b.min() != null && b.min() > a.min()) ? b.min() : a.min();
    Double max = a.max() == null || (b.max() != null && b.max() < a.max()) ? b.max() : a.max();
    boolean isNumber = type == InputSchema.Type.NUMBER || type == InputSchema.Type.INTEGER;
    if (isNumber && min != null && max != null && min > max) {
      return null;
    }
    List<Json> allowed = a.allowed().isEmpty() ? b.allowed() : a.allowed();
    if (!allowed.isEmpty()) {
      allowed = new ArrayList<>(allowed);
      allowed.removeIf(value -> !a.takes(value) || !b.takes(value));
      if (allowed.isEmpty()) {
        return null;
      }
    }
    return new InputSchema.Field(
        a.name(),
        type,
        a.required() || b.required(),
        allowed,
        min,
        max,
        a.description().isEmpty() ? b.description() : a.description());
  }

  private static InputSchema.@Nullable Type narrower(InputSchema.Type a, InputSchema.Type b) {
    if (a == b || isWithin(a, b)) {
      return a;
    }
    return isWithin(b, a) ? b : null;
  }

  /** Whether every value of a type is one of another, which is wider. */
  private static boolean isWithin(InputSchema.Type type, InputSchema.Type wider) {
    return switch (wider) {
      case ANY -> true;
      case SCALAR -> type != InputSchema.Type.ANY;
      case NUMBER -> type == InputSchema.Type.INTEGER;
      case INTEGER, STRING, BOOLEAN -> false;
    };
  }
}
