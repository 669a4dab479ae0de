package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** A table and copies of it that hear its deltas late, twice, in another order or not at all. */
class VersionedTableTest {
  private static final int CHUNK = 3;

  private record Delta(long from, long to, Map<String, Integer> values) {}

  /** What a voter does with claims, and a holder with denials. */
  private static final class Copy {
    long known;
    final Map<String, Integer> values = new HashMap<>();

    void take(Delta delta) {
      if (delta.from <= known && delta.to > known) {
        takeAnyhow(delta);
      }
    }

    void takeAnyhow(Delta delta) {
      values.putAll(delta.values);
      values.values().removeIf(value -> value == 0);
      known = delta.to;
    }
  }

  @Test
  void copies_become_equal_whatever_happens_to_deltas() {
    for (long seed = 1; seed <= 300; seed++) {
      assertThat(copiesAgree(seed, true)).as("seed %d", seed).isTrue();
    }
  }

  @Test
  void a_copy_that_takes_deltas_in_any_order_is_found() {
    int wrong = 0;
    for (long seed = 1; seed <= 50; seed++) {
      wrong += copiesAgree(seed, false) ? 0 : 1;
    }
    assertThat(wrong).isPositive();
  }

  @Test
  void a_value_that_became_neutral_is_told_until_all_know_it_and_then_costs_nothing() {
    VersionedTable<Integer> table = new VersionedTable<>(0);
    table.put("a", 1);
    table.put("b", 2);
    table.put("a", 0);
    assertThat(table.after(2).values()).containsExactly("a");
    table.knownByAll(2);
    assertThat(table.versionOf("a")).isEqualTo(3);
    table.knownByAll(3);
    assertThat(table.versionOf("a")).isZero();
    assertThat(table.after(0).values()).containsExactly("b");
    assertThat(table.version()).isEqualTo(3);
    table.put("a", 7);
    assertThat(table.versionOf("a")).isEqualTo(4);
    table.knownByAll(4);
    assertThat(table.get("a")).isEqualTo(7);
  }

  private static boolean copiesAgree(long seed, boolean inOrder) {
    RandomGenerator random = new SplittableRandom(seed);
    VersionedTable<Integer> table = new VersionedTable<>(0);
    List<Copy> copies = List.of(new Copy(), new Copy(), new Copy());
    List<List<Delta>> ways = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int step = 0; step < 400; step++) {
      if (random.nextInt(2) == 0) {
        table.put("limit" + random.nextInt(12), random.nextInt(3));
      }
      int peer = random.nextInt(copies.size());
      long from = copies.get(peer).known;
      if (table.version() > from) {
        ways.get(peer).add(delta(table, from));
      }
      List<Delta> way = ways.get(random.nextInt(ways.size()));
      if (!way.isEmpty()) {
        Delta delta = way.get(random.nextInt(way.size()));
        if (random.nextInt(3) > 0) {
          way.remove(delta);
        }
        Copy copy = copies.get(ways.indexOf(way));
        if (random.nextInt(4) == 0) {
          continue; // lost
        }
        if (inOrder) {
          copy.take(delta);
        } else {
          copy.takeAnyhow(delta);
        }
      }
      table.knownByAll(copies.stream().mapToLong(c -> c.known).min().orElseThrow());
    }
    boolean agree = true;
    Map<String, Integer> all = new HashMap<>();
    table.forEach(all::put);
    for (Copy copy : copies) {
      while (copy.known < table.version()) {
        copy.take(delta(table, copy.known));
      }
      agree &= copy.values.equals(all);
    }
    return agree;
  }

  /** The next few changes. */
  private static Delta delta(VersionedTable<Integer> table, long from) {
    Map<String, Integer> values = new HashMap<>();
    long to = from;
    for (Map.Entry<Long, String> each : table.after(from).entrySet()) {
      if (values.size() == CHUNK) {
        return new Delta(from, to, values);
      }
      values.put(each.getValue(), table.get(each.getValue()));
      to = each.getKey();
    }
    return new Delta(from, table.version(), values);
  }
}
