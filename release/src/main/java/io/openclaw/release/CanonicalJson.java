package io.openclaw.release;

import io.openclaw.domain.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * The one form in which equal JSON values are equal bytes: RFC 8785 for objects, arrays, strings,
 * booleans and integers of at most 2^53 - 1; nothing else is accepted, so no number has two
 * spellings. Stateless and thread-safe.
 */
public final class CanonicalJson {
  /** The largest magnitude of an integer. */
  public static final long INTEGER_MAX = (1L << 53) - 1;

  private static final String HEX = "0123456789abcdef";

  private CanonicalJson() {}

  /**
   * The value's bytes.
   *
   * @throws IllegalArgumentException for null, fractions, larger numbers and lone surrogates
   */
  public static byte[] write(Json value) {
    StringBuilder out = new StringBuilder(1024);
    write(out, value);
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Whether the bytes are the canonical form of the value that was read from them. */
  public static boolean isFormOf(Json value, byte[] bytes) {
    try {
      return Arrays.equals(write(value), bytes);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static void write(StringBuilder out, Json value) {
    switch (value) {
      case Json.Obj object -> {
        char before = '{';
        // String orders by UTF-16 code units, as the RFC asks.
        for (Map.Entry<String, Json> member : new TreeMap<>(object.members()).entrySet()) {
          out.append(before);
          string(out, member.getKey());
          out.append(':');
          write(out, member.getValue());
          before = ',';
        }
        out.append(before == '{' ? "{}" : "}");
      }
      case Json.Arr array -> {
        char before = '[';
        for (Json element : array.elements()) {
          out.append(before);
          write(out, element);
          before = ',';
        }
        out.append(before == '[' ? "[]" : "]");
      }
      case Json.Str string -> string(out, string.value());
      case Json.Num number -> out.append(integer(number.value()));
      case Json.Bool bool -> out.append(bool == Json.Bool.TRUE);
      case Json.Null none -> throw new IllegalArgumentException("null (expected: no such member)");
    }
  }

  private static long integer(double value) {
    if (value != Math.rint(value) || Math.abs(value) > INTEGER_MAX) {
      throw new IllegalArgumentException(
          value + " (expected: an integer of at most " + INTEGER_MAX + ")");
    }
    return (long) value;
  }

  private static void string(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ') {
            out.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
          } else if (Character.isSurrogate(c)) {
            boolean pair =
                Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (!pair) {
              throw new IllegalArgumentException("half of a surrogate pair");
            }
            out.append(c).append(text.charAt(++i));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
