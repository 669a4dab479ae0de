package io.openclaw.domain;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A strict reader of JSON (RFC 8259, UTF-8 only): one value and nothing after it, no byte order
 * mark, no duplicate names, no lone surrogates, no numbers beyond a double's range, and a limit on
 * depth, count and lengths.
 *
 * <p>Written by hand because it is on every request's path: it costs half of what a streaming
 * library does here, and the rules above had to be added to that library anyway
 * (docs/decisions/0005-json-reader.md). Tests hold it to the library's verdicts.
 *
 * <p>The static method is thread-safe; an instance reads one document. The document's size is the
 * caller's to limit.
 */
public final class JsonReader {
  /** Levels of objects and arrays inside one another. */
  public static final int DEPTH_MAX = 64;

  /** Values in one document, all levels together. */
  public static final int VALUES_MAX = 100_000;

  /** Bytes of one member's name, as written. */
  public static final int NAME_LENGTH_MAX = 1024;

  /** Characters of one number. */
  public static final int NUMBER_LENGTH_MAX = 200;

  /** Integers of so many digits fit a long. */
  private static final int LONG_DIGITS_MAX = 18;

  /** Integers of so many digits are doubles, and so are the powers of ten up to them. */
  private static final int DOUBLE_DIGITS_MAX = 15;

  private static final double[] POWERS_OF_TEN = new double[DOUBLE_DIGITS_MAX + 1];

  static {
    POWERS_OF_TEN[0] = 1;
    for (int i = 1; i < POWERS_OF_TEN.length; i++) {
      POWERS_OF_TEN[i] = 10 * POWERS_OF_TEN[i - 1];
    }
  }

  private final byte[] bytes;
  private final int valuesMax;
  private int at;
  private int depth;
  private int values;

  private JsonReader(byte[] bytes, int valuesMax) {
    this.bytes = bytes;
    this.valuesMax = valuesMax;
  }

  /**
   * Reads the one JSON value the bytes hold.
   *
   * @throws JsonSyntaxException with line and column where they hold anything else
   */
  public static Json read(byte[] bytes) throws JsonSyntaxException {
    return read(bytes, VALUES_MAX);
  }

  /**
   * Reads a document that may hold more values than a request's.
   *
   * @param valuesMax values in the document, all levels together
   * @throws JsonSyntaxException with line and column where the bytes hold anything but one value
   */
  public static Json read(byte[] bytes, int valuesMax) throws JsonSyntaxException {
    JsonReader reader = new JsonReader(bytes, valuesMax);
    reader.requireUtf8();
    reader.skipSpace();
    if (reader.at == bytes.length) {
      throw reader.refuse("the document is empty");
    }
    Json value = reader.value();
    reader.skipSpace();
    if (reader.at < bytes.length) {
      throw reader.refuse("there is text after the JSON value");
    }
    return value;
  }

  /**
   * Says so where the document begins like UTF-16, UTF-32 or with a byte order mark: it would be
   * refused anyway.
   */
  private void requireUtf8() throws JsonSyntaxException {
    for (int i = 0; i < Math.min(4, bytes.length); i++) {
      int b = bytes[i] & 0xff;
      if (b == 0 || b > 0xf4 || (i == 0 && b == 0xef)) {
        at = i;
        throw refuse("the text must be UTF-8 without a byte order mark");
      }
    }
  }

