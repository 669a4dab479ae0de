package io.openclaw.sim;

import static io.openclaw.sim.Layout.*;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A small model of the lease protocol: three regions A, B, C, each holder and voter, and one block.
 * A owns the block's group, B and C are its heirs in this order, and any may claim the block alone.
 *
 * <p>Independent of the implementation on purpose. Every action is always optional: a node that
 * does nothing is a paused one, a message that stays under way for ever, or is replaced by a newer
 * one, is a lost one. Not thread-safe.
 */
final class LeaseModel {
  /** Takes the successors of a state; the array is only lent. */
  interface Sink {
    void accept(byte[] state, int action);
  }

  static final String[] NAMES = {"A", "B", "C"};

  private static final int TIME = 0;
  private static final int BEAT = 1;
  private static final int BEAT_ARRIVES = 2;
  private static final int ACK_ARRIVES = 3;
  private static final int RELEASE = 4;
  private static final int RISE = 5;
  private static final int CHANGE_CLAIM = 6;
  private static final int CLAIMS = 7;
  private static final int CLAIMS_ARRIVE = 8;
  private static final int DENY = 9;
  private static final int DENIALS_ARRIVE = 10;
  private static final int ADMIT = 11;
  private static final int ACT = 12;
  private static final int TICK = 13;
  private static final int CRASH = 14;
  private static final int BEAT_AND_ACK_ARRIVE = 15;
  private static final int CHANGE_VOTERS = 16;

  private final Scenario scenario;
  private final Rules rules;
  private final Layout at;
  private final Canon canon;
  private final byte[] t;
  private byte[] s;
  private Sink sink = (state, action) -> {};

  LeaseModel(Scenario scenario, @Nullable Bug bug) {
    this.scenario = scenario;
    rules = new Rules(scenario, bug);
    at = rules.at;
    canon = new Canon(rules);
    t = new byte[at.size];
    s = t;
  }

  int stateBytes() {
    return at.size;
  }

  byte[] initial() {
    byte[] state = rules.initial();
    canon.apply(state);
    return state;
  }

  /** Bits of the nodes that may spend the block's tokens in this state; more than one is wrong. */
  int users(byte[] state) {
    return rules.users(state);
  }

  void successors(byte[] state, Sink to) {
    s = state;
    sink = to;
    for (int r = 0; r < scenario.rates().length; r++) {
      time(r);
    }
    for (int i : rules.holders) {
      beats(i);
      standing(i);
      claims(i);
      admissions(i);
      for (int k : rules.voters) {
        if (k != i) {
          beatArrivals(i, k);
          ackArrivals(i, k);
          claimArrivals(i, k);
        }
      }
    }
    for (int k : rules.voters) {
      tick(k);
    }
    for (int i = 0; i < NODES; i++) {
      crash(i);
      changeVoters(i);
    }
  }

  private void begin() {
    System.arraycopy(s, 0, t, 0, t.length);
  }

  private void end(int type, int i, int k) {
    canon.apply(t);
    if (!Arrays.equals(s, t)) {
      sink.accept(t, type << 16 | i << 8 | k);
    }
  }

  private void time(int r) {
    begin();
    byte[] rate = scenario.rates()[r];
    for (int i = 0; i < NODES; i++) {
      int n = node(i);
      t[n + QUIET] = older(t[n + QUIET], rate[i], rules.wait);
      if (t[n + ADMITTED] != 0) {
        int age = t[n + ADMITTED] - 1 + rate[i];
        t[n + ADMITTED] = (byte) (age < rules.lease ? age + 1 : 0);
      }
      for (int k : rules.voters) {
        int p = at.pair(i, k);
        t[p + GROUP_AGE] = older(t[p + GROUP_AGE], rate[i], rules.lease);
        t[p + PLUS_AGE] = older(t[p + PLUS_AGE], rate[i], rules.lease);
        t[p + GRANT_AGE] = older(t[p + GRANT_AGE], rate[k], rules.wait);
        for (int m = 0; m < at.beatSlots; m++) {
          int o = at.beats(i, k) + m * BEAT_SIZE;
          if (t[o + BEAT_SEQ] != 0) {
            t[o + BEAT_AGE] = older(t[o + BEAT_AGE], rate[i], rules.lease);
          }
        }
        for (int m = 0; m < at.ackSlots; m++) {
          int o = at.acks(i, k) + m * ACK_SIZE;
          if (t[o + ACK_SEQ] != 0) {
            t[o + ACK_AGE] = older(t[o + ACK_AGE], rate[i], rules.lease);
          }
        }
      }
    }
    for (int k : rules.voters) {
      rules.expire(t, k);
    }
    end(TIME, r, 0);
  }

