package io.openclaw.domain;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KeyTextTest {
  /** What a secret scanner would look for. */
  private static final Pattern SHAPE = Pattern.compile("ock_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}");

  private static final String ALPHABET =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-. \u00e9\u0130\uff11";

  private static KeyText key(long seed) {
    return KeyText.generate(new Random(seed));
  }

  @Test
  void a_key_is_read_back_as_it_was_made_over_seeds() throws Exception {
    Set<String> ids = new HashSet<>();
    for (int seed = 0; seed < 500; seed++) {
      KeyText made = key(seed);
      KeyText read = Objects.requireNonNull(KeyText.parse(made.reveal()), "seed " + seed);
      assertThat(read.id()).as("seed %s", seed).isEqualTo(made.id());
      assertThat(read.reveal()).as("seed %s", seed).isEqualTo(made.reveal());
      String secret = made.reveal().substring("ock_".length() + 12 + 1, made.reveal().length() - 6);
      assertThat(read.sha256())
          .as("seed %s", seed)
          .isEqualTo(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(US_ASCII)));
      assertThat(read.sha256Hex()).isEqualTo(HexFormat.of().formatHex(made.sha256()));
      assertThat(made.reveal()).as("seed %s", seed).matches(SHAPE);
      ids.add(made.id());
    }
    assertThat(ids).hasSize(500);
  }

  @Test
  void every_single_character_changed_inserted_or_left_out_is_refused() {
    assertThat(firstAccepted(KeyText::parse)).isNull();
  }

  @Test
  void a_parser_that_does_not_look_at_the_checksum_is_caught_by_that_checker() {
    assertThat(firstAccepted(text -> SHAPE.matcher(text).matches() ? key(0) : null)).isNotNull();
  }

  /** A text with one typing error that is taken for a key; null where there is none. */
  private static @Nullable String firstAccepted(Function<String, @Nullable KeyText> parser) {
    for (int seed = 0; seed < 5; seed++) {
      String good = key(seed).reveal();
      for (int at = 0; at <= good.length(); at++) {
        String before = good.substring(0, at);
        for (int i = 0; i < ALPHABET.length(); i++) {
          char c = ALPHABET.charAt(i);
          if (parser.apply(before + c + good.substring(at)) != null) {
            return "seed " + seed + ", " + c + " inserted at " + at;
          }
          if (at < good.length()
              && c != good.charAt(at)
              && parser.apply(before + c + good.substring(at + 1)) != null) {
            return "seed " + seed + ", " + c + " instead at " + at;
          }
        }
        if (at < good.length() && parser.apply(before + good.substring(at + 1)) != null) {
          return "seed " + seed + ", left out at " + at;
        }
      }
    }
    return null;
  }

  @Test
  void two_neighbours_swapped_are_refused() {
    for (int seed = 0; seed < 20; seed++) {
      String good = key(seed).reveal();
      for (int at = 0; at + 1 < good.length(); at++) {
        String swapped =
            good.substring(0, at) + good.charAt(at + 1) + good.charAt(at) + good.substring(at + 2);
        if (!swapped.equals(good)) {
          assertThat(KeyText.parse(swapped)).as("seed %s, at %s", seed, at).isNull();
        }
      }
    }
  }

  @Test
  void what_is_no_key_at_all_is_refused_without_an_exception() {
    for (String text :
        new String[] {
          "",
          "_",
          "ock_",
          "ock__",
          "ock___",
          "ock_a",
          "ock_a_",
          "ock__abcdef",
          "ock_a_abcdef",
          "OCK_" + key(1).reveal().substring(4),
          key(1).reveal() + " ",
          " " + key(1).reveal(),
          key(1).reveal().repeat(3),
          "ock_a_" + "0".repeat(1_000_000),
          "ock_\ud83d\ude00_\ud83d",
        }) {
      assertThat(KeyText.parse(text)).isNull();
    }
  }

  @Test
  void the_text_for_logs_hides_the_secret() {
    KeyText key = key(7);
    assertThat(key).hasToString("ock_" + key.id() + "_…");
    assertThat("log: " + key).doesNotContain(key.reveal().substring(4 + 12 + 1));
  }
}
