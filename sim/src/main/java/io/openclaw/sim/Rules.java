package io.openclaw.sim;

import static io.openclaw.sim.Layout.*;

import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What holders and voters do with what they hear: the protocol's rules, on one state. */
final class Rules {
  static final int OWNER = 0;

  final Scenario scenario;
  final Layout at;
  final int lease;
  final int wait;
  final int[] holders;
  final int[] voters;
  private final int[][] sets; // by choice of voters: of each a majority is needed
  private final @Nullable Bug bug;

  Rules(Scenario scenario, @Nullable Bug bug) {
    this.scenario = scenario;
    this.bug = bug;
    holders = nodes(scenario.holders());
    voters = nodes(scenario.voters() | scenario.nextVoters());
    sets =
        new int[][] {
          {scenario.voters()}, {scenario.voters(), scenario.nextVoters()}, {scenario.nextVoters()}
        };
    at =
        new Layout(
            voters,
            scenario.beats(),
            Math.max(1, scenario.acks()),
            scenario.givers() == 0 ? 0 : scenario.updates());
    lease = scenario.lease();
    if (bug == Bug.SHORT_WAIT) {
      wait = Math.max(1, lease * 3 / 5);
    } else {
      wait = bug == Bug.NO_DRIFT_ALLOWANCE ? lease : scenario.waiting();
    }
  }

  boolean has(Bug which) {
    return bug == which;
  }

  private static int[] nodes(int bits) {
    return IntStream.range(0, NODES).filter(node -> in(bits, node)).toArray();
  }

  boolean votes(int node) {
    return in(scenario.voters() | scenario.nextVoters(), node);
  }

  static boolean in(int bits, int node) {
    return (bits >> node & 1) != 0;
  }

  /** The ack that {@link #beatArrives} leaves, laid out as in the state. */
  final byte[] ack = new byte[ACK_SIZE];

  /** A state in which every node has been up for long and nobody has sent anything. */
  byte[] initial() {
    byte[] s = new byte[at.size];
    s[CRASHES_LEFT] = (byte) scenario.crashes();
    for (int i = 0; i < NODES; i++) {
      start(s, i);
      s[node(i) + QUIET] = (byte) wait;
    }
    return s;
  }

  void start(byte[] s, int i) {
    int n = node(i);
    s[n + SEQ] = 0;
    s[n + TENURE] = (byte) (in(scenario.standing(), i) ? 1 : 0);
    s[n + LESS] = 0;
    s[n + PLUS] = 0;
    s[n + VERSION] = 0;
    s[n + ADMITTED] = 0;
    s[n + QUIET] = (byte) (has(Bug.NO_QUARANTINE) ? wait : 0);
    s[n + GROUP_WINNER] = 0;
    s[n + BLOCK_WINNER] = 0;
    for (int k : voters) {
      int p = at.pair(i, k);
      s[p + GROUP_AGE] = (byte) lease;
      s[p + PLUS_AGE] = (byte) lease;
      s[p + COVER] = 1;
      s[p + ACKED] = 0;
      s[p + VOTER_INC] = k == i ? s[n + INC] : 0;
      s[p + DENIALS_KNOWN] = 0;
      s[p + DENIED] = 0;
    }
    for (int h = 0; h < NODES && votes(i); h++) {
      int p = at.pair(h, i);
      s[p + VIEW_INC] = 0;
      forget(s, p);
    }
  }

  private void forget(byte[] s, int p) { // what a voter knows of a holder's incarnation
    s[p + VIEW_SEQ] = 0;
    s[p + VIEW_TENURE] = 0;
    s[p + GRANT_AGE] = (byte) wait;
    s[p + VIEW_VERSION] = 0;
    s[p + VIEW_LESS] = 0;
    s[p + VIEW_PLUS] = 0;
    s[p + DENIALS] = 0;
    s[p + DENIES] = 0;
  }

  /** Whether a node may act by the next choice of voters: when all have the one before. */
  boolean mayChange(byte[] s, int i) {
    int choice = s[node(i) + CHOICE];
    if (scenario.nextVoters() == 0 || choice == 2) {
      return false;
    }
    for (int j = 0; j < NODES; j++) {
      if (s[node(j) + CHOICE] < choice && !has(Bug.CHANGE_UNHEARD)) {
        return false;
      }
    }
    return true;
  }

  // ---- the holder

  /**
   * The age of the majority's oldest vote for the block; the lease's length where there is none.
   */
  int voteAge(byte[] s, int i) {
    int n = node(i);
    boolean plus = s[n + PLUS] != 0;
    if (!plus && (s[n + TENURE] == 0 || (i == OWNER && s[n + LESS] != 0))) {
      return lease;
    }
    int oldest = 0;
    for (int set : sets[s[n + CHOICE]]) {
      oldest = Math.max(oldest, voteAge(s, i, plus ? PLUS_AGE : GROUP_AGE, set));
    }
    return oldest;
  }

