package io.openclaw.client;

import io.openclaw.steer.LatencyWindow;
import java.time.Duration;

/**
 * When a rating that is not answered yet is also asked of a second region; the first good answer
 * counts and the other try is given up. Every hedge is paid by a budget of 10 % of calls. The
 * tokens of the try that was given up come back where its region hears of the other in time ({@code
 * docs/router.md}); a score of an {@code items} model counts once all the same.
 *
 * @see <a href="https://doi.org/10.1145/2408776.2408794">Dean, Barroso: The Tail at Scale</a>
 */
public sealed interface Hedge {
  /** Never; the default. */
  record Off() implements Hedge {}

  /**
   * After a fixed time.
   *
   * @param delay from the first try on, greater than zero
   */
  record After(Duration delay) implements Hedge {
    public After {
      if (delay.isNegative() || delay.isZero()) {
        throw new IllegalArgumentException("hedge delay: " + delay + " (expected: > 0)");
      }
    }
  }

  /**
   * After the time in which the region lately answered 95 % of ratings; not before {@value
   * LatencyWindow#SAMPLES_MIN} answers are known of it.
   */
  record Adaptive() implements Hedge {}

  /** No hedging. */
  static Hedge off() {
    return new Off();
  }

  /** A hedge after a fixed time. */
  static Hedge after(Duration delay) {
    return new After(delay);
  }

  /** A hedge after the region's own 95th percentile. */
  static Hedge adaptive() {
    return new Adaptive();
  }
}
