package io.openclaw.release;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.release.RegionRow.Tried;
import io.openclaw.release.RegionRow.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Fleets on virtual time with crashes at every step, lost disks, cut lines and moved primaries; a
 * seed replays.
 */
final class RolloutSimulationTest {
  private static final long MILLI = 1_000_000;
  private static final Rollout.Timing TIMING =
      new Rollout.Timing(3_000 * MILLI, 200 * MILLI, 5_000 * MILLI, 500 * MILLI);

  /** What is wrong with the world that runs the regions. */
  private enum Bug {
    NONE,
    FORGETS_PROMISES,
    VOTES_WITHOUT_DISK,
    ACKNOWLEDGES_EARLY,
    SERVES_UNCOMMITTED
  }

  /** What survives a crash. */
  private static final class Disk {
    Rollout.@Nullable Saved saved;
    ReleaseRef holds = ReleaseRef.NONE;
    long lives;
  }

  private static final class Node {
    final String name;
    Disk disk = new Disk();
    @Nullable Rollout rollout;
    ReleaseRef serves = ReleaseRef.NONE;
    @Nullable RegionRow shown;
    long version;
    long busyUntilNanos;
    final Map<String, Long> heard = new HashMap<>();

    Node(String name) {
      this.name = name;
    }
  }

  private record Flight(long atNanos, int to, String from, long version, RegionRow row) {}

  private static final class World {
    final Random random;
    final Bug bug;
    final List<Node> nodes = new ArrayList<>();
    final List<String> names = new ArrayList<>();
    final List<Flight> flights = new ArrayList<>();
    final Set<String> cuts = new HashSet<>();
    final Map<String, ReleaseRef> parents = new HashMap<>();
    final Map<Long, String> served = new TreeMap<>();
    final List<ReleaseRef> acknowledged = new ArrayList<>();
    final Map<String, ReleaseRef> waiting = new HashMap<>();
    final List<String> violations = new ArrayList<>();
    long nowNanos;
    long ids;
    int lostDisk = -1;

    World(int regions, long seed, Bug bug) {
      random = new Random(seed);
      this.bug = bug;
      for (int i = 0; i < regions; i++) {
        names.add("r" + i);
        nodes.add(new Node("r" + i));
      }
      nodes.forEach(this::start);
    }

    void start(Node node) {
      Rollout.Saved saved = node.disk.saved;
      Rollout.Saved first = saved == null ? Rollout.fresh("r0") : saved;
      if (bug == Bug.VOTES_WITHOUT_DISK && saved == null) {
        first = new Rollout.Saved(0, "r0", 0, FleetState.INITIAL);
      }
      if (bug == Bug.FORGETS_PROMISES && saved != null) {
        first = new Rollout.Saved(0, "r0", 0, FleetState.INITIAL);
      }
      node.rollout = new Rollout(node.name, names, TIMING, first, node.disk.holds, List.of("key"));
      node.disk.lives++;
      node.version = nowNanos * 1000 + node.disk.lives;
      node.serves = node.disk.holds;
      node.heard.clear();
    }

    void crash(Node node) {
      node.rollout = null;
      node.shown = null;
      waiting.remove(node.name);
    }

    boolean isCut(int a, int b) {
      return cuts.contains(a + ">" + b);
    }

    Set<String> up(int self) {
      Set<String> up = new HashSet<>();
      for (int i = 0; i < nodes.size(); i++) {
        if (i != self && nodes.get(i).rollout != null && !isCut(i, self) && !isCut(self, i)) {
          up.add(names.get(i));
        }
      }
      return up;
    }

    void step() {
      nowNanos += 10 * MILLI;
      for (Flight flight : List.copyOf(flights)) {
        if (flight.atNanos() <= nowNanos) {
          flights.remove(flight);
          deliver(flight);
        }
      }
      for (int i = 0; i < nodes.size(); i++) {
        Rollout rollout = nodes.get(i).rollout;
        if (rollout != null) {
          live(i, nodes.get(i), rollout);
        }
      }
    }

    private void deliver(Flight flight) {
      Node to = nodes.get(flight.to());
      if (to.rollout != null && to.heard.getOrDefault(flight.from(), -1L) < flight.version()) {
        to.heard.put(flight.from(), flight.version());
        to.rollout.heard(flight.from(), flight.row());
      }
    }

