package io.openclaw.limit;

import io.openclaw.domain.PeerProtocol;
import io.openclaw.domain.WireException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToIntFunction;

/**
 * One region's part in sharing the limits: it claims blocks, votes for those that others claim,
 * hands blocks to where they are asked for, and takes over for a region that died.
 *
 * <p>All methods are called on the mesh's thread, but for {@link #holdings} and the counters. The
 * protocol and its proof: docs/limiter.md.
 */
public final class Leases implements PeerProtocol {
  /** A delta that nobody confirmed for so long is sent again. */
  private static final long RESEND_NANOS = 500_000_000L;

  /** How often lost blocks and hopeless claims are looked for. */
  private static final long TIDY_NANOS = 250_000_000L;

  /** How long a claim that is denied is kept up, and a gift that nobody took is waited for. */
  private static final long PATIENCE_NANOS = 1_000_000_000L;

  /** How long a claim is kept up on a block that one other region has. */
  private static final long SHORT_PATIENCE_NANOS = 500_000_000L;

  /** Of those whose votes are split the owner lets go last: one must get them all. */
  private static final long OWNERS_PATIENCE_NANOS = 3 * PATIENCE_NANOS;

  /** The least time from one release of a group to the next. */
  private static final long RELEASE_NANOS_MIN = 500_000_000L;

  /** A first heir waits so long after its start: owners that start with it come first. */
  private static final long GRACE_NANOS = 2_000_000_000L;

  /** Regions that do not vote hear every fourth beat. */
  private static final int QUIET_BEATS = 4;

  /** What was sent to a peer and what it is known to have. */
  private static final class Sync {
    long incarnation;
    long configuration;
    long claimsSent;
    long claimsKnown;
    long claimsNanos;
    long denialsSent;
    long denialsKnown;
    long denialsNanos;

    Sync(long configuration) {
      this.configuration = configuration;
    }
  }

  /** Blocks let go for a region, until that region claims them. */
  private record Gift(int to, Blocks blocks, long nanos) {}

  private final Limiter limiter;
  private final LeaseSettings settings;
  private final BlockMap map;
  private final LeaseCodec codec;
  private final long incarnation;
  private final int self;
  private final long startNanos;
  private final Holder holder;
  private final Voter voter;
  private final Balancer balancer;
  private final Sync[] syncs;
  private final boolean[] up;
  private final boolean[] everUp;
  private final long[] releasedNanos;
  private final Map<String, List<Gift>> gifts = new HashMap<>();
  private final Map<String, Long> deniedSince = new HashMap<>();
  private final ConcurrentMap<String, int[]> shown = new ConcurrentHashMap<>();
  private final AtomicLong given = new AtomicLong();
  private final AtomicLong received = new AtomicLong();
  private final AtomicLong takeOvers = new AtomicLong();
  private volatile boolean held;
  private volatile Set<String> inherited = Set.of();
  private volatile long followed;
  private long tidyNanos;
  private long nowNanos;
  private int round;

  /** Of a node that knows no more of the others than that each has some choice of voters. */
  public Leases(Limiter limiter, long incarnation, long nowNanos) {
    this(limiter, incarnation, 1, nowNanos);
  }

  /**
   * @param incarnation which life of this node: greater than zero, durable, never used before
   * @param followed what {@link #followed} was in a former life, 1 where that is not known
   */
  public Leases(Limiter limiter, long incarnation, long followed, long nowNanos) {
    this.limiter = limiter;
    this.incarnation = incarnation;
    settings = limiter.settings();
    map = limiter.map();
    codec = new LeaseCodec(map);
    self = map.region(settings.self());
    startNanos = nowNanos;
    holder = new Holder(limiter);
    voter = new Voter(map, settings, holder.isVoter(self), nowNanos);
    balancer = new Balancer(limiter, new Smith(), nowNanos);
    syncs = new Sync[map.size()];
    Arrays.setAll(syncs, region -> new Sync(followed));
    this.followed = followed;
    syncs[self].incarnation = incarnation;
    syncs[self].configuration = settings.configuration();
    up = new boolean[map.size()];
    everUp = new boolean[map.size()];
    releasedNanos = new long[map.size()];
    Arrays.fill(releasedNanos, nowNanos - RELEASE_NANOS_MIN);
    tidyNanos = nowNanos;
    this.nowNanos = nowNanos;
    limiter.facts().onMoved(row -> balancer.moved(row, this.nowNanos));
    limiter.facts().onSpentElsewhere(this::spentElsewhere);
  }

