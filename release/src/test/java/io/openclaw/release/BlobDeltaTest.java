package io.openclaw.release;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is packed comes out as it was, or not at all. */
final class BlobDeltaTest {
  private static final byte[] NONE = {};
  private static final int ROUNDS = 60;

  /** A scorecard of about that many bytes. */
  private static byte[] card(int bytes, Random random) {
    StringBuilder text = new StringBuilder("{\"kind\":\"scorecard\",\"characteristics\":[");
    while (text.length() < bytes) {
      text.append("{\"field\":\"f")
          .append(random.nextInt(100_000))
          .append("\",\"attributes\":[{\"when\":{\"below\":")
          .append(random.nextInt())
          .append("},\"points\":")
          .append(random.nextInt(100))
          .append("}]},");
    }
    return text.append("]}").toString().getBytes(UTF_8);
  }

  @Test
  void every_blob_comes_out_as_it_was() throws IOException {
    assertThat(BlobDelta.isAvailable()).isTrue();
    for (long seed = 1; seed <= ROUNDS; seed++) {
      Random random = new Random(seed);
      byte[] base = new byte[random.nextInt(300_000)];
      random.nextBytes(base);
      byte[] bytes =
          random.nextBoolean() ? card(random.nextInt(300_000), random) : edited(base, random);
      for (byte[] against : new byte[][] {NONE, base}) {
        byte[] packed = BlobDelta.encode(bytes, against);
        assertThat(BlobDelta.decode(packed, against, bytes.length))
            .as("seed " + seed)
            .isEqualTo(bytes);
      }
    }
  }

  private static byte[] edited(byte[] base, Random random) {
    byte[] bytes = Arrays.copyOf(base, base.length + random.nextInt(1_000));
    for (int i = 0; i < 5 && bytes.length > 0; i++) {
      bytes[random.nextInt(bytes.length)]++;
    }
    return bytes;
  }

  @Test
  void one_changed_number_of_a_large_scorecard_is_a_small_patch() throws IOException {
    byte[] base = card(5_000_000, new Random(5));
    byte[] bytes = base.clone();
    bytes[new String(base, UTF_8).indexOf("\"points\":", base.length / 2) + 9] = '7';
    int packed = BlobDelta.encode(bytes, NONE).length;
    byte[] delta = BlobDelta.encode(bytes, base);
    System.out.printf("%d bytes: packed %d, as a patch %d%n", bytes.length, packed, delta.length);
    assertThat(packed).isLessThan(bytes.length / 2);
    assertThat(delta.length).isLessThan(bytes.length / 1000);
    assertThat(BlobDelta.decode(delta, base, bytes.length)).isEqualTo(bytes);
  }

  @Test
  void a_patch_against_something_else_or_with_a_flipped_bit_never_gives_other_bytes() {
    Random random = new Random(7);
    byte[] base = card(200_000, random);
    byte[] bytes = edited(base, random);
    byte[] patch = BlobDelta.encode(bytes, base);
    byte[] otherBase = base.clone();
    otherBase[base.length / 2]++;
    assertThatThrownBy(() -> BlobDelta.decode(patch, otherBase, bytes.length))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> BlobDelta.decode(patch, NONE, bytes.length))
        .isInstanceOf(IOException.class);
    for (int i = 0; i < patch.length; i++) {
      byte[] flipped = patch.clone();
      flipped[i] ^= (byte) (1 << random.nextInt(8));
      byte[] got;
      try {
        got = BlobDelta.decode(flipped, base, BlobDelta.BYTES_MAX);
      } catch (IOException e) {
        continue;
      }
      assertThat(got).as("byte " + i).isEqualTo(bytes);
    }
  }

  @Test
  void a_bomb_is_refused_before_it_is_unpacked() {
    byte[] bomb = BlobDelta.encode(new byte[BlobDelta.BYTES_MAX], NONE);
    assertThat(bomb.length).isLessThan(20_000);
    assertThatThrownBy(() -> BlobDelta.decode(bomb, NONE, 1 << 20))
        .hasMessageContaining("67108864 bytes (expected: at most 1048576)");
    byte[] two = Arrays.copyOf(bomb, 2 * bomb.length);
    System.arraycopy(bomb, 0, two, bomb.length, bomb.length);
    assertThatThrownBy(() -> BlobDelta.decode(two, NONE, BlobDelta.BYTES_MAX))
        .isInstanceOf(IOException.class);
    for (byte[] bytes : new byte[][] {NONE, {1, 2, 3}, new byte[100]}) {
      assertThatThrownBy(() -> BlobDelta.decode(bytes, NONE, 1 << 20))
          .isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> BlobDelta.encode(new byte[BlobDelta.BYTES_MAX + 1], NONE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void a_model_is_patched_from_the_version_before_it() {
    String a = "a".repeat(64);
    String b = "b".repeat(64);
    String c = "c".repeat(64);
    String d = "d".repeat(64);
    String held =
        "{\"models\":{\"m\":{\"sha256\":\"%s\"},\"n\":{\"sha256\":\"%s\"}},\"tenants\":{\"t\":{\"samples\":\"%s\"}}}"
            .formatted(a, b, c);
    String wanted =
        "{\"models\":{\"m\":{\"sha256\":\"%s\"},\"n@v2\":{\"sha256\":\"%s\"},\"o\":{\"sha256\":\"%s\"}},\"tenants\":{\"t\":{\"samples\":\"%s\"}}}"
            .formatted(a, d, c, a);
    assertThat(BlobBases.of(wanted.getBytes(UTF_8), held.getBytes(UTF_8)))
        .isEqualTo(Map.of(d, b, a, c));
    assertThat(BlobBases.of(wanted.getBytes(UTF_8), "{".getBytes(UTF_8))).isEmpty();
    assertThat(BlobBases.of("[]".getBytes(UTF_8), held.getBytes(UTF_8))).isEmpty();
  }
}
