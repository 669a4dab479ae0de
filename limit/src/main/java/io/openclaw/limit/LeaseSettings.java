package io.openclaw.limit;

import java.util.List;
import java.util.TreeSet;

/**
 * Who shares the limits, and the times of the leases; the same on every node but for {@code self}.
 *
 * @param self this node's region
 * @param regions the configured regions, {@code self} among them
 * @param voters the regions whose majority grants a lease; where voters are being changed, the
 *     second list is the new set and a lease needs a majority of both
 * @param configuration the number of this choice of voters; +1 at each change
 * @param leaseNanos how long a right lasts after the send time of the heartbeat that renewed it (L)
 * @param driftPpm the most that two clocks' rates differ from true time, in millionths (ρ)
 * @param floorPpm the part of every limit that is never leased, in millionths, in all (φ)
 */
public record LeaseSettings(
    String self,
    List<String> regions,
    List<List<String>> voters,
    long configuration,
    long leaseNanos,
    int driftPpm,
    int floorPpm) {
  /**
   * Measured over links of 80 ms: leases do not lapse, and a dead region's share moves in 0.6 s.
   */
  public static final long LEASE_NANOS = 400_000_000L;

  public static final int DRIFT_PPM = 1000;
  public static final int FLOOR_PPM = 30_000;

  /** With more regions than this only the first ones vote, or heartbeats would grow with N². */
  public static final int VOTERS_DEFAULT_MAX = 7;

  public static final int VOTERS_MAX = 31;
  public static final long LEASE_NANOS_MIN = 50_000_000L;
  public static final long LEASE_NANOS_MAX = 60_000_000_000L;
  private static final int MILLION = 1_000_000;

  public LeaseSettings {
    regions = regions.stream().sorted().toList();
    voters = voters.stream().map(set -> set.stream().sorted().toList()).toList();
    if (new TreeSet<>(regions).size() != regions.size() || !regions.contains(self)) {
      throw new IllegalArgumentException(
          "regions: " + regions + " (expected: each once, " + self + " among them)");
    }
    if (voters.isEmpty() || voters.size() > 2) {
      throw new IllegalArgumentException("voters: " + voters + " (expected: one or two sets)");
    }
    for (List<String> set : voters) {
      if (set.isEmpty()
          || set.size() > VOTERS_MAX
          || new TreeSet<>(set).size() != set.size()
          || !regions.containsAll(set)) {
        throw new IllegalArgumentException(
            "voters: " + set + " (expected: 1 to " + VOTERS_MAX + " of " + regions + ")");
      }
    }
    if (configuration < 1) {
      throw new IllegalArgumentException("configuration: " + configuration + " (expected: >= 1)");
    }
    if (leaseNanos < LEASE_NANOS_MIN || leaseNanos > LEASE_NANOS_MAX) {
      throw new IllegalArgumentException("lease: " + leaseNanos + " ns (expected: 50 ms to 60 s)");
    }
    if (driftPpm < 0 || driftPpm > 100_000) {
      throw new IllegalArgumentException("drift: " + driftPpm + " ppm (expected: 0 to 100000)");
    }
    if (floorPpm < 0 || floorPpm > MILLION) {
      throw new IllegalArgumentException("floor: " + floorPpm + " ppm (expected: 0 to 1000000)");
    }
  }

  /** The default times, and as voters all regions or the first {@link #VOTERS_DEFAULT_MAX}. */
  public static LeaseSettings of(String self, List<String> regions) {
    List<String> sorted = regions.stream().sorted().distinct().toList();
    List<String> voters = sorted.subList(0, Math.min(sorted.size(), VOTERS_DEFAULT_MAX));
    return new LeaseSettings(self, sorted, List.of(voters), 1, LEASE_NANOS, DRIFT_PPM, FLOOR_PPM);
  }

  /** The same with another floor. */
  public LeaseSettings withFloorPpm(int ppm) {
    return new LeaseSettings(self, regions, voters, configuration, leaseNanos, driftPpm, ppm);
  }

  /** The same with another lease. */
  public LeaseSettings withLeaseNanos(long nanos) {
    return new LeaseSettings(self, regions, voters, configuration, nanos, driftPpm, floorPpm);
  }

  /**
   * How long a voter keeps a vote after its last grant (W): a holder whose clock is slow by ρ uses
   * its lease for L/(1−ρ) of true time, and this voter's clock may be fast by ρ.
   */
  long voteNanos() {
    return Math.ceilDiv(
        Math.multiplyExact(leaseNanos, (long) MILLION + driftPpm), (long) MILLION - driftPpm);
  }

  /** What must be the same on every node; voters are changed one node after the other. */
  public String agreement() {
    return "lease " + leaseNanos + " drift " + driftPpm + " floor " + floorPpm;
  }

  /** Whether the limits need no lease: there is nobody to share with. */
  boolean alone() {
    return regions.size() == 1;
  }
}