  private static byte older(byte age, int by, int most) {
    return (byte) Math.min(age + by, most);
  }

  /** Where to put a message: the first free of the slots, or any where none is free. */
  private int firstFree(int base, int slots, int size) {
    for (int m = 0; m < slots; m++) {
      if (s[base + m * size] == 0) {
        return m;
      }
    }
    return -1;
  }

  private void beats(int i) {
    for (int k : rules.voters) {
      if (k == i || at.beatSlots == 0) {
        begin();
        ownBeat(i);
        if (k == i) {
          ownVote(i);
          end(BEAT, i, k);
        } else {
          arrival(i, k, own, 0, -1);
        }
        continue;
      }
      int free = firstFree(at.beats(i, k), at.beatSlots, BEAT_SIZE);
      for (int m = Math.max(0, free); m < (free < 0 ? at.beatSlots : free + 1); m++) {
        begin();
        ownBeat(i);
        System.arraycopy(own, 0, t, at.beats(i, k) + m * BEAT_SIZE, BEAT_SIZE);
        end(BEAT, i, k);
      }
    }
  }

  private void ownBeat(int i) {
    int n = node(i);
    t[n + SEQ]++;
    own[BEAT_SEQ] = t[n + SEQ];
    own[BEAT_INC] = t[n + INC];
    own[BEAT_TENURE] = t[n + TENURE];
    own[BEAT_AGE] = 0;
  }

  private final byte[] update = new byte[Math.max(CLAIMS_SIZE, DENIALS_SIZE)];
  private final byte[] own = new byte[BEAT_SIZE];

  private void ownVote(int i) { // nothing is under way between a node and itself
    int p = at.pair(i, i);
    byte[] claim = {t[node(i) + VERSION], t[node(i) + INC], t[node(i) + LESS], t[node(i) + PLUS]};
    boolean acked = rules.beatArrives(t, i, i, own, 0);
    rules.claimsArrive(t, i, i, claim, 0);
    if (acked) {
      t[p + DENIALS_KNOWN] = t[p + DENIALS];
      t[p + DENIED] = t[p + DENIES];
      rules.ack[ACK_DENIALS] = t[p + DENIALS];
      rules.ack[ACK_KNOWN] = t[p + VIEW_VERSION];
      rules.ackArrives(t, i, i, rules.ack, 0);
    }
  }

  private void standing(int i) {
    if (i == Rules.OWNER) {
      return;
    }
    int n = node(i);
    if (Rules.in(scenario.releasers(), i) && s[n + TENURE] != 0) {
      begin();
      rules.releaseGroup(t, i);
      end(RELEASE, i, 0);
    }
    if (Rules.in(scenario.rising(), i)) {
      begin();
      if (s[n + TENURE] == 0) {
        t[n + TENURE] = (byte) (t[n + SEQ] + 1);
      } else {
        t[n + TENURE] = 0;
        rules.forgetGroup(t, i);
      }
      end(RISE, i, 0);
    }
  }