  /** Where every region counts against the whole limit, what others spend is not there any more. */
  private void spentElsewhere(String id, long cost, boolean first) {
    Limit limit = limiter.find(id);
    if (limit != null && limit.spec().mode() == io.openclaw.domain.LimitSpec.Mode.GOSSIP) {
      limit.drain(cost, !first, nowNanos);
    }
  }

  @Override
  public void tick(Set<String> upNow, Sender sender, long now) {
    nowNanos = now;
    if (settings.alone()) {
      return;
    }
    for (int region = 0; region < up.length; region++) {
      up[region] = region == self || upNow.contains(map.regions().get(region));
      everUp[region] |= up[region];
    }
    standOrRelease(now);
    for (int gained : voter.tick(now)) {
      if (allFollow()) {
        answer(gained, voter.again(gained, now), sender, now);
      }
    }
    balancer.tick(now);
    if (now - tidyNanos >= TIDY_NANOS) {
      tidyNanos = now;
      tidy(now);
    }
    round++;
    beat(sender, round % QUIET_BEATS == 0, now);
    held = holder.uses(self, now);
    followed = Math.max(followed, least());
  }

  /** Sends what changed in the claim and then a beat to every voter, oneself among them. */
  private void beat(Sender sender, boolean toAll, long now) {
    List<LeaseMessage.Stand> stands = holder.stands();
    long seq = holder.nextSeq();
    holder.beatSent();
    for (int region = 0; region < syncs.length; region++) {
      if (region == self) {
        beatSelf(seq, stands, now);
        continue;
      }
      sendClaims(region, sender, now);
      boolean votes = holder.isVoter(region);
      if (votes || toAll) {
        send(
            region,
            new LeaseMessage.Beat(
                settings.configuration(),
                seq,
                now,
                stands,
                votes ? holder.voterIncarnation(region) : 0,
                votes ? holder.denialsKnown(region) : 0),
            sender);
      }
    }
  }

  private void beatSelf(long seq, List<LeaseMessage.Stand> stands, long now) {
    VersionedTable<LeaseMessage.Claim> claims = holder.claims();
    Sync sync = syncs[self];
    if (sync.claimsKnown < claims.version()) {
      voter.claims(
          self,
          incarnation,
          new LeaseMessage.Claims(
              sync.claimsKnown, claims.version(), changes(claims, sync.claimsKnown)),
          now);
      sync.claimsKnown = claims.version();
    }
    LeaseMessage.Ack ack =
        voter.beat(
            self,
            incarnation,
            new LeaseMessage.Beat(settings.configuration(), seq, now, stands, 0, 0),
            now);
    if (ack != null && allFollow()) {
      answerSelf(ack, now);
    }
  }

  private void answerSelf(LeaseMessage.Ack ack, long now) {
    VersionedTable<Blocks> denials = voter.denials(self);
    Sync sync = syncs[self];
    if (sync.denialsKnown < denials.version()) {
      holder.denials(
          self,
          incarnation,
          new LeaseMessage.Denials(
              incarnation,
              sync.denialsKnown,
              denials.version(),
              changes(denials, sync.denialsKnown)));
      sync.denialsKnown = denials.version();
    }
    holder.ack(self, incarnation, ack, now);
  }

  @Override
  public void received(String peer, long from, byte[] message, Sender sender, long now)
      throws WireException {
    LeaseMessage read = codec.read(message);
    int region = map.regions().indexOf(peer);
    if (region < 0 || region == self) {
      throw new WireException("not a region of these limits");
    }
    nowNanos = now;
    Sync sync = syncs[region];
    if (from > sync.incarnation) {
      sync.incarnation = from;
      sync.claimsSent = sync.claimsKnown = 0;
      sync.denialsSent = sync.denialsKnown = 0;
    }
    if (from < sync.incarnation) {
      return;
    }
    switch (read) {
      case LeaseMessage.Beat beat -> beat(region, from, beat, sender, now);
      case LeaseMessage.Claims claims -> {
        voter.claims(region, from, claims, now);
        accept(region, claims, sender, now);
      }
      case LeaseMessage.Ack ack -> ack(region, from, ack, now);
      case LeaseMessage.Denials denials -> {
        if (denials.holderIncarnation() == incarnation) {
          holder.denials(region, from, denials);
        }
      }
    }
  }

