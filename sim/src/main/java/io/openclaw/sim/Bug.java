package io.openclaw.sim;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** A mistake planted in the rules, to show that the explorer would see it. */
public enum Bug {
  HEIR_WITHOUT_QUORUM("an heir uses the block with one vote"),
  DOUBLE_VOTE("a voter grants the group to whoever stands for it"),
  SHORT_WAIT("a voter waits 0.6 L for a lease to end, not W"),
  NO_DRIFT_ALLOWANCE("a voter waits L for a lease to end, not W"),
  NO_QUARANTINE("a voter votes at once after its restart"),
  LEASE_FROM_RECEIPT("a lease counts from the ack's receipt, not from the beat's sending"),
  RELEASE_WITHOUT_TENURE("a stale beat of another tenure ends the vote"),
  ACK_WITHOUT_TENURE("a holder counts acks of beats of an earlier tenure"),
  ACKS_KEPT("a release forgets no acks"),
  CLAIM_ACKED_UNKNOWN("a voter acks the newest claim version without knowing it"),
  DENIALS_UNMATCHED("an ack counts although its denials are not known"),
  COVER_KEPT("a block added to a claim is covered by what the group had"),
  COVER_RETAINED("a block given away stays covered"),
  COVER_OUTLIVES_VOTER("a voter's restart leaves blocks covered that it no longer knows of"),
  NO_JOINT_STEP("voters change in one step, from the old to the new"),
  CHANGE_UNHEARD("a node acts by new voters though others do not know of the change yet"),
  INCARNATION_REPEATS("a restart takes the incarnation it had before"),
  ADMISSION_OUTLIVES_RELEASE("an admission checks the time when it is acted on, not the tenure");

  private final String about;

  Bug(String about) {
    this.about = about;
  }

  /** What goes wrong, in a few words. */
  public String about() {
    return about;
  }

  /** The name on the command line, such as {@code double-vote}. */
  public String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Optional<Bug> of(String title) {
    return Arrays.stream(values()).filter(bug -> bug.title().equals(title)).findFirst();
  }
}
