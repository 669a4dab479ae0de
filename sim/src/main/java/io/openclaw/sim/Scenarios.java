package io.openclaw.sim;

import static io.openclaw.sim.Scenario.A;
import static io.openclaw.sim.Scenario.B;
import static io.openclaw.sim.Scenario.C;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The scenarios that are explored, and the one in which each planted bug must show.
 *
 * <p>Any two majorities share a voter. So it is enough that no voter's vote counts with two holders
 * at once, and nearly all scenarios have one voter whose vote alone suffices; what its holders hear
 * from others only makes them act in ways that they may choose here at any time. {@code quorum} has
 * all three voters and counts majorities.
 */
final class Scenarios {
  private static final byte[][] ANY_RATES = {
    {2, 2, 2}, {2, 2, 3}, {2, 3, 2}, {2, 3, 3}, {3, 2, 2}, {3, 2, 3}, {3, 3, 2}, {3, 3, 3}
  };

  /** Those that take less than a minute together. */
  static final List<Scenario> QUICK =
      List.of(
          heir("heir-a", "owner and heir at the owner's vote", A),
          heir("heir-b", "owner and heir at the heir's vote", B),
          heir("heir-c", "owner and heir at a third region's vote", C),
          heir("heirs", "two heirs, the second of which comes and goes", C)
              .holders(A | B | C, A | B, C),
          heir("drift", "a slow owner, a fast voter, a fast heir", C)
              .clocks(6, 9, new byte[] {2, 3, 3}),
          heir("restart", "each node may crash, twice in all", C).crashing(A | B | C, 2),
          heir("restart-own", "the same at the heir's own vote", B).crashing(A | B | C, 2),
          heir("duplicates", "beats arrive again, one crash", C)
              .crashing(A | B | C, 1)
              .withDuplicates(),
          heir("reorder", "two beats and an ack under way, in any order", C).underWay(2, 1, 0),
          heir("admission", "requests admitted, paused, then acted on", C).withAdmissions(),
          Scenario.of("quorum", "three voters, beats and acks arrive at once or never")
              .underWay(0, 0, 0)
              .releasing(B),
          Scenario.of("voters-change", "A's vote alone, then A's and C's, then C's")
              .voters(A)
              .changingVotersTo(C)
              .underWay(0, 0, 0)
              .releasing(B),
          handOver("hand-over-a", "hand-over to C and back at the owner's vote", A)
              .underWay(1, 0, 1),
          handOver("hand-over-c", "the same at the receiver's vote", C).underWay(1, 0, 1),
          handOver("hand-over-crash", "the same and one crash, updates at once or never", B)
              .underWay(0, 0, 0)
              .crashing(A | B | C, 1),
          handOver("hand-over-admission", "claims and denials under way, with admissions", C)
              .underWay(0, 0, 1)
              .withAdmissions(),
          heir("heir-claims", "the heir claims and gives the block that its group has", C)
              .underWay(0, 0, 0)
              .giving(A | B));

  /** Larger ones. */
  static final List<Scenario> LARGE =
      List.of(
          heir("drift-changing", "three that stand, rates chosen anew at each instant", C)
              .holders(A | B | C, A | B | C, 0)
              .releasing(B | C)
              .clocks(6, 9, ANY_RATES),
          heir("heirs-crash", "two heirs, releases, one crash, two beats under way", C)
              .holders(A | B | C, A | B, C)
              .releasing(B | C)
              .crashing(A | B | C, 1)
              .underWay(2, 1, 0),
          Scenario.of("quorum-crash", "three voters, each node may crash once")
              .underWay(0, 0, 0)
              .crashing(A | B | C, 1),
          handOver("hand-over-b", "at a third region's vote, no beats under way", B)
              .underWay(0, 0, 1),
          handOver("hand-over", "beats, acks, claims and denials under way", C),
          handOver("hand-over-acks", "acks, claims and denials under way, with admissions", B)
              .underWay(0, 1, 1)
              .withAdmissions(),
          handOver("hand-over-crashes", "one crash, beats, claims and denials under way", C)
              .underWay(1, 0, 1)
              .crashing(A | B | C, 1),
          handOver("hand-over-2-crashes", "two crashes, claims and denials under way", C)
              .underWay(0, 0, 1)
              .crashing(A | B | C, 2),
          handOver("third-region", "A, B and C give to each other", C)
              .holders(A | B | C, A, 0)
              .giving(A | B | C)
              .underWay(0, 0, 0),
          handOver("heir-and-receiver", "C has the block while the heir takes over and releases", C)
              .holders(A | B | C, A | B, 0)
              .releasing(B)
              .underWay(0, 0, 0));

  private Scenarios() {}

  private static Scenario heir(String name, String about, int voter) {
    return Scenario.of(name, about).voters(voter).releasing(B);
  }

  private static Scenario handOver(String name, String about, int voter) {
    return Scenario.of(name, about).voters(voter).holders(A | C, A, 0).giving(A | C);
  }

  static Optional<Scenario> of(String name) {
    return Stream.concat(QUICK.stream(), LARGE.stream())
        .filter(scenario -> scenario.name().equals(name))
        .findFirst();
  }

  /** Where a bug must show. */
  static Scenario showing(Bug bug) {
    String name =
        switch (bug) {
          case HEIR_WITHOUT_QUORUM -> "quorum";
          case DOUBLE_VOTE, SHORT_WAIT, LEASE_FROM_RECEIPT, ACK_WITHOUT_TENURE, ACKS_KEPT ->
              "heir-c";
          case NO_DRIFT_ALLOWANCE -> "drift";
          case NO_QUARANTINE -> "restart";
          case NO_JOINT_STEP, CHANGE_UNHEARD -> "voters-change";
          case RELEASE_WITHOUT_TENURE -> "reorder";
          case CLAIM_ACKED_UNKNOWN, DENIALS_UNMATCHED -> "hand-over-b";
          case COVER_RETAINED -> "hand-over-acks";
          case COVER_KEPT -> "heir-claims";
          case INCARNATION_REPEATS, COVER_OUTLIVES_VOTER -> "hand-over-crash";
          case ADMISSION_OUTLIVES_RELEASE -> "admission";
        };
    return of(name).orElseThrow();
  }
}
