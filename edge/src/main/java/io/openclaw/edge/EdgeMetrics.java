package io.openclaw.edge;

/**
 * Where the edge reports what it answered, after the answer is out; a port. Thread-safe, never
 * blocks.
 */
public interface EdgeMetrics {
  /**
   * Counts an answer.
   *
   * @param latencyNanos from the arrival of the request's headers to the last byte handed to the
   *     socket
   */
  void answered(Answered answered, long latencyNanos);
}
