package io.openclaw.limit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One region's votes: at any time each block has at most one holder here, and a vote goes to
 * another holder only after the first released the block or was silent for W.
 *
 * <p>Nothing is on disk: a voter that starts grants nothing for W, by when all votes of its former
 * life have lapsed. Not thread-safe; told the time. The protocol and its proof: docs/limiter.md.
 */
final class Voter {
  private static final int NOBODY = -1;

  /** What is known of one holder. */
  private static final class View {
    long incarnation;
    long seq;
    long sendNanos;
    long known;
    final Map<String, LeaseMessage.Claim> claims = new HashMap<>();
    final long[] stands;
    boolean live;
    long grantedNanos;
    VersionedTable<Blocks> denials;

    View(int regions, Blocks none) {
      stands = new long[regions];
      denials = new VersionedTable<>(none);
    }
  }

  private final BlockMap map;
  private final long voteNanos;
  private final boolean votes;
  private final long quietUntilNanos;
  private final View[] views;
  private final int[] winners;
  private final long[] winnerTenures;

  /** Of every limit that some holder claims in another way than by default: who won what. */
  private final Map<String, Blocks[]> rows = new HashMap<>();

  /**
   * @param votes whether this region votes; otherwise it only knows what others claim
   */
  Voter(BlockMap map, LeaseSettings settings, boolean votes, long nowNanos) {
    this.map = map;
    this.votes = votes;
    voteNanos = settings.voteNanos();
    quietUntilNanos = nowNanos + voteNanos;
    views = new View[map.size()];
    Arrays.setAll(views, region -> new View(map.size(), map.none()));
    winners = new int[map.size()];
    Arrays.fill(winners, NOBODY);
    winnerTenures = new long[map.size()];
  }

  /** Takes a holder's beat and answers it; null where the beat is old. */
  LeaseMessage.@Nullable Ack beat(
      int holder, long incarnation, LeaseMessage.Beat beat, long nowNanos) {
    expire(nowNanos);
    View view = begin(holder, incarnation);
    if (view == null || beat.seq() <= view.seq) {
      return null;
    }
    view.seq = beat.seq();
    view.sendNanos = beat.sendNanos();
    Arrays.fill(view.stands, 0);
    for (LeaseMessage.Stand stand : beat.stands()) {
      view.stands[stand.group()] = stand.tenure();
    }
    boolean granting = isGranting(nowNanos);
    if (granting) {
      view.grantedNanos = nowNanos;
      if (!view.live) {
        view.live = true;
        recount(holder);
      }
    }
    release(holder);
    elect();
    return answer(holder, granting);
  }

  /** Takes what changed in a holder's claim. */
  void claims(int holder, long incarnation, LeaseMessage.Claims claims, long nowNanos) {
    expire(nowNanos);
    View view = begin(holder, incarnation);
    if (view == null || claims.from() > view.known || claims.to() <= view.known) {
      return;
    }
    for (LeaseMessage.Change<LeaseMessage.Claim> change : claims.changes()) {
      Blocks[] row = rows.computeIfAbsent(change.limit(), this::defaultRow);
      view.claims.put(change.limit(), change.value());
      recount(change.limit(), row);
      if (isEmpty(change.value())) {
        view.claims.remove(change.limit());
        forgetIfDefault(change.limit());
      }
    }
    view.known = claims.to();
  }

  /**
   * Lets lapsed votes go, and gives free groups to whoever stands for them.
   *
   * @return the holders that got one: their newest beats are answered anew
   */
  List<Integer> tick(long nowNanos) {
    int[] before = winners.clone();
    expire(nowNanos);
    elect();
    TreeSet<Integer> gained = new TreeSet<>();
    for (int group = 0; group < winners.length; group++) {
      if (winners[group] != before[group] && winners[group] != NOBODY) {
        gained.add(winners[group]);
      }
    }
    return List.copyOf(gained);
  }

  /**
   * The answer to a holder's newest beat as things stand: a vote that came free is told at once,
   * not at the next beat. It counts from that beat's send time, so this vote may lapse when the
   * vote for the beat does.
   */
  LeaseMessage.Ack again(int holder, long nowNanos) {
    return answer(holder, isGranting(nowNanos));
  }

  private boolean isGranting(long nowNanos) {
    return votes && nowNanos - quietUntilNanos >= 0;
  }

  private LeaseMessage.Ack answer(int holder, boolean granting) {
    View view = views[holder];
    List<Integer> groups = new ArrayList<>(2);
    for (int group = 0; group < winners.length; group++) {
      if (granting && winners[group] == holder) {
        groups.add(group);
      }
    }
    return new LeaseMessage.Ack(
        view.incarnation,
        view.seq,
        view.sendNanos,
        granting,
        view.known,
        view.denials.version(),
        groups);
  }

  /** What this voter denies a holder, to be sent to it. */
  VersionedTable<Blocks> denials(int holder) {
    return views[holder].denials;
  }

  long incarnation(int holder) {
    return views[holder].incarnation;
  }

  /** Whether some holder claims the limit in another way than by default. */
  boolean knowsClaims(String limit) {
    return rows.containsKey(limit);
  }

