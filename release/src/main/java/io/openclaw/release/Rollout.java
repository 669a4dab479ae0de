package io.openclaw.release;

import io.openclaw.release.FleetState.Stage;
import io.openclaw.release.RegionRow.Health;
import io.openclaw.release.RegionRow.Soak;
import io.openclaw.release.RegionRow.Tried;
import io.openclaw.release.RegionRow.Verdict;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One region's part in taking releases through a fleet: who is primary, what is agreed, which stage
 * a candidate is in.
 *
 * <p>One region, the <em>primary</em>, writes {@link FleetState}s; it is chosen by command, or by
 * the configuration at first. A region becomes primary of a term once a majority of all regions has
 * promised to accept no earlier term, and begins with the newest state that one of them has
 * accepted (Lamport, "Paxos Made Simple", 2001, for a line of states as in Ongaro and Ousterhout,
 * "In Search of an Understandable Consensus Algorithm", 2014, with rows in place of messages: a row
 * is what a region says at any time, so lost and repeated rows do no harm). So a release that a
 * majority holds is never lost, and no two releases are in force under one number. A region that
 * lost its disk has no vote until it knows what a majority of the others knows.
 *
 * <p>Nobody takes over unasked: without a primary everything goes on but publishing.
 *
 * <p>Told the time and the rows; pure; not thread-safe. What {@link #saved} says must be durable
 * before {@link #row} is shown to anybody.
 */
public final class Rollout {
  /**
   * How patient a primary is.
   *
   * @param stagingNanos for all regions to be ready
   * @param soakNanos how long a candidate must have soaked
   * @param soakNanosMax when a soak that says nothing ends
   * @param absentNanos how long the soaking region may be away
   */
  public record Timing(long stagingNanos, long soakNanos, long soakNanosMax, long absentNanos) {}

  /**
   * What a region must not forget.
   *
   * @param votesAfter its promises count for later terms than this; {@link #NO_VOTE} where nothing
   *     of it counts
   */
  public record Saved(long promisedTerm, String promisedTo, long votesAfter, FleetState accepted) {}

  /** What a region without a vote has in place of a term. */
  public static final long NO_VOTE = -1;

  private static final long NOMINATION_NANOS = 10_000_000_000L;

  private final String self;
  private final List<String> regions;
  private final Timing timing;
  private List<String> publicKeys;
  private final Map<String, RegionRow> rows = new LinkedHashMap<>();
  private Saved saved;
  private boolean isEstablished;
  private long claimedTerm;
  private String nominee = "";
  private long nomineeNanos;
  private ReleaseRef holds;
  private ReleaseRef serves;
  private String fault = "";
  private Tried tried = Tried.NONE;
  private Soak soak = Soak.NONE;
  private long stageNanos;
  private long presentNanos;
  private boolean wasSoaking;

  /**
   * A region at its start.
   *
   * @param regions all regions, this one among them
   * @param saved what was durable; {@link #fresh} for an empty disk
   * @param holds the release on its disk
   */
  public Rollout(
      String self,
      List<String> regions,
      Timing timing,
      Saved saved,
      ReleaseRef holds,
      List<String> publicKeys) {
    this.self = self;
    this.regions = List.copyOf(regions);
    this.timing = timing;
    this.saved = saved;
    this.holds = holds;
    this.serves = holds;
    this.publicKeys = List.copyOf(publicKeys);
  }

  /** What a region with an empty disk begins with: {@code first} is to be primary. */
  public static Saved fresh(String first) {
    return new Saved(0, first, NO_VOTE, FleetState.INITIAL);
  }

  /** What must be durable before {@link #row} is shown. */
  public Saved saved() {
    return saved;
  }

  /** What the others are to be told. */
  public RegionRow row() {
    return new RegionRow(
        saved.promisedTerm(),
        saved.promisedTo(),
        nominee,
        saved.votesAfter(),
        saved.accepted(),
        holds,
        serves,
        fault,
        tried,
        soak,
        publicKeys);
  }

  /** What this region has accepted. */
  public FleetState agreed() {
    return saved.accepted();
  }

  /** Every region's row as it is known here, this one's among them. */
  public Map<String, RegionRow> rows() {
    Map<String, RegionRow> all = new HashMap<>(rows);
    all.put(self, row());
    return all;
  }

  /**
   * Whether what this region has accepted will hold whoever writes next: a majority has accepted
   * it, too. Only then it is acted on, so that no two regions ever serve two releases of one
   * number.
   */
  public boolean isCommitted() {
    FleetState state = saved.accepted();
    int accepted = 0;
    for (RegionRow row : rows().values()) {
      if (row.votes()
          && row.accepted().term() == state.term()
          && row.accepted().step() >= state.step()) {
        accepted++;
      }
    }
    return accepted >= majority();
  }

  /** The region that writes, as far as is known here. */
  public String primary() {
    return saved.promisedTo();
  }

  /** Whether this region may write: a majority has promised. */
  public boolean isEstablished() {
    return isEstablished;
  }

  /** Whether rows of a majority were heard in this life: what is agreed is known. */
  public boolean isInformed() {
    return rows.size() + 1 >= majority();
  }

  private int majority() {
    return regions.size() / 2 + 1;
  }

  /** What this region holds and serves, and why not what it should. */
  public void serves(ReleaseRef nowHolds, ReleaseRef nowServes, String why) {
    holds = nowHolds;
    serves = nowServes;
    fault = why;
  }

  /** The keys whose signatures this region takes, as it tells the others. */
  public void publicKeys(List<String> keys) {
    publicKeys = List.copyOf(keys);
  }

  /** How this region finds the candidate. */
  public void tried(Tried result) {
    tried = result;
  }

  /** How the candidate does that soaks here. */
  public void soak(Soak health) {
    soak = health;
  }

  /** A region's row has arrived; older ones are not told. */
  public void heard(String region, RegionRow row) {
    if (region.equals(self) || !regions.contains(region)) {
      return;
    }
    rows.put(region, row);
    if (row.promisedTerm() > saved.promisedTerm()) {
      promise(row.promisedTerm(), row.promisedTo());
    }
    FleetState told = row.accepted();
    if (told.term() >= saved.promisedTerm() && told.compareTo(saved.accepted()) > 0) {
      // Whoever writes in a term has a majority's promise for it, so it is that term's only
      // primary.
      promise(told.term(), told.primary());
      saved = new Saved(saved.promisedTerm(), saved.promisedTo(), saved.votesAfter(), told);
    }
  }

  private void promise(long term, String to) {
    if (term != saved.promisedTerm() || !to.equals(saved.promisedTo())) {
      saved = new Saved(term, to, saved.votesAfter(), saved.accepted());
      nominee = "";
      isEstablished = false;
      claimedTerm = 0;
    }
  }

  /** Asks that a region becomes primary; it does once it has heard so, within ten seconds. */
  public void nominate(String region, long nowNanos) {
    if (!regions.contains(region)) {
      throw new IllegalArgumentException(
          "region: \"" + region + "\" (expected: one of " + regions + ")");
    }
    nominee = region.equals(saved.promisedTo()) ? "" : region;
    nomineeNanos = nowNanos;
  }

  /**
   * Does what is due.
   *
   * @param up the other regions that answer
   */
  public void tick(Set<String> up, long nowNanos) {
    if (nowNanos - nomineeNanos > NOMINATION_NANOS) {
      nominee = ""; // a region that was away must not take over long afterwards
    }
    recoverVote();
    claim();
    establish(nowNanos);
    if (isEstablished && saved.accepted().isMoving()) {
      advance(up, nowNanos);
    }
  }

  /**
   * After a lost disk. All others together know whatever any majority accepted, and so does a
   * majority among them; but which promise was lost is not known, so only later ones count.
   */
  private void recoverVote() {
    if (saved.votesAfter() != NO_VOTE) {
      return;
    }
    long voting = rows.values().stream().filter(RegionRow::votes).count();
    if (rows.size() == regions.size() - 1 || voting >= majority()) {
      saved =
          new Saved(
              saved.promisedTerm(), saved.promisedTo(), saved.promisedTerm(), saved.accepted());
    }
  }

  private void claim() {
    boolean isNominated =
        nominee.equals(self)
            || rows.values().stream()
                .anyMatch(
                    r -> r.nominee().equals(self) && r.promisedTerm() == saved.promisedTerm());
    boolean isPrimary = saved.promisedTo().equals(self);
    boolean mayClaim = claimedTerm == 0 && saved.votesAfter() != NO_VOTE && isInformed();
    if (mayClaim && (isPrimary || isNominated)) {
      promise(saved.promisedTerm() + 1, self);
      claimedTerm = saved.promisedTerm();
    }
  }

  private void establish(long nowNanos) {
    if (isEstablished || claimedTerm == 0) {
      return;
    }
    FleetState newest = saved.accepted();
    int promised = 0;
    int counting = 0;
    for (RegionRow row : rows().values()) {
      if (row.votes() && row.promisedTerm() == claimedTerm && row.promisedTo().equals(self)) {
        promised++;
        counting += row.votesAfter() < claimedTerm ? 1 : 0;
      }
      if (row.accepted().compareTo(newest) > 0) {
        newest = row.accepted();
      }
    }
    if (counting >= majority()) {
      isEstablished = true;
      write(newest.taken(claimedTerm, self), nowNanos);
    } else if (promised >= majority()) {
      claimedTerm = 0; // some had their vote back only after they promised: the next term counts
    }
  }

  private void write(FleetState next, long nowNanos) {
    saved = new Saved(saved.promisedTerm(), saved.promisedTo(), saved.votesAfter(), next);
    stageNanos = nowNanos;
    presentNanos = nowNanos;
    wasSoaking = false;
  }

  /**
   * Begins to take a release to all regions.
   *
   * @param next has the {@link FleetState#nextVersion next version}, and is on this region's disk
   * @param atOnce without a soak
   * @param mayDrift whether its ratings may differ from those before
   * @throws IllegalStateException where this region is not the primary, or another release is on
   *     its way
   */
  public void propose(ReleaseRef next, boolean atOnce, boolean mayDrift, long nowNanos) {
    if (!isEstablished || saved.accepted().isMoving()) {
      throw new IllegalStateException(
          isEstablished ? "another release is on its way" : "not the primary");
    }
    if (next.version() != saved.accepted().nextVersion()) {
      throw new IllegalArgumentException(
          "version: " + next.version() + " (expected: " + saved.accepted().nextVersion() + ")");
    }
    write(saved.accepted().staging(next, atOnce, mayDrift), nowNanos);
  }

  /**
   * A person ends a soak: the candidate goes everywhere, or nowhere.
   *
   * @return false where nothing soaks, or is not on its way, or this is not the primary
   */
  public boolean decide(boolean promote, String why, long nowNanos) {
    FleetState state = saved.accepted();
    if (!isEstablished || !state.isMoving() || (promote && state.stage() != Stage.SOAK)) {
      return false;
    }
    write(promote ? state.flipped() : state.refused(why), nowNanos);
    return true;
  }

  private void advance(Set<String> up, long nowNanos) {
    switch (saved.accepted().stage()) {
      case STAGING -> staging(up, nowNanos);
      case SOAK -> soaking(up, nowNanos);
      case STABLE, REFUSED -> {}
    }
  }

  private void staging(Set<String> up, long nowNanos) {
    FleetState state = saved.accepted();
    int ready = 0;
    String missing = "";
    String soakIn = "";
    for (String region : regions) {
      RegionRow row = region.equals(self) ? row() : rows.get(region);
      Verdict verdict =
          row != null && row.tried().candidate().equals(state.candidate())
              ? row.tried().verdict()
              : Verdict.PENDING;
      boolean present = region.equals(self) || up.contains(region);
      if (row != null && verdict == Verdict.REFUSED && present) {
        write(state.refused("region " + region + ": " + row.tried().why()), nowNanos);
        return;
      }
      if (verdict == Verdict.READY) {
        ready++;
        soakIn = present && (soakIn.isEmpty() || soakIn.equals(self)) ? region : soakIn;
      } else if (present) {
        missing = missing.isEmpty() ? region : missing + ", " + region;
      }
    }
    if (missing.isEmpty() && ready >= majority()) {
      write(state.now() || regions.size() == 1 ? state.flipped() : state.soaking(soakIn), nowNanos);
    } else if (nowNanos - stageNanos > timing.stagingNanos()) {
      String who = missing.isEmpty() ? "a majority of the regions" : missing;
      write(
          state.refused("not ready after " + timing.stagingNanos() / 1_000_000_000L + " s: " + who),
          nowNanos);
    }
  }

  private void soaking(Set<String> up, long nowNanos) {
    FleetState state = saved.accepted();
    String region = state.soakRegion();
    RegionRow row = region.equals(self) ? row() : rows.get(region);
    if (region.equals(self) || up.contains(region)) {
      presentNanos = nowNanos;
    }
    boolean serving = row != null && row.serves().equals(state.candidate());
    boolean fell = wasSoaking && !serving;
    wasSoaking |= serving;
    Health health =
        row != null && row.soak().candidate().equals(state.candidate())
            ? row.soak().health()
            : Health.INSUFFICIENT;
    String detail = row == null ? "" : row.soak().detail();
    if (nowNanos - presentNanos > timing.absentNanos() || fell) {
      write(state.refused("region " + region + " was lost while it soaked there"), nowNanos);
    } else if (health == Health.BREACH) {
      write(state.refused("soak in " + region + ": " + detail), nowNanos);
    } else if (health == Health.HEALTHY && nowNanos - stageNanos >= timing.soakNanos()) {
      write(state.flipped(), nowNanos);
    } else if (nowNanos - stageNanos > timing.soakNanosMax()) {
      write(state.refused("soak in " + region + ": insufficient: " + detail), nowNanos);
    }
  }

  /**
   * How far a release has come.
   *
   * @param isDurable whether a majority holds it, so that no lost region loses it
   * @param isEverywhere whether it is also what each region serves that answers
   */
  public record Progress(boolean isDurable, boolean isEverywhere) {}

  /** How far a release has come that is in force. */
  public Progress progress(ReleaseRef release, Set<String> up) {
    int holding = 0;
    boolean everywhere = true;
    for (Map.Entry<String, RegionRow> each : rows().entrySet()) {
      RegionRow row = each.getValue();
      if (row.votes()
          && row.holds().equals(release)
          && row.accepted().stable().equals(release)
          && row.accepted().term() == saved.accepted().term()) {
        holding++;
      }
      if (each.getKey().equals(self) || up.contains(each.getKey())) {
        everywhere &= row.serves().equals(release);
      }
    }
    boolean durable = holding >= majority();
    return new Progress(durable, durable && everywhere);
  }
}
