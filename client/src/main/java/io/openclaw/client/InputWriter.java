package io.openclaw.client;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Violation;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes plain Java values as JSON. Stateless. */
final class InputWriter {
  /** As deep as a region reads. */
  static final int DEPTH_MAX = 64;

  private InputWriter() {}

  static byte[] write(Map<String, ?> members) {
    return JsonWriter.write(out -> object(out, members, "", 1));
  }

  private static void value(JsonWriter out, @Nullable Object value, String at, int depth) {
    switch (value) {
      case null -> out.value(Json.Null.NULL);
      case String text -> out.value(text);
      case Boolean truth -> out.value(Json.Bool.of(truth));
      case Byte number -> out.value((long) number);
      case Short number -> out.value((long) number);
      case Integer number -> out.value((long) number);
      case Long number -> out.value((long) number);
      case BigInteger number -> decimal(out, new BigDecimal(number));
      case BigDecimal number -> decimal(out, number);
      case Float number -> decimal(out, finite(Float.toString(number), at));
      case Double number -> decimal(out, finite(Double.toString(number), at));
      case Map<?, ?> members -> object(out, members, at, depth + 1);
      case Iterable<?> elements -> array(out, elements, at, depth + 1);
      default ->
          throw refused(
              at,
              value.getClass().getName(),
              "null, a String, Boolean, Number, Map or Iterable of such");
    }
  }

  private static void object(JsonWriter out, Map<?, ?> members, String at, int depth) {
    checkDepth(at, depth);
    out.startObject();
    for (Map.Entry<?, ?> member : members.entrySet()) {
      if (!(member.getKey() instanceof String name)) {
        throw refused(at, "a name that is no String", "String");
      }
      out.name(name);
      value(out, member.getValue(), at + Violation.pointerTo(name), depth);
    }
    out.endObject();
  }

  private static void array(JsonWriter out, Iterable<?> elements, String at, int depth) {
    checkDepth(at, depth);
    out.startArray();
    int index = 0;
    for (Object element : elements) {
      value(out, element, at + "/" + index++, depth);
    }
    out.endArray();
  }

  /** Exactly where a decimal of 18 digits holds it, else as the nearest double. */
  private static void decimal(JsonWriter out, BigDecimal number) {
    BigDecimal plain = number.stripTrailingZeros();
    if (plain.scale() <= Decimal.SCALE_MAX && plain.precision() + Math.abs(plain.scale()) <= 18) {
      out.value(Decimal.of(plain.toPlainString()));
    } else {
      out.value(number.doubleValue());
    }
  }

  private static BigDecimal finite(String text, String at) {
    if (text.endsWith("y") || text.equals("NaN")) {
      throw refused(at, text, "a finite number");
    }
    return new BigDecimal(text);
  }

  private static void checkDepth(String at, int depth) {
    if (depth > DEPTH_MAX) {
      throw refused(at, "more", "<= " + DEPTH_MAX + " levels");
    }
  }

  private static IllegalArgumentException refused(String at, String found, String expected) {
    String place = at.isEmpty() ? "input" : "input" + at;
    return new IllegalArgumentException(place + ": " + found + " (expected: " + expected + ")");
  }
}