    /** One round of a region, with a chance to die between any two of its steps. */
    private void live(int index, Node node, Rollout rollout) {
      rollout.tick(up(index), nowNanos);
      if (dies(node)) {
        return;
      }
      node.disk.saved = rollout.saved();
      if (dies(node)) {
        return;
      }
      work(node, rollout);
      if (dies(node)) {
        return;
      }
      acknowledge(index, node, rollout);
      RegionRow row = rollout.row();
      if (!row.equals(node.shown) || random.nextInt(20) == 0) {
        if (!row.equals(node.shown)) {
          node.version++;
        }
        node.shown = row;
        for (int to = 0; to < nodes.size(); to++) {
          if (to != index && !isCut(index, to) && random.nextInt(10) > 0) {
            long delay = (1 + random.nextInt(60)) * MILLI;
            flights.add(new Flight(nowNanos + delay, to, node.name, node.version, row));
          }
        }
      }
    }

    private double deathRate;

    private boolean dies(Node node) {
      if (random.nextDouble() < deathRate) {
        crash(node);
        return true;
      }
      return false;
    }

    /** Fetches, checks and serves, each taking a while. */
    private void work(Node node, Rollout rollout) {
      if (nowNanos < node.busyUntilNanos) {
        return;
      }
      FleetState state = rollout.agreed();
      if (state.isMoving() && !rollout.row().tried().candidate().equals(state.candidate())) {
        node.busyUntilNanos = nowNanos + random.nextInt(40) * MILLI;
        boolean bad = state.candidate().id().startsWith("bad") || random.nextInt(30) == 0;
        rollout.tried(
            new Tried(state.candidate(), bad ? Verdict.REFUSED : Verdict.READY, bad ? "bad" : ""));
      }
      boolean mayServe = rollout.isCommitted() || bug == Bug.SERVES_UNCOMMITTED;
      ReleaseRef target = state.target(node.name);
      if (mayServe && !(node.serves.equals(target) && node.disk.holds.equals(state.stable()))) {
        node.disk.holds = state.stable();
        node.serves = target;
        if (target.equals(state.stable())) {
          if (accepting(state) <= nodes.size() / 2) {
            violations.add("version " + target.version() + " served before a majority accepted it");
          }
          String before = served.putIfAbsent(target.version(), target.id());
          if (before != null && !before.equals(target.id())) {
            violations.add("two releases served as version " + target.version());
          }
        }
      }
      if (state.stage() == FleetState.Stage.SOAK && state.soakRegion().equals(node.name)) {
        rollout.soak(
            new RegionRow.Soak(
                state.candidate(),
                switch (random.nextInt(40)) {
                  case 0 -> RegionRow.Health.BREACH;
                  case 1, 2, 3, 4 -> RegionRow.Health.HEALTHY;
                  default -> RegionRow.Health.INSUFFICIENT;
                },
                "drawn"));
      }
      rollout.serves(node.disk.holds, node.serves, "");
    }

    /** Regions that hold to a state, or to a later one; one that lost its disk has no say. */
    private long accepting(FleetState state) {
      return nodes.stream()
          .map(n -> n.disk.saved)
          .filter(
              s ->
                  s == null
                      || s.votesAfter() == Rollout.NO_VOTE
                      || s.accepted().compareTo(state) >= 0)
          .count();
    }

    private void acknowledge(int index, Node node, Rollout rollout) {
      ReleaseRef release = waiting.get(node.name);
      if (release == null) {
        return;
      }
      boolean durable =
          rollout.agreed().stable().equals(release)
              && (bug == Bug.ACKNOWLEDGES_EARLY
                  || rollout.progress(release, up(index)).isDurable());
      if (durable) {
        acknowledged.add(release);
        waiting.remove(node.name);
      } else if (!rollout.agreed().candidate().equals(release) || !rollout.isEstablished()) {
        waiting.remove(node.name); // its client is told that nobody knows
      }
    }

    void publish(int index) {
      Rollout rollout = nodes.get(index).rollout;
      if (rollout == null || !rollout.isEstablished() || rollout.agreed().isMoving()) {
        return;
      }
      String id =
          Sha256.hex(Long.toString(ids++).getBytes(java.nio.charset.StandardCharsets.UTF_8));
      ReleaseRef next = new ReleaseRef(rollout.agreed().nextVersion(), id);
      parents.put(id, rollout.agreed().stable());
      rollout.propose(next, random.nextInt(3) > 0, false, nowNanos);
      waiting.put(names.get(index), next);
    }

    void fault() {
      int at = random.nextInt(nodes.size());
      Node node = nodes.get(at);
      int kind = random.nextInt(8);
      switch (kind) {
        case 0, 1, 2 -> {
          boolean loses = kind == 2 || bug == Bug.VOTES_WITHOUT_DISK;
          if (!loses) {
            crash(node);
          } else if (isWhole(nodes.get(Math.max(0, lostDisk)))) {
            lostDisk = at;
            crash(node);
            node.disk = new Disk();
          }
        }
        case 3, 4 -> {
          int other = random.nextInt(nodes.size());
          cuts.add(at + ">" + other);
          if (random.nextBoolean()) {
            cuts.add(other + ">" + at);
          }
        }
        case 5 -> cuts.clear();
        case 6 -> {
          if (node.rollout != null) {
            node.rollout.nominate(names.get(random.nextInt(nodes.size())), nowNanos);
          }
        }
        default -> nodes.forEach(this::startIfDead);
      }
    }

