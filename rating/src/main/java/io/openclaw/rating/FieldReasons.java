package io.openclaw.rating;

import io.openclaw.domain.Json;
import io.openclaw.domain.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Which fields lowered a rating, for models that add up what fields contribute: each field once,
 * with the points that the rating would gain without the field's part, most first, ties in the
 * order of the fields. Immutable and thread-safe.
 */
final class FieldReasons {
  /** Reasons one rating can carry. */
  static final int REASONS_MAX = 100;

  /** No reasons at all. */
  static final FieldReasons NONE = new FieldReasons(0, new String[0], new String[0]);

  private final int limit;
  private final String[] codes;
  private final String[] texts;

  private FieldReasons(int limit, String[] codes, String[] texts) {
    this.limit = limit;
    this.codes = codes;
    this.texts = texts;
  }

  /** Whether there is any use in finding parts. */
  boolean areWanted() {
    return limit > 0;
  }

  /**
   * The reasons.
   *
   * @param sum the model's raw sum
   * @param parts what each field, in the order of the schema, adds to it against its baseline
   */
  List<Reason> of(PointsLine line, double sum, double[] parts) {
    int[] top = new int[Math.min(limit, parts.length)];
    double[] lost = new double[top.length];
    int size = 0;
    for (int i = 0; i < parts.length; i++) {
      double loss = parts[i] == 0 ? 0 : line.lost(sum, parts[i]);
      if (!(loss > 0) || (size == top.length && lost[size - 1] >= loss)) {
        continue;
      }
      int place = Math.min(size, top.length - 1);
      size = place + 1 > size ? place + 1 : size;
      while (place > 0 && lost[place - 1] < loss) {
        top[place] = top[place - 1];
        lost[place] = lost[place - 1];
        place--;
      }
      top[place] = i;
      lost[place] = loss;
    }
    List<Reason> reasons = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      Reason reason = new Reason(codes[top[i]], texts[top[i]], line.rounded(lost[i]));
      if (reason.points().unscaled() > 0) {
        reasons.add(reason);
      }
    }
    return reasons;
  }

  /**
   * Reads the member {@code reasons}: {@code {"limit": 4, "texts": {"age": "Age"}}}. A field
   * without a text has its description, or its name. None where the member is absent.
   */
  static FieldReasons read(ModelObject root, InputSchema schema) throws ModelException {
    if (!root.has("reasons")) {
      return NONE;
    }
    ModelObject written = root.object("reasons");
    written.allowOnly(List.of("limit", "texts"));
    int limit = written.integer("limit", 1, REASONS_MAX);
    List<InputSchema.Field> fields = schema.fields();
    String[] codes = new String[fields.size()];
    String[] texts = new String[codes.length];
    Map<String, Json> given = written.has("texts") ? written.object("texts").members() : Map.of();
    int used = 0;
    for (int i = 0; i < codes.length; i++) {
      InputSchema.Field field = fields.get(i);
      codes[i] = field.name();
      texts[i] = field.description().isEmpty() ? field.name() : field.description();
      if (given.containsKey(field.name())) {
        texts[i] = written.object("texts").text(field.name(), ScorecardReader.TEXT_LENGTH_MAX);
        used++;
      }
    }
    if (used < given.size()) {
      for (String name : given.keySet()) {
        if (!List.of(codes).contains(name)) {
          throw new ModelException(
              written.object("texts").at(name), "a text of no input", "one of the inputs");
        }
      }
    }
    return new FieldReasons(limit, codes, texts);
  }
}
