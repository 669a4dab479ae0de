package io.openclaw.steer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.UnaryOperator;

/**
 * The present health of every region and the number of requests under way in each.
 *
 * <p>Regions are fixed and known by their index. Thread-safe and lock-free: each region's {@link
 * RegionHealth} is one reference, replaced by compare-and-set, so that exactly one caller sees each
 * {@link HealthChange}.
 */
public final class HealthView {
  /** Sets of regions travel as the bits of a {@code long}. */
  public static final int REGIONS_MAX = 64;

  static final int RANK_UP = 0;

  /** Up, but the mesh has lost it. */
  static final int RANK_ALONE = 1;

  static final int RANK_UNKNOWN = 2;
  static final int RANK_DRAINING = 3;

  /** The rank of a region that failed. */
  public static final int RANK_DOWN = 4;

  private final List<String> names;
  private final Map<String, Integer> indexes = new HashMap<>();
  private final AtomicReferenceArray<RegionHealth> healths;
  private final AtomicIntegerArray inFlight;
  private final AtomicIntegerArray loads; // thousandths
  private final AtomicIntegerArray alone; // 1 for a region that hears of too few others
  private final List<LatencyWindow> latencies = new ArrayList<>();

  public HealthView(List<String> regions, HealthRules rules, long nowNanos) {
    if (regions.isEmpty() || regions.size() > REGIONS_MAX) {
      throw new IllegalArgumentException(
          "regions: " + regions.size() + " (expected: 1 to " + REGIONS_MAX + ")");
    }
    names = List.copyOf(regions);
    healths = new AtomicReferenceArray<>(names.size());
    inFlight = new AtomicIntegerArray(names.size());
    loads = new AtomicIntegerArray(names.size());
    alone = new AtomicIntegerArray(names.size());
    for (int i = 0; i < names.size(); i++) {
      if (indexes.put(names.get(i), i) != null) {
        throw new IllegalArgumentException("region named twice: " + names.get(i));
      }
      healths.set(i, RegionHealth.unknown(rules, nowNanos));
      latencies.add(new LatencyWindow(nowNanos));
    }
  }

  public int size() {
    return names.size();
  }

  /** The set of all regions: bit i for index i. */
  public long all() {
    return -1L >>> (Long.SIZE - names.size());
  }

  /** The names, in index order. */
  public List<String> names() {
    return names;
  }

  public String name(int region) {
    return names.get(region);
  }

  /** The index of a region, or -1 where there is none of that name. */
  public int indexOf(String name) {
    Integer index = indexes.get(name);
    return index == null ? -1 : index;
  }

  public RegionHealth health(int region) {
    return healths.get(region);
  }

  /**
   * How far a region is from being the one to go to, 0 to {@link #RANK_DOWN}: only those of the
   * lowest rank there is get requests. One that the mesh has lost rates as well, but with its own
   * share of the limits alone; one that only drains still answers.
   */
  public int rank(int region) {
    RegionHealth health = health(region);
    return switch (health.state()) {
      case UP -> alone(region) ? RANK_ALONE : RANK_UP;
      case UNKNOWN -> RANK_UNKNOWN;
      case DOWN -> health.draining() ? RANK_DRAINING : RANK_DOWN;
    };
  }

  /** Whether at least one region is up. */
  public boolean anyUp() {
    for (int i = 0; i < names.size(); i++) {
      if (healths.get(i).state() == RegionState.UP) {
        return true;
      }
    }
    return false;
  }

  /** Requests sent to the region and neither answered nor given up. */
  public int inFlight(int region) {
    return inFlight.get(region);
  }

  /** A try begins; {@link #end} must follow. */
  public void begin(int region) {
    inFlight.incrementAndGet(region);
  }

  public void end(int region) {
    inFlight.decrementAndGet(region);
  }

  /** How busy the region said it is, 0 to 1; 0 where it said nothing. */
  public double load(int region) {
    return loads.get(region) / 1e3;
  }

  /** A region that is ready says how busy it is, and what the mesh looks like from there. */
  public void reported(int region, RegionReport report) {
    loaded(region, report.load());
    hears(region, report.heard(), report.known());
  }

  /** The region says how busy it is, 0 to 1. */
  void loaded(int region, double load) {
    loads.set(region, (int) Math.round(1e3 * Math.clamp(load, 0, 1)));
  }

  /** Whether the region said that it hears of too few others to be one of a majority. */
  public boolean alone(int region) {
    return alone.get(region) == 1;
  }

  /**
   * The region says what the mesh looks like from there.
   *
   * @param heard how many other regions it hears of
   * @param known how many there are
   */
  void hears(int region, int heard, int known) {
    alone.set(region, 2 * (heard + 1) <= known + 1 && known > 0 ? 1 : 0);
  }

  /** How long requests took in the region lately. */
  public LatencyWindow latencies(int region) {
    return latencies.get(region);
  }

  public HealthChange probeOk(int region, long latencyNanos, long nowNanos) {
    return update(region, health -> health.probeOk(latencyNanos, nowNanos));
  }

  public HealthChange probeFailed(int region, long nowNanos) {
    return update(region, health -> health.probeFailed(nowNanos));
  }

  public HealthChange probeDraining(int region, long nowNanos) {
    return update(region, health -> health.probeDraining(nowNanos));
  }

  public HealthChange requestOk(int region, long latencyNanos, long nowNanos) {
    return update(region, health -> health.requestOk(latencyNanos, nowNanos));
  }

  public HealthChange requestAnswered(int region, long nowNanos) {
    return update(region, health -> health.requestAnswered(nowNanos));
  }

  public HealthChange requestShed(int region, long latencyNanos, long nowNanos) {
    return update(region, health -> health.requestShed(latencyNanos, nowNanos));
  }

  public HealthChange requestRefused(int region, long latencyNanos, long nowNanos) {
    return update(region, health -> health.requestRefused(latencyNanos, nowNanos));
  }

  public HealthChange requestFailed(int region, long nowNanos) {
    return update(region, health -> health.requestFailed(nowNanos));
  }

  private HealthChange update(int region, UnaryOperator<RegionHealth> observation) {
    while (true) {
      RegionHealth before = healths.get(region);
      RegionHealth after = observation.apply(before);
      if (healths.compareAndSet(region, before, after)) {
        HealthChange change = HealthChange.between(before, after);
        if (change == HealthChange.RESTORED) {
          latencies.get(region).clear(after.sinceNanos());
        }
        return change;
      }
    }
  }
}