  private Json value() throws JsonSyntaxException {
    if (++values > valuesMax) {
      throw refuse("there are more than " + valuesMax + " values");
    }
    return switch (peek()) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> new Json.Str(string());
      case 't' -> literal("true", Json.Bool.TRUE);
      case 'f' -> literal("false", Json.Bool.FALSE);
      case 'n' -> literal("null", Json.Null.NULL);
      case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
      default -> throw refuse("this is not valid JSON");
    };
  }

  /** The byte to be read next, 0 to 255. */
  private int peek() throws JsonSyntaxException {
    if (at == bytes.length) {
      throw refuse("the document ends too early");
    }
    return bytes[at] & 0xff;
  }

  private void skipSpace() {
    while (at < bytes.length) {
      byte b = bytes[at];
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        return;
      }
      at++;
    }
  }

  private void enter() throws JsonSyntaxException {
    if (++depth > DEPTH_MAX) {
      throw refuse("there are more than " + DEPTH_MAX + " levels");
    }
    at++;
    skipSpace();
  }

  private Json.Obj object() throws JsonSyntaxException {
    enter();
    Map<String, Json> members = new LinkedHashMap<>();
    if (peek() != '}') {
      do {
        skipSpace();
        int start = at;
        if (peek() != '"') {
          throw refuse("a member's name is expected here");
        }
        String name = string();
        if (at - start > NAME_LENGTH_MAX + 2) {
          at = start;
          throw refuse("a name is longer than " + NAME_LENGTH_MAX + " bytes");
        }
        skipSpace();
        if (peek() != ':') {
          throw refuse("a colon is expected here");
        }
        at++;
        skipSpace();
        if (members.put(name, value()) != null) {
          at = start;
          throw refuse("a name appears twice in one object");
        }
      } while (another('}'));
    }
    at++;
    depth--;
    return new Json.Obj(members);
  }

  private Json.Arr array() throws JsonSyntaxException {
    enter();
    List<Json> elements = new ArrayList<>();
    if (peek() != ']') {
      do {
        skipSpace();
        elements.add(value());
      } while (another(']'));
    }
    at++;
    depth--;
    return new Json.Arr(elements);
  }

  /** Whether a comma comes next, which is read; otherwise the end must, which is not. */
  private boolean another(char end) throws JsonSyntaxException {
    skipSpace();
    int next = peek();
    if (next == ',') {
      at++;
      return true;
    }
    if (next != end) {
      throw refuse(
          "a comma or the end of the " + (end == '}' ? "object" : "array") + " is expected here");
    }
    return false;
  }

  private Json literal(String word, Json value) throws JsonSyntaxException {
    int start = at;
    for (int i = 0; i < word.length(); i++) {
      if (peek() != word.charAt(i)) {
        at = start;
        throw refuse("this is not valid JSON");
      }
      at++;
    }
    return value;
  }

  /** {@code [minus] int [frac] [exp]}. */
  private Json.Num number() throws JsonSyntaxException {
    int start = at;
    boolean negative = bytes[at] == '-';
    if (negative) {
      at++;
    }
    int first = at;
    digits();
    if (bytes[first] == '0' && at - first > 1) {
      at = first;
      throw refuse("a number starts with a needless zero");
    }
    int point = at;
    boolean hasFraction = at < bytes.length && bytes[at] == '.';
    if (hasFraction) {
      at++;
      digits();
    }
    boolean hasExponent = at < bytes.length && (bytes[at] | 0x20) == 'e';
    if (hasExponent) {
      at++;
      if (at < bytes.length && (bytes[at] == '+' || bytes[at] == '-')) {
        at++;
      }
      digits();
    }
    if (at - start > NUMBER_LENGTH_MAX) {
      at = start;
      throw refuse("a number is longer than " + NUMBER_LENGTH_MAX + " characters");
    }
    // A long becomes the nearest double, as parsing its digits would; only -0 needs the longer way.
    boolean whole = !hasFraction && !hasExponent;
    if (whole && at - first <= LONG_DIGITS_MAX && !(negative && bytes[first] == '0')) {
      long value = integer(first, at, 0);
      return new Json.Num(negative ? -value : value);
    }
    // The quotient of two exact doubles is the double nearest to the number (Clinger, 1990).
    if (hasFraction && !hasExponent && at - first <= DOUBLE_DIGITS_MAX) {
      double value =
          integer(point + 1, at, integer(first, point, 0)) / POWERS_OF_TEN[at - point - 1];
      return new Json.Num(negative ? -value : value);
    }
    double value =
        Double.parseDouble(new String(bytes, start, at - start, StandardCharsets.ISO_8859_1));
    if (!Double.isFinite(value)) {
      at = start;
      throw refuse("a number is beyond the range of a double");
    }
    return new Json.Num(value);
  }

  /** The number that the digits make, after those that {@code value} stands for. */
  private long integer(int from, int to, long value) {
    for (int i = from; i < to; i++) {
      value = value * 10 + (bytes[i] - '0');
    }
    return value;
  }

  private void digits() throws JsonSyntaxException {
    int start = at;
    while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9') {
      at++;
    }
    if (at == start) {
      throw refuse("a digit is expected here");
    }
  }

  /** A string, from its opening to its closing quote. */
  private String string() throws JsonSyntaxException {
    int start = ++at;
    while (at < bytes.length) {
      byte b = bytes[at];
      if (b == '"') {
        return new String(bytes, start, at++ - start, StandardCharsets.ISO_8859_1);
      }
      if (b == '\\' || b < ' ') { // escapes, control characters, and bytes of more than ASCII
        return longString(start);
      }
      at++;
    }
    throw refuse("a string does not end");
  }

  private String longString(int start) throws JsonSyntaxException {
    StringBuilder text = new StringBuilder(2 * (at - start) + 16);
    text.append(new String(bytes, start, at - start, StandardCharsets.ISO_8859_1));
    for (int b = peek(); b != '"'; b = peek()) {
      if (b < ' ') {
        throw refuse("a string holds a control character");
      }
      if (b == '\\') {
        escape(text);
      } else if (b < 0x80) {
        text.append((char) b);
        at++;
      } else {
        text.appendCodePoint(codePoint(b));
      }
    }
    at++;
    return text.toString();
  }

  private void escape(StringBuilder text) throws JsonSyntaxException {
    int start = at++;
    int letter = peek();
    at++;
    switch (letter) {
      case '"', '\\', '/' -> text.append((char) letter);
      case 'b' -> text.append('\b');
      case 'f' -> text.append('\f');
      case 'n' -> text.append('\n');
      case 'r' -> text.append('\r');
      case 't' -> text.append('\t');
      case 'u' -> {
        char unit = hex4();
        text.append(unit);
        if (Character.isSurrogate(unit)) {
          boolean pair =
              Character.isHighSurrogate(unit)
                  && at + 1 < bytes.length
                  && bytes[at] == '\\'
                  && bytes[at + 1] == 'u';
          at += pair ? 2 : 0;
          char low = pair ? hex4() : 0;
          if (!Character.isLowSurrogate(low)) {
            at = start;
            throw refuse("a string holds half of a surrogate pair");
          }
          text.append(low);
        }
      }
      default -> {
        at = start;
        throw refuse("a string holds an unknown escape");
      }
    }
  }

  private char hex4() throws JsonSyntaxException {
    int unit = 0;
    for (int i = 0; i < 4; i++) {
      int b = peek();
      int digit = b < 0x80 ? Character.digit(b, 16) : -1;
      if (digit < 0) {
        throw refuse("an escape needs four hexadecimal digits");
      }
      unit = unit << 4 | digit;
      at++;
    }
    return (char) unit;
  }

  /** A character of two to four bytes, in its shortest form (RFC 3629). */
  private int codePoint(int first) throws JsonSyntaxException {
    int start = at;
    int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    int point = first & (0x7f >> length);
    at++;
    for (int i = 1; i < length; i++) {
      int next = at < bytes.length ? bytes[at] & 0xff : 0;
      if ((next & 0xc0) != 0x80) {
        at = start;
        throw refuse("this is not valid UTF-8");
      }
      point = point << 6 | (next & 0x3f);
      at++;
    }
    int least = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80;
    if (first < 0xc2
        || first > 0xf4
        || point < least
        || point > 0x10ffff
        || (point >= 0xd800 && point <= 0xdfff)) {
      at = start;
      throw refuse("this is not valid UTF-8");
    }
    return point;
  }

  /** A refusal at the byte to be read next. */
  private JsonSyntaxException refuse(String detail) {
    int line = 1;
    int lineStart = 0;
    for (int i = 0; i < at; i++) {
      if (bytes[i] == '\n') {
        line++;
        lineStart = i + 1;
      }
    }
    return new JsonSyntaxException(detail, line, at - lineStart + 1);
  }
}