  private void beat(int region, long from, LeaseMessage.Beat beat, Sender sender, long now) {
    Sync sync = syncs[region];
    sync.configuration = beat.configuration();
    if (Math.abs(beat.configuration() - settings.configuration()) > 1) {
      return; // its majorities and ours need not meet
    }
    if (beat.voterIncarnation() == incarnation) {
      if (beat.knownDenials() > sync.denialsKnown) {
        sync.denialsNanos = now;
      }
      sync.denialsKnown = beat.knownDenials();
    }
    LeaseMessage.Ack ack = voter.beat(region, from, beat, now);
    if (ack != null && allFollow()) {
      answer(region, ack, sender, now);
    }
  }

  private void answer(int region, LeaseMessage.Ack ack, Sender sender, long now) {
    if (region == self) {
      answerSelf(ack, now);
      return;
    }
    sendDenials(region, ack.holderIncarnation(), sender, now);
    send(region, ack, sender);
  }

  private void ack(int region, long from, LeaseMessage.Ack ack, long now) {
    if (ack.holderIncarnation() != incarnation) {
      return;
    }
    Sync sync = syncs[region];
    if (ack.known() < sync.claimsKnown) {
      sync.claimsSent = ack.known(); // it has forgotten what it knew
    }
    if (ack.known() > sync.claimsKnown) {
      sync.claimsNanos = now;
    }
    sync.claimsKnown = ack.known();
    if (allFollow()) {
      holder.ack(region, from, ack, now);
    }
  }

  /**
   * A new choice of voters takes effect only when every region has the one before: majorities of
   * two choices in a row meet, those of others need not.
   */
  private boolean allFollow() {
    return least() >= settings.configuration() - 1;
  }

  /** The least number of a choice of voters that some region has, as far as is known. */
  private long least() {
    long least = Long.MAX_VALUE;
    for (Sync sync : syncs) {
      least = Math.min(least, sync.configuration);
    }
    return least;
  }

  /**
   * The number of a choice of voters that every region has had, or a later one; any thread. A node
   * that knows it from its former life need not hear all regions before it takes part: one of them
   * may be down.
   */
  public long followed() {
    return followed;
  }

  /** Stands for groups whose owner may be gone, and lets go of those whose owner is back. */
  private void standOrRelease(long now) {
    for (int group = 0; group < map.size(); group++) {
      if (group == self) {
        continue;
      }
      int place = Math.floorMod(self - group, map.size());
      boolean preferred = false;
      for (int earlier = 1; earlier < place; earlier++) {
        preferred |= up[map.heir(group, earlier)];
      }
      boolean ownerUp = up[group];
      boolean may =
          place == 1
              ? everUp[group] || now - startNanos >= GRACE_NANOS
              : !preferred && !ownerUp && now - startNanos >= GRACE_NANOS;
      boolean using = holder.hasVotes(group, now);
      boolean released = now - releasedNanos[group] < RELEASE_NANOS_MIN;
      if (holder.stands(group) && using && (ownerUp || preferred) && !released) {
        releasedNanos[group] = now;
        holder.release(group, place == 1, now);
      } else if (holder.stands(group) && !may && !using) {
        holder.release(group, false, now);
      } else if (!holder.stands(group) && may) {
        holder.stand(group);
      }
      noteTakeOver(group, now);
    }
  }

  /** Notes which shares this region has taken over. */
  private void noteTakeOver(int group, long now) {
    String region = map.regions().get(group);
    if (holder.uses(group, now) == inherited.contains(region)) {
      return;
    }
    Set<String> next = new TreeSet<>(inherited);
    if (!next.remove(region)) {
      next.add(region);
      takeOvers.incrementAndGet();
    }
    inherited = Collections.unmodifiableSet(next);
  }

