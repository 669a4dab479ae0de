package io.openclaw.release;

import java.util.Comparator;
import java.util.Locale;

/**
 * What the regions of a fleet have agreed on: which release is in force, and which one is on its
 * way. The states form one line: the primary of a term writes step after step, and a later term
 * begins where a majority knew the earlier one to be.
 *
 * @param term counts the primaries, 0 before there was one
 * @param step counts what the primary of that term wrote
 * @param primary the region that wrote it; empty in term 0
 * @param stable the release in force
 * @param candidate the release on its way, or the last that was
 * @param stage how far the candidate is
 * @param soakRegion the region that serves the candidate first; empty where none does
 * @param now whether the candidate goes everywhere at once
 * @param drift whether the candidate's ratings may differ from those before
 * @param why why the candidate was refused; empty where it was not
 */
public record FleetState(
    long term,
    long step,
    String primary,
    ReleaseRef stable,
    ReleaseRef candidate,
    Stage stage,
    String soakRegion,
    boolean now,
    boolean drift,
    String why)
    implements Comparable<FleetState> {
  /** Before any primary wrote. */
  public static final FleetState INITIAL =
      new FleetState(
          0, 0, "", ReleaseRef.NONE, ReleaseRef.NONE, Stage.STABLE, "", false, false, "");

  /** The longest reason, in characters; a longer one is cut. */
  static final int WHY_LENGTH_MAX = 2_000;

  private static final Comparator<FleetState> ORDER =
      Comparator.comparingLong(FleetState::term).thenComparingLong(FleetState::step);

  /** How far a candidate is. */
  public enum Stage {
    /** Every region fetches it, checks it, loads it. */
    STAGING,
    /** One region serves it, watched. */
    SOAK,
    /** It is in force. */
    STABLE,
    /** It will never be. */
    REFUSED;

    /** The stage's name in answers. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Stage of(String text) {
      for (Stage stage : values()) {
        if (stage.text().equals(text)) {
          return stage;
        }
      }
      throw new IllegalArgumentException(
          "stage: " + text + " (expected: one of staging, soak, stable, refused)");
    }
  }

  public FleetState {
    if (term < 0 || step < 0) {
      throw new IllegalArgumentException("term: " + term + ", step: " + step + " (expected: >= 0)");
    }
    if (why.length() > WHY_LENGTH_MAX) {
      why = why.substring(0, WHY_LENGTH_MAX - 1) + "…";
    }
  }

  /** Whether a candidate is on its way. */
  public boolean isMoving() {
    return stage == Stage.STAGING || stage == Stage.SOAK;
  }

  /** The number that the next release has: no number is used twice. */
  public long nextVersion() {
    return Math.max(stable.version(), candidate.version()) + 1;
  }

  /** What a region is to serve. */
  public ReleaseRef target(String region) {
    return stage == Stage.SOAK && soakRegion.equals(region) ? candidate : stable;
  }

  FleetState staging(ReleaseRef next, boolean atOnce, boolean mayDrift) {
    return new FleetState(
        term, step + 1, primary, stable, next, Stage.STAGING, "", atOnce, mayDrift, "");
  }

  FleetState soaking(String region) {
    return new FleetState(
        term, step + 1, primary, stable, candidate, Stage.SOAK, region, false, drift, "");
  }

  FleetState flipped() {
    return new FleetState(
        term, step + 1, primary, candidate, candidate, Stage.STABLE, "", now, drift, "");
  }

  FleetState refused(String reason) {
    return new FleetState(
        term, step + 1, primary, stable, candidate, Stage.REFUSED, "", now, drift, reason);
  }

  /** The first state of a new primary: nothing is on its way any more. */
  FleetState taken(long newTerm, String newPrimary) {
    return new FleetState(
        newTerm,
        1,
        newPrimary,
        stable,
        candidate,
        isMoving() ? Stage.REFUSED : stage,
        "",
        now,
        drift,
        isMoving() ? "the primary began anew while it was on its way" : why);
  }

  /** By term, then step: states of one term are of one primary. */
  @Override
  public int compareTo(FleetState other) {
    return ORDER.compare(this, other);
  }
}
