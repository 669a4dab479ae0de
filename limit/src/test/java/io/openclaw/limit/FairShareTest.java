package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.BinaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Fair shares, against what they promise and a search of all other divisions. */
class FairShareTest {
  @Test
  void shares_are_max_min_fair_with_the_fewest_moves() {
    assertThat(firstFault(FairShare::targets)).isNull();
  }

  @Test
  void a_division_in_proportion_to_demand_is_found_unfair() {
    // The planted bug: who asks for ten times as much gets ten times as much, and starves others.
    BinaryOperator<int[]> proportional =
        (held, wanted) -> {
          int capacity = Arrays.stream(held).sum();
          int want = Math.max(1, Arrays.stream(wanted).sum());
          int[] target = new int[held.length];
          for (int i = 0; i < held.length; i++) {
            target[i] = (int) (1L * capacity * wanted[i] / want);
          }
          target[0] += capacity - Arrays.stream(target).sum();
          return target;
        };
    assertThat(firstFault(proportional)).isNotNull();
  }

  @Test
  void a_fair_division_that_moves_more_than_it_must_is_found() {
    // The planted bug: the odd blocks always go to the last regions.
    BinaryOperator<int[]> restless =
        (held, wanted) -> {
          int[] sorted = held.clone();
          Arrays.sort(sorted);
          int[] target = FairShare.targets(sorted, wanted);
          assertThat(target).isNotNull();
          return target;
        };
    assertThat(firstFault(restless)).isNotNull();
  }

  @Test
  void nothing_moves_where_everybody_has_what_it_wants() {
    assertThat(FairShare.targets(new int[] {22, 21, 21}, new int[] {0, 0, 0}))
        .containsExactly(22, 21, 21);
    assertThat(FairShare.targets(new int[] {22, 21, 21}, new int[] {20, 21, 1}))
        .containsExactly(22, 21, 21);
    assertThat(FairShare.targets(new int[] {40, 20, 4}, new int[] {99, 99, 2}))
        .containsExactly(31, 31, 2);
  }

  /** What is wrong with the first of many random divisions that is wrong; null where none is. */
  private static @Nullable String firstFault(BinaryOperator<int[]> division) {
    for (long seed = 1; seed <= 3_000; seed++) {
      RandomGenerator random = new SplittableRandom(seed);
      int regions = random.nextInt(1, 5);
      int[] held = random.ints(regions, 0, 9).toArray();
      int[] wanted = random.ints(regions, 0, random.nextBoolean() ? 6 : 20).toArray();
      int[] target = division.apply(held.clone(), wanted.clone());
      String fault = fault(held, wanted, target);
      if (fault != null) {
        return "seed %d: held %s wanted %s target %s: %s"
            .formatted(
                seed,
                Arrays.toString(held),
                Arrays.toString(wanted),
                Arrays.toString(target),
                fault);
      }
    }
    return null;
  }

  private static @Nullable String fault(int[] held, int[] wanted, int[] target) {
    int capacity = Arrays.stream(held).sum();
    if (Arrays.stream(target).sum() != capacity || Arrays.stream(target).anyMatch(t -> t < 0)) {
      return "does not sum to " + capacity;
    }
    int[] best = {Integer.MAX_VALUE};
    boolean[] fair = {false};
    int[] ideal = exact(wanted, capacity);
    search(
        new int[held.length],
        0,
        capacity,
        other -> {
          if (isFair(other, wanted, ideal)) {
            best[0] = Math.min(best[0], moves(held, other));
            fair[0] |= Arrays.equals(other, target);
          }
        });
    if (!fair[0]) {
      return "not max-min fair";
    }
    return moves(held, target) == best[0] ? null : "moves more than " + best[0];
  }

  /** What each gets, one block after the other to whoever has least and wants more; sorted. */
  private static int[] exact(int[] wanted, int capacity) {
    int[] got = new int[wanted.length];
    for (int left = capacity; left > 0; left--) {
      int least = -1;
      for (int i = 0; i < got.length; i++) {
        if (got[i] < wanted[i] && (least < 0 || got[i] < got[least])) {
          least = i;
        }
      }
      if (least < 0) {
        break;
      }
      got[least]++;
    }
    Arrays.sort(got);
    return got;
  }

  /** Whether what is wanted is divided as well as can be; spare blocks may be anywhere. */
  private static boolean isFair(int[] target, int[] wanted, int[] ideal) {
    int[] useful = new int[target.length];
    for (int i = 0; i < target.length; i++) {
      useful[i] = Math.min(target[i], wanted[i]);
    }
    Arrays.sort(useful);
    return Arrays.equals(useful, ideal);
  }

  private static int moves(int[] held, int[] target) {
    int moves = 0;
    for (int i = 0; i < held.length; i++) {
      moves += Math.max(0, target[i] - held[i]);
    }
    return moves;
  }

  private static void search(
      int[] division, int at, int left, java.util.function.Consumer<int[]> sink) {
    if (at == division.length - 1) {
      division[at] = left;
      sink.accept(division);
      return;
    }
    for (int part = 0; part <= left; part++) {
      division[at] = part;
      search(division, at + 1, left - part, sink);
    }
  }
}
