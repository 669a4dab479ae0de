package io.openclaw.wasm;

/**
 * How the threads that run modules are shared among models.
 *
 * @param threads threads; with one, a model that never returns holds up all others until its
 *     deadline
 * @param waitingMax ratings of one model that may wait for a thread
 * @param waitingAllMax ratings of all models that may wait
 * @param share the part of a core that one model may use over time, above 0 and at most 1
 * @param shareBurstMillis what it may use at once
 * @param lateShare the part of a core that one model may use by ratings that did not end in time
 * @param lateBurstMillis what it may use of that at once
 * @param closedMillisMax the longest time for which a model that keeps overrunning is refused
 */
public record WasmLimits(
    int threads,
    int waitingMax,
    int waitingAllMax,
    double share,
    int shareBurstMillis,
    double lateShare,
    int lateBurstMillis,
    int closedMillisMax) {
  /** Two threads; half a core for a model, a fiftieth for what overran. */
  public static final WasmLimits DEFAULT =
      new WasmLimits(2, 64, 1_024, 0.5, 1_000, 0.02, 250, 60_000);

  /** Checks every bound. */
  public WasmLimits {
    require("threads", threads, 1, 64);
    require("waitingMax", waitingMax, 1, 10_000);
    require("waitingAllMax", waitingAllMax, waitingMax, 100_000);
    require("shareBurstMillis", shareBurstMillis, 1, 60_000);
    require("lateBurstMillis", lateBurstMillis, 1, 60_000);
    require("closedMillisMax", closedMillisMax, 1, 3_600_000);
    requireShare("share", share);
    requireShare("lateShare", lateShare);
  }

  private static void require(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "%s: %d (expected: %d to %d)".formatted(name, value, min, max));
    }
  }

  private static void requireShare(String name, double value) {
    if (!(value > 0 && value <= 1)) {
      throw new IllegalArgumentException(
          "%s: %s (expected: above 0, at most 1)".formatted(name, value));
    }
  }

  /** The most threads that one model has at a time, and all that overran lately together. */
  int threadsOfOne() {
    return Math.max(1, threads - 1);
  }
}
