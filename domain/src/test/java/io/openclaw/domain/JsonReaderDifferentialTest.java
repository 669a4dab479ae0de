package io.openclaw.domain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Our reader and a streaming library must agree on what is JSON, and on what it says. */
class JsonReaderDifferentialTest {
  private static final int DOCUMENTS = 60_000;
  private static final JsonFactory LIBRARY =
      new JsonFactoryBuilder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final String[] PIECES = {
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "/",
    "\\u",
    "\\u00e9",
    "\\ud83d\\ude00",
    "\\ud83d",
    "\\ude00",
    "\\n",
    "\\x",
    "é",
    "😀",
    "\u0001",
    "\u007f",
    "true",
    "false",
    "null",
    "nul",
    "NaN",
    "Infinity",
    "'",
    " ",
    "\t",
    "\n",
    "\r",
    "\f",
    "\u00a0",
    "\ufeff",
    "0",
    "-0",
    "00",
    "1",
    "-",
    "+1",
    "1.",
    ".5",
    "1.5",
    "1e5",
    "1E+5",
    "1e",
    "1e400",
    "-1e400",
    "123456789012345678",
    "1234567890123456789",
    "0.1",
    "1e-400",
    "\"a\"",
    "\"b\":1",
    "\"a\":",
    "//",
    "/* */",
    "#",
    "\"\"",
    "\\\"",
    "\\/",
    "a"
  };

  @Test
  void agrees_with_the_library_on_random_documents_and_their_mutations() {
    int accepted = 0;
    for (long seed = 1; seed <= DOCUMENTS; seed++) {
      RandomGenerator random = new SplittableRandom(seed);
      byte[] document = document(random);
      Optional<Json> ours = ours(document);
      Optional<Json> theirs = theirs(document);
      assertThat(ours)
          .as("seed %d: %s", seed, new String(document, StandardCharsets.UTF_8))
          .isEqualTo(theirs);
      accepted += ours.isPresent() ? 1 : 0;
    }
    // The test would prove little if nearly everything were refused, or nearly nothing.
    assertThat(accepted).isBetween(DOCUMENTS / 10, DOCUMENTS * 9 / 10);
  }

  @Test
  void a_reader_that_allows_a_trailing_comma_is_noticed() {
    byte[] document = "[1,]".getBytes(StandardCharsets.UTF_8);
    assertThat(theirs(document)).isEmpty();
    assertThat(ours(document)).isEqualTo(theirs(document));
    byte[] forgiven =
        new String(document, StandardCharsets.UTF_8)
            .replace(",]", "]")
            .getBytes(StandardCharsets.UTF_8);
    assertThat(ours(forgiven))
        .isNotEqualTo(theirs(document)); // the planted bug: commas are dropped before reading
  }

  private static byte[] document(RandomGenerator random) {
    StringBuilder text = new StringBuilder();
    value(random, text, 0);
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    for (int mutations = random.nextInt(3); mutations > 0 && bytes.length > 0; mutations--) {
      bytes = mutated(random, bytes);
    }
    return bytes;
  }

  private static byte[] mutated(RandomGenerator random, byte[] bytes) {
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(4)) {
      case 0 -> bytes[at] = (byte) random.nextInt(256);
      case 1 -> {
        byte[] shorter = new byte[bytes.length - 1];
        System.arraycopy(bytes, 0, shorter, 0, at);
        System.arraycopy(bytes, at + 1, shorter, at, shorter.length - at);
        return shorter;
      }
      case 2 ->
          bytes[at] =
              "{}[]:,\"\\0-e.tfn \n".getBytes(StandardCharsets.US_ASCII)[random.nextInt(17)];
      default -> {
        byte[] piece = PIECES[random.nextInt(PIECES.length)].getBytes(StandardCharsets.UTF_8);
        byte[] longer = new byte[bytes.length + piece.length];
        System.arraycopy(bytes, 0, longer, 0, at);
        System.arraycopy(piece, 0, longer, at, piece.length);
        System.arraycopy(bytes, at, longer, at + piece.length, bytes.length - at);
        return longer;
      }
    }
    return bytes;
  }

  private static void value(RandomGenerator random, StringBuilder text, int level) {
    switch (level > 4 ? 3 + random.nextInt(4) : random.nextInt(7)) {
      case 0, 1 -> {
        text.append('{');
        for (int i = random.nextInt(4); i > 0; i--) {
          text.append("\"").append("abcdefgh".charAt(random.nextInt(8))).append("\" :");
          value(random, text, level + 1);
          text.append(i > 1 ? ", " : "");
        }
        text.append('}');
      }
      case 2 -> {
        text.append("[ ");
        for (int i = random.nextInt(4); i > 0; i--) {
          value(random, text, level + 1);
          text.append(i > 1 ? "," : "");
        }
        text.append(']');
      }
      case 3 ->
          text.append(random.nextLong(-2_000_000, 2_000_000))
              .append(
                  random.nextBoolean()
                      ? ""
                      : "." + random.nextInt(1000) + "e" + random.nextInt(-20, 20));
      case 4 -> text.append(random.nextBoolean() ? "true" : "null");
      case 5 -> text.append('"').append("é\\u0041\\\"x😀".repeat(random.nextInt(3))).append('"');
      default -> text.append('"').append("plain").append(random.nextInt(100)).append('"');
    }
  }

  private static Optional<Json> ours(byte[] document) {
    try {
      return Optional.of(JsonReader.read(document));
    } catch (JsonSyntaxException e) {
      return Optional.empty();
    }
  }

  /** The library's verdict on the text, after a strict decoder's on the bytes. */
  private static Optional<Json> theirs(byte[] document) {
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(document)).toString();
      try (JsonParser parser = LIBRARY.createParser(text)) {
        JsonToken first = parser.nextToken();
        if (first == null) {
          return Optional.empty();
        }
        Json value = value(parser, first);
        return parser.nextToken() == null ? Optional.of(value) : Optional.empty();
      }
    } catch (CharacterCodingException e) {
      return Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Json value(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> {
        Map<String, Json> members = new LinkedHashMap<>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
          members.put(wellFormed(name), value(parser, parser.nextToken()));
        }
        yield new Json.Obj(members);
      }
      case START_ARRAY -> {
        List<Json> elements = new ArrayList<>();
        for (JsonToken next = parser.nextToken();
            next != JsonToken.END_ARRAY;
            next = parser.nextToken()) {
          elements.add(value(parser, next));
        }
        yield new Json.Arr(elements);
      }
      case VALUE_STRING -> new Json.Str(wellFormed(parser.getText()));
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
        double value = Double.parseDouble(parser.getText());
        if (!Double.isFinite(value)) {
          throw new IOException("out of range");
        }
        yield new Json.Num(value);
      }
      case VALUE_TRUE -> Json.Bool.TRUE;
      case VALUE_FALSE -> Json.Bool.FALSE;
      case VALUE_NULL -> Json.Null.NULL;
      case END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
          throw new IOException("no value");
    };
  }

  private static String wellFormed(String text) throws IOException {
    if (!text.equals(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))) {
      throw new IOException("half of a surrogate pair");
    }
    return text;
  }
}
