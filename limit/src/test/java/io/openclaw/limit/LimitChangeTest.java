package io.openclaw.limit;

import static io.openclaw.limit.TestFleet.MILLI;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.LimitSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A limit whose mode or largest cost is changed while it is asked for. */
class LimitChangeTest {
  private static final long SECOND = 1000 * MILLI;
  private static final List<String> REGIONS = List.of("a", "b", "c");
  private static final LimitSpec STRICT =
      new LimitSpec("tenant/t", LimitSpec.Level.TENANT, 1_000_000, 200);
  private static final LimitSpec GOSSIP = mode(LimitSpec.Mode.GOSSIP, 0);
  private static final LimitSpec BOUNDED = mode(LimitSpec.Mode.BOUNDED, 50);

  private static LimitSpec mode(LimitSpec.Mode mode, long overdraft) {
    return new LimitSpec(
        "tenant/t", LimitSpec.Level.TENANT, 1_000_000, 200, mode, overdraft, false);
  }

  private static TestFleet fleet(LimitSpec spec, double asked) {
    TestFleet fleet = new TestFleet(11, spec);
    REGIONS.forEach(region -> fleet.start(LeaseSettings.of(region, REGIONS)).asked = asked);
    fleet.run(3 * SECOND);
    return fleet;
  }

  private static long admitted(TestFleet fleet) {
    return fleet.nodes.values().stream().mapToLong(node -> node.admitted).sum();
  }

  @Test
  void a_limit_that_becomes_strict_is_divided_at_once() {
    for (LimitSpec next : List.of(STRICT, BOUNDED)) { // without a ledger that is as strict
      TestFleet fleet = fleet(GOSSIP, 2000);
      fleet.change(next, 1);
      long before = admitted(fleet);
      fleet.run(5 * SECOND);
      assertThat(fleet.fault).isNull();
      assertThat(admitted(fleet) - before).as("of 5,000").isBetween(4_500L, 5_200L);
      assertThat(fleet.node("a").limit.imbalance()).isZero();
    }
  }

  @Test
  void a_limit_that_becomes_gossip_is_whole_in_every_region() {
    for (LimitSpec before : List.of(STRICT, BOUNDED)) {
      TestFleet fleet = fleet(before, 100);
      fleet.node("a").asked = 2000; // blocks of its own, not only the common ones
      fleet.run(2 * SECOND);
      fleet.change(GOSSIP, 1);
      fleet.cut.add("b");
      fleet.node("b").asked = 2000;
      fleet.run(SECOND);
      long admitted = fleet.node("b").admitted;
      fleet.run(2 * SECOND);
      assertThat(fleet.node("b").admitted - admitted).as("alone").isBetween(1_950L, 2_050L);
      fleet.cut.clear();
      fleet.change(before, 1);
      fleet.run(5 * SECOND);
      assertThat(fleet.fault).isNull();
    }
  }

  @Test
  void a_limit_may_be_changed_to_and_fro() {
    TestFleet fleet = fleet(STRICT, 2000);
    for (int i = 0; i < 10; i++) {
      fleet.change(i % 2 == 0 ? GOSSIP : STRICT, 1);
      fleet.run(700 * MILLI);
    }
    assertThat(fleet.fault).isNull();
    assertThat(fleet.node("c").limit.imbalance()).isZero();
  }

  @Test
  void what_may_not_be_owed_any_more_is_not_borrowed() {
    Limit limit = Limiter.alone("r", "r#1", true, 0).limit(BOUNDED, 1, 0);
    limit.overdraft(50);
    assertThat(limit.take(230, 0)).isNotNull();
    limit.change(STRICT, new Shape(Shape.Key.of(STRICT, 1), new BlockMap(List.of("r")), 0), 0);
    assertThat(limit.take(1, 0)).isNull();
    assertThat(limit.debt(0)).as("and what is owed is repaid").isEqualTo(30);
  }

  @Test
  void a_request_that_became_dearer_finds_enough_blocks() {
    LimitSpec small = new LimitSpec("tenant/t", LimitSpec.Level.TENANT, 100_000, 60);
    TestFleet fleet = fleet(small, 10);
    assertThat(fleet.node("b").limit.isDivisible()).isTrue();
    fleet.cost = 50;
    fleet.change(small, 50); // no third of the burst pays for it
    assertThat(fleet.node("b").limit.isDivisible()).isFalse();
    assertThat(fleet.node("b").limit.largestCost()).isEqualTo(50);
    fleet.node("b").asked = 1000;
    fleet.run(4 * SECOND);
    long admitted = fleet.node("b").admitted;
    fleet.run(10 * SECOND);
    assertThat(fleet.node("b").admitted - admitted).as("of 1,000").isBetween(800L, 1_050L);
    assertThat(fleet.fault).isNull();
  }
}
