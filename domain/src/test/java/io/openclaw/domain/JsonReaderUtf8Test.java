package io.openclaw.domain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The reader takes exactly the bytes that Java's own strict decoder takes. */
final class JsonReaderUtf8Test {
  private static final int ROUNDS = 200_000;

  @Test
  void every_two_bytes_are_judged_as_the_strict_decoder_judges_them() {
    for (int first = 0x80; first < 0x100; first++) {
      for (int second = 0; second < 0x100; second++) {
        judge(new byte[] {(byte) first, (byte) second}, "two bytes");
      }
    }
  }

  @Test
  void random_bytes_are_judged_as_the_strict_decoder_judges_them() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int[] edges = {
      0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4
    };
    int taken = 0;
    for (int i = 0; i < ROUNDS; i++) {
      byte[] bytes = new byte[1 + random.nextInt(12)];
      for (int k = 0; k < bytes.length; k++) {
        bytes[k] = (byte) (random.nextInt(4) == 0 ? 'a' : edges[random.nextInt(edges.length)]);
      }
      taken += judge(bytes, "seed " + seed + ", round " + i) ? 1 : 0;
    }
    assertThat(taken).as("seed " + seed).isBetween(ROUNDS / 1000, ROUNDS / 2);
  }

  private static boolean judge(byte[] content, String where) {
    ByteArrayOutputStream document = new ByteArrayOutputStream();
    document.write('"');
    document.writeBytes(content);
    document.write('"');
    boolean expected = isText(content);
    assertThat(isJson(document.toByteArray()))
        .as(where + ": " + HexFormat.of().formatHex(content))
        .isEqualTo(expected);
    return expected;
  }

  private static boolean isText(byte[] bytes) {
    try {
      String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.chars().allMatch(c -> c >= ' ' && c != '"' && c != '\\');
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static boolean isJson(byte[] bytes) {
    try {
      JsonReader.read(bytes);
      return true;
    } catch (JsonSyntaxException e) {
      return false;
    }
  }

  @Test
  void the_place_of_a_malformed_character_is_told() throws JsonSyntaxException {
    byte[] bytes = "{\n \"a\": \"é_\"}".getBytes(UTF_8);
    JsonReader.read(bytes);
    bytes[bytes.length - 3] = (byte) 0xff;
    try {
      JsonReader.read(bytes);
      throw new AssertionError("taken");
    } catch (JsonSyntaxException e) {
      assertThat(e.detail()).isEqualTo("this is not valid UTF-8");
      assertThat(e.line()).isEqualTo(2);
      assertThat(e.column()).isEqualTo(10);
    }
  }
}
