package io.openclaw.router;

/**
 * The times the router waits, in milliseconds.
 *
 * @param connect for a connection to a region
 * @param attempt for a region's answer, before the request goes to another region
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
    long deadline,
    long probeInterval,
    long probe,
    long idle,
    long stall) {

  public RouterTimeouts {
    positive(connect, "connect");
    positive(attempt, "attempt");
    positive(deadline, "deadline");
    positive(probeInterval, "probeInterval");
    positive(probe, "probe");
    positive(idle, "idle");
    positive(stall, "stall");
  }

  public static RouterTimeouts defaults() {
    return new RouterTimeouts(150, 250, 10_000, 100, 200, 60_000, 30_000);
  }

  public RouterTimeouts withAttempt(long millis) {
    return new RouterTimeouts(connect, millis, deadline, probeInterval, probe, idle, stall);
  }

  public RouterTimeouts withDeadline(long millis) {
    return new RouterTimeouts(connect, attempt, millis, probeInterval, probe, idle, stall);
  }

  public RouterTimeouts withProbes(long intervalMillis, long timeoutMillis) {
    return new RouterTimeouts(
        connect, attempt, deadline, intervalMillis, timeoutMillis, idle, stall);
  }

  public RouterTimeouts withStall(long millis) {
    return new RouterTimeouts(connect, attempt, deadline, probeInterval, probe, idle, millis);
  }

  private static void positive(long millis, String name) {
    if (millis < 1) {
      throw new IllegalArgumentException(
          "timeouts." + name + ": " + millis + " ms (expected: > 0)");
    }
  }
}
