package io.openclaw.mesh;

/**
 * What carries frames between this node and its peers: one stream per peer and direction, and no
 * knowledge of what the frames mean.
 *
 * <p>Called and calling back on one thread only, the owner's. The frames of one stream arrive whole
 * and in order; where one cannot, the stream has ended. A transport that may lose or reorder frames
 * still leaves the nodes equal, only later.
 */
public interface MeshTransport {
  /** The most bytes in one frame. */
  int FRAME_BYTES_MAX = 64 * 1024;

  /**
   * Hands one frame to the stream to {@code peer}.
   *
   * @param frame 1 to {@link #FRAME_BYTES_MAX} bytes, not changed afterwards
   * @return false where the stream is not open or would have to queue the frame: it is not sent
   */
  boolean send(String peer, byte[] frame);

  /**
   * Throws away the streams from and to {@code peer} and dials anew. A dial already under way goes
   * on.
   */
  void redial(String peer);

  /** What hears of the streams; never called from within a method of the transport. */
  interface Listener {
    /** A new stream to {@code peer} is open; whatever an earlier one carried may be lost. */
    void connected(String peer);

    /** The stream to {@code peer} has ended, or a dial has failed. */
    void disconnected(String peer);

    /** A frame from {@code peer} has arrived. */
    void received(String peer, byte[] frame);
  }
}
