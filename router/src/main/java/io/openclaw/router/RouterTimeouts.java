package io.openclaw.router;

/**
 * The times the router waits, in milliseconds.
 *
 * @param connect for a connection to a region
 * @param attempt for a region's answer, before the request goes to another region: so long where it
 *     usually answers within a third of that
 * @param attemptMax the most that it becomes, three times what 99 of 100 requests take, where the
 *     region is slower
 * @param deadline for the whole of a request, from its head to the head of its answer; also for the
 *     arrival of a request's head on a new connection
 * @param probeInterval between two health checks of a region
 * @param probe for the answer to a health check
 * @param idle for the next request on a client's connection
 * @param stall for progress of an answer that is being streamed
 */
public record RouterTimeouts(
    long connect,
    long attempt,
    long attemptMax,
    long deadline,
    long probeInterval,
    long probe,
    long idle,
    long stall) {

  public RouterTimeouts {
    positive(connect, "connect");
    positive(attempt, "attempt");
    if (attemptMax < attempt) {
      throw new IllegalArgumentException(
          "timeouts.attemptMax: " + attemptMax + " ms (expected: >= attempt, " + attempt + ")");
    }
    positive(deadline, "deadline");
    positive(probeInterval, "probeInterval");
    positive(probe, "probe");
    positive(idle, "idle");
    positive(stall, "stall");
  }

  public static RouterTimeouts defaults() {
    return new RouterTimeouts(150, 250, 2_000, 10_000, 100, 200, 60_000, 30_000);
  }

  public RouterTimeouts withAttempt(long millis) {
    return new RouterTimeouts(
        connect, millis, Math.max(millis, attemptMax), deadline, probeInterval, probe, idle, stall);
  }

  public RouterTimeouts withDeadline(long millis) {
    return new RouterTimeouts(
        connect, attempt, attemptMax, millis, probeInterval, probe, idle, stall);
  }

  public RouterTimeouts withProbes(long intervalMillis, long timeoutMillis) {
    return new RouterTimeouts(
        connect, attempt, attemptMax, deadline, intervalMillis, timeoutMillis, idle, stall);
  }

  public RouterTimeouts withStall(long millis) {
    return new RouterTimeouts(
        connect, attempt, attemptMax, deadline, probeInterval, probe, idle, millis);
  }

  public RouterTimeouts withAttemptMax(long millis) {
    return new RouterTimeouts(
        connect, attempt, millis, deadline, probeInterval, probe, idle, stall);
  }

  private static void positive(long millis, String name) {
    if (millis < 1) {
      throw new IllegalArgumentException(
          "timeouts." + name + ": " + millis + " ms (expected: > 0)");
    }
  }
}
