package io.openclaw.domain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class JsonWriterTest {
  private static final JsonFactory LIBRARY =
      new JsonFactoryBuilder().enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8).build();

  @Test
  void random_values_are_written_byte_by_byte_as_a_library_writes_them() throws Exception {
    for (int seed = 0; seed < 20_000; seed++) {
      Json value = random(new SplittableRandom(seed), 4);
      byte[] written = JsonWriter.write(value);
      assertThat(new String(written, UTF_8))
          .as("seed %s", seed)
          .isEqualTo(new String(byLibrary(value), UTF_8));
      assertThat(JsonReader.read(written)).as("seed %s", seed).isEqualTo(value);
    }
  }

  private static Json random(SplittableRandom random, int depth) {
    return switch (random.nextInt(depth == 0 ? 5 : 7)) {
      case 0 -> new Json.Str(text(random, random.nextInt(50) == 0 ? 2_000 : 12));
      case 1 -> new Json.Num(random.nextLong(-1_000_000, 1_000_000));
      case 2 -> new Json.Num(random.nextLong(-100_000_000, 100_000_000) / 1000.0);
      case 3 -> new Json.Num(finite(random));
      case 4 -> random.nextInt(3) == 0 ? Json.Null.NULL : Json.Bool.of(random.nextBoolean());
      case 5 -> {
        List<Json> elements = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
          elements.add(random(random, depth - 1));
        }
        yield new Json.Arr(elements);
      }
      default -> {
        Map<String, Json> members = new LinkedHashMap<>();
        for (int i = random.nextInt(6); i > 0; i--) {
          members.put(text(random, 12), random(random, depth - 1));
        }
        yield new Json.Obj(members);
      }
    };
  }

  private static double finite(SplittableRandom random) {
    double value = Double.longBitsToDouble(random.nextLong());
    return Double.isFinite(value) ? value : 0.5;
  }

  private static String text(SplittableRandom random, int lengthMax) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(lengthMax); i > 0; i--) {
      int point =
          switch (random.nextInt(8)) {
            case 0 -> random.nextInt(0x30);
            case 1 -> random.nextInt(0x800);
            case 2 -> random.nextInt(0x110000);
            case 3 -> "\"\\/\n\t\u007f".charAt(random.nextInt(6));
            default -> random.nextInt(' ', 0x7f);
          };
      text.appendCodePoint(point >= 0xd800 && point <= 0xdfff ? 'x' : point);
    }
    return text.toString();
  }

  private static byte[] byLibrary(Json value) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator generator = LIBRARY.createGenerator(out)) {
      byLibrary(generator, value);
    }
    return out.toByteArray();
  }

  private static void byLibrary(JsonGenerator out, Json value) throws IOException {
    switch (value) {
      case Json.Obj object -> {
        out.writeStartObject();
        for (var member : object.members().entrySet()) {
          out.writeFieldName(member.getKey());
          byLibrary(out, member.getValue());
        }
        out.writeEndObject();
      }
      case Json.Arr array -> {
        out.writeStartArray();
        for (Json element : array.elements()) {
          byLibrary(out, element);
        }
        out.writeEndArray();
      }
      case Json.Str string -> out.writeString(string.value());
      case Json.Num number -> out.writeNumber(number.text());
      case Json.Bool bool -> out.writeBoolean(bool == Json.Bool.TRUE);
      case Json.Null none -> out.writeNull();
    }
  }

  @Test
  void members_are_written_by_type() {
    byte[] name = JsonWriter.encodedName("a \"name\"");
    String written =
        new String(
            JsonWriter.write(
                out -> {
                  out.startObject();
                  out.name(name);
                  out.value(1);
                  out.field("min", Long.MIN_VALUE);
                  out.field("half", 0.5);
                  out.field("none", Double.NaN);
                  out.field("yes", true);
                  out.field("bytes", new Json.Str("ü"));
                  out.startArray("list");
                  out.startObject();
                  out.endObject();
                  out.startArray();
                  out.endArray();
                  out.value("half a pair: \ud83d");
                  out.endArray();
                  out.endObject();
                }),
            UTF_8);
    assertThat(written)
        .isEqualTo(
            "{\"a \\\"name\\\"\":1,\"min\":-9223372036854775808,\"half\":0.5,\"none\":null,"
                + "\"yes\":true,\"bytes\":\"ü\",\"list\":[{},[],\"half a pair: \ufffd\"]}");
  }

  @Test
  void decimals_are_written_as_they_are_shown() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 10_000; i++) {
      long unscaled = random.nextLong() >> random.nextInt(64);
      Decimal value = new Decimal(unscaled, random.nextInt(Decimal.SCALE_MAX + 1));
      assertThat(new String(JsonWriter.write(out -> out.value(value)), UTF_8))
          .isEqualTo(value.toString());
    }
  }

  @Test
  void decimal_fractions_are_read_as_the_nearest_double() throws Exception {
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 100_000; i++) {
      int scale = random.nextInt(1, 19);
      String text =
          new BigDecimal(BigInteger.valueOf(random.nextLong() >> random.nextInt(64)), scale)
              .toPlainString();
      assertThat(((Json.Num) JsonReader.read(text.getBytes(UTF_8))).value())
          .as(text)
          .isEqualTo(Double.parseDouble(text));
    }
    assertThat(1 / ((Json.Num) JsonReader.read("-0.0".getBytes(UTF_8))).value())
        .isEqualTo(Double.NEGATIVE_INFINITY);
  }
}
