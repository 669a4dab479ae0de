package io.openclaw.edge;

/**
 * Where it is reported what was answered, after the answer is out; a port. Thread-safe, never
 * blocks.
 */
public interface EdgeMetrics {
  /**
   * Counts an answer.
   *
   * @param answered what was sent, which may be a problem that the edge knows nothing of
   * @param latencyNanos from the arrival of the request's headers to the last byte handed to the
   *     socket
   */
  void answered(Answered answered, long latencyNanos);
}
