package io.openclaw.limit;

import java.util.List;

/**
 * What regions tell each other about rights. Each travels with its sender's region and incarnation;
 * those that answer name the incarnation of whom they answer.
 */
sealed interface LeaseMessage {
  /** The most changes in one message. */
  int CHANGES_MAX = 256;

  /** What a region wants to be handed. */
  record Give(int to, Blocks blocks) {}

  /**
   * How a holder's claim on one limit differs from its default blocks.
   *
   * @param less default blocks it does not claim
   * @param plus other blocks it does
   * @param gives blocks it has just let go, and for whom
   */
  record Claim(Blocks less, Blocks plus, List<Give> gives) {}

  /** The newest value of a limit that changed. */
  record Change<V>(String limit, V value) {}

  /** "I stand for group {@code group}, under a tenure that began with my beat {@code tenure}." */
  record Stand(int group, long tenure) {}

  /**
   * A holder asks a voter to renew all it claims.
   *
   * @param configuration the number of its choice of voters
   * @param seq 1, 2, 3 … within its incarnation
   * @param sendNanos its clock
   * @param stands the groups it would have
   * @param voterIncarnation the voter's, as it knows it; 0 for none
   * @param knownDenials which version of the voter's denials it knows
   */
  record Beat(
      long configuration,
      long seq,
      long sendNanos,
      List<Stand> stands,
      long voterIncarnation,
      long knownDenials)
      implements LeaseMessage {}

  /** What changed in a holder's claim after version {@code from}, up to {@code to}. */
  record Claims(long from, long to, List<Change<Claim>> changes) implements LeaseMessage {}

  /**
   * A voter's answer to a beat.
   *
   * @param holderIncarnation whose beat it was
   * @param granting whether it votes at all
   * @param known the version of the holder's claim that it knew when it granted
   * @param denials the version of its denials when it granted
   * @param groups the groups of that beat that it votes for
   */
  record Ack(
      long holderIncarnation,
      long beatSeq,
      long sendNanos,
      boolean granting,
      long known,
      long denials,
      List<Integer> groups)
      implements LeaseMessage {}

  /** What changed in a voter's denials for a holder after {@code from}, up to {@code to}. */
  record Denials(long holderIncarnation, long from, long to, List<Change<Blocks>> changes)
      implements LeaseMessage {}
}