  /** The age of the oldest vote of a majority of some voters, at most three. */
  private int voteAge(byte[] s, int i, int field, int set) {
    int newest = lease;
    int second = lease;
    int count = 0;
    for (int k : voters) {
      if (!in(set, k)) {
        continue;
      }
      count++;
      int p = at.pair(i, k);
      int age = s[p + COVER] != 0 ? s[p + field] : lease;
      if (age < newest) {
        second = newest;
        newest = age;
      } else if (age < second) {
        second = age;
      }
    }
    boolean one = count == 1;
    return one || (has(Bug.HEIR_WITHOUT_QUORUM) && i != OWNER) ? newest : second;
  }

  /** Bits of the nodes that may spend the block's tokens now. */
  int users(byte[] s) {
    int users = 0;
    for (int i : holders) {
      if (s[node(i) + ADMITTED] != 0 || voteAge(s, i) < lease) {
        users |= 1 << i;
      }
    }
    return users;
  }

  void releaseGroup(byte[] s, int i) {
    int n = node(i);
    s[n + TENURE] = (byte) (s[n + SEQ] + 1);
    forgetGroup(s, i);
  }

  void forgetGroup(byte[] s, int i) {
    if (!has(Bug.ACKS_KEPT)) {
      for (int k : voters) {
        s[at.pair(i, k) + GROUP_AGE] = (byte) lease;
      }
    }
    dropAdmission(s, i);
  }

  private void dropAdmission(byte[] s, int i) {
    if (!has(Bug.ADMISSION_OUTLIVES_RELEASE)) {
      s[node(i) + ADMITTED] = 0;
    }
  }

  /** The owner gives the block or takes it back, another adds it to its claim or gives it. */
  void changeClaim(byte[] s, int i) {
    int n = node(i);
    int field = i == OWNER ? LESS : PLUS;
    boolean adds = i == OWNER ? s[n + LESS] != 0 : s[n + PLUS] == 0;
    s[n + field] ^= 1;
    s[n + VERSION]++;
    if (has(adds ? Bug.COVER_KEPT : Bug.COVER_RETAINED)) {
      return;
    }
    for (int k : voters) {
      s[at.pair(i, k) + COVER] = 0;
    }
    dropAdmission(s, i);
  }

  private void hearVoter(byte[] s, int i, int k, int inc) {
    int p = at.pair(i, k);
    if (inc > s[p + VOTER_INC]) {
      s[p + VOTER_INC] = (byte) inc;
      s[p + DENIALS_KNOWN] = 0;
      s[p + DENIED] = 0;
      if (s[node(i) + PLUS] != 0 && !has(Bug.COVER_OUTLIVES_VOTER)) {
        s[p + COVER] = 0;
      }
    }
  }

  void ackArrives(byte[] s, int i, int k, byte[] m, int o) {
    int n = node(i);
    int p = at.pair(i, k);
    if (m[o + ACK_INC] != s[n + INC] || m[o + ACK_VOTER_INC] < s[p + VOTER_INC]) {
      return;
    }
    hearVoter(s, i, k, m[o + ACK_VOTER_INC]);
    boolean denialsKnown = m[o + ACK_DENIALS] == s[p + DENIALS_KNOWN];
    if (m[o + ACK_SEQ] <= s[p + ACKED] || !(denialsKnown || has(Bug.DENIALS_UNMATCHED))) {
      return;
    }
    s[p + ACKED] = m[o + ACK_SEQ];
    byte age = has(Bug.LEASE_FROM_RECEIPT) ? 0 : m[o + ACK_AGE];
    boolean sameTenure = m[o + ACK_SEQ] >= s[n + TENURE] || has(Bug.ACK_WITHOUT_TENURE);
    if (m[o + ACK_GRANTED] != 0 && s[n + TENURE] != 0 && sameTenure) {
      s[p + GROUP_AGE] = age;
    }
    s[p + PLUS_AGE] = age;
    boolean claimed = i != OWNER || s[n + LESS] == 0;
    boolean covered = s[p + COVER] != 0 || m[o + ACK_KNOWN] >= s[n + VERSION];
    s[p + COVER] = (byte) (claimed && covered && s[p + DENIED] == 0 ? 1 : 0);
  }

  void denialsArrive(byte[] s, int i, int k, byte[] m, int o) {
    int p = at.pair(i, k);
    if (m[o + DENIALS_INC] != s[node(i) + INC] || m[o + DENIALS_VOTER_INC] < s[p + VOTER_INC]) {
      return;
    }
    hearVoter(s, i, k, m[o + DENIALS_VOTER_INC]);
    if (m[o + DENIALS_TO] > s[p + DENIALS_KNOWN]) {
      s[p + DENIALS_KNOWN] = m[o + DENIALS_TO];
      s[p + DENIED] = m[o + DENIALS_DENIED];
    }
  }

  // ---- the voter

  private boolean live(byte[] s, int k, int i) {
    return s[at.pair(i, k) + GRANT_AGE] < wait;
  }

  private boolean quiet(byte[] s, int k) {
    return s[node(k) + QUIET] < wait;
  }

  private boolean claimsBlock(byte[] s, int k, int i) {
    int p = at.pair(i, k);
    return s[p + VIEW_PLUS] != 0
        || (s[node(k) + GROUP_WINNER] == i + 1 && (i != OWNER || s[p + VIEW_LESS] == 0));
  }

