package io.openclaw.release;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.release.CanarySpec.Sticky;
import io.openclaw.release.CanarySpec.Traffic;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CanarySplitTest {
  private static final int KEYS = 100_000;
  private static final Json NO_INPUT = new Json.Obj(Map.of());

  /** A way to split: whether the canary of this salt and weight rates the key. */
  interface Split {
    boolean canary(long salt, int basisPoints, String key);
  }

  /** The vectors of the reference implementation, of the messages that are whole UTF-16 units. */
  @Test
  void the_hash_is_siphash_2_4() {
    long key0 = 0x0706050403020100L;
    long key1 = 0x0f0e0d0c0b0a0908L;
    String text = "\u0100\u0302\u0504\u0706\u0908\u0b0a\u0d0c";
    assertThat(CanarySplit.sipHash(key0, key1, "")).isEqualTo(0x726fdb47dd0e0e31L);
    assertThat(CanarySplit.sipHash(key0, key1, text.substring(0, 1)))
        .isEqualTo(0x0d6c8009d9a94f5aL);
    assertThat(CanarySplit.sipHash(key0, key1, text.substring(0, 2)))
        .isEqualTo(0xcf2794e0277187b7L);
    assertThat(CanarySplit.sipHash(key0, key1, text.substring(0, 3)))
        .isEqualTo(0xcbc9466e58fee3ceL);
    assertThat(CanarySplit.sipHash(key0, key1, text.substring(0, 4)))
        .isEqualTo(0x93f5f5799a932462L);
  }

  @Test
  void the_split_is_within_half_a_percent_and_canaries_do_not_correlate() {
    assertThat(fault(CanarySplitTest::ours, true)).isNull();
  }

  @Test
  void a_split_without_the_salt_is_found() {
    assertThat(fault((salt, weight, key) -> ours(0, weight, key), false)).contains("correlate");
  }

  @Test
  void a_split_whose_salt_only_shifts_the_hash_is_found() {
    assertThat(
            fault(
                (salt, weight, key) ->
                    Math.floorMod(key.hashCode() + salt, CanarySpec.BASIS_POINTS_ALL) < weight,
                false))
        .isNotNull();
  }

  @Test
  void a_split_that_hashes_the_weight_too_is_not_monotone() {
    assertThat(fault((salt, weight, key) -> ours(salt + weight, weight, key), false))
        .contains("left the canary");
  }

  @Test
  void a_split_of_too_few_is_found() {
    assertThat(fault((salt, weight, key) -> ours(salt, weight * 9 / 10, key), false))
        .contains("expected");
  }

  private static boolean ours(long salt, int basisPoints, String key) {
    CanarySplit split = new CanarySplit(spec(salt, new Traffic.Weight(basisPoints), "key"));
    return split.variant(split.hash(key, NO_INPUT)) == CanaryVariant.CANARY;
  }

  /** What a split does wrong; null where nothing. */
  private static @Nullable String fault(Split split, boolean print) {
    long[] salts = {1, 2, 0x8000000000000001L, 0x5851f42d4c957f2dL};
    double largest = 0;
    for (int weight : new int[] {1, 500, 5000, 9500}) {
      boolean[][] chosen = new boolean[salts.length][];
      for (int i = 0; i < salts.length; i++) {
        chosen[i] = chosen(split, salts[i], weight);
        double part = count(chosen[i]) / (double) KEYS;
        if (Math.abs(part - weight / 10_000.0) > 0.005) {
          return "weight " + weight + ": " + part + " (expected: within 0.005)";
        }
      }
      for (int i = 0; weight >= 500 && i < salts.length; i++) {
        for (int j = 0; j < i; j++) {
          double correlation = Math.abs(correlation(chosen[i], chosen[j]));
          largest = Math.max(largest, correlation);
          if (correlation >= 0.01) {
            return "salts " + i + " and " + j + " correlate: " + correlation;
          }
        }
      }
    }
    if (print) {
      System.out.printf("largest correlation of two salts over 100,000 keys: %.4f%n", largest);
    }
    return monotonyFault(split);
  }

  /** A higher weight only adds to the canary, and 0 and 100 are nobody and everybody. */
  private static @Nullable String monotonyFault(Split split) {
    boolean[] before = new boolean[KEYS];
    for (int weight : new int[] {0, 1, 100, 500, 5000, 9999, 10_000}) {
      boolean[] now = chosen(split, 7, weight);
      for (int key = 0; key < KEYS; key++) {
        if (before[key] && !now[key]) {
          return "key " + key + " left the canary at weight " + weight;
        }
        if ((weight == 0 && now[key]) || (weight == 10_000 && !now[key])) {
          return "key " + key + " at weight " + weight;
        }
      }
      before = now;
    }
    return null;
  }

  private static boolean[] chosen(Split split, long salt, int weight) {
    boolean[] chosen = new boolean[KEYS];
    for (int key = 0; key < KEYS; key++) {
      chosen[key] = split.canary(salt, weight, "customer-" + key);
    }
    return chosen;
  }

  private static int count(boolean[] chosen) {
    int count = 0;
    for (boolean one : chosen) {
      count += one ? 1 : 0;
    }
    return count;
  }

  private static double correlation(boolean[] a, boolean[] b) {
    double n = a.length;
    double both = 0;
    for (int i = 0; i < a.length; i++) {
      both += a[i] && b[i] ? 1 : 0;
    }
    double pa = count(a) / n;
    double pb = count(b) / n;
    return (both / n - pa * pb) / Math.sqrt(pa * (1 - pa) * pb * (1 - pb));
  }

  @Test
  void a_value_stays_with_its_version_whatever_else_the_request_holds() throws Exception {
    CanarySpec spec = spec(3, new Traffic.Weight(5000), "/customer/id");
    CanarySplit here = new CanarySplit(spec);
    CanarySplit elsewhere = new CanarySplit(spec);
    for (int i = 0; i < 10_000; i++) {
      long hash = here.hash("k1", json("{\"customer\":{\"id\":\"c" + i + "\"},\"x\":1}"));
      long again = elsewhere.hash("k2", json("{\"customer\":{\"id\":\"c" + i + "\",\"y\":[2]}}"));
      assertThat(again).isEqualTo(hash);
    }
  }

  @Test
  void an_input_without_a_usable_value_is_treated_by_its_key() throws Exception {
    CanarySplit byKey = new CanarySplit(spec(3, new Traffic.Weight(500), "key"));
    CanarySplit split = new CanarySplit(spec(3, new Traffic.Weight(500), "/a/1"));
    long key = byKey.hash("k", NO_INPUT);
    String tooLong = "\"" + "x".repeat(1025) + "\"";
    for (String input :
        List.of(
            "{}",
            "7",
            "{\"a\":null}",
            "{\"a\":[1]}",
            "{\"a\":[1,null]}",
            "{\"a\":[1,{}]}",
            "{\"a\":{\"01\":2}}",
            "{\"a\":[1," + tooLong + "]}")) {
      assertThat(split.hash("k", json(input))).as(input).isEqualTo(key);
    }
    long seven = split.hash("k", json("{\"a\":[1,7]}"));
    assertThat(seven).isNotEqualTo(key);
    assertThat(split.hash("k", json("{\"a\":[1,\"7\"]}"))).isEqualTo(seven);
    assertThat(split.hash("k", json("{\"a\":{\"1\":7.0}}"))).isEqualTo(seven);
    assertThat(split.hash("k", json("{\"a\":[1,true]}"))).isNotEqualTo(key);
    CanarySplit needlessZero = new CanarySplit(spec(3, new Traffic.Weight(500), "/a/01"));
    assertThat(needlessZero.hash("k", json("{\"a\":[1,7]}"))).isEqualTo(key);
  }

  @Test
  void a_shadow_answers_nothing() {
    CanarySplit split = new CanarySplit(spec(3, new Traffic.Shadow(), "key"));
    for (int i = 0; i < 1000; i++) {
      assertThat(split.variant(split.hash("k" + i, NO_INPUT))).isEqualTo(CanaryVariant.STABLE);
    }
  }

  private static Json json(String text) throws Exception {
    return JsonReader.read(text.getBytes(StandardCharsets.UTF_8));
  }

  private static CanarySpec spec(long salt, Traffic traffic, String sticky) {
    return new CanarySpec(
        "credit",
        "score",
        "v1",
        "v2",
        traffic,
        Sticky.parse(sticky),
        salt,
        new CanaryBins(List.of(Decimal.ZERO), List.of()),
        CanaryThresholds.DEFAULTS);
  }
}
