package io.openclaw.sim;

import io.openclaw.domain.LimitSpec;
import io.openclaw.limit.LeaseSettings;
import io.openclaw.limit.Limit;
import io.openclaw.mesh.MeshSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/**
 * One run of a scenario, made wholly by it and a seed. Requests, faults and clocks each draw from a
 * generator of their own, so that more of one does not change the others.
 */
final class Simulation {
  private static final long SECOND = 1000 * SimNetwork.MS;

  private final FleetScenario scenario;
  private final long seed;
  private final boolean follows;
  private final SimNetwork network;
  private final RandomGenerator clocks;
  private final SimRegion[] regions;
  private final LimitSpec[][] specs; // by region and limit, what is known there
  private final long[] incarnations;
  private final List<Track> tracks = new ArrayList<>();
  private final List<@Nullable Zipf> zipfs = new ArrayList<>();
  private final List<String> happened = new ArrayList<>();
  private long moved;
  private long takeOvers;

  private Simulation(FleetScenario scenario, long seed, boolean follows) {
    this.scenario = scenario;
    this.seed = seed;
    this.follows = follows;
    int size = scenario.regions().size();
    network = new SimNetwork(random(1), scenario.regions(), 0);
    FleetScenario.Network lines = scenario.network();
    network.jitter = lines.jitter();
    network.loss = lines.loss();
    network.repetition = lines.repetition();
    network.reordering = lines.reordering();
    for (int from = 0; from < size; from++) {
      for (int to = 0; to < size; to++) {
        network.delay(from, to, lines.oneWayNanos()[from][to]);
      }
    }
    clocks = random(2);
    regions = new SimRegion[size];
    incarnations = new long[size];
    specs = new LimitSpec[size][scenario.limits().size()];
    for (int limit = 0; limit < scenario.limits().size(); limit++) {
      FleetScenario.Plan plan = scenario.limits().get(limit);
      tracks.add(new Track(scenario, plan));
      zipfs.add(plan.isMany() ? new Zipf(plan.count(), plan.zipf()) : null);
      for (LimitSpec[] known : specs) {
        known[limit] = plan.spec(plan.id());
      }
    }
  }

  /**
   * Runs it.
   *
   * @param follows whether blocks follow demand; otherwise shares are fixed
   * @param progress told each whole second of true time
   */
  static Findings run(FleetScenario scenario, long seed, boolean follows, IntConsumer progress) {
    return new Simulation(scenario, seed, follows).run(progress);
  }

