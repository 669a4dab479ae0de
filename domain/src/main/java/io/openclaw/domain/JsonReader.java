package io.openclaw.domain;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A strict reader of JSON (RFC 8259, UTF-8 only): one value and nothing after it, no duplicate
 * names, no lone surrogates, no numbers beyond a double's range, and a limit on depth, count and
 * name length.
 *
 * <p>Stateless and thread-safe. The size of the document is the caller's to limit.
 */
public final class JsonReader {
  /** Levels of objects and arrays inside one another. */
  public static final int DEPTH_MAX = 64;

  /** Values in one document, all levels together. */
  public static final int VALUES_MAX = 100_000;

  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long NOT_ASCII = 0x8080808080808080L;
  private static final int NAME_LENGTH_MAX = 1024;
  private static final int NUMBER_LENGTH_MAX = 200;

  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH_MAX)
                  .maxNameLength(NAME_LENGTH_MAX)
                  .maxNumberLength(NUMBER_LENGTH_MAX)
                  .build())
          .build();

  private JsonReader() {}

  /**
   * Reads the one JSON value the bytes hold.
   *
   * @throws JsonSyntaxException with line and column where they hold anything else
   */
  public static Json read(byte[] bytes) throws JsonSyntaxException {
    requireUtf8(bytes);
    try (JsonParser parser = FACTORY.createParser(bytes)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        throw at(parser, "the document is empty");
      }
      Json value = value(parser, first, new int[1]);
      if (parser.nextToken() != null) {
        throw at(parser, "there is text after the JSON value");
      }
      return value;
    } catch (StreamConstraintsException e) {
      throw located(
          e,
          "a limit is exceeded (depth "
              + DEPTH_MAX
              + ", names "
              + NAME_LENGTH_MAX
              + " characters, numbers "
              + NUMBER_LENGTH_MAX
              + " characters)");
    } catch (JsonProcessingException e) {
      throw located(e, "this is not valid JSON");
    } catch (IOException e) {
      throw new JsonSyntaxException("this is not valid UTF-8", 1, 1);
    }
  }

  /**
   * Jackson guesses UTF-16 and UTF-32 from the first bytes, which RFC 8259 does not allow, and
   * takes overlong forms, which would let a quote or a name pass in disguise.
   */
  private static void requireUtf8(byte[] bytes) throws JsonSyntaxException {
    for (int i = 0; i < Math.min(4, bytes.length); i++) {
      int b = bytes[i] & 0xff;
      if (b == 0 || b >= 0xf5 || (i == 0 && b == 0xef)) {
        throw new JsonSyntaxException("the text must be UTF-8 without a byte order mark", 1, i + 1);
      }
    }
    int at = 0;
    while (at < bytes.length) {
      if (at <= bytes.length - Long.BYTES && ((long) EIGHT.get(bytes, at) & NOT_ASCII) == 0) {
        at += Long.BYTES;
        continue;
      }
      int length = sequenceLength(bytes, at);
      if (length == 0) {
        throw notUtf8(bytes, at);
      }
      at += length;
    }
  }

  /** Bytes of the character at {@code at}; 0 where it is malformed (Unicode 16, table 3-7). */
  private static int sequenceLength(byte[] bytes, int at) {
    int first = bytes[at] & 0xff;
    if (first < 0x80) {
      return 1;
    }
    int second = at + 1 < bytes.length ? bytes[at + 1] & 0xff : 0;
    int low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    int high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (first < 0xc2 || first > 0xf4 || second < low || second > high) {
      return 0;
    }
    int length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    for (int i = at + 2; i < at + length; i++) {
      if (i >= bytes.length || (bytes[i] & 0xc0) != 0x80) {
        return 0;
      }
    }
    return length;
  }

  private static JsonSyntaxException notUtf8(byte[] bytes, int at) {
    int line = 1;
    int lineStart = 0;
    for (int i = 0; i < at; i++) {
      if (bytes[i] == '\n') {
        line++;
        lineStart = i + 1;
      }
    }
    return new JsonSyntaxException("this is not valid UTF-8", line, at - lineStart + 1);
  }

  private static Json value(JsonParser parser, JsonToken token, int[] count)
      throws IOException, JsonSyntaxException {
    if (++count[0] > VALUES_MAX) {
      throw at(parser, "there are more than " + VALUES_MAX + " values");
    }
    return switch (token) {
      case START_OBJECT -> object(parser, count);
      case START_ARRAY -> array(parser, count);
      case VALUE_STRING -> new Json.Str(wellFormed(parser, parser.getText()));
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser);
      case VALUE_TRUE -> Json.Bool.TRUE;
      case VALUE_FALSE -> Json.Bool.FALSE;
      case VALUE_NULL -> Json.Null.NULL;
      case END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
          throw at(parser, "this is not valid JSON");
    };
  }

  private static Json.Obj object(JsonParser parser, int[] count)
      throws IOException, JsonSyntaxException {
    Map<String, Json> members = new LinkedHashMap<>();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      wellFormed(parser, name);
      if (members.putIfAbsent(name, value(parser, next(parser), count)) != null) {
        throw at(parser, "a name appears twice in one object");
      }
    }
    return new Json.Obj(members);
  }

  private static Json.Arr array(JsonParser parser, int[] count)
      throws IOException, JsonSyntaxException {
    List<Json> elements = new ArrayList<>();
    for (JsonToken token = next(parser); token != JsonToken.END_ARRAY; token = next(parser)) {
      elements.add(value(parser, token, count));
    }
    return new Json.Arr(elements);
  }

  private static Json.Num number(JsonParser parser) throws IOException, JsonSyntaxException {
    double value = parser.getDoubleValue();
    if (!Double.isFinite(value)) {
      throw at(parser, "a number is beyond the range of a double");
    }
    return new Json.Num(value);
  }

  private static JsonToken next(JsonParser parser) throws IOException, JsonSyntaxException {
    @Nullable JsonToken token = parser.nextToken();
    if (token == null) {
      throw at(parser, "the document ends too early");
    }
    return token;
  }

  private static String wellFormed(JsonParser parser, String text) throws JsonSyntaxException {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (Character.isLowSurrogate(c)
            || i + 1 == text.length()
            || !Character.isLowSurrogate(text.charAt(i + 1))) {
          throw at(parser, "a string holds half of a surrogate pair");
        }
        i++;
      }
    }
    return text;
  }

  private static JsonSyntaxException at(JsonParser parser, String detail) {
    return at(parser.currentTokenLocation(), detail);
  }

  private static JsonSyntaxException located(JsonProcessingException e, String detail) {
    return at(e.getLocation(), detail);
  }

  private static JsonSyntaxException at(@Nullable JsonLocation location, String detail) {
    return location == null
        ? new JsonSyntaxException(detail, 1, 1)
        : new JsonSyntaxException(
            detail, Math.max(1, location.getLineNr()), Math.max(1, location.getColumnNr()));
  }
}
