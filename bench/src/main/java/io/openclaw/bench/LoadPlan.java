package io.openclaw.bench;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a load run does. Times are nanoseconds.
 *
 * @param targets where requests go, in turn; 1 to {@link #TARGETS_MAX}
 * @param durationNanos how long requests are begun after the warm-up; {@link #UNLIMITED} for until
 *     {@code requestsMax}
 * @param requestsMax how many requests are begun after the warm-up; {@link #UNLIMITED} for until
 *     the time is over
 * @param warmupNanos how long before that requests are sent and not recorded
 * @param timeoutNanos how long a request may take from when it was due, connecting and waiting
 *     included
 * @param expected the statuses that count as success
 * @param timeline whether the report has a line per {@link Timeline#BUCKET_NANOS}
 * @param record where one CSV line per recorded request goes, or null
 * @param monotonic whether the record counts this machine's monotonic clock, not time since the
 *     Unix epoch
 */
record LoadPlan(
    List<Target> targets,
    Pace pace,
    long durationNanos,
    long requestsMax,
    long warmupNanos,
    long timeoutNanos,
    RequestTemplate template,
    Statuses expected,
    boolean timeline,
    @Nullable Path record,
    boolean monotonic) {
  /** No limit of that kind; one of duration and requests has one. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** URLs in one run. */
  public static final int TARGETS_MAX = 64;

  /** Checks what the load generator relies on. */
  public LoadPlan {
    targets = List.copyOf(targets);
    if (targets.isEmpty() || targets.size() > TARGETS_MAX) {
      throw new IllegalArgumentException(
          targets.size() + " URLs (expected: 1 to " + TARGETS_MAX + ")");
    }
    if (durationNanos == UNLIMITED && requestsMax == UNLIMITED) {
      throw new IllegalArgumentException("no end (expected: a duration or a number of requests)");
    }
    if (pace.connections() < targets.size()) {
      throw new IllegalArgumentException(
          pace.connections()
              + " connections for "
              + targets.size()
              + " URLs (expected: at least one for each)");
    }
  }

  /** The target's part of the connections: an even split, the first ones get the rest. */
  int connectionsOf(int target) {
    int each = pace.connections() / targets.size();
    return each + (target < pace.connections() % targets.size() ? 1 : 0);
  }
}
