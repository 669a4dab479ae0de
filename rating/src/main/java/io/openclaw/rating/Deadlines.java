package io.openclaw.rating;

/** A timer, as the program around the pure modules has one. Thread-safe. */
@FunctionalInterface
public interface Deadlines {
  /**
   * Runs a task once, when the time is over, on any thread.
   *
   * @param millis from now, more than 0
   * @return takes the task back where it has not run yet; may be run at any time, more than once
   */
  Runnable after(long millis, Runnable task);
}
