package io.openclaw.mesh;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * Who is in the mesh, and the protocol's times.
 *
 * @param self this node's region
 * @param peers the other configured regions; may be empty
 * @param incarnation greater than zero, and greater at each start of the same region (for example
 *     the wall clock's milliseconds at start)
 * @param timing the protocol's times
 * @param agreement whatever else must be the same on all nodes, as text; others are strangers
 */
public record MeshSettings(
    String self, List<String> peers, long incarnation, Timing timing, String agreement) {
  /** The most configured regions besides one's own. */
  public static final int PEERS_MAX = 64;

  /** The longest name of a region, in characters. */
  public static final int REGION_LENGTH_MAX = 64;

  /**
   * The protocol's times, each in nanoseconds and greater than zero.
   *
   * @param heartbeatNanos from one heartbeat to the next
   * @param suspectNanos the silence after which a peer is suspect
   * @param downNanos the silence after which a suspect peer is down
   * @param goodHeartbeats how many heartbeats in a row bring a peer up
   * @param lateNanos a gap between two own ticks after which the silence meanwhile is forgiven
   * @param redialNanos the least time from one redial of a peer to the next
   * @param unackedNanos how long a stream may stay without an acknowledged heartbeat
   * @param refreshNanos the time in which every fact is sent once more, changed or not
   */
  public record Timing(
      long heartbeatNanos,
      long suspectNanos,
      long downNanos,
      int goodHeartbeats,
      long lateNanos,
      long redialNanos,
      long unackedNanos,
      long refreshNanos) {
    /** Measured over links of 80 ms: a lost region is seen in 0.4 s, without false suspicions. */
    public static final Timing DEFAULT =
        new Timing(
            TimeUnit.MILLISECONDS.toNanos(50),
            TimeUnit.MILLISECONDS.toNanos(350),
            TimeUnit.SECONDS.toNanos(2),
            4,
            TimeUnit.MILLISECONDS.toNanos(150),
            TimeUnit.SECONDS.toNanos(1),
            TimeUnit.MILLISECONDS.toNanos(1500),
            TimeUnit.SECONDS.toNanos(30));

    public Timing {
      positive("heartbeatNanos", heartbeatNanos);
      positive("lateNanos", lateNanos);
      positive("redialNanos", redialNanos);
      positive("unackedNanos", unackedNanos);
      positive("refreshNanos", refreshNanos);
      positive("goodHeartbeats", goodHeartbeats);
      if (suspectNanos <= heartbeatNanos) {
        throw new IllegalArgumentException(
            "suspectNanos: "
                + suspectNanos
                + " (expected: > heartbeatNanos "
                + heartbeatNanos
                + ")");
      }
      if (downNanos <= suspectNanos) {
        throw new IllegalArgumentException(
            "downNanos: " + downNanos + " (expected: > suspectNanos " + suspectNanos + ")");
      }
    }

    /** The same times with another time for a whole refresh. */
    public Timing withRefreshNanos(long nanos) {
      return new Timing(
          heartbeatNanos,
          suspectNanos,
          downNanos,
          goodHeartbeats,
          lateNanos,
          redialNanos,
          unackedNanos,
          nanos);
    }

    private static void positive(String name, long value) {
      if (value <= 0) {
        throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
      }
    }
  }

  public MeshSettings {
    peers = List.copyOf(peers);
    requireRegion(self);
    peers.forEach(MeshSettings::requireRegion);
    if (peers.size() > PEERS_MAX) {
      throw new IllegalArgumentException(
          "peers: " + peers.size() + " (expected: at most " + PEERS_MAX + ")");
    }
    if (peers.contains(self) || new TreeSet<>(peers).size() != peers.size()) {
      throw new IllegalArgumentException(
          "peers: " + peers + " (expected: each other region once, without " + self + ")");
    }
    if (incarnation <= 0) {
      throw new IllegalArgumentException("incarnation: " + incarnation + " (expected: > 0)");
    }
  }

  /** Settings that agree on the regions alone. */
  public MeshSettings(String self, List<String> peers, long incarnation, Timing timing) {
    this(self, peers, incarnation, timing, "");
  }

  /** Settings with the default times. */
  public static MeshSettings of(String self, List<String> peers, long incarnation) {
    return new MeshSettings(self, peers, incarnation, Timing.DEFAULT);
  }

  /**
   * A digest of all configured regions and what else was agreed: nodes that differ in it do not
   * belong together.
   */
  byte[] regionsDigest() {
    TreeSet<String> regions = new TreeSet<>(peers);
    regions.add(self);
    try {
      return MessageDigest.getInstance("SHA-256")
          .digest(
              (String.join("\n", regions) + "\n\n" + agreement).getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static void requireRegion(String region) {
    if (region.isEmpty()
        || region.length() > REGION_LENGTH_MAX
        || !region.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IllegalArgumentException(
          "region: '" + region + "' (expected: 1 to " + REGION_LENGTH_MAX + " visible ASCII)");
    }
  }
}
