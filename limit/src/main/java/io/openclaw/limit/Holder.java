package io.openclaw.limit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What this region claims, which voters have granted it, and so which blocks it may use until when.
 *
 * <p>A block may be used until L after the send time of the majority-th newest of its beats that
 * voters have acknowledged with that block. Not thread-safe; told the time. The protocol and its
 * proof: docs/limiter.md.
 */
final class Holder {
  /** What one voter has granted. */
  private static final class Votes {
    long incarnation;
    long ackedSeq;
    long known;
    long denialsKnown;
    final Map<String, Blocks> denied = new HashMap<>();
    final Set<String> unsettled = new HashSet<>();
    final long[] sentNanos; // by timeline: of the newest beat granted
    final boolean[] granted;

    Votes(int timelines) {
      sentNanos = new long[timelines];
      granted = new boolean[timelines];
    }
  }

  /** Blocks granted by the same voters for the same reason end together. */
  private record LeaseClass(int timeline, long voters) {}

  private final BlockMap map;
  private final Blocks all;
  private final LeaseSettings settings;
  private final Limiter limiter;
  private final int self;
  private final int plus;
  private final List<int[]> voterSets = new ArrayList<>();
  private final long[] bits; // two sets of voters have at most 62
  private final long allVoters;
  private final Votes[] votes;
  private final long[] tenures;
  private final VersionedTable<LeaseMessage.Claim> claims;
  private final LeaseMessage.Claim nothing;

  /** Of every limit with a claim or a denial: which of its blocks each voter is known to grant. */
  private final Map<String, Blocks[]> covers = new HashMap<>();

  private final Map<LeaseClass, Lease> leases = new HashMap<>();

  /** Classes that blocks are in and whose lease could not begin yet. */
  private final Set<LeaseClass> missing = new HashSet<>();

  private final @Nullable Lease[] commonLeases;
  private long beatSeq;
  private long rightsVersion = 1;

  Holder(Limiter limiter) {
    this.limiter = limiter;
    map = limiter.map();
    all = Blocks.every(map.blocks(), 0, 1);
    settings = limiter.settings();
    self = map.region(settings.self());
    plus = map.size();
    votes = new Votes[map.size()];
    for (List<String> set : settings.voters()) {
      int[] members = set.stream().mapToInt(map::region).toArray();
      voterSets.add(members);
      for (int voter : members) {
        votes[voter] = new Votes(map.size() + 1);
      }
    }
    bits = new long[map.size()];
    int voters = 0;
    for (int region = 0; region < bits.length; region++) {
      bits[region] = votes[region] == null ? 0 : 1L << voters++;
    }
    allVoters = (1L << voters) - 1;
    tenures = new long[map.size()];
    tenures[self] = 1;
    nothing = new LeaseMessage.Claim(map.none(), map.none(), List.of());
    claims = new VersionedTable<>(nothing);
    commonLeases = new @Nullable Lease[map.size()];
    missing.add(new LeaseClass(self, allVoters));
  }

  boolean isVoter(int region) {
    return votes[region] != null;
  }

  VersionedTable<LeaseMessage.Claim> claims() {
    return claims;
  }

  /** The number of the beat that is sent next. */
  long nextSeq() {
    return beatSeq + 1;
  }

  void beatSent() {
    beatSeq++;
  }

  List<LeaseMessage.Stand> stands() {
    List<LeaseMessage.Stand> stands = new ArrayList<>(2);
    for (int group = 0; group < tenures.length; group++) {
      if (tenures[group] != 0) {
        stands.add(new LeaseMessage.Stand(group, tenures[group]));
      }
    }
    return stands;
  }

  long voterIncarnation(int voter) {
    return votes[voter].incarnation;
  }

  long denialsKnown(int voter) {
    return votes[voter].denialsKnown;
  }

  /** Begins or goes on to stand for a group. */
  void stand(int group) {
    if (tenures[group] == 0) {
      tenures[group] = nextSeq();
      missing.add(new LeaseClass(group, allVoters));
    }
  }

  boolean stands(int group) {
    return tenures[group] != 0;
  }

  /** Whether any voter's vote for the group may still be this region's. */
  boolean hasVotes(int group, long nowNanos) {
    for (Votes vote : votes) {
      if (vote != null
          && vote.granted[group]
          && nowNanos - vote.sentNanos[group] < settings.leaseNanos()) {
        return true;
      }
    }
    return false;
  }

  /** Whether this region may use the group's blocks. */
  boolean uses(int group, long nowNanos) {
    @Nullable Lease lease = commonLeases[group];
    return lease != null && !lease.hasEnded(nowNanos);
  }

