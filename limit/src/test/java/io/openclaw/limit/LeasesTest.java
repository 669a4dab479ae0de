package io.openclaw.limit;

import static io.openclaw.limit.TestFleet.MILLI;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.PeerProtocol;
import io.openclaw.domain.WireException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Small fleets with a queue instead of a mesh. */
class LeasesTest {
  private static final long SECOND = 1000 * MILLI;
  private static final List<String> THREE = List.of("a", "b", "c");
  private static final List<String> FIVE = List.of("a", "b", "c", "d", "e");
  private static final LimitSpec SPEC =
      new LimitSpec("tenant/t", LimitSpec.Level.TENANT, 1_000_000, 200);

  @Test
  void all_regions_get_their_share_soon_after_the_voters_quiet_time() {
    for (List<String> regions : List.of(THREE, FIVE)) {
      TestFleet fleet = fleet(1, regions, SPEC);
      fleet.run(SECOND);
      assertThat(blocks(fleet)).isEqualTo(64);
      for (String region : regions) {
        assertThat(fleet.node(region).blocks()).as(region).isBetween(12, 22);
        assertThat(fleet.node(region).leases.isHeld()).isTrue();
      }
      assertThat(fleet.fault).isNull();
    }
  }

  @Test
  void the_first_heir_takes_over_from_a_dead_region_and_gives_back_when_it_returns() {
    for (long seed = 1; seed <= 10; seed++) {
      TestFleet fleet = fleet(seed, FIVE, SPEC);
      fleet.run(3 * SECOND);
      int its = fleet.node("b").blocks();
      int before = fleet.node("c").blocks();
      fleet.kill("b");
      fleet.run(300 * MILLI);
      assertThat(fleet.node("c").blocks()).as("not while b may use them").isEqualTo(before);
      fleet.run(250 * MILLI); // W = 401 ms since b's last beat, a tick and two ways
      assertThat(fleet.node("c").blocks()).as("seed %d", seed).isEqualTo(before + its);
      assertThat(fleet.node("c").leases.inherited()).containsExactly("b");
      fleet.run(SECOND);
      fleet.start(LeaseSettings.of("b", FIVE));
      fleet.run(2 * SECOND);
      assertThat(fleet.node("b").blocks()).as("seed %d", seed).isEqualTo(its);
      assertThat(fleet.node("c").blocks()).as("seed %d", seed).isEqualTo(before);
      assertThat(fleet.node("c").leases.inherited()).isEmpty();
      assertThat(fleet.fault).isNull();
    }
  }

  @Test
  void blocks_follow_demand() {
    TestFleet fleet = fleet(3, THREE, SPEC);
    fleet.run(3 * SECOND);
    fleet.node("a").asked = 2000;
    fleet.node("b").asked = 50;
    fleet.run(3 * SECOND);
    assertThat(fleet.node("a").blocks()).isGreaterThan(50);
    fleet.node("a").asked = 50;
    fleet.node("b").asked = 2000;
    fleet.run(3 * SECOND);
    assertThat(fleet.node("b").blocks()).isGreaterThan(50);
    assertThat(fleet.node("a").blocks()).isBetween(1, 10);
    long admitted = admitted(fleet);
    fleet.run(5 * SECOND);
    assertThat(admitted(fleet) - admitted).as("of 5,000").isBetween(4_800L, 5_300L);
    assertThat(fleet.fault).isNull();
  }

  @Test
  void an_isolated_region_spends_its_floor_only_and_the_others_go_on() {
    TestFleet fleet = fleet(4, THREE, SPEC);
    for (String region : THREE) {
      fleet.node(region).asked = 2000;
    }
    fleet.run(3 * SECOND);
    fleet.cut.add("a");
    fleet.run(SECOND);
    assertThat(fleet.node("a").blocks()).isZero();
    assertThat(allInUse(fleet)).as("the others have its blocks").isTrue();
    long admitted = fleet.node("a").admitted;
    fleet.run(10 * SECOND);
    assertThat(fleet.node("a").admitted - admitted)
        .as("3 %% of 1,000, a third of it, for 10 s")
        .isBetween(90L, 102L);
    fleet.cut.clear();
    fleet.run(8 * SECOND);
    assertThat(fleet.node("a").blocks()).isBetween(15, 30);
    assertThat(fleet.fault).isNull();
  }

