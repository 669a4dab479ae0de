package io.openclaw.bench;

import java.util.SortedMap;

/**
 * What became of the recorded requests to one target, or to all.
 *
 * @param ok answered with an expected status
 * @param failed answered with another one, or not at all
 * @param aborted still under way when the run was stopped by hand; neither ok nor failed
 * @param latency of those that are ok
 * @param failedLatency of those that failed
 * @param statuses how often each status came
 * @param errors how often each kind of failure came, zeros included
 */
record Counts(
    long ok,
    long failed,
    long aborted,
    Latency latency,
    Latency failedLatency,
    SortedMap<Integer, Long> statuses,
    SortedMap<ErrorKind, Long> errors,
    long bytesSent,
    long bytesReceived) {
  /** All requests begun. */
  public long requests() {
    return ok + failed + aborted;
  }
}