  /**
   * Stops using a group's blocks and lets go of all votes for it.
   *
   * @param again whether to stand for it anew, under a new tenure
   */
  void release(int group, boolean again, long nowNanos) {
    for (Map.Entry<LeaseClass, Lease> each : leases.entrySet()) {
      if (each.getKey().timeline == group) {
        each.getValue().stop(nowNanos);
      }
    }
    leases.keySet().removeIf(key -> key.timeline == group);
    for (Votes vote : votes) {
      if (vote != null) {
        vote.granted[group] = false;
      }
    }
    tenures[group] = again ? nextSeq() : 0;
    publish(nowNanos);
  }

  /** The blocks of a limit that this region claims for itself; those of inherited groups apart. */
  Blocks claimed(String limit) {
    LeaseMessage.Claim claim = claims.get(limit);
    return map.defaults(map.offset(limit), self).minus(claim.less()).or(claim.plus());
  }

  /** The blocks of a limit that this region may have: what it claims, and groups it took over. */
  Blocks held(String limit, long nowNanos) {
    Blocks held = claimed(limit);
    for (int group = 0; group < commonLeases.length; group++) {
      if (group != self && uses(group, nowNanos)) {
        Blocks inherited = map.defaults(map.offset(limit), group);
        held = held.or(inherited.minus(claims.get(limit).less()));
      }
    }
    return held;
  }

  /** Claims more blocks of a limit. */
  void take(String limit, Blocks blocks, List<LeaseMessage.Give> gives, long nowNanos) {
    LeaseMessage.Claim claim = claims.get(limit);
    Blocks foreign = blocks.minus(map.defaults(map.offset(limit), self));
    change(limit, claim.less().minus(blocks), claim.plus().or(foreign), gives, nowNanos);
  }

  /** Lets blocks of a limit go; when this returns they are not used any more. */
  void drop(String limit, Blocks blocks, List<LeaseMessage.Give> gives, long nowNanos) {
    LeaseMessage.Claim claim = claims.get(limit);
    Blocks grouped = map.none();
    for (int group = 0; group < tenures.length; group++) {
      if (tenures[group] != 0) {
        grouped = grouped.or(map.defaults(map.offset(limit), group));
      }
    }
    change(
        limit, claim.less().or(blocks.and(grouped)), claim.plus().minus(blocks), gives, nowNanos);
  }

  private void change(
      String limit, Blocks less, Blocks plus, List<LeaseMessage.Give> gives, long nowNanos) {
    LeaseMessage.Claim before = claims.get(limit);
    LeaseMessage.Claim next = new LeaseMessage.Claim(less, plus, List.copyOf(gives));
    if (next.equals(before)) {
      return;
    }
    // Blocks that are not claimed, or were not until now, are granted by nobody yet.
    Blocks uncovered = less.or(plus.minus(before.plus())).or(before.less().minus(less));
    Blocks[] covered = cover(limit);
    for (int voter = 0; voter < votes.length; voter++) {
      covered[voter] = covered[voter].minus(uncovered);
    }
    claims.put(limit, next);
    for (Votes vote : votes) {
      if (vote != null) {
        vote.unsettled.add(limit);
      }
    }
    rights(limit, nowNanos);
  }

  /**
   * Which blocks of a limit each voter would grant this region where its vote for their group is
   * this region's, or where they are claimed singly. By default all: nobody has claimed otherwise.
   */
  private Blocks[] cover(String limit) {
    return covers.computeIfAbsent(
        limit,
        id -> {
          Blocks[] covered = new Blocks[votes.length];
          Arrays.fill(covered, all);
          return covered;
        });
  }

  /** Takes what changed in a voter's denials. */
  void denials(int voter, long incarnation, LeaseMessage.Denials denials) {
    Votes vote = votes[voter];
    if (vote == null) {
      return;
    }
    begin(vote, incarnation, voter);
    if (vote.incarnation != incarnation
        || denials.from() > vote.denialsKnown
        || denials.to() <= vote.denialsKnown) {
      return;
    }
    for (LeaseMessage.Change<Blocks> change : denials.changes()) {
      if (change.value().isEmpty()) {
        vote.denied.remove(change.limit());
      } else {
        vote.denied.put(change.limit(), change.value());
      }
      cover(change.limit());
      vote.unsettled.add(change.limit());
    }
    vote.denialsKnown = denials.to();
  }

  /** A voter that was restarted knows no claim and has denied nothing yet. */
  private void begin(Votes vote, long incarnation, int voter) {
    if (incarnation > vote.incarnation) {
      vote.incarnation = incarnation;
      vote.ackedSeq = 0;
      vote.known = 0;
      vote.denialsKnown = 0;
      vote.denied.clear();
      covers.forEach(
          (limit, covered) -> {
            covered[voter] = covered[voter].minus(claims.get(limit).plus());
            vote.unsettled.add(limit);
          });
    }
  }

