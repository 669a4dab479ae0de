package io.openclaw.steer;

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

  private final List<String> names;
  private final Map<String, Integer> indexes = new HashMap<>();
  private final AtomicReferenceArray<RegionHealth> healths;
  private final AtomicIntegerArray inFlight;

  public HealthView(List<String> regions, HealthRules rules, long nowNanos) {
    if (regions.isEmpty() || regions.size() > REGIONS_MAX) {
      throw new IllegalArgumentException(
          "regions: " + regions.size() + " (expected: 1 to " + REGIONS_MAX + ")");
    }
    names = List.copyOf(regions);
    healths = new AtomicReferenceArray<>(names.size());
    inFlight = new AtomicIntegerArray(names.size());
    for (int i = 0; i < names.size(); i++) {
      if (indexes.put(names.get(i), i) != null) {
        throw new IllegalArgumentException("region named twice: " + names.get(i));
      }
      healths.set(i, RegionHealth.unknown(rules, nowNanos));
    }
  }

  public int size() {
    return names.size();
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
        return HealthChange.between(before, after);
      }
    }
  }
}
