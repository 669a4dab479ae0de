package io.openclaw.sim;

import io.openclaw.domain.LimitSpec;
import io.openclaw.limit.LeaseSettings;
import io.openclaw.limit.Limit;
import io.openclaw.mesh.MeshSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/**
 * One run of random faults over a small fleet, made wholly by its seed: loss, delay, repetition,
 * reordering, cuts in one and both directions, pauses, crashes, restarts, clock rates that differ,
 * demand that moves, requests whose thread is held up between the decision and the act.
 *
 * <p>The judge is outside: the bound of every limit over every interval of true time.
 */
final class Chaos {
  private static final long MS = SimNetwork.MS;
  private static final long SECONDS = 1000 * MS;

  /** What one run showed. */
  record Result(
      long seed,
      int regions,
      double excess,
      long worstMillis,
      long admitted,
      long denied,
      int crashes,
      int pauses,
      int cuts,
      double shares,
      int outlived,
      double imbalance) {

    boolean holds() {
      return excess <= 1e-6 && shares <= 1 + 1e-9 && outlived == 0 && imbalance == 0;
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "seed %d: %d regions, %d admitted, %d denied, %d crashes, %d pauses, %d cuts:"
              + " largest excess %.3f tokens at %.3f s, shares sum to %.4f, %d outlived, imbalance %.6f",
          seed,
          regions,
          admitted,
          denied,
          crashes,
          pauses,
          cuts,
          excess,
          worstMillis / 1000.0,
          shares,
          outlived,
          imbalance);
    }
  }

  /** A limit, its judge, and how much each region is asked for. */
  private static final class Load {
    final LimitSpec spec;
    final long cost;
    final Judge judge;
    final double[] perSecond;

    Load(LimitSpec spec, long cost, int regions, double drift) {
      this.spec = spec;
      this.cost = cost;
      judge = new Judge(spec.milliTokensPerSecond() / 1000.0, spec.burst(), drift);
      perSecond = new double[regions];
    }
  }

  private final long seed;
  private final RandomGenerator random;
  private final List<String> names = new ArrayList<>();
  private final SimNetwork network;
  private final SimRegion[] regions;
  private final List<Load> loads = new ArrayList<>();
  private final double drift;
  private final long leaseNanos;
  private long incarnation = 1;
  private long denied;
  private int crashes;
  private int pauses;
  private int cuts;
  private int outlived;
  private double shared;
  private double imbalance;

  private Chaos(long seed) {
    this.seed = seed;
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    int size = random.nextInt(4) == 0 ? 5 : 3;
    for (int i = 0; i < size; i++) {
      names.add("r" + i);
    }
    leaseNanos = (200 + random.nextLong(300)) * MS;
    drift = LeaseSettings.DRIFT_PPM / 1e6;
    network = new SimNetwork(random, names, (1 + random.nextLong(70)) * MS);
    network.jitter = random.nextBoolean() ? 0 : random.nextDouble();
    network.loss = random.nextInt(3) == 0 ? 0.1 * random.nextDouble() : 0;
    network.repetition = random.nextInt(3) == 0 ? 0.1 * random.nextDouble() : 0;
    network.reordering = random.nextInt(3) == 0;
    regions = new SimRegion[size];
  }

  static Result run(long seed, long seconds) {
    return new Chaos(seed).run(seconds);
  }

  private Result run(long seconds) {
    int limits = 1 + random.nextInt(3);
    for (int i = 0; i < limits; i++) {
      long cost = 1 + (random.nextInt(4) == 0 ? random.nextLong(5) : 0);
      long burst = cost * (1 + random.nextLong(random.nextInt(3) == 0 ? 3 : 300));
      long milli = 1000 * (5 + random.nextLong(400));
      loads.add(
          new Load(
              new LimitSpec("tenant/" + i, LimitSpec.Level.TENANT, milli, burst),
              cost,
              names.size(),
              drift));
    }
    for (int region = 0; region < regions.length; region++) {
      start(region);
    }
    network.at(0, this::moveDemand);
    network.at(SECONDS, this::fault);
    network.runUntil(seconds * SECONDS);
    double excess = Double.NEGATIVE_INFINITY;
    long worst = 0;
    long admitted = 0;
    for (Load load : loads) {
      admitted += load.judge.admitted();
      Judge.Verdict verdict = load.judge.verdict();
      if (verdict.excess() > excess) {
        excess = verdict.excess();
        worst = verdict.atNanos() / MS;
      }
    }
    for (SimRegion region : regions) {
      audit(region);
    }
    return new Result(
        seed,
        regions.length,
        excess,
        worst,
        admitted,
        denied,
        crashes,
        pauses,
        cuts,
        shared,
        outlived,
        imbalance);
  }

  /** What all regions together may use right now, those that are stopped too; at most 1. */
  private double sharesOf(String limit) {
    double sum = 0;
    for (SimRegion region : regions) {
      if (!region.isDead()) {
        sum += region.share(limit);
      }
    }
    return sum;
  }

  private void start(int number) {
    LeaseSettings settings = LeaseSettings.of(names.get(number), names).withLeaseNanos(leaseNanos);
    double rate = 1 + drift * (2 * random.nextDouble() - 1);
    long offset = random.nextLong() >> 2;
    SimRegion region =
        new SimRegion(
            network,
            number,
            settings,
            MeshSettings.Timing.DEFAULT,
            nextIncarnation(),
            offset,
            rate,
            random.nextLong(50 * MS),
            /* follows= */ true);
    regions[number] = region;
    for (Load load : loads) {
      region.limit(load.spec, load.cost);
    }
    arrive(region);
  }

  private long nextIncarnation() {
    return incarnation++;
  }

  /** Requests arrive at one life of a region, as a Poisson process per limit. */
  private void arrive(SimRegion region) {
    for (Load load : loads) {
      next(region, load);
    }
  }

  private void next(SimRegion region, Load load) {
    double rate = load.perSecond[region.number];
    long wait = rate <= 0 ? 200 * MS : (long) (-Math.log(1 - random.nextDouble()) / rate * 1e9);
    boolean arrives = rate > 0 && wait < 200 * MS;
    network.at(
        network.nowNanos() + Math.min(wait, 200 * MS),
        () -> {
          if (region.isDead()) {
            return;
          }
          if (arrives) {
            long held = random.nextInt(200) == 0 ? random.nextLong(1500 * MS) : 0;
            region.request(load.spec.id(), load.cost, held, outcomes(load));
          }
          next(region, load);
        });
  }

  private SimRegion.Outcomes outcomes(Load load) {
    return new SimRegion.Outcomes() {
      @Override
      public void admitted(String limit, long cost, long atNanos, boolean rightful) {
        load.judge.admitted(cost, atNanos);
        outlived += rightful ? 0 : 1;
        shared = Math.max(shared, sharesOf(limit));
      }

      @Override
      public void denied(String limit, long cost) {
        denied++;
      }
    };
  }

  /** Every second or so the tenants' traffic goes elsewhere. */
  private void moveDemand() {
    for (Load load : loads) {
      double limit = load.spec.milliTokensPerSecond() / 1000.0 / (double) load.cost;
      for (int region = 0; region < regions.length; region++) {
        load.perSecond[region] =
            switch (random.nextInt(3)) {
              case 0 -> 0;
              case 1 -> limit * random.nextDouble();
              default -> 2 * limit * random.nextDouble();
            };
      }
    }
    network.at(network.nowNanos() + (500 + random.nextLong(3000)) * MS, this::moveDemand);
  }

  private void fault() {
    int number = random.nextInt(regions.length);
    SimRegion region = regions[number];
    long lasts = (20 + random.nextLong(random.nextInt(4) == 0 ? 5000 : 900)) * MS;
    switch (random.nextInt(7)) {
      case 0, 1 -> crash(number, region, lasts);
      case 2, 3 -> {
        if (region.runs()) {
          pauses++;
          region.pause();
          network.at(network.nowNanos() + lasts, region::resume);
        }
      }
      case 4 -> cut(number, lasts, true);
      case 5 -> cut(number, lasts, false);
      default -> isolate(number, lasts);
    }
    network.at(network.nowNanos() + random.nextLong(1200 * MS), this::fault);
  }

  private void crash(int number, SimRegion region, long lasts) {
    if (region.isDead()) {
      return;
    }
    crashes++;
    audit(region);
    region.kill();
    network.at(network.nowNanos() + lasts, () -> start(number));
  }

  private void cut(int from, long lasts, boolean bothWays) {
    int to = (from + 1 + random.nextInt(regions.length - 1)) % regions.length;
    cuts++;
    network.cut(from, to);
    if (bothWays) {
      network.cut(to, from);
    }
    network.at(
        network.nowNanos() + lasts,
        () -> {
          network.heal(from, to);
          network.heal(to, from);
        });
  }

  private void isolate(int number, long lasts) {
    cuts++;
    for (int other = 0; other < regions.length; other++) {
      if (other != number) {
        network.cut(number, other);
        network.cut(other, number);
      }
    }
    network.at(network.nowNanos() + lasts, network::heal);
  }

  /** Earned less burned, spent and held, over one life: what came from nowhere. */
  private void audit(@Nullable SimRegion region) {
    if (region == null) {
      return;
    }
    for (Limit limit : region.limiter.limits()) {
      double in = Math.abs(limit.imbalance()) - region.underWay(limit.spec().id());
      imbalance = Math.max(imbalance, Math.max(0, in - 1e-6));
    }
  }
}