  /** Takes blocks that a peer has let go for this region, and asks for them at once. */
  private void accept(int giver, LeaseMessage.Claims claims, Sender sender, long now) {
    boolean accepted = false;
    for (LeaseMessage.Change<LeaseMessage.Claim> change : claims.changes()) {
      String limit = change.limit();
      for (LeaseMessage.Give give : change.value().gives()) {
        if (give.to() == self) {
          received(limit, giver, give.blocks());
          Blocks more =
              give.blocks()
                  .minus(holder.claimed(limit))
                  .minus(claimedBy(giver, limit))
                  .minus(claimedElsewhere(limit))
                  .minus(pending(limit, -1));
          if (!more.isEmpty()) {
            holder.take(limit, more, gives(limit, now), now);
            received.addAndGet(more.count());
            accepted = true;
          }
        }
      }
      show(limit);
    }
    if (accepted) {
      beat(sender, true, now);
    }
  }

  /** Blocks that were on their way to who gives them now have arrived there. */
  private void received(String limit, int giver, Blocks blocks) {
    List<Gift> all = gifts.get(limit);
    if (all != null) {
      all.replaceAll(
          gift ->
              gift.to == giver ? new Gift(gift.to, gift.blocks.minus(blocks), gift.nanos) : gift);
      all.removeIf(gift -> gift.blocks.isEmpty());
    }
  }

  /** What a region claims of a limit, by what it has told; its inherited groups apart. */
  private Blocks claimedBy(int region, String limit) {
    if (region == self) {
      return holder.claimed(limit);
    }
    Blocks defaults = map.defaults(map.offset(limit), region);
    LeaseMessage.Claim claim = voter.claims(region).get(limit);
    return claim == null ? defaults : defaults.minus(claim.less()).or(claim.plus());
  }

  /**
   * What a region probably has of the groups of those that are not up: the first in a group's order
   * that is up is its heir.
   */
  private Blocks inheritedBy(int region, String limit) {
    Blocks blocks = map.none();
    for (int group = 0; group < up.length; group++) {
      int place = 1;
      while (place < up.length && !up[map.heir(group, place)]) {
        place++;
      }
      if (!up[group] && map.heir(group, place) == region) {
        LeaseMessage.Claim claim = voter.claims(region).get(limit);
        Blocks defaults = map.defaults(map.offset(limit), group);
        blocks = blocks.or(claim == null ? defaults : defaults.minus(claim.less()));
      }
    }
    return blocks;
  }

  /** Blocks let go for a region, or for any (-1), that it has not claimed yet. */
  private Blocks pending(String limit, int to) {
    Blocks blocks = map.none();
    for (Gift gift : gifts.getOrDefault(limit, List.of())) {
      boolean underWay = nowNanos - gift.nanos < PATIENCE_NANOS;
      if (underWay && (to < 0 || gift.to == to)) {
        blocks = blocks.or(gift.blocks);
      }
    }
    return blocks;
  }

  /** The gifts of a limit that are still on their way. */
  private List<LeaseMessage.Give> gives(String limit, long now) {
    List<Gift> all = gifts.get(limit);
    if (all == null) {
      return List.of();
    }
    all.removeIf(
        gift ->
            now - gift.nanos >= PATIENCE_NANOS
                || gift.blocks.minus(claimedBy(gift.to, limit)).isEmpty());
    if (all.isEmpty()) {
      gifts.remove(limit);
    }
    Map<Integer, Blocks> byReceiver = new java.util.TreeMap<>();
    all.forEach(gift -> byReceiver.merge(gift.to, gift.blocks, Blocks::or));
    List<LeaseMessage.Give> gives = new ArrayList<>();
    byReceiver.forEach((to, blocks) -> gives.add(new LeaseMessage.Give(to, blocks)));
    return gives;
  }

  /** How the balancer sees and moves blocks. */
  private final class Smith implements Balancer.Blocksmith {
    @Override
    public Blocks held(String limit, int region) {
      return region == self
          ? holder.held(limit, nowNanos).minus(claimedElsewhere(limit))
          : claimedBy(region, limit).or(inheritedBy(region, limit)).or(pending(limit, region));
    }

    @Override
    public boolean isCommon(String limit) {
      return !voter.knowsClaims(limit) && holder.claims().versionOf(limit) == 0;
    }

    @Override
    public boolean isUp(int region) {
      return up[region];
    }

