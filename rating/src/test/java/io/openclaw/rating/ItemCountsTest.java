package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ItemCountsTest {
  private static final int STEPS = 3;

  @Test
  void merge_is_commutative_associative_and_idempotent() {
    for (long seed = 1; seed <= 500; seed++) {
      List<ItemCounts> seen = history(new Random(seed));
      Random random = new Random(seed);
      ItemCounts a = seen.get(random.nextInt(seen.size()));
      ItemCounts b = seen.get(random.nextInt(seen.size()));
      ItemCounts c = seen.get(random.nextInt(seen.size()));
      assertThat(a.merge(b)).as("seed %d", seed).isEqualTo(b.merge(a));
      assertThat(a.merge(b).hashCode()).as("seed %d", seed).isEqualTo(b.merge(a).hashCode());
      assertThat(a.merge(b).merge(c)).as("seed %d", seed).isEqualTo(a.merge(b.merge(c)));
      assertThat(a.merge(a)).as("seed %d", seed).isEqualTo(a);
      assertThat(a.merge(b).merge(b)).as("seed %d", seed).isEqualTo(a.merge(b));
    }
  }

  /** States of three writers who score, take back and hear of each other now and then. */
  private static List<ItemCounts> history(Random random) {
    List<ItemCounts> states = new ArrayList<>();
    List<String> writers = List.of("a", "b", "c");
    ItemCounts[] now = new ItemCounts[3];
    for (int i = 0; i < 3; i++) {
      now[i] = ItemCounts.empty(STEPS);
    }
    for (int i = 0; i < 40; i++) {
      int who = random.nextInt(3);
      int step = random.nextInt(STEPS);
      long[] own = now[who].vector(writers.get(who));
      now[who] =
          switch (random.nextInt(3)) {
            case 0 -> now[who].merge(now[random.nextInt(3)]);
            case 1 ->
                own != null && own[step] > own[STEPS + step]
                    ? now[who].plusRetraction(writers.get(who), step)
                    : now[who];
            default -> now[who].plusScore(writers.get(who), step);
          };
      states.add(now[who]);
    }
    return states;
  }

  @Test
  void what_is_taken_back_no_longer_counts() {
    ItemCounts counts =
        ItemCounts.empty(2)
            .plusScore("b", 1)
            .plusScore("a", 1)
            .plusScore("a", 0)
            .plusRetraction("b", 1);
    assertThat(counts.count(0)).isEqualTo(1);
    assertThat(counts.count(1)).isEqualTo(1);
    assertThat(counts.total()).isEqualTo(2);
    assertThat(counts.vector("b")).containsExactly(0, 1, 0, 1);
    assertThat(counts.vector("c")).isNull();
  }

  @Test
  void a_vector_that_no_writer_can_have_told_is_refused() {
    ItemCounts counts = ItemCounts.empty(2);
    assertRefused(counts, 1, 1, 0);
    assertRefused(counts, 1, 1, 2, 0);
    assertRefused(counts, -1, 1, 0, 0);
    assertRefused(counts, 1, 1, -1, 0);
    assertRefused(counts, Long.MAX_VALUE, 1, 0, 0);
  }

  private static void assertRefused(ItemCounts counts, long... vector) {
    assertThatThrownBy(() -> counts.merge("a", vector))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(expected: ");
  }
}
