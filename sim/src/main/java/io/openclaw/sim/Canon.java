package io.openclaw.sim;

import static io.openclaw.sim.Layout.*;

/**
 * One form for all states that have the same future.
 *
 * <p>Messages that would be ignored whenever they arrive are taken away. Numbers that only grow
 * (beats, versions) are replaced by their ranks among those that are still compared with each
 * other, so that runs of any length have finitely many states.
 */
final class Canon {
  private final Rules rules;
  private final Layout at;
  private final boolean claims;
  private final int[] places = new int[128];
  private int used;
  private long mask;

  Canon(Rules rules) {
    this.rules = rules;
    at = rules.at;
    claims = rules.scenario.givers() != 0;
  }

  void apply(byte[] s) {
    for (int k = 0; k < NODES; k++) {
      if (!rules.votes(k)) {
        s[node(k) + QUIET] = (byte) rules.wait;
      }
    }
    for (int i : rules.holders) {
      holder(s, i);
      for (int k : rules.voters) {
        if (k != i) {
          messages(s, i, k);
          forgetCompared(s, i, k);
        }
        view(s, i, k);
      }
      for (int inc = 0; inc <= s[node(i) + INC]; inc++) {
        rankBeats(s, i, inc);
        if (claims) {
          rankVersions(s, i, inc);
          for (int k : rules.voters) {
            for (int voterInc = 0; voterInc <= s[node(k) + INC]; voterInc++) {
              rankDenials(s, i, inc, k, voterInc);
            }
          }
        }
      }
    }
  }

  private void holder(byte[] s, int i) {
    int n = node(i);
    boolean plus = s[n + PLUS] != 0;
    boolean group = i == Rules.OWNER || s[n + TENURE] != 0 || Rules.in(rules.scenario.rising(), i);
    for (int k : rules.voters) {
      int p = at.pair(i, k);
      if (rules.has(Bug.COVER_KEPT) || rules.has(Bug.COVER_RETAINED)) {
        continue;
      }
      if (!plus || s[p + COVER] == 0) { // an ack that covers the block brings its age
        s[p + PLUS_AGE] = (byte) rules.lease;
      }
      if (!group) {
        s[p + GROUP_AGE] = (byte) rules.lease;
      }
      if (!group && !plus) { // adding the block begins without cover
        s[p + COVER] = 0;
      }
    }
  }

  private void view(byte[] s, int i, int k) {
    int p = at.pair(i, k);
    if (s[p + GRANT_AGE] >= rules.wait && !rules.has(Bug.RELEASE_WITHOUT_TENURE)) {
      s[p + VIEW_TENURE] = 0; // it cannot win before its next beat
    }
  }

  private void messages(byte[] s, int i, int k) {
    int p = at.pair(i, k);
    int n = node(i);
    boolean staleMatters = rules.scenario.duplicates() || rules.has(Bug.RELEASE_WITHOUT_TENURE);
    int o = at.beats(i, k);
    for (int m = 0; m < at.beatSlots; m++, o += BEAT_SIZE) {
      boolean old = s[o + BEAT_INC] < s[p + VIEW_INC];
      boolean stale = s[o + BEAT_INC] == s[p + VIEW_INC] && s[o + BEAT_SEQ] <= s[p + VIEW_SEQ];
      if (old || (stale && !staleMatters)) {
        clear(s, o, BEAT_SIZE);
      }
    }
    sort(s, at.beats(i, k), at.beatSlots, BEAT_SIZE);
    o = at.acks(i, k);
    for (int m = 0; m < at.ackSlots; m++, o += ACK_SIZE) {
      if (useless(s, i, p, o)) {
        clear(s, o, ACK_SIZE);
      }
    }
    sort(s, at.acks(i, k), at.ackSlots, ACK_SIZE);
    if (at.claimSlots == 0) {
      return;
    }
    o = at.claims(i, k);
    boolean sameView = s[o + CLAIMS_INC] == s[p + VIEW_INC];
    if (s[o + CLAIMS_INC] < s[p + VIEW_INC]
        || (sameView && s[o + CLAIMS_TO] <= s[p + VIEW_VERSION])) {
      clear(s, o, CLAIMS_SIZE);
    }
    o = at.denials(i, k);
    boolean sameVoter = s[o + DENIALS_VOTER_INC] == s[p + VOTER_INC];
    if (s[o + DENIALS_INC] != s[n + INC]
        || s[o + DENIALS_VOTER_INC] < s[p + VOTER_INC]
        || (sameVoter && s[o + DENIALS_TO] <= s[p + DENIALS_KNOWN])) {
      clear(s, o, DENIALS_SIZE);
    }
  }

  private boolean useless(byte[] s, int i, int p, int o) {
    int n = node(i);
    if (s[o + ACK_INC] != s[n + INC]
        || s[o + ACK_VOTER_INC] < s[p + VOTER_INC]
        || s[o + ACK_SEQ] <= s[p + ACKED]) {
      return true;
    }
    if (claims) {
      return uselessForClaims(s, i, p, o);
    }
    boolean tooOld = s[o + ACK_AGE] >= rules.lease && !rules.has(Bug.LEASE_FROM_RECEIPT);
    boolean otherTenure = s[o + ACK_SEQ] < s[n + TENURE] && !rules.has(Bug.ACK_WITHOUT_TENURE);
    return s[o + ACK_GRANTED] == 0 || tooOld || otherTenure;
  }