  private void claims(int i) {
    if (scenario.givers() == 0) {
      return;
    }
    int n = node(i);
    if (Rules.in(scenario.givers(), i)) {
      begin();
      rules.changeClaim(t, i);
      end(CHANGE_CLAIM, i, 0);
    }
    for (int k : rules.voters) {
      if (k == i) {
        continue;
      }
      if (s[n + VERSION] != 0) {
        begin();
        update[CLAIMS_TO] = s[n + VERSION];
        update[CLAIMS_INC] = s[n + INC];
        update[CLAIMS_LESS] = s[n + LESS];
        update[CLAIMS_PLUS] = s[n + PLUS];
        if (at.claimSlots == 0) {
          rules.claimsArrive(t, i, k, update, 0);
        } else {
          System.arraycopy(update, 0, t, at.claims(i, k), CLAIMS_SIZE);
        }
        end(CLAIMS, i, k);
      }
      int p = at.pair(i, k);
      if (s[p + DENIALS] != 0) {
        begin();
        update[DENIALS_TO] = s[p + DENIALS];
        update[DENIALS_VOTER_INC] = s[node(k) + INC];
        update[DENIALS_INC] = s[p + VIEW_INC];
        update[DENIALS_DENIED] = s[p + DENIES];
        if (at.claimSlots == 0) {
          rules.denialsArrive(t, i, k, update, 0);
        } else {
          System.arraycopy(update, 0, t, at.denials(i, k), DENIALS_SIZE);
        }
        end(DENY, i, k);
      }
    }
  }

  private void admissions(int i) {
    if (!scenario.admissions()) {
      return;
    }
    int n = node(i);
    int age = rules.voteAge(s, i);
    if (s[n + ADMITTED] == 0 && age < rules.lease) {
      begin();
      t[n + ADMITTED] = (byte) (age + 1);
      end(ADMIT, i, 0);
    } else if (s[n + ADMITTED] != 0) {
      begin();
      t[n + ADMITTED] = 0;
      end(ACT, i, 0);
    }
  }

  private void beatArrivals(int i, int k) {
    for (int m = 0; m < at.beatSlots; m++) {
      int from = at.beats(i, k) + m * BEAT_SIZE;
      if (s[from] != 0) {
        begin();
        arrival(i, k, s, from, scenario.duplicates() ? -1 : from);
      }
    }
  }

  /** A beat arrives at a state begun; its ack gets under way, or arrives at once or never. */
  private void arrival(int i, int k, byte[] beat, int o, int cleared) {
    if (cleared >= 0) {
      Canon.clear(t, cleared, BEAT_SIZE);
    }
    boolean acked = rules.beatArrives(t, i, k, beat, o);
    byte[] arrived = t.clone();
    int free = firstFree(at.acks(i, k), at.ackSlots, ACK_SIZE);
    boolean atOnce = scenario.acks() == 0;
    if (!acked || atOnce) {
      end(BEAT_ARRIVES, i, k);
    }
    if (acked && atOnce) {
      System.arraycopy(arrived, 0, t, 0, t.length);
      rules.ackArrives(t, i, k, rules.ack, 0);
      end(BEAT_AND_ACK_ARRIVE, i, k);
    } else if (acked) {
      for (int a = Math.max(0, free); a < (free < 0 ? at.ackSlots : free + 1); a++) {
        System.arraycopy(arrived, 0, t, 0, t.length);
        System.arraycopy(rules.ack, 0, t, at.acks(i, k) + a * ACK_SIZE, ACK_SIZE);
        end(BEAT_ARRIVES, i, k);
      }
    }
  }

  private void ackArrivals(int i, int k) {
    for (int m = 0; m < at.ackSlots; m++) {
      int from = at.acks(i, k) + m * ACK_SIZE;
      if (s[from] != 0) {
        begin();
        Canon.clear(t, from, ACK_SIZE);
        rules.ackArrives(t, i, k, s, from);
        end(ACK_ARRIVES, i, k);
      }
    }
  }

  private void claimArrivals(int i, int k) {
    if (at.claimSlots == 0) {
      return;
    }
    int o = at.claims(i, k);
    if (s[o] != 0) {
      begin();
      Canon.clear(t, o, CLAIMS_SIZE);
      rules.claimsArrive(t, i, k, s, o);
      end(CLAIMS_ARRIVE, i, k);
    }
    o = at.denials(i, k);
    if (s[o] != 0) {
      begin();
      rules.denialsArrive(t, i, k, s, o);
      Canon.clear(t, o, DENIALS_SIZE);
      end(DENIALS_ARRIVE, i, k);
    }
  }

