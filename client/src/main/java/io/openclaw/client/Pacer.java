package io.openclaw.client;

import java.util.List;

/**
 * When the next rating may go to one region without being denied, from what the region said last
 * that is left of its limits. While tokens are left there they are counted down and nothing waits;
 * then calls go one by one, as fast as an equal part of the limit refills, so that what each answer
 * says soon opens the way again. After a denial nothing goes before the time that it named.
 *
 * <p>A guess, for a region's part of a limit moves and others spend from it too: it makes denials
 * rare and never refuses by itself. Told the time. Thread-safe: a short lock.
 */
final class Pacer {
  private static final long SECOND = 1_000_000_000L;

  private final int regions;
  private long credit = Long.MAX_VALUE;
  private long tokenNanos;
  private long nextNanos;
  private long closedUntilNanos;

  Pacer(int regions, long nowNanos) {
    this.regions = regions;
    this.nextNanos = nowNanos;
    this.closedUntilNanos = nowNanos;
  }

  /**
   * Takes the next place: how long to wait for it, 0 for not at all. A place later than the
   * deadline is not taken, and the answer is 0: the region shall say itself that it is too late.
   */
  synchronized long enter(long nowNanos, long deadlineNanos) {
    if (closedUntilNanos - nowNanos <= 0 && credit > 0) {
      credit -= credit == Long.MAX_VALUE ? 0 : 1;
      return 0;
    }
    long place = later(nowNanos, later(nextNanos, closedUntilNanos));
    if (place - deadlineNanos >= 0) {
      return 0;
    }
    nextNanos = place + tokenNanos;
    return place - nowNanos;
  }

  /**
   * Learns from an answer.
   *
   * @param underWay other ratings that the region has not answered, which take their tokens first
   */
  synchronized void told(List<RateLimit> limits, int underWay, long nowNanos) {
    if (limits.isEmpty()) {
      credit = Long.MAX_VALUE;
      return;
    }
    RateLimit least = limits.get(0);
    for (RateLimit limit : limits) {
      least = limit.remaining() < least.remaining() ? limit : least;
    }
    credit = Math.max(0, least.remaining() - underWay);
    tokenNanos = tokenNanos(least);
    if (credit == 0) {
      nextNanos = later(nextNanos, nowNanos + tokenNanos);
    }
  }

  /** Learns from a denial: nothing goes before {@code retryAfterNanos} have passed. */
  synchronized void denied(long retryAfterNanos, long nowNanos) {
    credit = 0;
    closedUntilNanos = later(closedUntilNanos, nowNanos + retryAfterNanos);
  }

  /** How long an equal part of the limit takes for a token, but no longer than until it is full. */
  private long tokenNanos(RateLimit limit) {
    long reset = limit.reset().toSeconds() * SECOND;
    if (limit.quota() == 0 || limit.window().isZero()) {
      return reset;
    }
    double token =
        (double) limit.window().toSeconds() * SECOND * regions / Math.max(1, limit.quota());
    return Math.min(reset, Math.round(token));
  }

  private static long later(long a, long b) {
    return a - b >= 0 ? a : b;
  }
}
