package io.openclaw.router;

/**
 * The times the router waits, in milliseconds.
 *
 * @param connect for a connection to a region
 * @param attempt for a region's answer, before the request goes to another region, while too little
 *     is known of how long its answers take
 * @param attemptMin the least that this becomes where enough is known
 * @param attemptMax the most that this becomes where a region is slower ({@link
 *     io.openclaw.steer.LatencyWindow#patienceNanos})
 * @param deadline for the whole of a request, from its head to the head of its answer; also for the
 *     arrival of a request's head on a new connection
 * @param probeInterval between two health checks of a region
 * @param probe for the answer to a health check
 * @param idle for the next request on a client's connection
 * @param stall for progress of an answer that is being streamed
 * @param drain from the time when {@code /readyz} says that it is closing until it accepts no more
 */
public record RouterTimeouts(
    long connect,
    long attempt,
    long attemptMin,
    long attemptMax,
    long deadline,
    long probeInterval,
    long probe,
    long idle,
    long stall,
    long drain) {

  public RouterTimeouts {
    positive(connect, "connect");
    positive(attempt, "attempt");
    positive(attemptMin, "attemptMin");
    if (attemptMin > attempt) {
      throw new IllegalArgumentException(
          "timeouts.attemptMin: " + attemptMin + " ms (expected: <= attempt, " + attempt + ")");
    }
    if (attemptMax < attempt) {
      throw new IllegalArgumentException(
          "timeouts.attemptMax: " + attemptMax + " ms (expected: >= attempt, " + attempt + ")");
    }
    positive(deadline, "deadline");
    positive(probeInterval, "probeInterval");
    positive(probe, "probe");
    positive(idle, "idle");
    positive(stall, "stall");
    if (drain < 0) {
      throw new IllegalArgumentException("timeouts.drain: " + drain + " ms (expected: >= 0)");
    }
  }

  public static RouterTimeouts defaults() {
    return new RouterTimeouts(150, 200, 120, 2_000, 10_000, 100, 200, 60_000, 30_000, 500);
  }

  /** A try gets that, also of a region that is known to be quicker. */
  public RouterTimeouts withAttempt(long millis) {
    return withAttempt(millis, millis);
  }

  /** A try gets {@code millis}, or {@code least} of a region that is known to be quick. */
  RouterTimeouts withAttempt(long millis, long least) {
    return new RouterTimeouts(
        connect,
        millis,
        least,
        Math.max(millis, attemptMax),
        deadline,
        probeInterval,
        probe,
        idle,
        stall,
        drain);
  }

  public RouterTimeouts withDeadline(long millis) {
    return new RouterTimeouts(
        connect, attempt, attemptMin, attemptMax, millis, probeInterval, probe, idle, stall, drain);
  }

  public RouterTimeouts withProbes(long intervalMillis, long timeoutMillis) {
    return new RouterTimeouts(
        connect,
        attempt,
        attemptMin,
        attemptMax,
        deadline,
        intervalMillis,
        timeoutMillis,
        idle,
        stall,
        drain);
  }

  public RouterTimeouts withStall(long millis) {
    return new RouterTimeouts(
        connect,
        attempt,
        attemptMin,
        attemptMax,
        deadline,
        probeInterval,
        probe,
        idle,
        millis,
        drain);
  }

  public RouterTimeouts withDrain(long millis) {
    return new RouterTimeouts(
        connect,
        attempt,
        attemptMin,
        attemptMax,
        deadline,
        probeInterval,
        probe,
        idle,
        stall,
        millis);
  }

  private static void positive(long millis, String name) {
    if (millis < 1) {
      throw new IllegalArgumentException(
          "timeouts." + name + ": " + millis + " ms (expected: > 0)");
    }
  }
}
