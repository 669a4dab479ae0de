package io.openclaw.sim;

/**
 * Bounds within which every state is visited: who takes part, what may happen, how much may be
 * under way.
 *
 * <p>Leases and clocks are small integers. A node's clock goes on by its rate at every instant of
 * real time; {@code rates} are the vectors from which each instant's is taken. With rates of 2 and
 * 3 a lease of 6 lasts up to three instants on a slow clock, and a fast voter must wait 9 for as
 * long: this is W = L(1 + rho)/(1 - rho) for rho = 1/5. With all rates equal, W = L = 2 instants
 * stands for the worst that clocks allow: a lease may always end earlier and a voter wait longer,
 * as nobody is ever forced to act.
 *
 * @param voters bits of the nodes that vote
 * @param nextVoters bits of those that vote after a change; 0 where nothing changes. A node takes
 *     each of the two steps, to the old and the new and to the new alone, by starting anew
 * @param holders bits of the nodes that hold or want the block
 * @param standing bits of the nodes that stand for the group from their start
 * @param rising bits of the nodes that begin and cease to stand for it
 * @param givers bits of the nodes that claim and give the block
 * @param crashers bits of the nodes that may crash
 * @param beats most beats under way from one node to another
 * @param acks most acks under way from one node to another; 0 where an ack arrives at once or never
 * @param updates most claims, and most denials, under way from one node to another; 0 as for acks
 * @param duplicates whether beats stay under way when they have arrived
 */
@SuppressWarnings("ArrayRecordComponent")
record Scenario(
    String name,
    String about,
    int voters,
    int nextVoters,
    int holders,
    int standing,
    int rising,
    int releasers,
    int givers,
    int crashers,
    int crashes,
    int beats,
    int acks,
    int updates,
    boolean duplicates,
    boolean admissions,
    int lease,
    int waiting,
    byte[][] rates) {
  private static final byte[][] EVEN = {{1, 1, 1}};

  static final int A = 1;
  static final int B = 2;
  static final int C = 4;

  /** Two nodes, the owner and an heir, and one beat and ack under way; nothing else happens. */
  static Scenario of(String name, String about) {
    return new Scenario(
        name, about, A | B | C, 0, A | B, A | B, 0, 0, 0, 0, 0, 1, 1, 1, false, false, 2, 2, EVEN);
  }

  Scenario holders(int holders, int standing, int rising) {
    return new Scenario(
        name,
        about,
        voters,
        nextVoters,
        holders,
        standing,
        rising,
        releasers,
        givers,
        crashers,
        crashes,
        beats,
        acks,
        updates,
        duplicates,
        admissions,
        lease,
        waiting,
        rates);
  }

  Scenario voters(int nodes) {
    return new Scenario(
        name,
        about,
        nodes,
        nextVoters,
        holders,
        standing,
        rising,
        releasers,
        givers,
        crashers,
        crashes,
        beats,
        acks,
        updates,
        duplicates,
        admissions,
        lease,
        waiting,
        rates);
  }

  Scenario changingVotersTo(int nodes) {
    return new Scenario(
        name,
        about,
        voters,
        nodes,
        holders,
        standing,
        rising,
        releasers,
        givers,
        crashers,
        crashes,
        beats,
        acks,
        updates,
        duplicates,
        admissions,
        lease,
        waiting,
        rates);
  }

  Scenario releasing(int nodes) {
    return new Scenario(
        name,
        about,
        voters,
        nextVoters,
        holders,
        standing,
        rising,
        nodes,
        givers,
        crashers,
        crashes,
        beats,
        acks,
        updates,
        duplicates,
        admissions,
        lease,
        waiting,
        rates);
  }

  Scenario giving(int nodes) {
    return new Scenario(
        name,
        about,
        voters,
        nextVoters,
        holders,
        standing,
        rising,
        releasers,
        nodes,
        crashers,
        crashes,
        beats,
        acks,
        updates,
        duplicates,
        admissions,
        lease,
        waiting,
        rates);
  }

  Scenario crashing(int nodes, int times) {
    return new Scenario(
        name,
        about,
        voters,
        nextVoters,
        holders,
        standing,
        rising,
        releasers,
        givers,
        nodes,
        times,
        beats,
        acks,
        updates,
        duplicates,
        admissions,
        lease,
        waiting,
        rates);
  }

  Scenario underWay(int beats, int acks, int updates) {
    return new Scenario(
        name,
        about,
        voters,
        nextVoters,
        holders,
        standing,
        rising,
        releasers,
        givers,
        crashers,
        crashes,
        beats,
        acks,
        updates,
        duplicates,
        admissions,
        lease,
        waiting,
        rates);
  }

  Scenario withDuplicates() {
    return new Scenario(
        name,
        about,
        voters,
        nextVoters,
        holders,
        standing,
        rising,
        releasers,
        givers,
        crashers,
        crashes,
        beats,
        acks,
        updates,
        true,
        admissions,
        lease,
        waiting,
        rates);
  }

  Scenario withAdmissions() {
    return new Scenario(
        name,
        about,
        voters,
        nextVoters,
        holders,
        standing,
        rising,
        releasers,
        givers,
        crashers,
        crashes,
        beats,
        acks,
        updates,
        duplicates,
        true,
        lease,
        waiting,
        rates);
  }

  Scenario clocks(int lease, int waiting, byte[]... rates) {
    return new Scenario(
        name,
        about,
        voters,
        nextVoters,
        holders,
        standing,
        rising,
        releasers,
        givers,
        crashers,
        crashes,
        beats,
        acks,
        updates,
        duplicates,
        admissions,
        lease,
        waiting,
        rates);
  }
}