    @Override
    public void give(String limit, Blocks blocks, int to, long now) {
      Blocks going = blocks.and(holder.held(limit, now));
      if (going.isEmpty()) {
        return;
      }
      gifts.computeIfAbsent(limit, id -> new ArrayList<>()).add(new Gift(to, going, now));
      holder.drop(limit, going, gives(limit, now), now);
      given.addAndGet(going.count());
      show(limit);
    }
  }

  /** Takes back what nobody has, and gives up what others hold. */
  private void tidy(long now) {
    List<String> lessened = new ArrayList<>();
    holder
        .claims()
        .forEach(
            (limit, claim) -> {
              if (!claim.less().isEmpty()) {
                lessened.add(limit);
              }
            });
    for (String limit : lessened) {
      gives(limit, now);
      Blocks lost = holder.claims().get(limit).less().minus(pending(limit, -1));
      lost = lost.minus(claimedElsewhere(limit)).and(toBeTakenBack(limit));
      if (!lost.isEmpty()) {
        holder.take(limit, lost, gives(limit, now), now);
        show(limit);
      }
    }
    Set<String> denied = holder.deniedLimits();
    deniedSince.keySet().retainAll(denied);
    for (String limit : denied) {
      long since = deniedSince.computeIfAbsent(limit, id -> now);
      Blocks hopeless = hopeless(limit, now - since);
      if (!hopeless.isEmpty()) {
        holder.drop(limit, hopeless, gives(limit, now), now);
        show(limit);
      }
    }
    forgetKnown();
  }

  /**
   * The blocks of a limit to be given up after they were denied for so long. Where one other region
   * claims a block, that has it. Where several do, the votes are split: then the owner is the last
   * to let go, so that it gets them all.
   */
  private Blocks hopeless(String limit, long deniedNanos) {
    if (deniedNanos < SHORT_PATIENCE_NANOS) {
      return map.none();
    }
    Blocks denied = holder.hopeless(limit);
    Blocks once = map.none();
    Blocks often = map.none();
    for (int region = 0; region < up.length; region++) {
      if (region != self && up[region]) {
        Blocks claimed = claimedBy(region, limit).and(denied);
        often = often.or(once.and(claimed));
        once = once.or(claimed);
      }
    }
    Blocks split = deniedNanos < PATIENCE_NANOS ? map.none() : often;
    if (deniedNanos < OWNERS_PATIENCE_NANOS) {
      split = split.minus(map.defaults(map.offset(limit), self));
    }
    return once.minus(often).or(split);
  }

  /**
   * The blocks that it is for this region to take back when nobody has them: its own, and those of
   * groups that it is the first heir of among those that are up. If all took them back at once the
   * votes would be split, and all would let go again.
   */
  private Blocks toBeTakenBack(String limit) {
    Blocks blocks = map.none();
    for (int group = 0; group < up.length; group++) {
      int place = 0;
      while (!up[map.heir(group, place)]) {
        place++; // at the latest it is this region
      }
      if (map.heir(group, place) == self) {
        blocks = blocks.or(map.defaults(map.offset(limit), group));
      }
    }
    return blocks;
  }

  /** Blocks of a limit that some other region that is up claims. */
  private Blocks claimedElsewhere(String limit) {
    Blocks blocks = map.none();
    for (int region = 0; region < up.length; region++) {
      if (region != self && up[region]) {
        blocks = blocks.or(claimedBy(region, limit));
      }
    }
    return blocks;
  }

  private void forgetKnown() {
    long known = Long.MAX_VALUE;
    for (int region = 0; region < syncs.length; region++) {
      known = Math.min(known, syncs[region].claimsKnown);
      voter.denials(region).knownByAll(syncs[region].denialsKnown);
    }
    holder.claims().knownByAll(known);
  }

  private void sendClaims(int region, Sender sender, long now) {
    Sync sync = syncs[region];
    VersionedTable<LeaseMessage.Claim> claims = holder.claims();
    if (sync.claimsSent > sync.claimsKnown && now - sync.claimsNanos >= RESEND_NANOS) {
      sync.claimsSent = sync.claimsKnown;
    }
    sync.claimsSent = Math.max(sync.claimsSent, sync.claimsKnown);
    if (sync.claimsSent == sync.claimsKnown) {
      sync.claimsNanos = now; // of the oldest that is not confirmed: newer ones must not put it off
    }
    while (sync.claimsSent < claims.version()) {
      List<LeaseMessage.Change<LeaseMessage.Claim>> changes =
          changes(claims, sync.claimsSent, codec::claimBytesMax);
      long to = reached(claims, changes);
      if (!send(region, new LeaseMessage.Claims(sync.claimsSent, to, changes), sender)) {
        return;
      }
      sync.claimsSent = to;
    }
  }

