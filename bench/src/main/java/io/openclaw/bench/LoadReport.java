package io.openclaw.bench;

import java.util.List;

/**
 * What a load run measured.
 *
 * @param startedAtEpochMillis when recording began, after the warm-up
 * @param elapsedNanos the time that rates refer to: how long requests were due in an open loop,
 *     until the last answer in a closed loop
 * @param interrupted whether the run was stopped by hand
 * @param total over all URLs
 * @param urls each alone, in the order given
 * @param late open loop: how long after its time the generator turned to a request; its own fault
 * @param queued requests that had to wait for a free connection
 * @param unsent open loop: requests that were due and never sent, because too many were in flight
 *     or the generator was later than the timeout
 * @param details the first reasons for errors of kind other or tls
 * @param timeline empty unless asked for
 */
record LoadReport(
    Pace pace,
    long startedAtEpochMillis,
    long elapsedNanos,
    boolean interrupted,
    Counts total,
    List<UrlCounts> urls,
    Latency late,
    long queued,
    long unsent,
    List<String> details,
    List<Timeline.Bucket> timeline) {
  /** Above this p99 of {@link #late} the figures say more about the generator than the server. */
  static final long LATE_NANOS_WARNED = 10_000_000;

  /** What became of the requests to one URL. */
  public record UrlCounts(String url, Counts counts) {}

  /** Requests that failed or could not be sent. */
  public long failures() {
    return total.failed() + unsent;
  }

  /** The part of the requests due that succeeded, 0 to 1; 1 if none was due. */
  public double successRatio() {
    long due = total.ok() + failures();
    return due == 0 ? 1 : (double) total.ok() / due;
  }

  /** Requests ended per second. */
  public double ratePerSecond(Counts counts) {
    return elapsedNanos == 0 ? 0 : (counts.ok() + counts.failed()) * 1e9 / elapsedNanos;
  }

  /** Whether the generator could not keep the rate asked for. */
  public boolean fellBehind() {
    return unsent > 0 || late.p99() > LATE_NANOS_WARNED;
  }
}
