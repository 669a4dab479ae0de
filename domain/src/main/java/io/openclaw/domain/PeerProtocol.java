package io.openclaw.domain;

import java.util.Set;

/**
 * A protocol between regions that rides on the mesh's streams beside the facts: small messages that
 * may be lost, late, repeated or reordered.
 *
 * <p>Called on the mesh's thread only.
 */
public interface PeerProtocol {
  /** The most bytes in one message. */
  int MESSAGE_BYTES_MAX = 60 * 1024;

  /** Where messages to a peer go. */
  interface Sender {
    /**
     * Sends one message.
     *
     * @param message 1 to {@link #MESSAGE_BYTES_MAX} bytes, not changed afterwards
     * @return false where there is no stream to the peer or no room on it: it is not sent
     */
    boolean send(String peer, byte[] message);
  }

  /**
   * A message has arrived; nothing is assumed of its bytes.
   *
   * @param incarnation which life of the peer sent it
   * @throws WireException where it cannot be one of this protocol
   */
  void received(String peer, long incarnation, byte[] message, Sender sender, long nowNanos)
      throws WireException;

  /**
   * Does what is due; called about every heartbeat interval.
   *
   * @param up the peers that are up, as this node sees them
   */
  void tick(Set<String> up, Sender sender, long nowNanos);
}