  @Test
  void blocks_that_were_given_to_a_region_that_died_come_home() {
    TestFleet fleet = fleet(5, THREE, SPEC);
    fleet.run(3 * SECOND);
    fleet.node("b").asked = 3000;
    fleet.run(2 * SECOND);
    assertThat(fleet.node("b").blocks()).isGreaterThan(50);
    fleet.kill("b");
    fleet.run(4 * SECOND);
    assertThat(blocks(fleet)).as("all blocks are in use again").isEqualTo(64);
    fleet.start(LeaseSettings.of("b", THREE));
    fleet.run(4 * SECOND);
    assertThat(blocks(fleet)).isEqualTo(64);
    assertThat(fleet.node("b").blocks()).isPositive();
    assertThat(fleet.fault).isNull();
  }

  @Test
  void a_limit_too_small_to_be_divided_gathers_where_it_is_asked_for() {
    LimitSpec small = new LimitSpec("key/k", LimitSpec.Level.KEY, 5_000, 2);
    TestFleet fleet = fleet(6, THREE, small);
    fleet.run(3 * SECOND);
    fleet.node("c").asked = 20;
    fleet.run(5 * SECOND);
    assertThat(fleet.node("c").blocks()).isEqualTo(64);
    long admitted = fleet.node("c").admitted;
    fleet.run(10 * SECOND);
    assertThat(fleet.node("c").admitted - admitted).as("of 50").isBetween(45L, 52L);
    assertThat(fleet.fault).isNull();
  }

  @Test
  void every_region_that_is_asked_is_served_however_little_there_is_to_divide() {
    for (int size = 2; size <= 9; size++) {
      List<String> regions = BlocksTest.regions(size);
      for (long burst = size; burst <= 3L * size; burst += Math.max(1, size / 2)) {
        TestFleet fleet =
            fleet(burst, regions, new LimitSpec("t", LimitSpec.Level.TENANT, 1_000_000, burst));
        fleet.run(3 * SECOND);
        boolean divided = fleet.node(regions.getFirst()).limit.isDivisible();
        for (String region : regions) {
          fleet.node(region).asked = 20;
          if (!divided) { // one has all of it, and the next one when that is asked no more
            fleet.run(3 * SECOND);
            fleet.node(region).asked = 0;
          }
        }
        fleet.run(SECOND);
        for (String region : regions) {
          assertThat(fleet.node(region).admitted)
              .as("%s with a burst of %d over %d", region, burst, size)
              .isPositive();
        }
        assertThat(fleet.fault).isNull();
      }
    }
  }

  @Test
  void nothing_is_ever_used_twice_whatever_dies_is_cut_off_or_asked() {
    int takeOvers = 0;
    for (long seed = 1; seed <= 25; seed++) {
      TestFleet fleet = chaos(seed, seed % 2 == 0 ? THREE : FIVE, 0.001);
      assertThat(fleet.fault).as("seed %d", seed).isNull();
      fleet.cut.clear();
      fleet.lossRate = 0;
      fleet.delayMax = 40 * MILLI;
      assertThat(allInUse(fleet)).as("seed %d: all is well again", seed).isTrue();
      assertThat(fleet.fault).as("seed %d", seed).isNull();
      takeOvers += fleet.nodes.values().stream().mapToInt(n -> (int) n.leases.takeOvers()).sum();
    }
    assertThat(takeOvers).isGreaterThan(10);
  }

  @Test
  void clocks_that_drift_far_more_than_was_promised_are_found_out() {
    // The planted bug: ρ is 0.1 %, and clocks differ by 60 %.
    int found = 0;
    for (long seed = 1; seed <= 10; seed++) {
      found += chaos(seed, THREE, 0.6).fault == null ? 0 : 1;
    }
    assertThat(found).isPositive();
  }

