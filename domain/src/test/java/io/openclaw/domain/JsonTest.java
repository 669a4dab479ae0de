package io.openclaw.domain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  private static Json read(String text) throws JsonSyntaxException {
    return JsonReader.read(text.getBytes(UTF_8));
  }

  private static String refused(byte[] bytes) {
    JsonSyntaxException e =
        catchThrowableOfType(JsonSyntaxException.class, () -> JsonReader.read(bytes));
    assertThat(e).as(new String(bytes, UTF_8)).isNotNull();
    return e.line() + ":" + e.column() + " " + e.detail();
  }

  private static String refused(String text) {
    return refused(text.getBytes(UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``                    | 1:1 the document is empty",
        "` `                   | 1:2 the document is empty",
        "{                     | 1:2 the document ends too early",
        "{\"a\":1              | 1:7 the document ends too early",
        "[1,                   | 1:4 the document ends too early",
        "[1,]                  | 1:4 this is not valid JSON",
        "{\"a\":1,}            | 1:8 a member's name is expected here",
        "{a:1}                 | 1:2 a member's name is expected here",
        "{'a':1}               | 1:2 a member's name is expected here",
        "[1] // x              | 1:5 there is text after the JSON value",
        "[1] 2                 | 1:5 there is text after the JSON value",
        "{} {}                 | 1:4 there is text after the JSON value",
        "]                     | 1:1 this is not valid JSON",
        "nul                   | 1:4 the document ends too early",
        "NaN                   | 1:1 this is not valid JSON",
        "[01]                  | 1:2 a number starts with a needless zero",
        "[+1]                  | 1:2 this is not valid JSON",
        "[1.]                  | 1:4 a digit is expected here",
        "[.5]                  | 1:2 this is not valid JSON",
        "[0x1]                 | 1:3 a comma or the end of the array is expected here",
        "[\"\\x\"]             | 1:3 a string holds an unknown escape",
        "{\"a\":1,\"a\":1}     | 1:8 a name appears twice in one object",
        "{\"a\":1,\"\\u0061\":2} | 1:8 a name appears twice in one object",
        "[1e400]               | 1:2 a number is beyond the range of a double",
        "[-1e400]              | 1:2 a number is beyond the range of a double",
        "[\"\\ud800\"]         | 1:3 a string holds half of a surrogate pair",
        "[\"\\ud83dx\"]        | 1:3 a string holds half of a surrogate pair",
        "[\"\\ude00\\ud83d\"]  | 1:3 a string holds half of a surrogate pair",
        "{\"\\udead\":1}       | 1:3 a string holds half of a surrogate pair",
      })
  void what_is_not_one_strict_json_value_is_refused_with_its_place(String text, String refusal) {
    assertThat(refused(text)).isEqualTo(refusal);
  }

  @Test
  void lines_and_columns_count_from_one() {
    assertThat(refused("{\n  \"a\": 1,\r\n  \"b\": tru\n}")).startsWith("3:").contains("not valid");
    assertThat(refused("{\n\n  \"a\": 1, \"a\": 2}")).startsWith("3:");
  }

  @Test
  void a_raw_control_character_in_a_string_is_refused() {
    assertThat(refused("[\"a\nb\"]")).contains("a string holds a control character");
    assertThat(refused("[\"a\u0001b\"]")).contains("a string holds a control character");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "UTF-32LE", "UTF-32BE"})
  void other_encodings_are_refused(String charset) {
    assertThat(refused("{\"a\":1}".getBytes(Charset.forName(charset))))
        .endsWith("the text must be UTF-8 without a byte order mark");
  }

  @Test
  void a_byte_order_mark_is_refused() {
    assertThat(refused("\ufeff{\"a\":1}"))
        .isEqualTo("1:1 the text must be UTF-8 without a byte order mark");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ff", // no such byte
        "c3", // cut off
        "80", // a continuation without a start
        "c0af", // "/", too long
        "c080", // zero, too long
        "e080af", // too long
        "f08080af", // too long
        "eda0bdedb880", // a surrogate pair, each half on its own (CESU-8)
        "eda0bd", // half a pair
        "f4908080", // beyond U+10FFFF
        "f7bfbfbf", // beyond U+10FFFF
      })
  void bytes_that_are_not_utf_8_are_refused_in_strings_and_names(String hex) {
    byte[] bad = HexFormat.of().parseHex(hex);
    refused(concat("[1,\"".getBytes(UTF_8), bad, "\"]".getBytes(UTF_8)));
    refused(concat("{\"ab".getBytes(UTF_8), bad, "\":1}".getBytes(UTF_8)));
  }

  @Test
  void bytes_that_are_not_utf_8_are_refused_with_their_place() {
    byte[] start = "{\"\u00e9\":1,\n \"".getBytes(UTF_8);
    byte[] overlong = {(byte) 0xc0, (byte) 0xaf};
    assertThat(refused(concat(start, overlong, "\":2}".getBytes(UTF_8))))
        .isEqualTo("2:3 this is not valid UTF-8");
  }

  private static byte[] concat(byte[]... parts) {
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  @Test
  void depth_is_limited() throws JsonSyntaxException {
    assertThat(read("[".repeat(64) + "]".repeat(64))).isInstanceOf(Json.Arr.class);
    assertThat(refused("[".repeat(65) + "]".repeat(65))).contains("there are more than 64 levels");
    assertThat(refused("{\"a\":".repeat(100_000))).contains("there are more than 64 levels");
  }

  @Test
  void the_number_of_values_is_limited() throws JsonSyntaxException {
    String numbers = "1,".repeat(99_998);
    assertThat(((Json.Arr) read("[" + numbers + "1]")).elements()).hasSize(99_999);
    assertThat(refused("[" + numbers + "1,1]")).endsWith("there are more than 100000 values");
  }

  @Test
  void the_length_of_names_is_limited() throws JsonSyntaxException {
    String longest = "n".repeat(1024);
    assertThat(((Json.Obj) read("{\"" + longest + "\":1}")).members()).containsOnlyKeys(longest);
    assertThat(refused("{\"" + longest + "n\":1}")).contains("a name is longer than 1024 bytes");
    assertThat(refused("{\"" + "n".repeat(1 << 20) + "\":1}"))
        .contains("a name is longer than 1024 bytes");
  }

  @Test
  void the_length_of_numbers_is_limited() throws JsonSyntaxException {
    assertThat(read("1" + "0".repeat(199))).isEqualTo(new Json.Num(1e199));
    assertThat(refused("1" + "0".repeat(200))).contains("a number is longer than 200 characters");
    assertThat(refused("0." + "1".repeat(100_000)))
        .contains("a number is longer than 200 characters");
  }

  @Test
  void numbers_are_doubles() throws JsonSyntaxException {
    assertThat(read("1e-400")).isEqualTo(new Json.Num(0));
    assertThat(read("1.7976931348623157e308")).isEqualTo(new Json.Num(Double.MAX_VALUE));
    assertThat(new Json.Num(-0.0).text()).isEqualTo("0");
    assertThat(new Json.Num(1e15).text()).isEqualTo("1.0E15");
    assertThat(new Json.Num(999_999_999_999_999.0).text()).isEqualTo("999999999999999");
    assertThat(new Json.Num(0.1).text()).isEqualTo("0.1");
  }

  @Test
  void members_keep_their_order_and_null_is_not_absent() throws JsonSyntaxException {
    Json.Obj object = (Json.Obj) read("{\"b\":null,\"a\":[true,false],\"\":\"\\ud83d\\ude00\"}");
    assertThat(object.members().keySet()).containsExactly("b", "a", "");
    assertThat(object.get("b")).isEqualTo(Json.Null.NULL);
    assertThat(object.get("c")).isNull();
    assertThat(object.get("")).isEqualTo(new Json.Str("\ud83d\ude00"));
  }

  @Test
  void what_is_written_is_read_back_over_seeds() throws JsonSyntaxException {
    for (int seed = 0; seed < 300; seed++) {
      Json value = any(new Random(seed), 0);
      assertThat(JsonReader.read(JsonWriter.write(value))).as("seed %s", seed).isEqualTo(value);
    }
  }

  private static Json any(Random random, int depth) {
    return switch (random.nextInt(depth < 5 ? 7 : 5)) {
      case 0 -> Json.Null.NULL;
      case 1 -> Json.Bool.of(random.nextBoolean());
      case 2 -> new Json.Num(random.nextInt(2000) - 1000);
      case 3 -> new Json.Num(random.nextGaussian() * Math.pow(10, random.nextInt(600) - 300));
      case 4 -> new Json.Str(text(random));
      case 5 -> {
        List<Json> elements = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
          elements.add(any(random, depth + 1));
        }
        yield new Json.Arr(elements);
      }
      default -> {
        Map<String, Json> members = new LinkedHashMap<>();
        for (int i = random.nextInt(5); i > 0; i--) {
          members.put(text(random), any(random, depth + 1));
        }
        yield new Json.Obj(members);
      }
    };
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12); i > 0; i--) {
      int bits = random.nextInt(21);
      int point = random.nextInt(Math.min(1 << bits, 0x10FFFF) + 1);
      text.appendCodePoint(point >= 0xD800 && point <= 0xDFFF ? ' ' : point);
    }
    return text.toString();
  }

  @Test
  void random_bytes_are_read_or_refused_and_nothing_else() {
    byte[] alphabet = "{}[]\",:\\u0123456789eE+-. tfn\u00e9\ud83d\ude00\u0000".getBytes(UTF_8);
    for (int seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      byte[] bytes = new byte[random.nextInt(24)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = alphabet[random.nextInt(alphabet.length)];
      }
      try {
        JsonReader.read(bytes);
      } catch (JsonSyntaxException e) {
        assertThat(e.line()).as("seed %s", seed).isPositive();
        assertThat(e.column()).as("seed %s", seed).isPositive();
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  @Test
  void a_refusal_shows_nothing_of_the_document() {
    assertThat(refused("{\"password\": hunter2}")).doesNotContain("hunter").doesNotContain("pass");
    assertThat(refused("{\"hunter2\":1,\"hunter2\":1}")).doesNotContain("hunter");
  }

  @Test
  void kinds_of_values_have_names_for_messages() {
    assertThat(
            List.of(
                new Json.Obj(Map.of()).typeName(),
                new Json.Arr(List.of()).typeName(),
                new Json.Str("").typeName(),
                new Json.Num(1).typeName(),
                Json.Bool.TRUE.typeName(),
                Json.Null.NULL.typeName()))
        .containsExactly("an object", "an array", "a string", "a number", "a boolean", "null");
  }
}
