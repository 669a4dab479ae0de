package io.openclaw.domain;

/**
 * The two clocks of a node, handed to everything that needs time so that the same code runs in
 * production, in a simulation and in a benchmark.
 *
 * <p>Thread-safe. Limits and deadlines use {@link #nanoTime} alone; {@link #wallMillis} only labels
 * records, checks expiry dates and names quotas' windows, because it may jump.
 */
public interface Clock {
  /** Monotonic nanoseconds since an arbitrary origin; compare by difference only. */
  long nanoTime();

  /** Milliseconds since the Unix epoch; may jump in either direction. */
  long wallMillis();
}
