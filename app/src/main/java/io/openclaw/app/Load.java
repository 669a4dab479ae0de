package io.openclaw.app;

import com.sun.management.OperatingSystemMXBean;
import io.openclaw.limit.ConcurrencyLimit;
import java.lang.management.ManagementFactory;

/**
 * How busy a node is, 0 to 1: the larger of what is used of the processors that it may use (of its
 * container, where it is in one) and what is taken of the slots for ratings under way. Sampled a
 * few times a second. Thread-safe.
 */
final class Load {
  /** Of a sample, in the average. */
  private static final double WEIGHT = 0.3;

  private final ConcurrencyLimit slots;
  private volatile double average;

  Load(ConcurrencyLimit slots) {
    this.slots = slots;
  }

  /** Looks anew; called by one thread at a time. */
  void sample() {
    double taken = slots.inFlight() / (double) slots.limit();
    double processors =
        ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
            ? Math.max(0, system.getCpuLoad())
            : 0;
    double now = Math.clamp(Math.max(taken, processors), 0, 1);
    double before = average;
    average = before + WEIGHT * (now - before);
  }

  /** The average of about the last second. */
  double now() {
    return average;
  }
}
