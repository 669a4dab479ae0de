package io.openclaw.sim;

import io.openclaw.domain.LimitSpec;
import java.util.Arrays;
import java.util.List;

/**
 * A fleet, its network and limits, what is asked of it and what happens to it, and what is expected
 * then. Regions and limits are named by their place in the lists. Times are seconds of true time.
 *
 * @param driftPpm how far each clock's rate may be from true time, in millionths, drawn per clock
 */
record FleetScenario(
    String name,
    String description,
    long seed,
    int seconds,
    List<String> regions,
    Network network,
    int driftPpm,
    long leaseMillis,
    List<Plan> limits,
    List<Phase> load,
    List<Event> events,
    List<Expectation> expectations) {
  /** How long at the beginning utilisation and fairness are not looked at. */
  static final double WARM_UP_SECONDS = 3;

  /**
   * The lines between regions.
   *
   * @param oneWayNanos from one region to another
   * @param jitter the most by which a delay is longer, as a part of it
   * @param loss the part of frames that vanish
   * @param repetition the part of frames that arrive twice
   */
  @SuppressWarnings("ArrayRecordComponent") // never changed
  record Network(
      long[][] oneWayNanos, double jitter, double loss, double repetition, boolean reordering) {
    /** The shortest and the longest round trip between two regions. */
    String roundTrips() {
      long least = Long.MAX_VALUE;
      long most = 0;
      for (int from = 0; from < oneWayNanos.length; from++) {
        for (int to = 0; to < from; to++) {
          least = Math.min(least, oneWayNanos[from][to] + oneWayNanos[to][from]);
          most = Math.max(most, oneWayNanos[from][to] + oneWayNanos[to][from]);
        }
      }
      String text = Texts.number(Math.min(least, most) / 1e6);
      return least >= most ? text : text + " to " + Texts.number(most / 1e6);
    }
  }

  /**
   * A limit, or {@code count} equal ones named {@code id + number} that are asked for with Zipf's
   * frequencies.
   *
   * @param cost what one request costs, in tokens
   */
  record Plan(
      String id,
      long milliPerSecond,
      long burst,
      long cost,
      LimitSpec.Mode mode,
      int count,
      double zipf) {
    /** Whether it is one of many alike, which are reported together. */
    boolean isMany() {
      return count > 1;
    }

    double rate() {
      return milliPerSecond / 1000.0;
    }

    LimitSpec spec(String name) {
      return new LimitSpec(
          name, LimitSpec.Level.TENANT, milliPerSecond, burst, mode, 0, /* dryRun= */ false);
    }
  }

  /** Tokens per second that each region is asked for during a time. */
  @SuppressWarnings("ArrayRecordComponent") // never changed
  record Phase(int limit, double from, double to, boolean even, double[] offered) {
    double requests(long cost) {
      return Arrays.stream(offered).sum() * (to - from) / cost;
    }
  }

  /** What is done to the fleet at an instant. */
  sealed interface Event {
    double at();

    record Kill(double at, int region) implements Event {}

    record Restart(double at, int region) implements Event {}

    record Pause(double at, int region) implements Event {}

    record Resume(double at, int region) implements Event {}

    /** One way only. */
    record Cut(double at, int from, int to) implements Event {}

    /** Regions of different groups do not hear each other; those of no group hear nobody. */
    record Partition(double at, List<List<Integer>> groups) implements Event {}

    record Isolate(double at, int region) implements Event {}

    /** Every cut ends. */
    record Heal(double at) implements Event {}

    /** Some regions learn other numbers of a limit. */
    record Change(double at, int limit, long milliPerSecond, long burst, List<Integer> regions)
        implements Event {}

    /** A region's data folder is lost while it is dead: it starts as if it never had been. */
    record LoseDisk(double at, int region) implements Event {}
  }

  /** What must hold for the run to be a success. */
  sealed interface Expectation {
    /** The least part of what could be admitted that is. */
    record Utilisation(int limit, double least, double from, double to) implements Expectation {}

    /** The most tokens by which any interval may exceed a limit's bound. */
    record Excess(int limit, double most) implements Expectation {}

    /** The least Jain index of admitted to fair. */
    record Jain(int limit, double least, double from, double to) implements Expectation {}

    /** A region holds so much of a limit's rate within a time after an instant. */
    record Share(int limit, int region, double least, double after, double within)
        implements Expectation {}

    /** The survivors of a kill admit 95 % of what they may within a time. */
    record Reclaim(int limit, double after, double mostMillis) implements Expectation {}
  }
}