  /** Takes a voter's answer to a beat; renews what it renews. */
  void ack(int voter, long incarnation, LeaseMessage.Ack ack, long nowNanos) {
    Votes vote = votes[voter];
    if (vote == null || ack.beatSeq() > beatSeq || nowNanos - ack.sendNanos() < 0) {
      return;
    }
    begin(vote, incarnation, voter);
    boolean counts =
        vote.incarnation == incarnation
            && ack.granting()
            && ack.beatSeq() >= vote.ackedSeq
            && ack.known() >= vote.known
            && ack.denials() == vote.denialsKnown;
    if (!counts) {
      return;
    }
    vote.ackedSeq = ack.beatSeq();
    vote.known = ack.known();
    vote.sentNanos[plus] = ack.sendNanos();
    vote.granted[plus] = true;
    for (int group : ack.groups()) {
      if (tenures[group] != 0 && ack.beatSeq() >= tenures[group]) {
        vote.sentNanos[group] = ack.sendNanos();
        vote.granted[group] = true;
      }
    }
    // First the blocks that this voter does not grant any more leave its leases, then these go on.
    settle(vote, voter).forEach(limit -> rights(limit, nowNanos));
    if (renew(nowNanos)) {
      publish(nowNanos);
    }
  }

  /** What the voter grants of the limits whose claim or denial it has just settled. */
  private List<String> settle(Votes vote, int voter) {
    if (vote.unsettled.isEmpty()) {
      return List.of();
    }
    List<String> recount = new ArrayList<>(vote.unsettled);
    for (String limit : recount) {
      Blocks[] covered = cover(limit);
      boolean knows = vote.known >= claims.versionOf(limit);
      covered[voter] =
          (knows ? all.minus(claims.get(limit).less()) : covered[voter])
              .minus(vote.denied.getOrDefault(limit, map.none()));
      if (knows) {
        vote.unsettled.remove(limit);
      }
    }
    return recount;
  }

  /** Moves the ends of all leases on; whether some that is wanted can begin anew. */
  private boolean renew(long nowNanos) {
    boolean begin = false;
    for (Map.Entry<LeaseClass, Lease> each : leases.entrySet()) {
      Long end = end(each.getKey());
      if (end != null && !each.getValue().renew(end, nowNanos)) {
        begin |= end - nowNanos > 0;
      }
    }
    for (LeaseClass key : missing) {
      Long end = end(key);
      begin |= end != null && end - nowNanos > 0;
    }
    for (int group = 0; group < commonLeases.length; group++) {
      // It may have begun for one limit alone, which had rights of its own to be reckoned.
      Lease running = leases.get(new LeaseClass(group, allVoters));
      begin |=
          tenures[group] != 0
              && !uses(group, nowNanos)
              && running != null
              && !running.hasEnded(nowNanos);
    }
    return begin;
  }

  /** Majority-th newest send time + L; null where no majority has granted. */
  private @Nullable Long end(LeaseClass key) {
    Long earliest = null;
    for (int[] set : voterSets) {
      long[] sent = new long[set.length];
      int count = 0;
      for (int voter : set) {
        if ((key.voters & bits[voter]) != 0 && votes[voter].granted[key.timeline]) {
          sent[count++] = votes[voter].sentNanos[key.timeline];
        }
      }
      int majority = set.length / 2 + 1;
      if (count < majority) {
        return null;
      }
      long[] granted = Arrays.copyOf(sent, count);
      sortBySubtraction(granted);
      long end = granted[count - majority] + settings.leaseNanos();
      earliest = earliest == null || end - earliest < 0 ? Long.valueOf(end) : earliest;
    }
    return earliest;
  }

  /** Monotonic times may wrap: only their differences have a sign. Few elements. */
  private static void sortBySubtraction(long[] times) {
    for (int i = 1; i < times.length; i++) {
      for (int j = i; j > 0 && times[j] - times[j - 1] < 0; j--) {
        long swapped = times[j];
        times[j] = times[j - 1];
        times[j - 1] = swapped;
      }
    }
  }

  /** The running lease of a class, begun where it can be; null where it is to be waited for. */
  private @Nullable Lease lease(LeaseClass key, long nowNanos) {
    Lease lease = leases.get(key);
    if (lease != null && !lease.hasEnded(nowNanos)) {
      return lease;
    }
    Long end = end(key);
    if (end == null || end - nowNanos <= 0) {
      leases.remove(key);
      missing.add(key);
      return null;
    }
    lease = new Lease(nowNanos, end);
    leases.put(key, lease);
    missing.remove(key);
    return lease;
  }

