package io.openclaw.mesh;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What this node knows of its peers at one moment; immutable.
 *
 * @param self this node's region
 * @param incarnation this node's incarnation
 * @param atNanos when the view was taken, on this node's monotonic clock
 * @param factsUnsendable facts of this node that were too large to be sent; cumulative
 * @param peers every configured peer by its region
 */
public record MeshView(
    String self,
    long incarnation,
    long atNanos,
    long factsUnsendable,
    SortedMap<String, Peer> peers) {

  public MeshView {
    peers = Collections.unmodifiableSortedMap(new TreeMap<>(peers));
  }

  /** The peer of a configured region. */
  public Peer peer(String region) {
    Peer peer = peers.get(region);
    if (peer == null) {
      throw new IllegalArgumentException(
          "region: '" + region + "' (expected: one of " + peers.keySet() + ")");
    }
    return peer;
  }

  /** What is known of a peer's health. */
  public enum State {
    /** Nothing was ever heard of it, and nothing says it is down. */
    UNKNOWN,
    /** Its heartbeats arrive. */
    UP,
    /** It fell silent a moment ago. */
    SUSPECT,
    /** It has been silent for long, or refuses connections. */
    DOWN
  }

  /**
   * One peer.
   *
   * @param region its name
   * @param state its health
   * @param sinceNanos since when, on this node's clock
   * @param lagNanos the age of the newest heartbeat of ours that the peer has acknowledged; where
   *     it never has, the time since this node started
   * @param incarnation the peer's incarnation; 0 before its first hello
   * @param connected whether a stream to it is open
   * @param counters what passed between the two since this node started
   * @param refusal why something of the peer was refused last
   */
  public record Peer(
      String region,
      State state,
      long sinceNanos,
      long lagNanos,
      long incarnation,
      boolean connected,
      Counters counters,
      @Nullable String refusal) {}

  /**
   * What passed between this node and a peer; cumulative.
   *
   * @param framesIn frames received, refused and dropped ones too
   * @param bytesIn the bytes of these
   * @param framesOut frames sent
   * @param bytesOut the bytes of these
   * @param factsIn facts merged
   * @param factsOut facts sent
   * @param fullStates full states sent to the end
   * @param framesRefused frames that were malformed or of another mesh
   * @param framesDropped frames of an older incarnation or stream, or ahead of their hello
   * @param factsRefused facts no table here takes
   * @param redials connections thrown away
   * @param suspicions how often the peer became suspect
   */
  public record Counters(
      long framesIn,
      long bytesIn,
      long framesOut,
      long bytesOut,
      long factsIn,
      long factsOut,
      long fullStates,
      long framesRefused,
      long framesDropped,
      long factsRefused,
      long redials,
      long suspicions) {}
}
