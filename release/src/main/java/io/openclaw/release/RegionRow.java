package io.openclaw.release;

import java.util.List;
import java.util.Locale;

/**
 * What one region says of itself to all others: its part in choosing a primary, what it has
 * accepted, and how far it is with it. Newer rows replace older ones.
 *
 * @param promisedTerm the newest term it knows: states of earlier ones it accepts no more
 * @param promisedTo the primary of that term
 * @param nominee the region that is to become primary in {@code promisedTerm + 1}; empty for none
 * @param votesAfter its promises count for later terms than this; {@link Rollout#NO_VOTE} after it
 *     lost its disk, until it has heard what was agreed
 * @param accepted the newest state it has accepted, durably
 * @param holds the release that is on its disk, whole, and in force there
 * @param serves the release that requests are answered with
 * @param fault why it does not serve what it should; empty where it does
 * @param tried how it finds the candidate
 * @param soak how the candidate does there, where it soaks
 * @param publicKeys what checks its signatures, and those that it takes because regions told it: a
 *     region that lost its disk has lost its own key, too
 */
public record RegionRow(
    long promisedTerm,
    String promisedTo,
    String nominee,
    long votesAfter,
    FleetState accepted,
    ReleaseRef holds,
    ReleaseRef serves,
    String fault,
    Tried tried,
    Soak soak,
    List<String> publicKeys) {
  /** Keys of one row. */
  public static final int PUBLIC_KEYS_MAX = 100;

  public RegionRow {
    publicKeys = List.copyOf(publicKeys);
  }

  /** Whether what it accepts counts for a majority. */
  public boolean votes() {
    return votesAfter != Rollout.NO_VOTE;
  }

  /** Whether a region could serve a candidate. */
  public enum Verdict {
    /** Not known yet. */
    PENDING,
    /** It is fetched, checked and loaded. */
    READY,
    /** It was checked and refused. */
    REFUSED;

    /** The word for it in answers. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * How a region finds a candidate.
   *
   * @param why why it is refused, or what is missing yet
   */
  public record Tried(ReleaseRef candidate, Verdict verdict, String why) {
    /** Nothing was tried. */
    public static final Tried NONE = new Tried(ReleaseRef.NONE, Verdict.PENDING, "");

    public Tried {
      if (why.length() > FleetState.WHY_LENGTH_MAX) {
        why = why.substring(0, FleetState.WHY_LENGTH_MAX - 1) + "…";
      }
    }
  }

  /** How a candidate does that soaks. */
  public enum Health {
    /** Too little was seen to say so. */
    INSUFFICIENT,
    /** As good as the one before. */
    HEALTHY,
    /** Worse than the one before. */
    BREACH;

    /** The word for it in answers. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * How a candidate does where it soaks.
   *
   * @param detail the measure that decided, for a person
   */
  public record Soak(ReleaseRef candidate, Health health, String detail) {
    /** Nothing soaks. */
    public static final Soak NONE = new Soak(ReleaseRef.NONE, Health.INSUFFICIENT, "");
  }
}
