package io.openclaw.rating;

import io.openclaw.domain.Json;
import io.openclaw.domain.Violation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The first attribute of a characteristic whose condition holds for a value, found without trying
 * one after the other.
 *
 * <p>Immutable.
 */
final class AttributeFinder {
  static final int NONE = -1;

  /** Values that a schema lists; beyond them it says the type alone. */
  private static final int SCHEMA_VALUES_MAX = 1_000;

  /** Values a message lists. */
  private static final int SHOWN_MAX = 20;

  private final Map<String, Integer> strings;
  private final List<String> stringsInOrder;
  private final NumberRanges numbers;
  private final int whenTrue;
  private final int whenFalse;
  private final int missing;
  private final int otherwise;

  private AttributeFinder(Builder builder) {
    strings = new HashMap<>(builder.strings);
    stringsInOrder = List.copyOf(builder.strings.keySet());
    numbers = builder.numbers.build();
    whenTrue = builder.whenTrue;
    whenFalse = builder.whenFalse;
    missing = builder.missing;
    otherwise = builder.otherwise;
  }

  /**
   * The attribute's index, or {@link #NONE}.
   *
   * @param value null where the field is absent
   */
  int find(@Nullable Json value) {
    int found =
        switch (value) {
          case null -> missing;
          case Json.Null n -> missing;
          case Json.Str string -> {
            Integer attribute = strings.get(string.value());
            yield attribute == null ? NONE : attribute;
          }
          case Json.Num number -> numbers.find(number.value());
          case Json.Bool bool -> bool == Json.Bool.TRUE ? whenTrue : whenFalse;
          case Json.Obj o -> NONE;
          case Json.Arr a -> NONE;
        };
    return found == NONE ? otherwise : found;
  }

  /**
   * The field as a schema describes it; ranges with gaps between them are described by their ends.
   */
  InputSchema.Field field(String name) {
    List<Json> values = new ArrayList<>();
    stringsInOrder.forEach(each -> values.add(new Json.Str(each)));
    double low = Double.MAX_VALUE;
    double high = -Double.MAX_VALUE;
    boolean points = true;
    for (NumberRanges.Range range : numbers.merged()) {
      low = Math.min(low, range.low());
      high = Math.max(high, range.high());
      points &= range.isPoint();
      values.add(new Json.Num(range.low()));
    }
    if (whenTrue != NONE) {
      values.add(Json.Bool.TRUE);
    }
    if (whenFalse != NONE) {
      values.add(Json.Bool.FALSE);
    }
    boolean listed = points && otherwise == NONE && values.size() <= SCHEMA_VALUES_MAX;
    boolean onlyNumbers = stringsInOrder.isEmpty() && whenTrue == NONE && whenFalse == NONE;
    boolean bounded = onlyNumbers && !numbers.isEmpty() && otherwise == NONE;
    return new InputSchema.Field(
        name,
        type(onlyNumbers),
        missing == NONE && otherwise == NONE,
        listed ? values : List.of(),
        bounded && low > -Double.MAX_VALUE ? low : null,
        bounded && high < Double.MAX_VALUE ? high : null,
        "");
  }

  private InputSchema.Type type(boolean onlyNumbers) {
    if (otherwise != NONE) {
      return InputSchema.Type.ANY;
    }
    boolean booleans = whenTrue != NONE || whenFalse != NONE;
    if (onlyNumbers && !numbers.isEmpty()) {
      return InputSchema.Type.NUMBER;
    }
    if (numbers.isEmpty() && !booleans) {
      return InputSchema.Type.STRING;
    }
    return numbers.isEmpty() && stringsInOrder.isEmpty()
        ? InputSchema.Type.BOOLEAN
        : InputSchema.Type.SCALAR;
  }

  /** What a value must be, for one that no attribute holds for. */
  String expected(@Nullable Json found) {
    List<String> values = new ArrayList<>();
    for (String string : stringsInOrder) {
      values.add(Violation.shown(new Json.Str(string)));
    }
    List<String> ranges = new ArrayList<>();
    for (NumberRanges.Range range : numbers.merged()) {
      if (range.isPoint()) {
        values.add(new Json.Num(range.low()).text());
      } else {
        ranges.add(range.text());
      }
    }
    if (whenTrue != NONE) {
      values.add("true");
    }
    if (whenFalse != NONE) {
      values.add("false");
    }
    List<String> expected = new ArrayList<>();
    if (values.size() == stringsInOrder.size() && !values.isEmpty() && isOtherType(found)) {
      expected.add("a string, " + oneOf(values));
    } else if (!values.isEmpty()) {
      expected.add(oneOf(values));
    }
    if (!ranges.isEmpty()) {
      expected.add(("a number " + String.join(", or ", ranges)).strip());
    }
    if (missing != NONE) {
      expected.add("absent");
    }
    return String.join(" or ", expected);
  }

  private static boolean isOtherType(@Nullable Json found) {
    return found != null && found != Json.Null.NULL && !(found instanceof Json.Str);
  }

  private static String oneOf(List<String> values) {
    if (values.size() == 1) {
      return values.getFirst();
    }
    return values.size() <= SHOWN_MAX
        ? "one of " + String.join(", ", values)
        : "one of " + String.join(", ", values.subList(0, SHOWN_MAX)) + ", …";
  }

  /** Takes in conditions in the order of the attributes. */
  static final class Builder {
    private final Map<String, Integer> strings = new LinkedHashMap<>();
    private final NumberRanges.Builder numbers = new NumberRanges.Builder();
    private int whenTrue = NONE;
    private int whenFalse = NONE;
    private int missing = NONE;
    private int otherwise = NONE;

    /** Adds a condition; false where earlier ones leave nothing for which it is the first. */
    boolean add(int attribute, Condition condition) {
      if (otherwise != NONE) {
        return false;
      }
      return switch (condition) {
        case Condition.Missing m -> {
          boolean first = missing == NONE;
          missing = first ? attribute : missing;
          yield first;
        }
        case Condition.Otherwise o -> {
          otherwise = attribute;
          yield true;
        }
        case Condition.Range range -> numbers.add(range.low(), range.high(), attribute);
        case Condition.Values values -> {
          boolean any = false;
          for (Json value : values.values()) {
            any |= addValue(attribute, value);
          }
          yield any;
        }
      };
    }

    private boolean addValue(int attribute, Json value) {
      return switch (value) {
        case Json.Str string -> strings.putIfAbsent(string.value(), attribute) == null;
        case Json.Num number -> numbers.add(number.value(), number.value(), attribute);
        case Json.Bool bool -> {
          boolean isTrue = bool == Json.Bool.TRUE;
          boolean first = (isTrue ? whenTrue : whenFalse) == NONE;
          if (first && isTrue) {
            whenTrue = attribute;
          } else if (first) {
            whenFalse = attribute;
          }
          yield first;
        }
        case Json.Obj o -> throw new IllegalArgumentException("not a scalar");
        case Json.Arr a -> throw new IllegalArgumentException("not a scalar");
        case Json.Null n -> throw new IllegalArgumentException("not a scalar");
      };
    }

    AttributeFinder build() {
      return new AttributeFinder(this);
    }
  }
}