  /** The newest claim known of a holder; its limits that differ from the default. */
  Map<String, LeaseMessage.Claim> claims(int holder) {
    return views[holder].claims;
  }

  /** The holder's view, new where its incarnation is; null where the sender is of the past. */
  private @Nullable View begin(int holder, long incarnation) {
    View view = views[holder];
    if (incarnation == view.incarnation) {
      return view;
    }
    // The older life may still use what was granted to it: nobody can tell that it has ended.
    if (incarnation < view.incarnation || view.live) {
      return null;
    }
    List<String> claimed = List.copyOf(view.claims.keySet());
    View fresh = new View(map.size(), map.none());
    fresh.incarnation = incarnation;
    views[holder] = fresh;
    for (String limit : claimed) {
      recount(limit, java.util.Objects.requireNonNull(rows.get(limit)));
      forgetIfDefault(limit);
    }
    return fresh;
  }

  private void expire(long nowNanos) {
    for (int holder = 0; holder < views.length; holder++) {
      View view = views[holder];
      if (view.live && nowNanos - view.grantedNanos >= voteNanos) {
        view.live = false;
        for (int group = 0; group < winners.length; group++) {
          if (winners[group] == holder) {
            win(group, NOBODY);
          }
        }
        recount(holder);
      }
    }
  }

  /** A holder that stands no more, or under a new tenure, has released its group. */
  private void release(int holder) {
    for (int group = 0; group < winners.length; group++) {
      if (winners[group] == holder && views[holder].stands[group] != winnerTenures[group]) {
        win(group, NOBODY);
      }
    }
  }

  /** Every group nobody has goes to the first in its order that lives and stands for it. */
  private void elect() {
    for (int group = 0; group < winners.length; group++) {
      for (int place = 0; winners[group] == NOBODY && place < views.length; place++) {
        int candidate = map.heir(group, place);
        if (views[candidate].live && views[candidate].stands[group] != 0) {
          win(group, candidate);
        }
      }
    }
  }

  private void win(int group, int holder) {
    winners[group] = holder;
    winnerTenures[group] = holder == NOBODY ? 0 : views[holder].stands[group];
    rows.forEach(this::recount);
  }

  /** Counts anew the limits that a holder claims specially: its life here began or ended. */
  private void recount(int holder) {
    for (String limit : views[holder].claims.keySet()) {
      recount(limit, java.util.Objects.requireNonNull(rows.get(limit)));
    }
  }

  /**
   * Who has which block of one limit: whoever had it and still claims it, then those who claim it
   * singly, then those who claim it with a group.
   */
  private void recount(String limit, Blocks[] won) {
    int offset = map.offset(limit);
    Blocks taken = map.none();
    for (int holder = 0; holder < won.length; holder++) {
      won[holder] =
          views[holder].live ? won[holder].and(claimed(limit, offset, holder)) : map.none();
      taken = taken.or(won[holder]);
    }
    for (int holder = 0; holder < won.length; holder++) {
      if (views[holder].live) {
        LeaseMessage.Claim claim = views[holder].claims.get(limit);
        Blocks more = claim == null ? map.none() : claim.plus().minus(taken);
        won[holder] = won[holder].or(more);
        taken = taken.or(more);
      }
    }
    for (int holder = 0; holder < won.length; holder++) {
      if (views[holder].live) {
        Blocks more = claimed(limit, offset, holder).minus(taken);
        won[holder] = won[holder].or(more);
        taken = taken.or(more);
      }
    }
    deny(limit, won);
  }

  /** To who is not live nothing is denied: it is told what it is denied when it is live again. */
  private void deny(String limit, Blocks[] won) {
    int offset = map.offset(limit);
    for (int holder = 0; holder < won.length; holder++) {
      View view = views[holder];
      Blocks denied = view.live ? claimed(limit, offset, holder).minus(won[holder]) : map.none();
      if (!denied.equals(view.denials.get(limit))) {
        view.denials.put(limit, denied);
      }
    }
  }

  /** All that a holder claims of a limit: single blocks, and the groups this voter gave it. */
  private Blocks claimed(String limit, int offset, int holder) {
    LeaseMessage.Claim claim = views[holder].claims.get(limit);
    Blocks all = claim == null ? map.none() : claim.plus();
    for (int group = 0; group < winners.length; group++) {
      if (winners[group] == holder) {
        Blocks defaults = map.defaults(offset, group);
        all = all.or(claim == null ? defaults : defaults.minus(claim.less()));
      }
    }
    return all;
  }

  /** As it was before anybody claimed anything specially: every group's blocks with its winner. */
  private Blocks[] defaultRow(String limit) {
    int offset = map.offset(limit);
    Blocks[] won = new Blocks[views.length];
    for (int holder = 0; holder < won.length; holder++) {
      won[holder] = claimed(limit, offset, holder);
    }
    return won;
  }

  /** A limit that everybody claims by default again needs no row; nothing is denied then. */
  private void forgetIfDefault(String limit) {
    for (View view : views) {
      if (view.claims.containsKey(limit)) {
        return;
      }
    }
    rows.remove(limit);
  }

  private static boolean isEmpty(LeaseMessage.Claim claim) {
    return claim.less().isEmpty() && claim.plus().isEmpty() && claim.gives().isEmpty();
  }
}