    /** Lost disks come one at a time: the next when the one before is made good. */
    private boolean isWhole(Node node) {
      return node.rollout != null
          && node.rollout.saved().votesAfter() != Rollout.NO_VOTE
          && node.disk.holds.equals(node.rollout.agreed().stable());
    }

    private void startIfDead(Node node) {
      if (node.rollout == null) {
        start(node);
      }
    }

    /** No more faults, lines whole, everybody alive: how long until all serve the same. */
    long heal() {
      cuts.clear();
      deathRate = 0;
      nodes.forEach(this::startIfDead);
      long began = nowNanos;
      long agreedSince = -1;
      while (nowNanos - began < 30_000 * MILLI) {
        step();
        boolean same =
            nodes.stream()
                .allMatch(
                    n ->
                        n.serves.equals(nodes.getFirst().serves)
                            && n.disk.holds.equals(n.serves)
                            && java.util.Objects.requireNonNull(n.rollout)
                                .agreed()
                                .stable()
                                .equals(n.serves));
        same &=
            nodes.stream()
                    .filter(n -> java.util.Objects.requireNonNull(n.rollout).isEstablished())
                    .count()
                == 1;
        agreedSince = same ? (agreedSince < 0 ? nowNanos : agreedSince) : -1;
        if (same && nowNanos - agreedSince > 500 * MILLI) {
          return agreedSince - began;
        }
      }
      nodes.forEach(n -> violations.add(n.name + " serves " + n.serves + ": " + n.shown));
      violations.add("the regions do not agree, or have no primary, 30 s after the heal");
      return nowNanos - began;
    }

    boolean isAncestor(ReleaseRef older, ReleaseRef newer) {
      for (ReleaseRef at = newer; at.version() > 0; at = parent(at)) {
        if (at.equals(older)) {
          return true;
        }
      }
      return false;
    }

    private ReleaseRef parent(ReleaseRef release) {
      return parents.getOrDefault(release.id(), ReleaseRef.NONE);
    }
  }

  private record Run(World world, long healNanos) {}

  private static Run run(int regions, long seed, Bug bug) {
    World world = new World(regions, seed, bug);
    for (int i = 0; i < 200; i++) {
      world.step();
    }
    world.deathRate = world.random.nextInt(3) == 0 ? 0 : 0.001;
    for (int i = 0; i < 3000; i++) {
      world.step();
      if (world.random.nextInt(10) == 0) {
        world.publish(world.random.nextInt(regions));
      }
      if (world.random.nextInt(60) == 0) {
        world.fault();
      }
    }
    long heal = world.heal();
    ReleaseRef end = world.nodes.getFirst().serves;
    for (ReleaseRef release : world.acknowledged) {
      if (!world.isAncestor(release, end)) {
        world.violations.add("acknowledged release " + release + " is lost; in force is " + end);
      }
    }
    return new Run(world, heal);
  }

  @Test
  void no_fault_loses_an_acknowledged_release_or_splits_the_fleet() {
    long runs = Long.getLong("rollout.runs", 150);
    long acknowledged = 0;
    long longest = 0;
    for (long seed = 0; seed < runs; seed++) {
      int regions = seed % 3 == 2 ? 5 : 3;
      Run run = run(regions, seed, Bug.NONE);
      assertThat(run.world().violations).as("seed %d, %d regions", seed, regions).isEmpty();
      acknowledged += run.world().acknowledged.size();
      longest = Math.max(longest, run.healNanos());
    }
    System.out.printf(
        "rollout: %d runs of 32 s, %d releases acknowledged, none lost; all agree %d ms after the"
            + " heal at most%n",
        runs, acknowledged, longest / MILLI);
    assertThat(acknowledged).isGreaterThan(runs * 5);
    assertThat(longest).isLessThanOrEqualTo(5_000 * MILLI);
  }

  @Test
  void planted_bugs_are_found() {
    for (Bug bug : Bug.values()) {
      if (bug != Bug.NONE) {
        long seed = 0;
        while (seed < 2000 && run(3, seed, bug).world().violations.isEmpty()) {
          seed++;
        }
        System.out.println("rollout: planted " + bug + " found with seed " + seed);
        assertThat(seed).as(bug.name()).isLessThan(2000);
      }
    }
  }
}
