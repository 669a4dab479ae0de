package io.openclaw.rating;

import io.openclaw.domain.Json;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How an input that its {@link InputSchema} takes becomes a vector of doubles: numbers as they are,
 * booleans as 0 and 1, strings as the index among the field's allowed values, and what is absent or
 * null as NaN. Immutable and thread-safe.
 */
public final class Features {
  private final String[] names;
  private final @Nullable Map<String, Integer>[] indexes;

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of maps
  public Features(InputSchema schema) {
    List<InputSchema.Field> fields = schema.fields();
    names = new String[fields.size()];
    indexes = new Map[fields.size()];
    for (int i = 0; i < names.length; i++) {
      InputSchema.Field field = fields.get(i);
      names[i] = field.name();
      Map<String, Integer> index = new HashMap<>();
      for (int value = 0; value < field.allowed().size(); value++) {
        if (field.allowed().get(value) instanceof Json.Str string) {
          index.put(string.value(), value);
        }
      }
      indexes[i] = index.isEmpty() ? null : index;
    }
  }

  /** How many doubles a vector has. */
  public int size() {
    return names.length;
  }

  /** The vector of an input; a new one, which the caller may change. */
  public double[] of(Json.Obj input) {
    double[] vector = new double[names.length];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = value(input.get(names[i]), indexes[i]);
    }
    return vector;
  }

  private static double value(@Nullable Json value, @Nullable Map<String, Integer> index) {
    return switch (value) {
      case null -> Double.NaN;
      case Json.Num number -> number.value();
      case Json.Bool bool -> bool == Json.Bool.TRUE ? 1 : 0;
      case Json.Str string -> {
        Integer found = index == null ? null : index.get(string.value());
        yield found == null ? Double.NaN : found;
      }
      case Json.Null n -> Double.NaN;
      case Json.Obj o -> Double.NaN;
      case Json.Arr a -> Double.NaN;
    };
  }
}