  private void tick(int k) {
    begin();
    rules.vote(t, k);
    end(TICK, k, 0);
  }

  private void changeVoters(int i) {
    if (rules.mayChange(s, i)) {
      begin();
      t[node(i) + CHOICE] += (byte) (rules.has(Bug.NO_JOINT_STEP) ? 2 : 1);
      t[node(i) + INC]++;
      rules.start(t, i);
      end(CHANGE_VOTERS, i, 0);
    }
  }

  private void crash(int i) {
    if (s[CRASHES_LEFT] == 0 || !Rules.in(scenario.crashers(), i)) {
      return;
    }
    begin();
    t[CRASHES_LEFT]--;
    if (!rules.has(Bug.INCARNATION_REPEATS)) {
      t[node(i) + INC]++;
    }
    rules.start(t, i);
    end(CRASH, i, 0);
  }

  /** The action in words. */
  String describe(int action) {
    int type = action >> 16;
    String a = NAMES[action >> 8 & 0xff];
    String b = NAMES[action & 0xff];
    return switch (type) {
      case TIME -> "time goes on" + rates(action >> 8 & 0xff);
      case BEAT -> a.equals(b) ? a + " asks itself for its vote" : a + " sends a beat to " + b;
      case BEAT_ARRIVES -> "a beat of " + a + " arrives at " + b;
      case BEAT_AND_ACK_ARRIVE -> "a beat of " + a + " arrives at " + b + " and the ack at " + a;
      case ACK_ARRIVES -> "an ack of " + b + " arrives at " + a;
      case RELEASE -> a + " releases the group and stands for it anew";
      case RISE -> a + " begins or ceases to stand for the group";
      case CHANGE_CLAIM -> a + " changes its claim";
      case CLAIMS -> a + " sends its claim to " + b;
      case CLAIMS_ARRIVE -> "a claim of " + a + " arrives at " + b;
      case DENY -> b + " sends its denials to " + a;
      case DENIALS_ARRIVE -> "denials of " + b + " arrive at " + a;
      case ADMIT -> a + " admits a request and pauses before it acts";
      case ACT -> a + " acts on its admission";
      case CHANGE_VOTERS -> a + " starts anew with the next choice of voters";
      case TICK -> "a tick of the voter " + a;
      default -> a + " crashes and starts again";
    };
  }

  private String rates(int r) {
    byte[] rate = scenario.rates()[r];
    return rate[0] == rate[1] && rate[1] == rate[2]
        ? ""
        : ": clocks by %d, %d, %d".formatted(rate[0], rate[1], rate[2]);
  }

  /** The state in one line: who uses the block, whom each voter granted it to, what was given. */
  String show(byte[] state) {
    StringBuilder line = new StringBuilder(80).append("uses: ").append(names(users(state)));
    line.append("  votes A,B,C: ");
    for (int k = 0; k < NODES; k++) {
      int group = state[node(k) + GROUP_WINNER];
      line.append(
          state[node(k) + QUIET] < rules.wait ? "quiet" : group == 0 ? "-" : NAMES[group - 1]);
      if (scenario.givers() != 0) {
        int block = state[node(k) + BLOCK_WINNER];
        line.append('/').append(block == 0 ? "-" : NAMES[block - 1]);
      }
      line.append(' ');
    }
    if (scenario.givers() != 0) {
      line.append(" claimed by: ").append(claimants(state));
    }
    return line.toString();
  }

  private static String claimants(byte[] state) {
    int bits = state[node(Rules.OWNER) + LESS] == 0 ? 1 : 0;
    for (int i = 1; i < NODES; i++) {
      bits |= state[node(i) + PLUS] << i;
    }
    return names(bits);
  }

  static String names(int bits) {
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < NODES; i++) {
      if (Rules.in(bits, i)) {
        names.append(NAMES[i]);
      }
    }
    return names.isEmpty() ? "-" : names.toString();
  }
}