  @Test
  void voters_are_replaced_region_by_region_under_load() {
    List<String> regions = List.of("a", "b", "c", "d");
    for (long seed = 1; seed <= 10; seed++) {
      RandomGenerator random = new SplittableRandom(seed);
      TestFleet fleet = new TestFleet(seed, SPEC);
      regions.forEach(region -> fleet.start(voters(region, regions, 1)));
      int[] configuration = {1, 1, 1, 1};
      fleet.run(2 * SECOND);
      for (int next = 2; next <= 3; next++) {
        for (int i = 0; i < 4; i++) {
          configuration[i] = next;
          restart(fleet, regions, configuration, i, random);
          if (random.nextBoolean()) {
            restart(fleet, regions, configuration, random.nextInt(4), random);
          }
        }
        assertThat(allInUse(fleet)).as("seed %d, choice %d", seed, next).isTrue();
      }
      assertThat(fleet.fault).as("seed %d", seed).isNull();
    }
  }

  @Test
  void a_region_whose_choice_of_voters_is_two_ahead_is_not_answered() {
    List<String> regions = List.of("a", "b", "c", "d");
    TestFleet fleet = new TestFleet(9, SPEC);
    for (String region : THREE) {
      fleet.start(voters(region, regions, 1));
    }
    fleet.start(voters("d", regions, 3));
    fleet.run(5 * SECOND);
    assertThat(fleet.node("d").blocks()).isZero();
    assertThat(fleet.node("d").leases.isHeld()).isFalse();
    assertThat(fleet.node("a").blocks()).isPositive();
    fleet.start(voters("d", regions, 2));
    fleet.run(5 * SECOND);
    assertThat(fleet.node("d").leases.isHeld()).isTrue();
    assertThat(fleet.fault).isNull();
  }

  @Test
  void a_restart_while_another_region_is_down_keeps_the_leases_whatever_the_choice_of_voters() {
    List<String> regions = List.of("a", "b", "c", "d");
    for (int configuration = 1; configuration <= 4; configuration++) {
      TestFleet fleet = new TestFleet(9, SPEC);
      for (String region : regions) {
        fleet.start(voters(region, regions, configuration));
      }
      fleet.run(3 * SECOND);
      fleet.kill("d");
      fleet.run(SECOND);
      long followed = fleet.node("b").leases.followed();
      assertThat(followed).isEqualTo(configuration);
      fleet.start(voters("b", regions, configuration), followed);
      fleet.run(3 * SECOND);
      assertThat(fleet.node("b").leases.isHeld()).as("choice %d", configuration).isTrue();
      assertThat(allInUse(fleet)).as("choice %d", configuration).isTrue();
      assertThat(fleet.fault).isNull();
    }
  }

  @Test
  void after_the_first_change_of_voters_no_note_is_needed() {
    List<String> regions = List.of("a", "b", "c", "d");
    TestFleet fleet = new TestFleet(9, SPEC);
    for (String region : THREE) { // never heard of d
      fleet.start(voters(region, regions, 2));
    }
    fleet.run(5 * SECOND);
    assertThat(fleet.node("a").leases.isHeld()).isTrue();
    assertThat(fleet.node("a").leases.followed()).as("d may have the first still").isEqualTo(1);
    for (String region : THREE) {
      fleet.start(voters(region, regions, 3), fleet.node(region).leases.followed());
    }
    fleet.run(5 * SECOND);
    assertThat(fleet.node("a").leases.isHeld()).as("before d has the second").isFalse();
    assertThat(fleet.fault).isNull();
  }

  private static void restart(
      TestFleet fleet, List<String> regions, int[] configuration, int i, RandomGenerator random) {
    fleet.start(voters(regions.get(i), regions, configuration[i])).asked = random.nextInt(1500);
    fleet.run(random.nextLong(2 * SECOND));
  }

