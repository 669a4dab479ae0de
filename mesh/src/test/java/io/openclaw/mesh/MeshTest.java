package io.openclaw.mesh;

import static io.openclaw.mesh.TestFleet.MS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Fact;
import io.openclaw.mesh.MeshView.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MeshTest {
  private static final long SECOND = 1000 * MS;

  private static TestFleet up(long seed, int size) {
    TestFleet fleet = new TestFleet(seed, size).start();
    assertThat(fleet.runUntilUp(3 * SECOND)).as("seed %d", seed).isTrue();
    return fleet;
  }

  @Test
  void peers_are_unknown_at_first_and_up_after_four_heartbeats() {
    TestFleet fleet = new TestFleet(1, 3).start();
    fleet.network.runFor(60 * MS);
    assertThat(fleet.state(0, 1)).isEqualTo(State.UNKNOWN);
    fleet.network.runFor(700 * MS);
    assertThat(fleet.state(0, 1)).isEqualTo(State.UP);
    MeshView.Peer peer = fleet.seen(0, 1);
    assertThat(peer.incarnation()).isEqualTo(1);
    assertThat(peer.connected()).isTrue();
    assertThat(peer.counters().fullStates()).isEqualTo(1);
    assertThat(peer.refusal()).isNull();
  }

  @Test
  void a_change_is_everywhere_within_a_tick_and_the_way() {
    TestFleet fleet = up(2, 3);
    fleet.node(0).table.count("tenant/credit", fleet.node(0).writer(), 1);
    long nanos = fleet.nanosUntilEqual(SECOND);
    assertThat(nanos).isBetween(40 * MS, 50 * MS + 45 * MS + 10 * MS);
  }

  @Test
  void lag_is_the_round_trip_and_some_ticks() {
    TestFleet fleet = up(3, 3);
    fleet.network.runFor(2 * SECOND);
    assertThat(fleet.seen(0, 1).lagNanos()).isBetween(80 * MS, 200 * MS);
    fleet.network.cutBoth("r0", "r1");
    fleet.network.runFor(2 * SECOND);
    assertThat(fleet.seen(0, 1).lagNanos()).isBetween(2000 * MS, 2200 * MS);
    assertThat(fleet.seen(0, 2).lagNanos()).isBetween(80 * MS, 200 * MS);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void a_cut_is_suspected_in_350_to_450_ms_of_silence_and_down_after_two_seconds(long seed) {
    TestFleet fleet = up(seed, 3);
    fleet.network.runFor(SECOND);
    fleet.network.cut("r1", "r0");
    fleet.network.cut("r2", "r0");
    long heard = fleet.node(0).lastHeardNanos;
    while (fleet.state(0, 1) == State.UP) {
      fleet.network.runFor(MS);
    }
    assertThat(fleet.state(0, 1)).isEqualTo(State.SUSPECT);
    // Of two peers the one heard last was heard at most a heartbeat later.
    assertThat(fleet.network.nowNanos() - heard).isBetween(300 * MS, 450 * MS);
    assertThat(fleet.seen(0, 1).sinceNanos() - heard).isLessThanOrEqualTo(400 * MS);
    fleet.network.runFor(2 * SECOND);
    assertThat(fleet.state(0, 1)).isEqualTo(State.DOWN);
    assertThat(fleet.state(1, 2)).isEqualTo(State.UP);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5})
  void all_nodes_are_equal_soon_after_a_partition_heals(int size) {
    for (long seed = 100; seed < 105; seed++) {
      TestFleet fleet = up(seed, size);
      fleet.change(200);
      for (int i = 1; i < size; i++) {
        fleet.network.cutBoth("r0", "r" + i);
      }
      for (int i = 0; i < 12; i++) {
        fleet.change(50);
        fleet.network.runFor(SECOND);
      }
      assertThat(fleet.difference()).isNotNull();
      assertThat(fleet.state(0, 1)).isEqualTo(State.DOWN);
      fleet.network.heal();
      assertThat(fleet.nanosUntilEqual(30 * SECOND)).as("seed %d", seed).isBetween(1L, 1800 * MS);
      assertThat(fleet.runUntilUp(2 * SECOND)).as("seed %d", seed).isTrue();
    }
  }

  @Test
  void one_way_cuts_heal_too() {
    for (long seed = 200; seed < 210; seed++) {
      TestFleet fleet = up(seed, 3);
      fleet.network.cut("r0", "r1");
      fleet.change(300);
      fleet.network.runFor(5 * SECOND);
      assertThat(fleet.state(1, 0)).as("seed %d", seed).isEqualTo(State.DOWN);
      assertThat(fleet.state(2, 0)).as("seed %d", seed).isEqualTo(State.UP);
      fleet.change(300);
      fleet.network.heal();
      assertThat(fleet.nanosUntilEqual(30 * SECOND)).as("seed %d", seed).isBetween(0L, 2 * SECOND);
      assertThat(fleet.runUntilUp(2 * SECOND)).as("seed %d", seed).isTrue();
    }
  }

  @Test
  void loss_repetition_and_reordering_delay_facts_but_lose_none() {
    for (long seed = 300; seed < 310; seed++) {
      TestFleet fleet = new TestFleet(seed, 4);
      fleet.network.loss = 0.2;
      fleet.network.repetition = 0.2;
      fleet.network.reordering = true;
      fleet.network.delayMinNanos = MS;
      fleet.network.delayMaxNanos = 120 * MS;
      fleet.start();
      fleet.change(500);
      fleet.network.runFor(SECOND);
      fleet.change(500);
      assertThat(fleet.nanosUntilEqual(20 * SECOND)).as("seed %d", seed).isNotNegative();
    }
  }

  @Test
  void a_lost_change_is_noticed_and_healed_within_two_seconds() {
    TestFleet fleet = up(4, 3);
    fleet.network.runFor(SECOND);
    fleet.network.loss = 1;
    fleet.node(0).table.count("tenant/lost", fleet.node(0).writer(), 1);
    fleet.network.runFor(100 * MS);
    fleet.network.loss = 0;
    assertThat(fleet.nanosUntilEqual(2 * SECOND)).isPositive();
    assertThat(fleet.seen(0, 1).counters().redials()).isZero();
  }

  @Test
  void the_slow_refresh_sends_everything_once_more() {
    TestFleet fleet = new TestFleet(5, 3);
    fleet.timing = fleet.timing.withRefreshNanos(2 * SECOND);
    fleet.start();
    fleet.runUntilUp(3 * SECOND);
    fleet.change(300);
    fleet.network.runFor(2 * SECOND);
    long facts = fleet.node(0).table.contents().size();
    long before = fleet.seen(0, 1).counters().factsOut();
    fleet.network.runFor(20 * SECOND);
    long sent = fleet.seen(0, 1).counters().factsOut() - before;
    assertThat(sent).isBetween(9 * facts, 11 * facts);
    assertThat(fleet.seen(0, 1).counters().fullStates()).isEqualTo(1);
  }

  @Test
  void an_idle_mesh_sends_heartbeats_and_the_refresh_only() {
    TestFleet fleet = up(6, 3);
    fleet.network.runFor(SECOND);
    long before = fleet.seen(0, 1).counters().framesOut();
    fleet.network.runFor(10 * SECOND);
    assertThat(fleet.seen(0, 1).counters().framesOut() - before).isBetween(195L, 205L);
  }

  @Test
  void nothing_flaps_while_own_timers_are_late() {
    for (long seed = 400; seed < 405; seed++) {
      TestFleet fleet = up(seed, 3);
      fleet.lateness = nanos -> fleet.random.nextInt(10) == 0 ? 200 * MS : nanos;
      fleet.network.runFor(60 * SECOND);
      for (int by = 0; by < 3; by++) {
        for (int of = 0; of < 3; of++) {
          if (by != of) {
            assertThat(fleet.seen(by, of).counters().suspicions()).as("seed %d", seed).isZero();
          }
        }
      }
    }
  }

  @Test
  void a_node_that_was_paused_for_a_moment_suspects_nobody() {
    for (long seed = 500; seed < 520; seed++) {
      TestFleet fleet = up(seed, 3);
      for (int i = 0; i < 10; i++) {
        fleet.node(0).end.pause();
        fleet.network.runFor(200 * MS + fleet.random.nextLong(1000 * MS));
        fleet.node(0).end.resume();
        // The others may well have given it up meanwhile; it must not blame them at once.
        fleet.network.runFor(200 * MS);
        assertThat(fleet.state(0, 1)).as("seed %d", seed).isEqualTo(State.UP);
        assertThat(fleet.state(0, 2)).as("seed %d", seed).isEqualTo(State.UP);
        fleet.network.runFor(4 * SECOND);
      }
    }
  }

  @Test
  void a_node_that_was_paused_for_long_is_down_for_the_others_and_comes_back() {
    TestFleet fleet = up(7, 3);
    fleet.node(0).end.pause();
    fleet.change(100);
    fleet.network.runFor(3 * SECOND);
    assertThat(fleet.state(1, 0)).isEqualTo(State.DOWN);
    assertThat(fleet.state(1, 2)).isEqualTo(State.UP);
    fleet.node(0).end.resume();
    fleet.network.runFor(3 * SECOND);
    assertThat(fleet.runUntilUp(0)).isTrue();
    assertThat(fleet.difference()).isNull();
  }

  @Test
  void a_suspect_peer_is_redialled_at_most_once_a_second() {
    TestFleet fleet = up(8, 3);
    fleet.network.cutBoth("r0", "r1");
    fleet.network.runFor(10 * SECOND);
    assertThat(fleet.seen(0, 1).counters().redials()).isBetween(9L, 11L);
    assertThat(fleet.seen(0, 2).counters().redials()).isZero();
    assertThat(fleet.seen(0, 1).counters().suspicions()).isEqualTo(1);
  }

  @Test
  void a_killed_node_is_suspect_then_down_and_back_with_a_new_incarnation() {
    TestFleet fleet = up(9, 3);
    fleet.change(300);
    fleet.node(1).kill();
    List<State> seen = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      fleet.network.runFor(10 * MS);
      if (seen.isEmpty() || seen.getLast() != fleet.state(0, 1)) {
        seen.add(fleet.state(0, 1));
      }
    }
    assertThat(seen).containsExactly(State.UP, State.SUSPECT, State.DOWN);
    assertThat(fleet.node(0).table.contents().keySet()).anyMatch(id -> id.endsWith("/r1.1"));
    long sentBefore = fleet.seen(0, 1).counters().fullStates();

    fleet.start("r1", 2);
    assertThat(fleet.runUntilUp(5 * SECOND)).isTrue();
    fleet.change(100);
    assertThat(fleet.nanosUntilEqual(5 * SECOND)).isNotNegative();
    assertThat(fleet.seen(0, 1).incarnation()).isEqualTo(2);
    assertThat(fleet.seen(0, 1).counters().fullStates()).isEqualTo(sentBefore + 1);
    assertThat(fleet.node(0).table.contents().keySet())
        .anyMatch(id -> id.endsWith("/r1.1"))
        .anyMatch(id -> id.endsWith("/r1.2"));
  }

  @Test
  void a_full_state_larger_than_the_window_is_sent_in_pieces() {
    TestFleet fleet = new TestFleet(10, 3);
    fleet.start();
    for (int i = 0; i < 15_000; i++) {
      fleet.node(0).table.count("tenant/with/a/rather/long/name/" + i, "r0.1", i);
    }
    assertThat(fleet.nanosUntilEqual(5 * SECOND)).isPositive();
    MeshView.Counters counters = fleet.seen(0, 1).counters();
    assertThat(counters.bytesOut()).isGreaterThan(2L * TestNetwork.WINDOW_BYTES);
    assertThat(fleet.runUntilUp(SECOND)).isTrue();
  }

  @Test
  void changes_that_find_no_room_arrive_later() {
    TestFleet fleet = up(11, 2);
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < 10_000; i++) {
        fleet.node(0).table.count("tenant/with/a/rather/long/name/" + i, "r0.1", 1);
      }
      fleet.network.runFor(50 * MS);
    }
    assertThat(fleet.nanosUntilEqual(10 * SECOND)).isNotNegative();
    assertThat(fleet.seen(0, 1).counters().suspicions()).isZero();
  }

  @Test
  void changes_that_find_no_room_wait_and_cost_no_full_state() {
    TestFleet fleet = up(11, 2);
    long before = fleet.seen(0, 1).counters().factsOut();
    int facts = 40_000;
    for (int i = 0; i < facts; i++) {
      fleet.node(0).table.count("tenant/with/a/rather/long/name/" + i, "r0.1", 1);
    }
    fleet.network.runFor(5 * SECOND);
    assertThat(fleet.difference()).isNull();
    MeshView.Counters counters = fleet.seen(0, 1).counters();
    assertThat(counters.bytesOut()).isGreaterThan(2L * TestNetwork.WINDOW_BYTES);
    assertThat(counters.factsOut() - before).isEqualTo(facts);
    assertThat(counters.fullStates()).isEqualTo(1);
  }

  @Test
  void more_changes_than_may_wait_become_a_full_state() {
    TestFleet fleet = up(11, 2);
    for (int i = 0; i < Outbound.WAITING_MAX + 20_000; i++) {
      fleet.node(0).table.count("tenant/" + i, "r0.1", 1);
    }
    fleet.network.runFor(20 * SECOND);
    assertThat(fleet.difference()).isNull();
    assertThat(fleet.seen(0, 1).counters().fullStates()).isEqualTo(2);
  }

  @Test
  void nodes_with_other_configured_regions_are_refused_and_it_shows() {
    TestFleet fleet = new TestFleet(12, 2);
    fleet.start("r0", 1);
    fleet.regions.add("r2");
    fleet.start("r1", 1);
    fleet.node(1).table.count("tenant/a", "r1.1", 1);
    fleet.network.runFor(3 * SECOND);
    assertThat(fleet.seen(0, 1).refusal())
        .isEqualTo("its configured regions or leases differ from ours");
    assertThat(fleet.seen(0, 1).counters().framesRefused()).isPositive();
    assertThat(fleet.seen(0, 1).state()).isEqualTo(State.UNKNOWN);
    assertThat(fleet.node(0).table.contents()).isEmpty();
  }

  /** One mesh on a transport that only remembers, to be fed frames by hand. */
  private static final class Alone implements MeshTransport {
    final List<byte[]> sent = new ArrayList<>();
    final TestTable table = new TestTable("test");
    final Mesh mesh =
        new Mesh(MeshSettings.of("a", List.of("b"), 10), List.of(table), null, this, 0);
    int redials;

    @Override
    public boolean send(String peer, byte[] frame) {
      return sent.add(frame);
    }

    @Override
    public void redial(String peer) {
      redials++;
    }

    MeshView.Peer b() {
      return mesh.view().peer("b");
    }

    void hello(long incarnation, long stream, long nowNanos) {
      byte[] digest = MeshSettings.of("b", List.of("a"), 1).regionsDigest();
      mesh.received(
          "b",
          FrameWriter.hello(
              new Frame.Head(Frame.HELLO, incarnation, stream), new Frame.Hello("b", digest)),
          nowNanos);
    }

    void count(long incarnation, long stream, String key, long nowNanos) {
      FrameWriter frame = FrameWriter.facts(new Frame.Head(Frame.FACTS, incarnation, stream), 1);
      Fact fact = new Fact.Count("test", key, "b", new long[] {1});
      assertThat(frame.add(fact, new Names(), new BitSet())).isTrue();
      mesh.received("b", frame.bytes(), nowNanos);
    }

    void heartbeat(long incarnation, long stream, long seq, long nowNanos) {
      mesh.received(
          "b",
          FrameWriter.heartbeat(
              new Frame.Head(Frame.HEARTBEAT, incarnation, stream),
              new Frame.Heartbeat(seq, nowNanos, 0, 0, 0, 0, 0, 0)),
          nowNanos);
    }
  }

  @Test
  void frames_of_an_older_incarnation_or_stream_or_before_the_hello_are_dropped() {
    Alone alone = new Alone();
    alone.count(5, 1, "before-hello", 0);
    alone.hello(5, 2, 0);
    alone.count(5, 1, "older-stream", 0);
    alone.count(4, 9, "older-incarnation", 0);
    alone.hello(4, 10, 0);
    alone.count(4, 10, "older-incarnation", 0);
    alone.count(6, 1, "newer-without-hello", 0);
    assertThat(alone.table.contents()).isEmpty();
    alone.mesh.tick(50 * MS);
    assertThat(alone.b().counters().framesDropped()).isEqualTo(6);
    alone.count(5, 2, "good", 60 * MS);
    assertThat(alone.table.contents()).containsOnlyKeys("good/b");
    assertThat(alone.redials).isZero();
  }

  @Test
  void an_incarnation_set_back_is_taken_once_the_newer_one_was_silent_for_long() {
    Alone alone = new Alone();
    alone.hello(5, 1, 0);
    alone.hello(4, 1, Inbound.INCARNATION_MEMORY_NANOS - 1);
    alone.mesh.tick(Inbound.INCARNATION_MEMORY_NANOS);
    assertThat(alone.b().incarnation()).isEqualTo(5);
    alone.hello(4, 1, Inbound.INCARNATION_MEMORY_NANOS);
    alone.mesh.tick(Inbound.INCARNATION_MEMORY_NANOS + 1);
    assertThat(alone.b().incarnation()).isEqualTo(4);
  }

  @Test
  void heartbeats_held_up_and_arriving_at_once_do_not_bring_a_peer_up() {
    Alone alone = new Alone();
    alone.hello(5, 1, 0);
    for (int seq = 1; seq <= 20; seq++) {
      alone.heartbeat(5, 1, seq, seq);
    }
    assertThat(alone.b().state()).isEqualTo(State.UNKNOWN);
    for (int seq = 21; seq <= 23; seq++) {
      alone.heartbeat(5, 1, seq, 50L * (seq - 20) * MS);
    }
    assertThat(alone.b().state()).isEqualTo(State.UP);
  }

  @Test
  void repeated_heartbeats_do_not_bring_a_peer_up() {
    Alone alone = new Alone();
    alone.hello(5, 1, 0);
    for (int i = 1; i <= 20; i++) {
      alone.heartbeat(5, 1, 1, 50L * i * MS);
    }
    assertThat(alone.b().state()).isEqualTo(State.UNKNOWN);
  }

  @Test
  void after_a_malformed_frame_only_a_new_stream_is_believed() {
    Alone alone = new Alone();
    alone.mesh.connected("b", 0);
    alone.hello(5, 1, 0);
    alone.mesh.received("b", new byte[] {1, Frame.FACTS, 5, 1, 1, 0, 1, 99}, MS);
    assertThat(alone.redials).isEqualTo(1);
    alone.count(5, 1, "poisoned", 2 * MS);
    alone.hello(5, 1, 2 * MS);
    alone.count(5, 1, "poisoned", 2 * MS);
    assertThat(alone.table.contents()).isEmpty();
    alone.mesh.tick(50 * MS);
    assertThat(alone.b().refusal()).isEqualTo("unknown kind of fact 99");
    assertThat(alone.b().counters().framesRefused()).isEqualTo(1);
    alone.hello(5, 2, 60 * MS);
    alone.count(5, 2, "good", 60 * MS);
    assertThat(alone.table.contents()).containsOnlyKeys("good/b");
  }

  @Test
  void facts_of_unknown_tables_and_facts_a_table_refuses_harm_nothing_else() {
    TestTable strict =
        new TestTable("test") {
          @Override
          protected long[] merged(long[] a, long[] b) {
            throw new IllegalArgumentException("length: 1 (expected: 2)");
          }
        };
    Alone alone = new Alone();
    Mesh mesh = new Mesh(MeshSettings.of("a", List.of("b"), 10), List.of(strict), null, alone, 0);
    byte[] digest = MeshSettings.of("b", List.of("a"), 1).regionsDigest();
    Frame.Head head = new Frame.Head(Frame.HELLO, 1, 1);
    mesh.received("b", FrameWriter.hello(head, new Frame.Hello("b", digest)), 0);
    FrameWriter frame = FrameWriter.facts(new Frame.Head(Frame.FACTS, 1, 1), 1);
    Names names = new Names();
    BitSet defined = new BitSet();
    for (String table : List.of("other", "test", "test")) {
      Fact fact = new Fact.Count(table, "k", "b", new long[] {1});
      assertThat(frame.add(fact, names, defined)).isTrue();
    }
    assertThat(frame.add(new Fact.Register("test", "r", 1, new byte[0]), names, defined)).isTrue();
    mesh.received("b", frame.bytes(), 0);
    mesh.tick(50 * MS);
    MeshView.Counters counters = mesh.view().peer("b").counters();
    assertThat(counters.factsRefused()).isEqualTo(2);
    assertThat(counters.factsIn()).isEqualTo(2);
    assertThat(counters.framesRefused()).isZero();
    assertThat(strict.contents()).containsOnlyKeys("k/b", "r");
    assertThat(alone.redials).isZero();
  }

  @Test
  void a_table_is_told_once_that_the_facts_of_a_frame_are_merged() {
    List<Integer> known = new ArrayList<>();
    TestTable counting =
        new TestTable("test") {
          @Override
          public void merged() {
            known.add(contents().size());
            throw new IllegalStateException("harms nothing else");
          }
        };
    Alone alone = new Alone();
    Mesh mesh = new Mesh(MeshSettings.of("a", List.of("b"), 10), List.of(counting), null, alone, 0);
    byte[] digest = MeshSettings.of("b", List.of("a"), 1).regionsDigest();
    Frame.Head head = new Frame.Head(Frame.HELLO, 1, 1);
    mesh.received("b", FrameWriter.hello(head, new Frame.Hello("b", digest)), 0);
    FrameWriter frame = FrameWriter.facts(new Frame.Head(Frame.FACTS, 1, 1), 1);
    Names names = new Names();
    BitSet defined = new BitSet();
    for (String key : List.of("k", "l", "m")) {
      Fact fact = new Fact.Count("test", key, "b", new long[] {1});
      assertThat(frame.add(fact, names, defined)).isTrue();
    }
    mesh.received("b", frame.bytes(), 0);
    assertThat(known).containsExactly(3);
    mesh.tick(50 * MS);
    assertThat(mesh.view().peer("b").counters().factsIn()).isEqualTo(3);
    assertThat(mesh.view().peer("b").counters().framesRefused()).isZero();
  }

  @Test
  void malformed_frames_never_throw_and_never_stop_the_mesh() {
    long seed = 4711;
    Random random = new Random(seed);
    TestFleet fleet = up(13, 2);
    fleet.change(100);
    List<byte[]> good = new ArrayList<>();
    Alone alone = new Alone();
    alone.mesh.connected("b", 0);
    alone.table.count("k", "a", 1, 2, 3);
    alone.table.register("r", 1, new byte[10]);
    alone.mesh.tick(50 * MS);
    good.addAll(alone.sent);
    assertThat(good).hasSizeGreaterThanOrEqualTo(3);
    Mesh mesh = fleet.node(0).mesh;
    for (int i = 0; i < 10_000; i++) {
      byte[] frame;
      if (random.nextBoolean()) {
        frame = new byte[random.nextInt(64)];
        random.nextBytes(frame);
        if (frame.length > 2 && random.nextBoolean()) {
          frame[0] = 1;
          frame[1] = (byte) (1 + random.nextInt(3));
        }
      } else {
        frame = good.get(random.nextInt(good.size())).clone();
        int at = random.nextInt(frame.length);
        frame[at] = (byte) random.nextInt();
        frame = Arrays.copyOf(frame, random.nextBoolean() ? frame.length : 1 + at);
      }
      mesh.received(random.nextInt(20) == 0 ? "stranger" : "r1", frame, fleet.network.nowNanos());
      if (i % 100 == 0) {
        fleet.network.runFor(10 * MS);
      }
    }
    fleet.network.runFor(5 * SECOND);
    fleet.change(10);
    assertThat(fleet.nanosUntilEqual(5 * SECOND)).as("seed %d", seed).isNotNegative();
    assertThat(fleet.runUntilUp(5 * SECOND)).isTrue();
    assertThat(fleet.seen(0, 1).counters().framesRefused()).isGreaterThan(1000);
  }

  /** Cuts, changes on both sides, heals: nanos until equal, or -1. */
  private static long partition(TestFleet fleet, Consumer<TestFleet> before) {
    before.accept(fleet);
    fleet.runUntilUp(3 * SECOND);
    fleet.network.cutBoth("r0", "r1");
    fleet.network.cutBoth("r0", "r2");
    fleet.change(300);
    fleet.network.runFor(5 * SECOND);
    fleet.network.heal();
    return fleet.nanosUntilEqual(10 * SECOND);
  }

  @Test
  void the_checker_catches_a_node_that_sends_changes_but_no_full_state() {
    assertThat(partition(new TestFleet(14, 3), TestFleet::start)).isPositive();
    TestFleet broken = new TestFleet(14, 3);
    broken.tables =
        name ->
            new TestTable(name) {
              @Override
              public synchronized void all(Consumer<Fact> sink) {}
            };
    assertThat(partition(broken, TestFleet::start)).isEqualTo(-1);
  }

  @Test
  void the_checker_catches_a_merge_that_adds() {
    TestFleet broken = new TestFleet(14, 3);
    broken.tables =
        name ->
            new TestTable(name) {
              @Override
              protected long[] merged(long[] a, long[] b) {
                long[] sum = Arrays.copyOf(a, Math.max(a.length, b.length));
                for (int i = 0; i < b.length; i++) {
                  sum[i] += b[i];
                }
                return sum;
              }
            };
    assertThat(partition(broken, TestFleet::start)).isEqualTo(-1);
  }

  @Test
  void a_node_without_peers_runs_alone() {
    TestTable table = new TestTable("test");
    Mesh mesh = new Mesh(MeshSettings.of("a", List.of(), 1), List.of(table), null, new Alone(), 0);
    table.count("k", "a", 1);
    mesh.tick(50 * MS);
    assertThat(mesh.view().peers()).isEmpty();
    List<Fact> left = new ArrayList<>();
    table.drainChanges(left::add);
    assertThat(left).isEmpty();
  }

  @Test
  void settings_that_make_no_sense_are_refused_with_the_value() {
    assertThatThrownBy(() -> MeshSettings.of("a", List.of("a"), 1)).hasMessageContaining("[a]");
    assertThatThrownBy(() -> MeshSettings.of("a", List.of("b", "b"), 1)).hasMessageContaining("b");
    assertThatThrownBy(() -> MeshSettings.of("a", List.of("b"), 0))
        .hasMessage("incarnation: 0 (expected: > 0)");
    assertThatThrownBy(() -> MeshSettings.of("a b", List.of(), 1)).hasMessageContaining("'a b'");
    assertThatThrownBy(() -> MeshSettings.Timing.DEFAULT.withRefreshNanos(0))
        .hasMessage("refreshNanos: 0 (expected: > 0)");
  }
}
