package io.openclaw.sim;

import io.openclaw.limit.LeaseSettings;
import java.util.ArrayList;
import java.util.List;

/**
 * What a run showed.
 *
 * @param frames sent by each region
 * @param bytes of these frames
 * @param moved blocks handed from one region to another
 * @param takeOvers how often the share of a dead region was taken over
 * @param happened the events, as they came
 */
@SuppressWarnings("ArrayRecordComponent") // never changed
record Findings(
    FleetScenario scenario,
    long seed,
    List<Track> tracks,
    long[] frames,
    long[] bytes,
    long moved,
    long takeOvers,
    List<String> happened) {
  /** An expectation, what was found, and whether that meets it. */
  record Outcome(boolean met, String expected, String found, double value) {}

  /** Rounding of the judge's sums. */
  private static final double ROUNDING = 1e-6;

  /** Admissions are counted over so many steps, or chance would decide. */
  private static final int TRAILING_STEPS = 10;

  private static final double NEARLY_ALL = 0.95;

  List<Outcome> outcomes() {
    List<Outcome> outcomes = new ArrayList<>();
    for (FleetScenario.Expectation each : scenario.expectations()) {
      outcomes.add(outcome(each));
    }
    return outcomes;
  }

  boolean allMet() {
    return outcomes().stream().allMatch(Outcome::met);
  }

  static int step(double seconds) {
    return (int) Math.round(seconds * Track.STEPS_PER_SECOND);
  }

  private Outcome outcome(FleetScenario.Expectation expectation) {
    return switch (expectation) {
      case FleetScenario.Expectation.Utilisation e -> {
        double found = tracks.get(e.limit()).utilisation(step(e.from()), step(e.to()));
        yield new Outcome(
            found >= e.least(),
            Texts.format(
                "utilisation of %s >= %s from %s to %s s",
                id(e.limit()),
                Texts.percent(e.least()),
                Texts.number(e.from()),
                Texts.number(e.to())),
            Texts.percent(found),
            found);
      }
      case FleetScenario.Expectation.Excess e -> {
        double found = tracks.get(e.limit()).worst().excess();
        yield new Outcome(
            found <= e.most() + ROUNDING,
            "excess of " + id(e.limit()) + " <= " + Texts.number(e.most()) + " tokens",
            excess(found),
            found);
      }
      case FleetScenario.Expectation.Jain e -> {
        double found = tracks.get(e.limit()).jain(step(e.from()), step(e.to()));
        yield new Outcome(
            found >= e.least(),
            Texts.format(
                "Jain index of %s >= %s from %s to %s s",
                id(e.limit()),
                Texts.number(e.least()),
                Texts.number(e.from()),
                Texts.number(e.to())),
            Texts.format("%.4f", found),
            found);
      }
      case FleetScenario.Expectation.Share e -> share(e);
      case FleetScenario.Expectation.Reclaim e -> reclaim(e);
    };
  }

  private String id(int limit) {
    return scenario.limits().get(limit).id();
  }

  static String excess(double excess) {
    return excess == Double.NEGATIVE_INFINITY
        ? "nothing admitted"
        : Texts.format("%.3f tokens", excess);
  }

  private Outcome share(FleetScenario.Expectation.Share expected) {
    float[] share = tracks.get(expected.limit()).share[expected.region()];
    int from = step(expected.after());
    int at = from;
    while (at < share.length && share[at] < expected.least()) {
      at++;
    }
    double seconds = (at + 1 - from) / (double) Track.STEPS_PER_SECOND;
    return new Outcome(
        at < share.length && seconds <= expected.within(),
        Texts.format(
            "%s holds >= %s of %s within %s s of %s s",
            scenario.regions().get(expected.region()),
            Texts.percent(expected.least()),
            id(expected.limit()),
            Texts.number(expected.within()),
            Texts.number(expected.after())),
        at < share.length ? Texts.format("after %.2f s", seconds) : "never",
        at < share.length ? seconds : Double.POSITIVE_INFINITY);
  }

  /**
   * From an instant until the regions together admit 95 % of what they may, over the last 100 ms,
   * and hold 95 % of what they can: all but the floors of the dead.
   */
  private Outcome reclaim(FleetScenario.Expectation.Reclaim expected) {
    Track track = tracks.get(expected.limit());
    int from = step(expected.after());
    double floor = LeaseSettings.FLOOR_PPM / 1e6 / scenario.regions().size();
    double may = NEARLY_ALL * (1 - floor * deadAt(expected.after()));
    int end = from + TRAILING_STEPS;
    while (end <= track.steps
        && (Track.sum(track.admitted, end - TRAILING_STEPS, end)
                < may * track.earned(end - TRAILING_STEPS, end)
            || track.held(end - 1) < may)) {
      end++;
    }
    double millis = (end - from) * 1000.0 / Track.STEPS_PER_SECOND;
    boolean ever = end <= track.steps;
    return new Outcome(
        ever && millis <= expected.mostMillis(),
        Texts.format(
            "%s: 95 %% of what may be admitted is, within %s ms of %s s",
            id(expected.limit()),
            Texts.number(expected.mostMillis()),
            Texts.number(expected.after())),
        ever ? "after " + Texts.number(millis) + " ms" : "never",
        ever ? millis : Double.POSITIVE_INFINITY);
  }

  private int deadAt(double seconds) {
    boolean[] dead = new boolean[scenario.regions().size()];
    scenario.events().stream()
        .filter(event -> event.at() <= seconds)
        .sorted(java.util.Comparator.comparingDouble(FleetScenario.Event::at))
        .forEach(
            event -> {
              if (event instanceof FleetScenario.Event.Kill kill) {
                dead[kill.region()] = true;
              } else if (event instanceof FleetScenario.Event.Restart restart) {
                dead[restart.region()] = false;
              }
            });
    int count = 0;
    for (boolean each : dead) {
      count += each ? 1 : 0;
    }
    return count;
  }
}
