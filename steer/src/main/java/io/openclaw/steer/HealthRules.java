package io.openclaw.steer;

/**
 * The bounds of ejection and return, the same for every region.
 *
 * @param failuresToEject failures without a good observation of the same kind between them that
 *     take a region down; probes and requests add up
 * @param failureWindowNanos a failure longer ago than this no longer counts
 * @param refusalsToEject requests in a row answered 502 or 503 that take a region down, though its
 *     probes may be good; one tenant's trouble must not, so there must be several and none well
 *     answered between them
 * @param goodProbesToRestore good probes in a row that bring a region back after its first ejection
 * @param slowStartNanos how long a returning region's share grows from nothing to all; a cold JVM
 *     costs ten times a warm one
 * @param latencyMemoryNanos the time constant of the latency average
 * @param refusalLatencyNanos the latency that a 502 or 503 stands for, so that a region which
 *     refuses quickly does not look like the fastest one
 */
public record HealthRules(
    int failuresToEject,
    long failureWindowNanos,
    int refusalsToEject,
    int goodProbesToRestore,
    long slowStartNanos,
    long latencyMemoryNanos,
    long refusalLatencyNanos) {

  private static final long MILLI = 1_000_000L;

  public HealthRules {
    atLeast(1, failuresToEject, "failuresToEject");
    atLeast(1, failureWindowNanos, "failureWindowNanos");
    atLeast(1, refusalsToEject, "refusalsToEject");
    atLeast(1, goodProbesToRestore, "goodProbesToRestore");
    atLeast(0, slowStartNanos, "slowStartNanos");
    atLeast(1, latencyMemoryNanos, "latencyMemoryNanos");
    atLeast(0, refusalLatencyNanos, "refusalLatencyNanos");
  }

  /**
   * Two failures within a second or five refusals in a row eject, three good probes restore, five
   * seconds of slow start.
   */
  public static HealthRules defaults() {
    return new HealthRules(2, 1_000 * MILLI, 5, 3, 5_000 * MILLI, 2_000 * MILLI, 250 * MILLI);
  }

  public HealthRules withSlowStartNanos(long nanos) {
    return new HealthRules(
        failuresToEject,
        failureWindowNanos,
        refusalsToEject,
        goodProbesToRestore,
        nanos,
        latencyMemoryNanos,
        refusalLatencyNanos);
  }

  private static void atLeast(long least, long value, String name) {
    if (value < least) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: >= " + least + ")");
    }
  }
}
