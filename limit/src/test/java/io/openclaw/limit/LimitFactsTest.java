package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Fact;
import io.openclaw.domain.LimitSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LimitFactsTest {
  private static final LimitSpec SPEC =
      new LimitSpec("tenant/t", LimitSpec.Level.TENANT, 1_000_000, 1000);
  private static final List<String> REGIONS = List.of("a", "b", "c");
  private static final BlockMap MAP = new BlockMap(List.of("a", "b", "c", "other"));

  @Test
  void every_region_ends_with_the_same_counts_in_any_order_and_with_repetitions() {
    for (long seed = 1; seed <= 200; seed++) {
      Random random = new Random(seed);
      List<Fact> facts = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        facts.add(
            count(
                REGIONS.get(random.nextInt(3)) + "#" + (1 + random.nextInt(8)),
                random.nextInt(100),
                random.nextInt(9)));
      }
      List<List<String>> ends = new ArrayList<>();
      for (int node = 0; node < 3; node++) {
        List<Fact> heard = new ArrayList<>(facts);
        heard.addAll(facts.subList(0, random.nextInt(facts.size())));
        Collections.shuffle(heard, random);
        LimitFacts table = new LimitFacts("other#1", MAP);
        heard.forEach(table::merge);
        ends.add(all(table));
      }
      assertThat(ends.get(1)).as("seed %d", seed).isEqualTo(ends.get(0));
      assertThat(ends.get(2)).as("seed %d", seed).isEqualTo(ends.get(0));
    }
  }

  @Test
  void what_is_told_again_is_no_demand() {
    LimitFacts table = new LimitFacts("other#1", MAP);
    List<String> moved = new ArrayList<>();
    table.onMoved(row -> moved.add(row.limit));
    table.merge(count("a#1", 5, 1));
    table.merge(count("a#1", 5, 1));
    table.merge(count("a#1", 4, 1));
    assertThat(moved).containsExactly("tenant/t");
    table.merge(count("a#1", 5, 2));
    table.merge(count("b#1", 1, 0));
    assertThat(moved).hasSize(3);
  }

  @Test
  void only_the_newest_incarnations_of_a_region_are_remembered() {
    LimitFacts table = new LimitFacts("other#1", MAP);
    for (int incarnation = 1; incarnation <= 10; incarnation++) {
      table.merge(count("a#" + incarnation, incarnation, 0));
    }
    table.merge(count("a#1", 99, 0));
    assertThat(all(table)).containsExactly("a#10=10,0", "a#7=7,0", "a#8=8,0", "a#9=9,0");
  }

  @Test
  void a_change_is_told_once_with_its_newest_value() {
    Limiter limiter = Limiter.alone("a", "a#1", true, 0);
    Limit limit = limiter.limit(SPEC, 1, 0);
    for (long cost : new long[] {3, 4}) {
      Decision.Admitted admitted = (Decision.Admitted) limiter.admit(limit, cost, 0);
      assertThat(limiter.confirm(limit, admitted, cost, 0)).isTrue();
    }
    List<Fact> told = new ArrayList<>();
    limiter.facts().drainChanges(told::add);
    limiter.facts().drainChanges(told::add);
    assertThat(told).hasSize(1);
    assertThat(text(told.getFirst())).isEqualTo("a#1=7,0");
    assertThat(limiter.facts().totals(limit).spent()).isEqualTo(7);
  }

  @Test
  void what_was_given_back_is_not_spent_in_any_region_though_it_was_told_of_before() {
    Limiter limiter = Limiter.alone("a", "a#1", true, 0);
    Limit limit = limiter.limit(SPEC, 1, 0);
    LimitFacts other = new LimitFacts("b#1", MAP);
    TokenBucket taken = (TokenBucket) limiter.admit(limit, 30, 0);
    limiter.facts().changed(limit);
    limiter.facts().drainChanges(other::merge);
    limit.giveBack(taken, 20, 0);
    limiter.facts().changed(limit);
    limiter.facts().drainChanges(other::merge);
    assertThat(limit.spent()).isEqualTo(10);
    assertThat(limit.imbalance()).isZero();
    Limit there = new Limiter(LeaseSettings.of("b", REGIONS), "b#1", false, 0).limit(SPEC, 1, 0);
    assertThat(other.totals(there).spent()).isEqualTo(10);
    assertThat(limiter.facts().totals(limit).spent()).isEqualTo(10);
  }

  @Test
  void what_makes_no_sense_is_refused() {
    LimitFacts table = new LimitFacts("other#1", MAP);
    assertThatThrownBy(() -> table.merge(count("a#1", -1, 0)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> table.merge(count("a", 1, 0)))
        .hasMessage("writer: a (expected: region#incarnation)");
    assertThatThrownBy(() -> table.merge(new Fact.Register("limits", "tenant/t", 1, new byte[0])))
        .hasMessage("not a count of limits: tenant/t");
    assertThatThrownBy(() -> table.merge(count("nowhere#1", 1, 0)))
        .hasMessage("region: nowhere (expected: one of [a, b, c, other])");
    assertThat(all(table)).isEmpty();
  }

  private static Fact count(String writer, long spent, long denied) {
    return new Fact.Count("limits", SPEC.id(), writer, new long[] {spent, denied});
  }

  private static List<String> all(LimitFacts table) {
    List<String> lines = new ArrayList<>();
    table.all(fact -> lines.add(text(fact)));
    Collections.sort(lines);
    return lines;
  }

  private static String text(Fact fact) {
    return fact instanceof Fact.Count count
        ? count.writer() + "=" + count.values()[0] + "," + count.values()[1]
        : "no count";
  }
}