  /** Gives every limit what its leases are now: a lease of whole groups has begun or ended. */
  private void publish(long nowNanos) {
    leases.entrySet().removeIf(each -> each.getValue().hasEnded(nowNanos));
    missing.clear();
    for (int group = 0; group < commonLeases.length; group++) {
      commonLeases[group] =
          tenures[group] == 0 ? null : lease(new LeaseClass(group, allVoters), nowNanos);
    }
    long version = ++rightsVersion;
    Rights[] common = new Rights[map.size()];
    for (int offset = 0; offset < common.length; offset++) {
      common[offset] = Rights.of(version, false, commonParts(offset));
    }
    limiter.common(common);
    List.copyOf(covers.keySet()).forEach(limit -> rights(limit, nowNanos));
  }

  private List<Rights.Part> commonParts(int offset) {
    List<Rights.Part> parts = new ArrayList<>(1);
    for (int group = 0; group < commonLeases.length; group++) {
      int blocks = map.defaults(offset, group).count();
      if (commonLeases[group] != null && blocks > 0) {
        parts.add(new Rights.Part(commonLeases[group], blocks));
      }
    }
    return parts;
  }

  /** Gives one limit what this region may use of it now. */
  private void rights(String limit, long nowNanos) {
    Blocks[] covered = java.util.Objects.requireNonNull(covers.get(limit));
    if (isCommon(limit)) {
      covers.remove(limit);
      limiter.rights(
          limit, Rights.of(++rightsVersion, false, commonParts(map.offset(limit))), nowNanos);
      return;
    }
    Map<LeaseClass, Integer> counts = new HashMap<>();
    int offset = map.offset(limit);
    LeaseMessage.Claim claim = claims.get(limit);
    for (int group = 0; group < tenures.length; group++) {
      if (tenures[group] != 0) {
        Blocks blocks = map.defaults(offset, group).minus(claim.plus()).minus(claim.less());
        count(counts, group, blocks, covered);
      }
    }
    count(counts, plus, claim.plus(), covered);
    List<Rights.Part> parts = new ArrayList<>();
    counts.forEach(
        (key, count) -> {
          Lease lease = lease(key, nowNanos);
          if (lease != null) {
            parts.add(new Rights.Part(lease, count));
          }
        });
    limiter.rights(limit, Rights.of(++rightsVersion, true, parts), nowNanos);
  }

  /** Adds blocks to the classes of those that grant them. */
  private void count(
      Map<LeaseClass, Integer> counts, int timeline, Blocks blocks, Blocks[] covered) {
    for (int word = 0; word < blocks.words(); word++) {
      for (long rest = blocks.word(word); rest != 0; rest &= rest - 1) {
        int block = word * 64 + Long.numberOfTrailingZeros(rest);
        long voters = 0;
        for (int voter = 0; voter < votes.length; voter++) {
          voters |= votes[voter] != null && covered[voter].has(block) ? bits[voter] : 0;
        }
        counts.merge(new LeaseClass(timeline, voters), 1, Integer::sum);
      }
    }
  }

  /** Whether the limit is claimed as by default, known so by all, and nothing of it denied. */
  private boolean isCommon(String limit) {
    if (!claims.get(limit).equals(nothing)) {
      return false;
    }
    for (Votes vote : votes) {
      if (vote != null && (vote.denied.containsKey(limit) || vote.unsettled.contains(limit))) {
        return false;
      }
    }
    return true;
  }

  /**
   * The blocks of a limit that so many voters of some set deny this region that the others are no
   * majority.
   */
  Blocks hopeless(String limit) {
    Blocks result = map.none();
    for (int[] set : voterSets) {
      int enough = set.length - set.length / 2; // a majority is set.length / 2 + 1
      long[] words = new long[result.words()];
      for (int block = 0; block < map.blocks(); block++) {
        int against = 0;
        for (int voter : set) {
          Blocks denied = votes[voter].denied.get(limit);
          against += denied != null && denied.has(block) ? 1 : 0;
        }
        if (against >= enough) {
          words[block >>> 6] |= 1L << block;
        }
      }
      result = result.or(Blocks.of(words));
    }
    return result.and(claimed(limit));
  }

  /** The limits that some voter denies this region in part. */
  Set<String> deniedLimits() {
    Set<String> limits = new java.util.TreeSet<>();
    for (Votes vote : votes) {
      if (vote != null) {
        limits.addAll(vote.denied.keySet());
      }
    }
    return limits;
  }
}