  /** The voter takes votes from those that are not live any more; nobody else gets them here. */
  void expire(byte[] s, int k) {
    int n = node(k);
    if (s[n + GROUP_WINNER] != 0 && !live(s, k, s[n + GROUP_WINNER] - 1)) {
      s[n + GROUP_WINNER] = 0;
    }
    if (s[n + BLOCK_WINNER] != 0 && !live(s, k, s[n + BLOCK_WINNER] - 1)) {
      s[n + BLOCK_WINNER] = 0;
    }
  }

  /** The voter gives what is free to those that are live and want it. */
  void vote(byte[] s, int k) {
    expire(s, k);
    int n = node(k);
    for (int i = 0; i < NODES && s[n + GROUP_WINNER] == 0; i++) {
      if (live(s, k, i) && s[at.pair(i, k) + VIEW_TENURE] != 0) {
        s[n + GROUP_WINNER] = (byte) (i + 1);
      }
    }
    if (scenario.givers() == 0) {
      return;
    }
    if (s[n + BLOCK_WINNER] != 0 && !claimsBlock(s, k, s[n + BLOCK_WINNER] - 1)) {
      s[n + BLOCK_WINNER] = 0;
    }
    for (int i = 0; i < NODES && s[n + BLOCK_WINNER] == 0; i++) {
      if (live(s, k, i) && s[at.pair(i, k) + VIEW_PLUS] != 0) {
        s[n + BLOCK_WINNER] = (byte) (i + 1);
      }
    }
    for (int i = 0; i < NODES && s[n + BLOCK_WINNER] == 0; i++) {
      if (live(s, k, i) && claimsBlock(s, k, i)) {
        s[n + BLOCK_WINNER] = (byte) (i + 1);
      }
    }
    for (int i : holders) {
      deny(s, k, i);
    }
  }

  private void deny(byte[] s, int k, int i) {
    if (!live(s, k, i)) {
      return;
    }
    int p = at.pair(i, k);
    boolean denies = s[node(k) + BLOCK_WINNER] != i + 1 && claimsBlock(s, k, i);
    if (denies != (s[p + DENIES] != 0)) {
      s[p + DENIES] = (byte) (denies ? 1 : 0);
      s[p + DENIALS]++;
    }
  }

  /** A beat arrives; whether it is acked, with {@link #ack}. */
  boolean beatArrives(byte[] s, int i, int k, byte[] m, int o) {
    int n = node(k);
    int p = at.pair(i, k);
    if (m[o + BEAT_INC] < s[p + VIEW_INC]) {
      return false;
    }
    if (m[o + BEAT_INC] > s[p + VIEW_INC]) {
      if (live(s, k, i)) {
        return false;
      }
      expire(s, k);
      forget(s, p);
      s[p + VIEW_INC] = m[o + BEAT_INC];
    }
    boolean wins = s[n + GROUP_WINNER] == i + 1;
    boolean otherTenure = m[o + BEAT_TENURE] != s[p + VIEW_TENURE];
    if (m[o + BEAT_SEQ] <= s[p + VIEW_SEQ]) {
      if (has(Bug.RELEASE_WITHOUT_TENURE) && wins && otherTenure) {
        s[n + GROUP_WINNER] = 0;
        s[p + VIEW_TENURE] = 0;
        vote(s, k);
      }
      return false;
    }
    expire(s, k);
    if (s[n + GROUP_WINNER] == i + 1 && otherTenure) {
      s[n + GROUP_WINNER] = 0;
    }
    s[p + VIEW_SEQ] = m[o + BEAT_SEQ];
    s[p + VIEW_TENURE] = m[o + BEAT_TENURE];
    if (quiet(s, k)) {
      return false;
    }
    s[p + GRANT_AGE] = 0;
    vote(s, k);
    boolean granted = s[n + GROUP_WINNER] == i + 1 || has(Bug.DOUBLE_VOTE);
    ack[ACK_SEQ] = m[o + BEAT_SEQ];
    ack[ACK_VOTER_INC] = s[n + INC];
    ack[ACK_INC] = m[o + BEAT_INC];
    ack[ACK_AGE] = m[o + BEAT_AGE];
    ack[ACK_GRANTED] = (byte) (granted && m[o + BEAT_TENURE] != 0 ? 1 : 0);
    ack[ACK_KNOWN] = has(Bug.CLAIM_ACKED_UNKNOWN) ? s[node(i) + VERSION] : s[p + VIEW_VERSION];
    ack[ACK_DENIALS] = s[p + DENIALS];
    return true;
  }

  void claimsArrive(byte[] s, int i, int k, byte[] m, int o) {
    int p = at.pair(i, k);
    if (m[o + CLAIMS_INC] == s[p + VIEW_INC] && m[o + CLAIMS_TO] > s[p + VIEW_VERSION]) {
      s[p + VIEW_VERSION] = m[o + CLAIMS_TO];
      s[p + VIEW_LESS] = m[o + CLAIMS_LESS];
      s[p + VIEW_PLUS] = m[o + CLAIMS_PLUS];
      vote(s, k);
    }
  }
}
