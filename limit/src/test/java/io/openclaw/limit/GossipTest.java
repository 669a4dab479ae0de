package io.openclaw.limit;

import static io.openclaw.limit.TestFleet.MILLI;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.LimitSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mode gossip: every region counts against the whole limit, less what it has heard. */
class GossipTest {
  private static final long SECOND = 1000 * MILLI;
  private static final int RATE = 1000;

  private static LimitSpec spec(long burst) {
    return new LimitSpec(
        "tenant/t", LimitSpec.Level.TENANT, RATE * 1000L, burst, LimitSpec.Mode.GOSSIP, 0, false);
  }

  private static TestFleet fleet(int regions, long burst, long delayMillis) {
    TestFleet fleet = new TestFleet(regions, spec(burst));
    fleet.delayMax = delayMillis * MILLI;
    List<String> names = BlocksTest.regions(regions);
    names.forEach(name -> fleet.start(LeaseSettings.of(name, names)));
    fleet.run(3 * SECOND);
    return fleet;
  }

  private static long admitted(TestFleet fleet) {
    return fleet.nodes.values().stream().mapToLong(node -> node.admitted).sum();
  }

  private static void askAll(TestFleet fleet, double each) {
    fleet.nodes.values().forEach(node -> node.asked = each);
  }

  @ParameterizedTest
  @CsvSource({"2,200,20", "3,200,20", "3,1000,150", "3,50,150", "5,200,100", "9,1000,100"})
  void all_regions_together_admit_the_rate(int regions, long burst, long delayMillis) {
    TestFleet fleet = fleet(regions, burst, delayMillis);
    askAll(fleet, 2 * RATE);
    fleet.run(5 * SECOND);
    long before = admitted(fleet);
    fleet.run(20 * SECOND);
    double perSecond = (admitted(fleet) - before) / 20.0;
    assertThat(perSecond).isBetween(0.9 * RATE, 1.1 * RATE);
  }

  @Test
  void demand_below_the_rate_is_served() {
    TestFleet fleet = fleet(3, 200, 20);
    askAll(fleet, 0.3 * RATE);
    fleet.run(5 * SECOND);
    long before = admitted(fleet);
    fleet.run(10 * SECOND);
    assertThat(admitted(fleet) - before).isBetween(8_800L, 9_050L);
  }

  @Test
  void what_was_spent_during_a_cut_is_made_up_for_in_part() {
    TestFleet fleet = fleet(3, 200, 20);
    askAll(fleet, 2 * RATE);
    fleet.cut.add("r001");
    fleet.run(20 * SECOND);
    assertThat(fleet.node("r001").admitted).as("alone").isBetween(19_900L, 20_300L);
    fleet.cut.clear();
    fleet.run(3 * SECOND);
    long before = admitted(fleet);
    fleet.run(10 * SECOND);
    assertThat(admitted(fleet) - before).isBetween(9_000L, 11_000L);
  }

  @Test
  void a_region_that_starts_does_not_make_up_for_what_was_spent_before() {
    TestFleet fleet = fleet(3, 200, 20);
    askAll(fleet, RATE);
    fleet.run(10 * SECOND);
    askAll(fleet, 0);
    fleet.run(SECOND);
    List<String> names = BlocksTest.regions(3);
    TestFleet.Node again = fleet.start(LeaseSettings.of("r000", names));
    fleet.nodes.values().forEach(n -> n.limiter.facts().all(again.limiter.facts()::merge));
    again.asked = RATE;
    fleet.run(SECOND);
    assertThat(again.admitted).isGreaterThan(900);
    assertThat(again.limit.imbalance()).isZero();
  }

  @Test
  void it_says_how_long_it_takes_until_what_others_spent_is_made_up_for() {
    TestFleet fleet = fleet(3, 200, 20);
    Limit limit = fleet.node("r000").limit;
    long now = fleet.node("r000").clock();
    long full = limit.tokens(now);
    limit.drain(full + 100, true, now);
    assertThat(limit.tokens(now)).isZero();
    assertThat(limit.debt(now)).isZero();
    assertThat(limit.take(1, now)).isNull();
    assertThat(limit.nanosUntil(1, now)).isBetween(100 * MILLI, 102 * MILLI);
    limit.drain(1L << 62, true, now);
    assertThat(limit.nanosUntil(1, now))
        .as("a burst, and two others for 0.5 s")
        .isEqualTo(1201 * MILLI);
    limit.drain(1L << 62, false, now);
    assertThat(limit.nanosUntil(1, now)).isEqualTo(1201 * MILLI);
    assertThat(limit.imbalance()).isZero();
  }

  @Test
  void the_largest_limit_of_the_largest_fleet_does_not_overflow() {
    List<String> names = BlocksTest.regions(64);
    Limiter limiter = new Limiter(LeaseSettings.of("r000", names), "r000#1", false, 0);
    LimitSpec most =
        new LimitSpec(
            "t",
            LimitSpec.Level.TENANT,
            LimitSpec.RATE_MAX * 1000,
            LimitSpec.BURST_MAX,
            LimitSpec.Mode.GOSSIP,
            0,
            false);
    Limit limit = limiter.limit(most, 1, 0);
    limit.drain(Long.MAX_VALUE, true, 0);
    limit.drain(Long.MAX_VALUE, true, 0);
    assertThat(limit.nanosUntil(1, 0)).isEqualTo(40 * SECOND + 10);
    assertThat(limit.tokens(40 * SECOND)).isZero();
    assertThat(limit.tokens(45 * SECOND)).isEqualTo(500_000_000);
    assertThat(limit.tokens(900 * SECOND)).isEqualTo(LimitSpec.BURST_MAX);
    assertThat(limit.imbalance()).isZero();
  }
}