  /** {a,b,c}, then {a,b,c} and {b,c,d}, then {b,c,d}. */
  private static LeaseSettings voters(String self, List<String> regions, int configuration) {
    List<String> before = regions.subList(0, 3);
    List<String> after = regions.subList(1, 4);
    List<List<String>> voters =
        switch (configuration) {
          case 1 -> List.of(before);
          case 2 -> List.of(before, after);
          default -> List.of(after);
        };
    return new LeaseSettings(
        self,
        regions,
        voters,
        configuration,
        LeaseSettings.LEASE_NANOS,
        LeaseSettings.DRIFT_PPM,
        LeaseSettings.FLOOR_PPM);
  }

  static TestFleet chaos(long seed, List<String> regions, double drift) {
    RandomGenerator random = new SplittableRandom(seed * 31);
    TestFleet fleet = new TestFleet(seed, SPEC);
    fleet.drift = drift;
    fleet.delayMax = 1 + random.nextLong(150 * MILLI);
    fleet.lossRate = random.nextDouble() * 0.1;
    regions.forEach(region -> fleet.start(LeaseSettings.of(region, regions)));
    for (int step = 0; step < 40 && fleet.fault == null; step++) {
      String region = regions.get(random.nextInt(regions.size()));
      switch (random.nextInt(6)) {
        case 0 -> fleet.start(LeaseSettings.of(region, regions));
        case 1 -> fleet.cut.add(region);
        case 2, 3 -> fleet.cut.clear();
        default -> fleet.node(region).asked = random.nextInt(2500);
      }
      fleet.run(random.nextLong(SECOND));
    }
    return fleet;
  }

  private static TestFleet fleet(long seed, List<String> regions, LimitSpec spec) {
    TestFleet fleet = new TestFleet(seed, spec);
    regions.forEach(region -> fleet.start(LeaseSettings.of(region, regions)));
    return fleet;
  }

  /** Whether, but for those on their way, all blocks are soon in use. */
  private static boolean allInUse(TestFleet fleet) {
    for (int step = 0; step < 100; step++) {
      fleet.run(100 * MILLI);
      if (blocks(fleet) == 64) {
        return true;
      }
    }
    return false;
  }

  private static int blocks(TestFleet fleet) {
    return fleet.nodes.values().stream().mapToInt(TestFleet.Node::blocks).sum();
  }

  private static long admitted(TestFleet fleet) {
    return fleet.nodes.values().stream().mapToLong(n -> n.admitted).sum();
  }

  @Test
  void what_a_peer_missed_is_sent_again_also_while_claims_go_on_changing() throws WireException {
    Limiter limiter = new Limiter(LeaseSettings.of("a", THREE), "a#1", false, 0);
    Leases leases = new Leases(limiter, 1, 0);
    LeaseCodec codec = new LeaseCodec(limiter.map());
    Blocks ofB = limiter.map().defaults(limiter.map().offset("t"), 1);
    List<Long> sentFrom = new ArrayList<>();
    PeerProtocol.Sender sender =
        (peer, bytes) -> {
          if (peer.equals("c") && read(codec, bytes) instanceof LeaseMessage.Claims claims) {
            sentFrom.add(claims.from());
          }
          return true; // and lost: c never confirms
        };
    for (int i = 1; i <= 20; i++) {
      long now = i * 200L * MILLI;
      Blocks gone = ofB.first(i);
      LeaseMessage.Claim claim =
          new LeaseMessage.Claim(
              gone, limiter.map().none(), List.of(new LeaseMessage.Give(0, gone)));
      LeaseMessage.Claims claims =
          new LeaseMessage.Claims(i - 1L, i, List.of(new LeaseMessage.Change<>("t", claim)));
      leases.received("b", 1, codec.write(claims), sender, now);
      leases.tick(Set.of("b", "c"), sender, now);
    }
    assertThat(sentFrom.stream().filter(from -> from == 0).count()).isGreaterThan(1);
  }

  private static LeaseMessage read(LeaseCodec codec, byte[] bytes) {
    try {
      return codec.read(bytes);
    } catch (WireException e) {
      throw new IllegalStateException(e);
    }
  }
}
