package io.openclaw.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GCounterTest {
  private static final int SEEDS = 300;
  private static final List<String> WRITERS = List.of("us#1", "eu#1", "ap#1", "us#2");

  @Test
  void merging_keeps_the_laws_of_a_semilattice_over_seeds() {
    assertThat(brokenLaw(GCounter::merge)).isNull();
  }

  @Test
  void a_merge_by_sum_is_caught_by_that_checker() {
    assertThat(brokenLaw(GCounterTest::sum)).isNotNull();
  }

  @Test
  void replicas_agree_with_the_truth_after_lost_repeated_and_reordered_deltas() {
    assertThat(wrongReplica(GCounter::merge)).isNull();
  }

  @Test
  void a_merge_by_sum_does_not_survive_repeated_deltas() {
    assertThat(wrongReplica(GCounterTest::sum)).isNotNull();
  }

  /** The planted bug: what a counter of plain additions would do. */
  private static GCounter sum(GCounter a, GCounter b) {
    TreeMap<String, Long> counts = new TreeMap<>(a.counts());
    b.counts().forEach((writer, count) -> counts.merge(writer, count, Long::sum));
    return new GCounter(counts);
  }

  /** The first law broken, with its seed; null where all hold. */
  private static @Nullable String brokenLaw(BinaryOperator<GCounter> merge) {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      GCounter a = any(random);
      GCounter b = any(random);
      GCounter c = any(random);
      GCounter ab = merge.apply(a, b);
      if (!ab.equals(merge.apply(b, a))) {
        return "not commutative, seed " + seed;
      }
      if (!merge.apply(ab, c).equals(merge.apply(a, merge.apply(b, c)))) {
        return "not associative, seed " + seed;
      }
      if (!merge.apply(a, a).equals(a) || !merge.apply(ab, b).equals(ab)) {
        return "not idempotent, seed " + seed;
      }
      if (!merge.apply(a, GCounter.ZERO).equals(a)) {
        return "zero is not neutral, seed " + seed;
      }
      for (String writer : WRITERS) {
        if (ab.of(writer) != Math.max(a.of(writer), b.of(writer))) {
          return "not the least upper bound, seed " + seed;
        }
      }
    }
    return null;
  }

  private static GCounter any(Random random) {
    GCounter counter = GCounter.ZERO;
    for (int i = random.nextInt(6); i > 0; i--) {
      counter = counter.add(WRITERS.get(random.nextInt(WRITERS.size())), random.nextLong(1L << 40));
    }
    return counter;
  }

  /** The first replica that does not see the truth once the last delta of each writer is in. */
  private static @Nullable String wrongReplica(BinaryOperator<GCounter> merge) {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      TreeMap<String, Long> truth = new TreeMap<>();
      List<GCounter> deltas = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        String writer = WRITERS.get(random.nextInt(WRITERS.size()));
        long count = truth.getOrDefault(writer, 0L) + 1 + random.nextInt(9);
        truth.put(writer, count);
        deltas.add(GCounter.delta(writer, count));
      }
      deltas.addAll(deltas.subList(0, 10)); // repeated
      deltas.removeIf(lost -> random.nextInt(4) == 0);
      truth.forEach((writer, count) -> deltas.add(GCounter.delta(writer, count)));
      Collections.shuffle(deltas, random);
      GCounter replica = deltas.stream().reduce(GCounter.ZERO, merge);
      if (!replica.counts().equals(truth)) {
        return replica + " (expected: " + truth + "), seed " + seed;
      }
    }
    return null;
  }

  @Test
  void only_the_writers_own_count_grows_by_adding() {
    GCounter counter = GCounter.ZERO.add("us#1", 3).add("eu#1", 4).add("us#1", 2);
    assertThat(counter.counts()).isEqualTo(Map.of("us#1", 5L, "eu#1", 4L));
    assertThat(counter.of("us#1")).isEqualTo(5);
    assertThat(counter.of("nobody")).isZero();
    assertThat(counter.total()).isEqualTo(9);
    assertThat(counter.add("us#1", 0)).isSameAs(counter);
  }

  @Test
  void a_total_beyond_a_long_is_the_largest_long_and_a_count_beyond_it_is_refused() {
    GCounter counter = GCounter.delta("us#1", Long.MAX_VALUE).add("eu#1", 1);
    assertThat(counter.total()).isEqualTo(Long.MAX_VALUE);
    assertThatThrownBy(() -> counter.add("us#1", 1)).isInstanceOf(ArithmeticException.class);
  }

  @Test
  void a_count_below_one_is_refused_and_the_counts_handed_over_are_copied() {
    TreeMap<String, Long> counts = new TreeMap<>(Map.of("us#1", 1L));
    GCounter counter = new GCounter(counts);
    counts.put("us#1", 2L);
    assertThat(counter.of("us#1")).isEqualTo(1);
    assertThatThrownBy(() -> counter.counts().put("us#1", 3L))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> new GCounter(new TreeMap<>(Map.of("us#1", 0L))))
        .hasMessage("count: 0 (expected: > 0)");
    assertThatThrownBy(() -> GCounter.ZERO.add("us#1", -1)).hasMessage("count: -1 (expected: > 0)");
  }
}
