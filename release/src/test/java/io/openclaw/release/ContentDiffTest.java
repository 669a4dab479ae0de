package io.openclaw.release;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.Decimal;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.Tenant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

class ContentDiffTest {
  @Test
  void a_cache_that_comes_is_shown() {
    ModelSpec card = Contents.CARD;
    Content before = content(card);
    Content after =
        content(
            new ModelSpec(
                card.place(),
                card.name(),
                card.kind(),
                card.version(),
                card.bytes(),
                null,
                null,
                60));
    assertThat(ContentDiff.of(before, after).text())
        .isEqualTo(
            "~ model card  cache.maxAgeSeconds: none -> 60\n0 to add, 1 to change, 0 to remove");
  }

  private static Content content(ModelSpec card) {
    return new Content(
        null,
        null,
        List.of(card),
        List.of(Contents.tenant("bank")),
        List.of(),
        List.of(),
        Map.of());
  }

  @Test
  void a_plan_names_every_change_in_order_and_counts_them() {
    Content before =
        new Content(
            null,
            null,
            List.of(Contents.CARD),
            List.of(Contents.tenant("bank"), Contents.tenant("old")),
            List.of(Contents.key("zzzzzz", "bank"), Contents.key("aaaaaa", "old")),
            List.of(),
            Map.of());
    Content after =
        new Content(
            new LimitSpec("global", LimitSpec.Level.GLOBAL, 500, 5),
            null,
            List.of(Contents.model("card", "{\"kind\":\"scorecard\",\"n\":1}")),
            List.of(
                Contents.tenant("shop"),
                new Tenant(
                    "bank",
                    List.of("card"),
                    new Decimal(640, 0),
                    2,
                    new LimitSpec("tenant/bank", LimitSpec.Level.TENANT, 50_000, 100))),
            List.of(Contents.key("zzzzzz", "bank")),
            List.of(),
            Map.of());
    assertThat(ContentDiff.of(before, after).text())
        .matches(
            """
            \\+ limit
            ~ model card  sha256: [0-9a-f]{12} -> [0-9a-f]{12}
            ~ tenant bank  cost: none -> 2
            ~ tenant bank  limit\\.burst: none -> 100
            ~ tenant bank  limit\\.rate: none -> 50
            ~ tenant bank  threshold: 650 -> 640
            - tenant old
            \\+ tenant shop
            - key aaaaaa
            2 to add, 2 to change, 2 to remove""");
    assertThat(ContentDiff.of(after, after).text()).isEqualTo("no changes");
  }

  /** What a diff must say of tenants and keys, found without it. */
  private static boolean isComplete(Content before, Content after, ContentDiff diff) {
    TreeSet<String> said = new TreeSet<>();
    diff.changes().forEach(c -> said.add(c.what() + " " + c.name()));
    TreeSet<String> expected = new TreeSet<>();
    differing(
        expected, "tenant ", byId(before.tenants(), Tenant::id), byId(after.tenants(), Tenant::id));
    differing(expected, "key ", byId(before.keys(), ApiKey::id), byId(after.keys(), ApiKey::id));
    return said.equals(expected) && diff.isEmpty() == expected.isEmpty();
  }

  private static <T> Map<String, T> byId(List<T> all, java.util.function.Function<T, String> id) {
    Map<String, T> map = new HashMap<>();
    all.forEach(each -> map.put(id.apply(each), each));
    return map;
  }

  private static <T> void differing(
      java.util.Set<String> names, String what, Map<String, T> before, Map<String, T> after) {
    before.forEach(
        (id, each) -> {
          if (!each.equals(after.get(id))) {
            names.add(what + id);
          }
        });
    after.keySet().stream()
        .filter(id -> !before.containsKey(id))
        .forEach(id -> names.add(what + id));
  }

  private static Content random(Random random) {
    List<Tenant> tenants = new ArrayList<>();
    List<ApiKey> keys = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      if (random.nextInt(4) > 0) {
        tenants.add(
            new Tenant("t" + i, List.of("card"), new Decimal(random.nextInt(3), 0), 1, null));
        if (random.nextInt(3) > 0) {
          keys.add(Contents.key("aaaaaa" + i, "t" + i));
        }
      }
    }
    return new Content(null, null, List.of(Contents.CARD), tenants, keys, List.of(), Map.of());
  }

  private static int incomplete(BiFunction<Content, Content, ContentDiff> diff) {
    Random random = new Random(42);
    int found = 0;
    for (int i = 0; i < 500; i++) {
      Content before = random(random);
      Content after = random(random);
      found += isComplete(before, after, diff.apply(before, after)) ? 0 : 1;
    }
    return found;
  }

  @Test
  void no_change_is_missed_and_a_diff_that_misses_removed_keys_is_found() {
    assertThat(incomplete(ContentDiff::of)).isZero();
    assertThat(
            incomplete(
                (before, after) ->
                    new ContentDiff(
                        ContentDiff.of(before, after).changes().stream()
                            .filter(
                                c -> !(c.what().equals("key") && c.op() == ContentDiff.Op.REMOVE))
                            .toList())))
        .isPositive();
  }
}