  private boolean uselessForClaims(byte[] s, int i, int p, int o) {
    if (rules.has(Bug.COVER_KEPT) || rules.has(Bug.COVER_RETAINED)) {
      return false;
    }
    int n = node(i);
    boolean denialsPassed =
        s[o + ACK_VOTER_INC] == s[p + VOTER_INC] && s[o + ACK_DENIALS] < s[p + DENIALS_KNOWN];
    if (denialsPassed && !rules.has(Bug.DENIALS_UNMATCHED)) {
      return true;
    }
    boolean claimPassed = s[o + ACK_KNOWN] < s[n + VERSION];
    if (claimPassed) {
      s[o + ACK_KNOWN] = 0; // it will not cover what is claimed now or later
    }
    boolean group = i == Rules.OWNER || s[n + TENURE] != 0 || Rules.in(rules.scenario.rising(), i);
    return !group && (s[n + PLUS] == 0 || (claimPassed && s[p + COVER] == 0));
  }

  /** Numbers with which nothing under way will be compared are forgotten. */
  private void forgetCompared(byte[] s, int i, int k) {
    if (rules.has(Bug.INCARNATION_REPEATS)) {
      return;
    }
    int p = at.pair(i, k);
    boolean viewMatters = false;
    boolean ackedMatters = false;
    int o = at.beats(i, k);
    for (int m = 0; m < at.beatSlots; m++, o += BEAT_SIZE) {
      int seq = s[o + BEAT_SEQ];
      viewMatters |= seq != 0 && s[o + BEAT_INC] == s[p + VIEW_INC] && seq <= s[p + VIEW_SEQ];
      ackedMatters |= seq != 0 && s[o + BEAT_INC] == s[node(i) + INC] && seq <= s[p + ACKED];
    }
    if (!viewMatters) {
      s[p + VIEW_SEQ] = 0;
    }
    if (!ackedMatters) {
      s[p + ACKED] = 0;
    }
  }

  static void clear(byte[] s, int o, int size) {
    for (int b = 0; b < size; b++) {
      s[o + b] = 0;
    }
  }

  private static void sort(byte[] s, int base, int slots, int size) {
    for (int m = 1; m < slots; m++) {
      for (int j = m; j > 0 && less(s, base + j * size, base + (j - 1) * size, size); j--) {
        for (int b = 0; b < size; b++) {
          byte t = s[base + j * size + b];
          s[base + j * size + b] = s[base + (j - 1) * size + b];
          s[base + (j - 1) * size + b] = t;
        }
      }
    }
  }

  private static boolean less(byte[] s, int o, int p, int size) {
    for (int b = 0; b < size; b++) {
      if (s[o + b] != s[p + b]) {
        return s[o + b] > s[p + b]; // empty slots come last
      }
    }
    return false;
  }

  // ---- ranks

  private void begin() {
    used = 0;
    mask = 1;
  }

  private void take(byte[] s, int place) {
    if (s[place] != 0) {
      places[used++] = place;
      mask |= 1L << s[place];
    }
  }

  private void rank(byte[] s) {
    if ((mask & (mask + 1)) == 0) {
      return;
    }
    for (int j = 0; j < used; j++) {
      s[places[j]] = (byte) Long.bitCount(mask & ((1L << s[places[j]]) - 1));
    }
  }

  private void rankBeats(byte[] s, int i, int inc) {
    begin();
    int n = node(i);
    boolean current = inc == s[n + INC];
    if (current) {
      take(s, n + SEQ);
      take(s, n + TENURE);
    }
    for (int k : rules.voters) {
      int p = at.pair(i, k);
      if (current) {
        take(s, p + ACKED);
      }
      if (s[p + VIEW_INC] == inc) {
        take(s, p + VIEW_SEQ);
        take(s, p + VIEW_TENURE);
      }
      int o = at.beats(i, k);
      for (int m = 0; m < at.beatSlots; m++, o += BEAT_SIZE) {
        if (s[o + BEAT_INC] == inc) {
          take(s, o + BEAT_SEQ);
          take(s, o + BEAT_TENURE);
        }
      }
      o = at.acks(i, k);
      for (int m = 0; m < at.ackSlots; m++, o += ACK_SIZE) {
        if (s[o + ACK_INC] == inc) {
          take(s, o + ACK_SEQ);
        }
      }
    }
    rank(s);
  }

  private void rankVersions(byte[] s, int i, int inc) {
    begin();
    int n = node(i);
    if (inc == s[n + INC]) {
      take(s, n + VERSION);
    }
    for (int k : rules.voters) {
      int p = at.pair(i, k);
      if (s[p + VIEW_INC] == inc) {
        take(s, p + VIEW_VERSION);
      }
      int o = at.claims(i, k);
      if (at.claimSlots != 0 && s[o + CLAIMS_INC] == inc) {
        take(s, o + CLAIMS_TO);
      }
      o = at.acks(i, k);
      for (int m = 0; m < at.ackSlots; m++, o += ACK_SIZE) {
        if (s[o + ACK_INC] == inc) {
          take(s, o + ACK_KNOWN);
        }
      }
    }
    rank(s);
  }

  private void rankDenials(byte[] s, int i, int inc, int k, int voterInc) {
    begin();
    int p = at.pair(i, k);
    if (s[p + VOTER_INC] == voterInc && s[node(i) + INC] == inc) {
      take(s, p + DENIALS_KNOWN);
    }
    if (s[node(k) + INC] == voterInc && s[p + VIEW_INC] == inc) {
      take(s, p + DENIALS);
    }
    int o = at.denials(i, k);
    if (at.claimSlots != 0 && s[o + DENIALS_VOTER_INC] == voterInc && s[o + DENIALS_INC] == inc) {
      take(s, o + DENIALS_TO);
    }
    o = at.acks(i, k);
    for (int m = 0; m < at.ackSlots; m++, o += ACK_SIZE) {
      if (s[o + ACK_VOTER_INC] == voterInc && s[o + ACK_INC] == inc) {
        take(s, o + ACK_DENIALS);
      }
    }
    rank(s);
  }
}