  private void sendDenials(int region, long to, Sender sender, long now) {
    Sync sync = syncs[region];
    VersionedTable<Blocks> denials = voter.denials(region);
    if (voter.incarnation(region) != to) {
      return;
    }
    if (sync.denialsSent > sync.denialsKnown && now - sync.denialsNanos >= RESEND_NANOS) {
      sync.denialsSent = sync.denialsKnown;
    }
    sync.denialsSent = Math.max(sync.denialsSent, sync.denialsKnown);
    if (sync.denialsSent == sync.denialsKnown) {
      sync.denialsNanos =
          now; // of the oldest that is not confirmed: newer ones must not put it off
    }
    while (sync.denialsSent < denials.version()) {
      List<LeaseMessage.Change<Blocks>> changes =
          changes(denials, sync.denialsSent, codec::blocksBytesMax);
      long end = reached(denials, changes);
      if (!send(region, new LeaseMessage.Denials(to, sync.denialsSent, end, changes), sender)) {
        return;
      }
      sync.denialsSent = end;
    }
  }

  private static <V> List<LeaseMessage.Change<V>> changes(VersionedTable<V> table, long from) {
    List<LeaseMessage.Change<V>> changes = new ArrayList<>();
    for (String limit : table.after(from).values()) {
      changes.add(new LeaseMessage.Change<>(limit, table.get(limit)));
    }
    return changes;
  }

  /** What changed after a version, as much of it as one message carries. */
  private static <V> List<LeaseMessage.Change<V>> changes(
      VersionedTable<V> table, long from, ToIntFunction<V> bytesMax) {
    List<LeaseMessage.Change<V>> changes = new ArrayList<>();
    int room = MESSAGE_BYTES_MAX - LeaseCodec.HEAD_BYTES_MAX;
    for (String limit : table.after(from).values()) {
      V value = table.get(limit);
      room -= LeaseCodec.LIMIT_BYTES_MAX + bytesMax.applyAsInt(value);
      if (changes.size() == LeaseMessage.CHANGES_MAX || (room < 0 && !changes.isEmpty())) {
        break;
      }
      changes.add(new LeaseMessage.Change<>(limit, value));
    }
    return changes;
  }

  /** The version that a copy has which takes these changes. */
  private static <V> long reached(VersionedTable<V> table, List<LeaseMessage.Change<V>> changes) {
    long last = changes.isEmpty() ? table.version() : table.versionOf(changes.getLast().limit());
    // What became neutral and is known to all is not sent any more: the newest may be among that.
    return table.after(last).isEmpty() ? table.version() : last;
  }

  private boolean send(int region, LeaseMessage message, Sender sender) {
    return sender.send(map.regions().get(region), codec.write(message));
  }

  private void show(String limit) {
    int[] blocks = new int[map.size()];
    for (int region = 0; region < blocks.length; region++) {
      blocks[region] = claimedBy(region, limit).count();
    }
    shown.put(limit, blocks);
  }

  /** The part of a limit's rate that each region claims, floors with it; any thread. */
  public Map<String, Double> holdings(String limit) {
    int[] blocks = shown.get(limit);
    int offset = map.offset(limit);
    Map<String, Double> holdings = new java.util.TreeMap<>();
    for (int region = 0; region < map.size(); region++) {
      int count = blocks == null ? map.defaults(offset, region).count() : blocks[region];
      holdings.put(map.regions().get(region), limiter.share(count));
    }
    return holdings;
  }

  /** Whether this region's own share is leased to it; any thread. */
  public boolean isHeld() {
    return held || settings.alone();
  }

  /** Blocks handed to other regions since this node started; any thread. */
  public long given() {
    return given.get();
  }

  /** Blocks taken from other regions since this node started; any thread. */
  public long received() {
    return received.get();
  }

  /** The regions whose shares this one has taken over; any thread. */
  public Set<String> inherited() {
    return inherited;
  }

  /** How often this region took over the share of another; any thread. */
  public long takeOvers() {
    return takeOvers.get();
  }
}