  private RandomGenerator random(long purpose) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(seed * 1_000_003 + purpose);
  }

  private static long nanos(double seconds) {
    return Math.round(seconds * SECOND);
  }

  private Findings run(IntConsumer progress) {
    for (int region = 0; region < regions.length; region++) {
      start(region);
    }
    int source = 0;
    for (FleetScenario.Phase phase : scenario.load()) {
      for (int region = 0; region < regions.length; region++) {
        arrive(phase, region, random(1000 + source++));
      }
    }
    for (FleetScenario.Event event : scenario.events()) {
      network.at(nanos(event.at()), () -> happen(event));
    }
    int steps = scenario.seconds() * Track.STEPS_PER_SECOND;
    for (int step = 0; step < steps; step++) {
      network.runUntil((step + 1) * Track.STEP_NANOS - 1);
      sample(step);
      if ((step + 1) % Track.STEPS_PER_SECOND == 0) {
        progress.accept((step + 1) / Track.STEPS_PER_SECOND);
      }
    }
    for (SimRegion region : regions) {
      settle(region);
    }
    long[] frames = new long[regions.length];
    long[] bytes = new long[regions.length];
    for (int region = 0; region < regions.length; region++) {
      frames[region] = network.framesSent(region);
      bytes[region] = network.bytesSent(region);
    }
    return new Findings(scenario, seed, tracks, frames, bytes, moved, takeOvers, happened);
  }

  private void start(int number) {
    LeaseSettings settings =
        LeaseSettings.of(scenario.regions().get(number), scenario.regions())
            .withLeaseNanos(scenario.leaseMillis() * SimNetwork.MS);
    double rate = 1 + scenario.driftPpm() / 1e6 * (2 * clocks.nextDouble() - 1);
    // As the data folder's: one more than before, and no less than the wall clock.
    incarnations[number] =
        Math.max(incarnations[number] + 1, 1 + network.nowNanos() / SimNetwork.MS);
    SimRegion region =
        new SimRegion(
            network,
            number,
            settings,
            MeshSettings.Timing.DEFAULT,
            incarnations[number],
            clocks.nextLong() >> 2,
            rate,
            clocks.nextLong(50 * SimNetwork.MS),
            follows);
    regions[number] = region;
    for (int limit = 0; limit < tracks.size(); limit++) {
      FleetScenario.Plan plan = scenario.limits().get(limit);
      if (!plan.isMany()) {
        region.limit(specs[number][limit], plan.cost());
      }
    }
  }

  /** Requests of one phase to one region. */
  private void arrive(FleetScenario.Phase phase, int region, RandomGenerator random) {
    Track track = tracks.get(phase.limit());
    double perSecond = phase.offered()[region] / track.plan.cost();
    if (perSecond > 0) {
      Arrivals arrivals = new Arrivals(phase, region, track, perSecond, random);
      arrivals.next(nanos(phase.from()), phase.even() ? random.nextDouble() : 1);
    }
  }

  private final class Arrivals implements SimRegion.Outcomes {
    private final FleetScenario.Phase phase;
    private final int region;
    private final Track track;
    private final @Nullable Zipf zipf;
    private final double gapNanos;
    private final RandomGenerator random;
    private int key;

    Arrivals(
        FleetScenario.Phase phase,
        int region,
        Track track,
        double perSecond,
        RandomGenerator random) {
      this.phase = phase;
      this.region = region;
      this.track = track;
      this.random = random;
      zipf = zipfs.get(phase.limit());
      gapNanos = SECOND / perSecond;
    }

    /**
     * @param part of an even gap after which the first comes
     */
    void next(long sinceNanos, double part) {
      double gap =
          phase.even() ? part * gapNanos : -StrictMath.log(1 - random.nextDouble()) * gapNanos;
      long at = sinceNanos + Math.round(gap);
      if (at < nanos(phase.to())) {
        network.at(
            at,
            () -> {
              request();
              next(at, 1);
            });
      }
    }

    private void request() {
      SimRegion target = regions[region];
      long cost = track.plan.cost();
      if (!target.runs()) {
        track.unserved += cost;
        return;
      }
      String id = track.plan.id();
      if (zipf != null) {
        key = zipf.next(random);
        id += key;
        if (!target.knows(id)) {
          target.limit(track.plan.spec(id), cost); // made when it is first asked for
        }
      }
      track.offered(region, key, cost, network.nowNanos());
      target.request(id, cost, 0, this);
    }

    @Override
    public void admitted(String limit, long cost, long atNanos, boolean rightful) {
      track.admitted(region, key, cost, atNanos);
    }

    @Override
    public void denied(String limit, long cost) {
      track.denied += cost;
    }
  }

  private void sample(int step) {
    for (Track track : tracks) {
      if (!track.plan.isMany()) {
        for (int region = 0; region < regions.length; region++) {
          track.share[region][step] =
              regions[region].isDead() ? 0 : (float) regions[region].share(track.plan.id());
        }
      }
    }
  }

  /** Adds up what one life of a region did. */
  private void settle(SimRegion region) {
    if (region.isDead()) {
      return;
    }
    moved += region.leases.given();
    takeOvers += region.leases.takeOvers();
    for (Limit limit : region.limiter.limits()) {
      for (Track track : tracks) {
        String id = limit.spec().id();
        boolean its = track.plan.isMany() ? isOneOf(track, id) : id.equals(track.plan.id());
        track.burned += its ? limit.burned() : 0;
      }
    }
  }

  private static boolean isOneOf(Track track, String id) {
    return id.startsWith(track.plan.id())
        && id.substring(track.plan.id().length()).matches("[0-9]+");
  }

  private void happen(FleetScenario.Event event) {
    String what =
        switch (event) {
          case FleetScenario.Event.Kill e -> kill(e.region());
          case FleetScenario.Event.Restart e -> restart(e.region());
          case FleetScenario.Event.Pause e -> pause(e.region());
          case FleetScenario.Event.Resume e -> resume(e.region());
          case FleetScenario.Event.LoseDisk e -> loseDisk(e.region());
          case FleetScenario.Event.Cut e -> {
            network.cut(e.from(), e.to());
            yield "cut " + name(e.from()) + " to " + name(e.to());
          }
          case FleetScenario.Event.Partition e -> partition(e.groups());
          case FleetScenario.Event.Isolate e ->
              "isolate " + name(e.region()) + cutOff(List.of(e.region()));
          case FleetScenario.Event.Heal e -> {
            network.heal();
            yield "heal";
          }
          case FleetScenario.Event.Change e -> change(e);
        };
    happened.add(Texts.format("%8.3f s  %s", event.at(), what));
  }

  private String name(int region) {
    return scenario.regions().get(region);
  }

  private String kill(int number) {
    if (regions[number].isDead()) {
      return "kill " + name(number) + ": is dead already";
    }
    settle(regions[number]);
    regions[number].kill();
    return "kill " + name(number);
  }

  private String restart(int number) {
    if (!regions[number].isDead()) {
      return "restart " + name(number) + ": is not dead";
    }
    start(number);
    return "restart " + name(number);
  }

  private String pause(int number) {
    if (!regions[number].runs()) {
      return "pause " + name(number) + ": does not run";
    }
    regions[number].pause();
    return "pause " + name(number);
  }

  private String resume(int number) {
    if (regions[number].isDead() || regions[number].runs()) {
      return "resume " + name(number) + ": is not stopped";
    }
    regions[number].resume();
    return "resume " + name(number);
  }

  private String loseDisk(int number) {
    if (!regions[number].isDead()) {
      return "lose-disk " + name(number) + ": is not dead";
    }
    incarnations[number] = 0;
    return "lose-disk " + name(number);
  }

  /** Cuts some regions off from all others, both ways. */
  private String cutOff(List<Integer> group) {
    for (int inside : group) {
      for (int other = 0; other < regions.length; other++) {
        if (!group.contains(other)) {
          network.cut(inside, other);
          network.cut(other, inside);
        }
      }
    }
    return "";
  }

  private String partition(List<List<Integer>> groups) {
    List<String> texts = new ArrayList<>();
    List<Integer> nowhere = new ArrayList<>();
    for (int region = 0; region < regions.length; region++) {
      nowhere.add(region);
    }
    for (List<Integer> group : groups) {
      cutOff(group);
      nowhere.removeAll(group);
      texts.add(String.join(" ", group.stream().map(this::name).toList()));
    }
    nowhere.forEach(region -> cutOff(List.of(region)));
    return "partition " + String.join(" | ", texts);
  }

  private String change(FleetScenario.Event.Change change) {
    FleetScenario.Plan plan = scenario.limits().get(change.limit());
    LimitSpec next =
        new LimitSpec(
            plan.id(),
            LimitSpec.Level.TENANT,
            change.milliPerSecond(),
            change.burst(),
            plan.mode(),
            0,
            /* dryRun= */ false);
    for (int number : change.regions()) {
      specs[number][change.limit()] = next;
      if (!regions[number].isDead()) {
        regions[number].limit(next, plan.cost());
      }
    }
    long milli = 0;
    long burst = 0;
    for (LimitSpec[] known : specs) {
      milli = Math.max(milli, known[change.limit()].milliTokensPerSecond());
      burst = Math.max(burst, known[change.limit()].burst());
    }
    tracks.get(change.limit()).bound(milli / 1000.0, burst, network.nowNanos());
    return Texts.format(
        "change %s to %s/s, burst %d, in %s",
        plan.id(),
        Texts.number(change.milliPerSecond() / 1000.0),
        change.burst(),
        String.join(" ", change.regions().stream().map(this::name).toList()));
  }
}
