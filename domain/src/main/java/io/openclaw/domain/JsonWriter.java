package io.openclaw.domain;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * A writer of JSON (RFC 8259) as UTF-8 bytes, without spaces. Commas are its own business; that
 * every object's member has a name and every start an end is the caller's. For one document and one
 * thread; the static methods are thread-safe.
 *
 * <p>Written by hand for the reader's reason: it is on every request's path
 * (docs/decisions/0005-json-reader.md).
 */
public final class JsonWriter {
  private static final int BYTES_AT_FIRST = 512;
  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.ISO_8859_1);
  private static final long[] POWERS_OF_TEN = new long[Decimal.SCALE_MAX + 1];

  /** The characters that are written as they are, each in one byte. */
  private static final boolean[] PLAIN = new boolean[128];

  static {
    Arrays.fill(PLAIN, ' ', PLAIN.length, true);
    PLAIN['"'] = false;
    PLAIN['\\'] = false;
    POWERS_OF_TEN[0] = 1;
    for (int i = 1; i < POWERS_OF_TEN.length; i++) {
      POWERS_OF_TEN[i] = 10 * POWERS_OF_TEN[i - 1];
    }
  }

  private byte[] bytes = new byte[BYTES_AT_FIRST];
  private int at;

  private JsonWriter() {}

  /** The bytes of the document that {@code document} writes. */
  public static byte[] write(Consumer<JsonWriter> document) {
    JsonWriter writer = new JsonWriter();
    document.accept(writer);
    return Arrays.copyOf(writer.bytes, writer.at);
  }

  /** The value as bytes. */
  public static byte[] write(Json value) {
    return write(writer -> writer.value(value));
  }

  /** A member's name with its quotes and colon, for {@link #name(byte[])}. */
  public static byte[] encodedName(String name) {
    return write(writer -> writer.name(name));
  }

  /** Begins an object, as an element, the whole, or after a name. */
  public void startObject() {
    begin('{');
  }

  /** Begins an object as a member. */
  public void startObject(String name) {
    name(name);
    begin('{');
  }

  /** Ends the object. */
  public void endObject() {
    end('}');
  }

  /** Begins an array, as an element, the whole, or after a name. */
  public void startArray() {
    begin('[');
  }

  /** Begins an array as a member. */
  public void startArray(String name) {
    name(name);
    begin('[');
  }

  /** Ends the array. */
  public void endArray() {
    end(']');
  }

  private void begin(char bracket) {
    comma();
    put(bracket);
  }

  private void end(char bracket) {
    reserve(1);
    put(bracket);
  }

  /** The name of the member whose value comes next. */
  public void name(String name) {
    comma();
    string(name);
    reserve(1);
    put(':');
  }

  /** The name of the member whose value comes next, as {@link #encodedName} gives it. */
  public void name(byte[] encoded) {
    comma();
    reserve(encoded.length);
    System.arraycopy(encoded, 0, bytes, at, encoded.length);
    at += encoded.length;
  }

  /** A member that is a string. */
  public void field(String name, String value) {
    name(name);
    string(value);
  }

  /** A member that is a whole number. */
  public void field(String name, long value) {
    name(name);
    value(value);
  }

  /** A member that is a number. */
  public void field(String name, double value) {
    name(name);
    value(value);
  }

  /** A member that is a decimal number. */
  public void field(String name, Decimal value) {
    name(name);
    value(value);
  }

  /** A member that is true or false. */
  public void field(String name, boolean value) {
    name(name);
    value(Json.Bool.of(value));
  }

  /** A member of any value. */
  public void field(String name, Json value) {
    name(name);
    value(value);
  }

  /** A string. */
  public void value(String value) {
    comma();
    string(value);
  }

  /** A whole number. */
  public void value(long value) {
    comma();
    digits(value);
  }

  /** A number as {@link Double#toString} has it; {@code null} where it is not finite. */
  public void value(double value) {
    comma();
    ascii(Double.isFinite(value) ? Double.toString(value) : "null");
  }

  /** A decimal number, all its digits and no exponent. */
  public void value(Decimal value) {
    comma();
    if (value.scale() == 0) {
      digits(value.unscaled());
      return;
    }
    long unit = POWERS_OF_TEN[value.scale()];
    long whole = value.unscaled() / unit;
    if (whole == 0 && value.unscaled() < 0) {
      reserve(1);
      put('-');
    }
    digits(whole);
    reserve(1 + value.scale());
    put('.');
    long part = Math.abs(value.unscaled() % unit);
    for (int i = at + value.scale() - 1; i >= at; i--) {
      bytes[i] = (byte) ('0' + part % 10);
      part /= 10;
    }
    at += value.scale();
  }

  /** Any value. */
  public void value(Json value) {
    switch (value) {
      case Json.Obj object -> {
        startObject();
        for (var member : object.members().entrySet()) {
          name(member.getKey());
          value(member.getValue());
        }
        endObject();
      }
      case Json.Arr array -> {
        startArray();
        for (Json element : array.elements()) {
          value(element);
        }
        endArray();
      }
      case Json.Str string -> value(string.value());
      case Json.Num number -> {
        if (number.isWhole()) {
          value((long) number.value());
        } else {
          value(number.value());
        }
      }
      case Json.Bool bool -> {
        comma();
        ascii(bool == Json.Bool.TRUE ? "true" : "false");
      }
      case Json.Null none -> {
        comma();
        ascii("null");
      }
    }
  }

  /** Where a value or a name is not the first of its object or array. */
  private void comma() {
    reserve(2);
    if (at > 0) {
      byte last = bytes[at - 1];
      if (last != '{' && last != '[' && last != ':') {
        put(',');
      }
    }
  }

  private void digits(long value) {
    reserve(20);
    if (value < 0) {
      if (value == Long.MIN_VALUE) {
        ascii(Long.toString(value));
        return;
      }
      put('-');
      value = -value;
    }
    int count = 1;
    for (long rest = value / 10; rest != 0; rest /= 10) {
      count++;
    }
    at += count;
    int to = at;
    do {
      bytes[--to] = (byte) ('0' + value % 10);
      value /= 10;
    } while (value != 0);
  }

  private void ascii(String text) {
    reserve(text.length());
    for (int i = 0; i < text.length(); i++) {
      put(text.charAt(i));
    }
  }

  private void string(String text) {
    int length = text.length();
    reserve(length + 2);
    byte[] target = bytes;
    int to = at;
    target[to++] = '"';
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= PLAIN.length || !PLAIN[c]) {
        at = to;
        longString(text, i);
        return;
      }
      target[to++] = (byte) c;
    }
    target[to++] = '"';
    at = to;
  }

  /** The rest of a string that holds more than plain characters. */
  private void longString(String text, int from) {
    int i = from;
    while (i < text.length()) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      reserve(6);
      if (point < PLAIN.length) {
        if (PLAIN[point]) {
          put(point);
        } else {
          escape(point);
        }
      } else {
        utf8(point >= 0xd800 && point <= 0xdfff ? 0xfffd : point); // half of a pair is no character
      }
    }
    reserve(1);
    put('"');
  }

  private void escape(int c) {
    put('\\');
    switch (c) {
      case '"', '\\' -> put(c);
      case '\b' -> put('b');
      case '\t' -> put('t');
      case '\n' -> put('n');
      case '\f' -> put('f');
      case '\r' -> put('r');
      default -> {
        put('u');
        put('0');
        put('0');
        put(HEX[c >> 4]);
        put(HEX[c & 15]);
      }
    }
  }

  private void utf8(int point) {
    if (point < 0x800) {
      put(0xc0 | point >> 6);
    } else {
      if (point < 0x10000) {
        put(0xe0 | point >> 12);
      } else {
        put(0xf0 | point >> 18);
        put(0x80 | (point >> 12 & 0x3f));
      }
      put(0x80 | (point >> 6 & 0x3f));
    }
    put(0x80 | (point & 0x3f));
  }

  private void put(int b) {
    bytes[at++] = (byte) b;
  }

  private void reserve(int more) {
    if (bytes.length - at < more) {
      bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(at, more), 2 * bytes.length));
    }
  }
}
