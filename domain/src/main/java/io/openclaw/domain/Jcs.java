package io.openclaw.domain;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * The JSON Canonicalization Scheme: the one form in which equal JSON values are equal bytes.
 * Members are in order of their names' UTF-16 units, strings escape only what they must, numbers
 * are written as ECMAScript writes them. Stateless and thread-safe.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8785">RFC 8785</a>
 */
public final class Jcs {
  private static final String HEX = "0123456789abcdef";

  /** Integers below this have their digits as their text, in both notations. */
  private static final double PLAIN_BELOW = 1e15;

  /** Where ECMAScript turns to exponents: numbers of more digits than this before the point. */
  private static final int POINT_MAX = 21;

  /** And of more than this many zeros behind it, with the one before it. */
  private static final int POINT_MIN = -6;

  private final StringBuilder out = new StringBuilder(1024);
  private final String minusZero;

  private Jcs(String minusZero) {
    this.minusZero = minusZero;
  }

  /**
   * The value's bytes.
   *
   * @throws IllegalArgumentException for half of a surrogate pair, which no JSON text holds
   */
  public static byte[] write(Json value) {
    return new Jcs("0").bytes(value);
  }

  /**
   * The same, but for minus zero, which is {@code -0} here and {@code 0} in the RFC: a model may
   * tell the two apart, so they are two inputs.
   *
   * @throws IllegalArgumentException likewise
   */
  public static byte[] exact(Json value) {
    return new Jcs("-0").bytes(value);
  }

  private byte[] bytes(Json value) {
    add(value);
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void add(Json value) {
    switch (value) {
      case Json.Obj object -> {
        char before = '{';
        String[] names = object.members().keySet().toArray(new String[0]);
        Arrays.sort(names); // by UTF-16 code units, as the RFC asks
        for (String name : names) {
          out.append(before);
          string(name);
          out.append(':');
          add(Objects.requireNonNull(object.get(name)));
          before = ',';
        }
        out.append(before == '{' ? "{}" : "}");
      }
      case Json.Arr array -> {
        char before = '[';
        for (Json element : array.elements()) {
          out.append(before);
          add(element);
          before = ',';
        }
        out.append(before == '[' ? "[]" : "]");
      }
      case Json.Str string -> string(string.value());
      case Json.Num number -> number(number.value());
      case Json.Bool bool -> out.append(bool == Json.Bool.TRUE);
      case Json.Null none -> out.append("null");
    }
  }

  private void number(double value) {
    if (value == 0) {
      out.append(1 / value < 0 ? minusZero : "0");
      return;
    }
    if (value == Math.rint(value) && Math.abs(value) < PLAIN_BELOW) {
      out.append((long) value);
      return;
    }
    if (value < 0) {
      out.append('-');
    }
    decimal(Double.toString(Math.abs(value)));
  }

  /**
   * Turns Java's shortest text of a double into ECMAScript's ({@code Number::toString}): the same
   * digits, but for the few numbers that Java gives two where one would do.
   */
  private void decimal(String java) {
    int e = java.indexOf('E');
    String mantissa = e < 0 ? java : java.substring(0, e);
    int dot = mantissa.indexOf('.');
    StringBuilder digits = new StringBuilder(mantissa).deleteCharAt(dot);
    int point = dot + (e < 0 ? 0 : Integer.parseInt(java.substring(e + 1)));
    while (digits.charAt(0) == '0') {
      digits.deleteCharAt(0);
      point--;
    }
    while (digits.length() > 1 && digits.charAt(digits.length() - 1) == '0') {
      digits.setLength(digits.length() - 1);
    }
    if (digits.length() == 2) {
      shorten(digits, point, Double.parseDouble(java));
    }
    place(digits, point);
  }

  /** One digit in place of two, where that names the same double. */
  private static void shorten(StringBuilder digits, int point, double value) {
    int up = digits.charAt(1) >= '5' ? 1 : 0;
    int digit = digits.charAt(0) - '0' + up;
    if (digit <= 9 && Double.parseDouble(digit + "E" + (point - 1)) == value) {
      digits.setLength(0);
      digits.append(digit);
    }
  }

  /** Writes {@code 0.digits × 10^point}. */
  private void place(StringBuilder digits, int point) {
    int count = digits.length();
    if (point > POINT_MAX || point <= POINT_MIN) {
      out.append(digits.charAt(0));
      if (count > 1) {
        out.append('.').append(digits, 1, count);
      }
      out.append('e').append(point > 0 ? "+" : "").append(point - 1);
    } else if (point <= 0) {
      out.append("0.").repeat('0', -point).append(digits);
    } else if (count <= point) {
      out.append(digits).repeat('0', point - count);
    } else {
      out.append(digits, 0, point).append('.').append(digits, point, count);
    }
  }

  private void string(String text) {
    out.append('"');
    int plain = 0; // from here on nothing needs an escape
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\' || c < ' ') {
        out.append(text, plain, i);
        escape(c);
        plain = i + 1;
      } else if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          throw new IllegalArgumentException("half of a surrogate pair");
        }
        i++;
      }
    }
    out.append(text, plain, text.length()).append('"');
  }

  private void escape(char c) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\b' -> out.append("\\b");
      case '\f' -> out.append("\\f");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> out.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
    }
  }
}
