package io.openclaw.sim;

/**
 * Where each number of a state stands: a state is one array of bytes, so that it can be hashed and
 * compared as a whole.
 *
 * <p>Times are ages, counted in ticks of one node's clock and no further than where they make no
 * difference any more. A pair is a holder and a voter.
 */
final class Layout {
  static final int NODES = 3;

  static final int CRASHES_LEFT = 0;
  private static final int FIRST_NODE = 1;

  // Of a node as a holder.
  static final int INC = 0;
  static final int SEQ = 1;
  static final int TENURE = 2;
  static final int LESS = 3;
  static final int PLUS = 4;
  static final int VERSION = 5;
  static final int ADMITTED = 6;
  // Of a node as a voter.
  static final int QUIET = 7;
  static final int GROUP_WINNER = 8;
  static final int BLOCK_WINNER = 9;

  /** 0 by the old voters, 1 by the old and the new, 2 by the new. */
  static final int CHOICE = 10;

  private static final int NODE_SIZE = 11;

  // Of a pair, what the holder knows.
  static final int GROUP_AGE = 0;
  static final int PLUS_AGE = 1;
  static final int COVER = 2;
  static final int ACKED = 3;
  static final int VOTER_INC = 4;
  static final int DENIALS_KNOWN = 5;
  static final int DENIED = 6;
  // Of a pair, what the voter knows.
  static final int VIEW_INC = 7;
  static final int VIEW_SEQ = 8;
  static final int VIEW_TENURE = 9;
  static final int GRANT_AGE = 10;
  static final int VIEW_VERSION = 11;
  static final int VIEW_LESS = 12;
  static final int VIEW_PLUS = 13;
  static final int DENIALS = 14;
  static final int DENIES = 15;
  private static final int PAIR_SIZE = 16;

  // A beat from the holder; there is one where its number is not 0.
  static final int BEAT_SEQ = 0;
  static final int BEAT_INC = 1;
  static final int BEAT_TENURE = 2;
  static final int BEAT_AGE = 3;
  static final int BEAT_SIZE = 4;
  // An ack from the voter.
  static final int ACK_SEQ = 0;
  static final int ACK_VOTER_INC = 1;
  static final int ACK_INC = 2;
  static final int ACK_AGE = 3;
  static final int ACK_GRANTED = 4;
  static final int ACK_KNOWN = 5;
  static final int ACK_DENIALS = 6;
  static final int ACK_SIZE = 7;
  // Claims from the holder.
  static final int CLAIMS_TO = 0;
  static final int CLAIMS_INC = 1;
  static final int CLAIMS_LESS = 2;
  static final int CLAIMS_PLUS = 3;
  static final int CLAIMS_SIZE = 4;
  // Denials from the voter.
  static final int DENIALS_TO = 0;
  static final int DENIALS_VOTER_INC = 1;
  static final int DENIALS_INC = 2;
  static final int DENIALS_DENIED = 3;
  static final int DENIALS_SIZE = 4;

  final int beatSlots;
  final int ackSlots;
  final int claimSlots;
  final int size;
  private final int acks;
  private final int claims;
  private final int denials;
  private final int pairSize;
  private final int voters;
  private final int[] places = new int[NODES];

  Layout(int[] voters, int beatSlots, int ackSlots, int claimSlots) {
    this.voters = voters.length;
    for (int v = 0; v < voters.length; v++) {
      places[voters[v]] = v;
    }
    this.beatSlots = beatSlots;
    this.ackSlots = ackSlots;
    this.claimSlots = claimSlots;
    acks = PAIR_SIZE + beatSlots * BEAT_SIZE;
    claims = acks + ackSlots * ACK_SIZE;
    denials = claims + claimSlots * CLAIMS_SIZE;
    pairSize = denials + claimSlots * DENIALS_SIZE;
    int used = FIRST_NODE + NODES * NODE_SIZE + NODES * voters.length * pairSize;
    size = (used + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
  }

  static int node(int node) {
    return FIRST_NODE + node * NODE_SIZE;
  }

  int pair(int holder, int voter) {
    return FIRST_NODE + NODES * NODE_SIZE + (holder * voters + places[voter]) * pairSize;
  }

  int beats(int holder, int voter) {
    return pair(holder, voter) + PAIR_SIZE;
  }

  int acks(int holder, int voter) {
    return pair(holder, voter) + acks;
  }

  int claims(int holder, int voter) {
    return pair(holder, voter) + claims;
  }

  int denials(int holder, int voter) {
    return pair(holder, voter) + denials;
  }
}
