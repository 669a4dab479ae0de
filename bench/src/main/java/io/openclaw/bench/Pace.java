package io.openclaw.bench;

/** When the next request is sent: after an answer, or at its time. */
sealed interface Pace {
  /**
   * A closed loop: every connection sends its next request once the last one is answered, so a slow
   * server is asked less often.
   *
   * @param connections requests under way at any time; at least one per URL
   */
  record Closed(int connections) implements Pace {}

  /**
   * An open loop: request i is due at i / rate whatever the server does, and its latency counts
   * from then (no coordinated omission, as Gil Tene calls it).
   *
   * @param perSecond requests per second, over all URLs together
   * @param connections most connections open at once, over all URLs; a request that finds none free
   *     waits, and the wait is part of its latency. Never more are opened than requests in flight
   * @param inFlightMax requests under way or waiting; one due beyond is counted as unsent
   */
  record Open(double perSecond, int connections, int inFlightMax) implements Pace {
    /** When request {@code index} is due, in nanoseconds after the first. */
    long dueNanos(long index) {
      return Math.round(index * (1e9 / perSecond));
    }

    /** How many requests are due within {@code nanos}. */
    long dueWithin(long nanos) {
      long guess = (long) Math.floor(nanos * (perSecond / 1e9));
      while (guess > 0 && dueNanos(guess - 1) >= nanos) {
        guess--;
      }
      while (dueNanos(guess) < nanos) {
        guess++;
      }
      return guess;
    }
  }

  /** Most connections open at once, over all URLs. */
  int connections();
}
