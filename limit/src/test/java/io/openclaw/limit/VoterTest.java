package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One voter's rules, each alone, and all together against an oracle that knows none of them. */
class VoterTest {
  private static final String LIMIT = "tenant/t";
  private static final int A = 0;
  private static final int B = 1;
  private static final int C = 2;

  private final BlockMap map = new BlockMap(List.of("a", "b", "c"));
  private final LeaseSettings settings = LeaseSettings.of("a", List.of("a", "b", "c"));
  private final long vote = settings.voteNanos();
  private final Voter voter = new Voter(map, settings, true, 0);

  @Test
  void grants_nothing_for_w_after_its_start() {
    LeaseMessage.Ack early = beat(A, 1, 1, vote - 1, stand(A, 1));
    assertThat(early.granting()).isFalse();
    assertThat(early.groups()).isEmpty();
    LeaseMessage.Ack late = beat(A, 1, 2, vote, stand(A, 1));
    assertThat(late.granting()).isTrue();
    assertThat(late.groups()).containsExactly(A);
  }

  @Test
  void one_that_is_no_voter_never_grants() {
    Voter none = new Voter(map, settings, false, 0);
    LeaseMessage.Ack ack = none.beat(A, 1, beat(1, vote, stand(A, 1)), vote);
    assertThat(Objects.requireNonNull(ack).granting()).isFalse();
    assertThat(ack.groups()).isEmpty();
  }

  @Test
  void an_old_or_repeated_beat_is_not_answered() {
    beat(A, 1, 5, vote, stand(A, 1));
    assertThat(voter.beat(A, 1, beat(5, vote, stand(A, 1)), vote)).isNull();
    assertThat(voter.beat(A, 1, beat(4, vote), vote)).isNull();
    assertThat(beat(A, 1, 6, vote, stand(A, 1)).groups()).as("4 released nothing").contains(A);
  }

  @Test
  void an_heir_gets_a_group_when_its_owner_was_silent_for_w_and_not_before() {
    beat(A, 1, 1, vote, stand(A, 1));
    assertThat(beat(B, 1, 1, vote + 1, stand(B, 1), stand(A, 1)).groups()).containsExactly(B);
    beat(B, 1, 2, 2 * vote - 2, stand(B, 1), stand(A, 1));
    assertThat(voter.tick(2 * vote - 1)).isEmpty();
    assertThat(voter.tick(2 * vote)).containsExactly(B);
    assertThat(voter.again(B, 2 * vote).groups()).containsExactly(A, B);
    assertThat(voter.again(B, 2 * vote).beatSeq()).isEqualTo(2);
    assertThat(beat(A, 2, 1, 2 * vote + 1, stand(A, 1)).groups()).as("it came too late").isEmpty();
  }

  @Test
  void a_free_group_goes_to_its_owner_first_then_round_the_ring() {
    beat(C, 1, 1, vote - 1, stand(C, 1), stand(A, 1));
    beat(B, 1, 1, vote - 1, stand(B, 1), stand(A, 1));
    // Neither was granted anything: the first beats after the quiet time decide.
    assertThat(beat(C, 1, 2, vote, stand(C, 1), stand(A, 1)).groups()).containsExactly(A, C);
    beat(B, 1, 2, vote, stand(B, 1), stand(A, 1));
    beat(A, 1, 1, vote, stand(A, 1));
    assertThat(beat(C, 1, 3, vote, stand(C, 1)).groups()).as("released").containsExactly(C);
    assertThat(voter.again(A, vote).groups()).as("the owner first").containsExactly(A);
    assertThat(beat(A, 1, 2, vote).groups()).isEmpty();
    assertThat(voter.again(B, vote).groups()).as("then the ring").containsExactly(A, B);
  }

  @Test
  void a_group_is_released_only_by_a_beat_that_stands_no_more_or_under_another_tenure() {
    beat(B, 1, 1, vote, stand(B, 1), stand(A, 1));
    beat(A, 1, 1, vote, stand(A, 1));
    assertThat(voter.again(A, vote).groups()).as("an heir has it").isEmpty();
    beat(B, 1, 2, vote, stand(B, 1), stand(A, 1));
    assertThat(voter.again(A, vote).groups()).as("the heir goes on").isEmpty();
    assertThat(beat(B, 1, 3, vote, stand(B, 1), stand(A, 3)).groups())
        .as("it stands anew, under a new tenure, after the owner")
        .containsExactly(B);
    assertThat(voter.again(A, vote).groups()).containsExactly(A);
  }

  @Test
  void an_older_incarnation_never_counts() {
    beat(A, 7, 1, vote, stand(A, 1));
    claim(A, 7, 0, 1, less(block(A)));
    assertThat(voter.beat(A, 6, beat(99, vote, stand(A, 1)), vote)).isNull();
    claim(A, 6, 1, 2, less());
    assertThat(voter.claims(A)).containsKey(LIMIT);
    assertThat(voter.beat(A, 6, beat(99, 9 * vote, stand(A, 1)), 9 * vote))
        .as("even long after")
        .isNull();
  }

  @Test
  void a_new_incarnation_waits_until_the_old_ones_votes_lapsed_and_knows_nothing_of_its_claim() {
    beat(A, 1, 8, vote, stand(A, 1));
    claim(A, 1, 0, 3, less(block(A)));
    assertThat(voter.beat(A, 2, beat(1, 2 * vote - 1, stand(A, 1)), 2 * vote - 1)).isNull();
    claim(A, 2, 0, 1, plus(block(B)));
    assertThat(voter.claims(A).get(LIMIT)).isEqualTo(less(block(A)));
    LeaseMessage.Ack ack = beat(A, 2, 2, 2 * vote, stand(A, 1));
    assertThat(ack.groups()).containsExactly(A);
    assertThat(ack.known()).isZero();
    assertThat(voter.claims(A)).isEmpty();
  }

  @Test
  void whoever_had_a_block_keeps_it_and_others_are_told_that_it_is_denied() {
    Blocks block = block(A);
    beat(A, 1, 1, vote, stand(A, 1));
    beat(B, 1, 1, vote, stand(B, 1));
    claim(B, 1, 0, 1, plus(block));
    assertThat(denied(B)).as("a has it by default").isEqualTo(block);
    claim(A, 1, 0, 1, less(block));
    assertThat(denied(B)).as("a let it go").isEqualTo(map.none());
    claim(A, 1, 1, 2, less());
    assertThat(denied(A)).as("b has it now").isEqualTo(block);
    long version = voter.denials(A).version();
    assertThat(beat(A, 1, 2, vote, stand(A, 1)).denials()).isEqualTo(version);
  }

  @Test
  void a_claim_for_a_single_block_comes_before_one_by_group() {
    Blocks block = block(A);
    beat(A, 1, 1, vote, stand(A, 1));
    beat(B, 1, 1, vote, stand(B, 1));
    beat(C, 1, 1, vote, stand(C, 1), stand(A, 1));
    claim(A, 1, 0, 1, less(block));
    claim(B, 1, 0, 1, plus(block));
    // a dies; c inherits its group, and not the block that b was given
    beat(B, 1, 2, 2 * vote - 1, stand(B, 1));
    beat(C, 1, 2, 2 * vote - 1, stand(C, 1), stand(A, 1));
    voter.tick(2 * vote);
    assertThat(voter.again(C, 2 * vote).groups()).containsExactly(A, C);
    assertThat(denied(C)).isEqualTo(block);
    assertThat(denied(B)).isEqualTo(map.none());
  }

  @Test
  void a_delta_that_does_not_join_what_is_known_is_not_taken() {
    beat(A, 1, 1, vote, stand(A, 1));
    claim(A, 1, 1, 2, less(block(A)));
    assertThat(voter.claims(A)).as("1 is missing").isEmpty();
    claim(A, 1, 0, 2, less(block(A)));
    claim(A, 1, 0, 1, plus(block(B)));
    assertThat(voter.claims(A).get(LIMIT)).as("1 came late").isEqualTo(less(block(A)));
    assertThat(beat(A, 1, 2, vote, stand(A, 1)).known()).isEqualTo(2);
  }

  @Test
  void what_was_denied_before_a_holder_was_silent_is_not_denied_for_ever() {
    Blocks block = block(A);
    beat(B, 1, 1, vote, stand(B, 1));
    claim(B, 1, 0, 1, plus(block));
    beat(A, 1, 1, vote, stand(A, 1));
    assertThat(denied(A)).isEqualTo(block);
    // a is not heard for W; meanwhile b lets the block go, and nobody claims anything specially
    beat(B, 1, 2, 2 * vote, stand(B, 1));
    claim(B, 1, 1, 2, less());
    LeaseMessage.Ack ack = beat(A, 1, 2, 2 * vote, stand(A, 1));
    assertThat(ack.groups()).containsExactly(A);
    assertThat(denied(A)).isEqualTo(map.none());
  }

  @Test
  void no_block_is_ever_granted_while_another_may_use_it() {
    int grants = 0;
    for (long seed = 1; seed <= 400; seed++) {
      Play play = new Play(seed, vote);
      assertThat(play.run()).as("seed %d", seed).isNull();
      grants += play.handOvers;
    }
    assertThat(grants).as("blocks that went from one to another").isGreaterThan(1000);
  }

  @Test
  void a_voter_that_forgets_its_votes_too_soon_is_found_out() {
    // The planted bug: holders reckon with W, and the voter keeps votes for a little less.
    int found = 0;
    for (long seed = 1; seed <= 100; seed++) {
      found += new Play(seed, vote + vote / 4).run() == null ? 0 : 1;
    }
    assertThat(found).isPositive();
  }

  /**
   * Random holders that beat, claim, drop, release, die and return before one voter; their messages
   * are late, lost, repeated or overtake each other. The oracle notes for each block who may use it
   * until when, from the answers alone and what the holders know of themselves.
   */
  private final class Play {
    private record Use(int holder, long incarnation, int timeline) {}

    private static final class Actor {
      long incarnation = 1;
      long seq;
      long version;
      LeaseMessage.Claim claim = less();
      long changed;
      final long[] tenures = new long[3];
    }

    private record Sent(long due, int holder, long incarnation, LeaseMessage message) {}

    private final long seed;
    private final long useNanos;
    private final RandomGenerator random;
    private final Voter voter = new Voter(map, settings, true, 0);
    private final Actor[] actors = {new Actor(), new Actor(), new Actor()};
    private final List<Sent> network = new ArrayList<>();
    private final List<Map<Use, Long>> uses = new ArrayList<>();
    private final int[] lastUser = new int[map.blocks()];
    private final long[] heardNanos = new long[3];
    private long now = vote;
    int handOvers;

    Play(long seed, long useNanos) {
      this.seed = seed;
      this.useNanos = useNanos;
      random = new SplittableRandom(seed);
      for (int block = 0; block < map.blocks(); block++) {
        uses.add(new HashMap<>());
        lastUser[block] = -1;
      }
      for (int holder = 0; holder < 3; holder++) {
        actors[holder].tenures[holder] = 1;
      }
    }

    @Nullable String run() {
      for (int step = 0; step < 600; step++) {
        now += random.nextLong(vote / 20);
        int holder = random.nextInt(3);
        act(holder, actors[holder]);
        String fault = deliver();
        if (fault == null) {
          for (int gained : voter.tick(now)) {
            fault = fault == null ? answered(gained, voter.again(gained, now)) : fault;
          }
        }
        if (fault != null) {
          return fault;
        }
      }
      return null;
    }

    private void act(int holder, Actor actor) {
      switch (random.nextInt(12)) {
        case 0 -> change(holder, actor, true);
        case 1 -> change(holder, actor, false);
        case 2 -> release(holder, actor, random.nextInt(3));
        case 3 -> {
          int group = random.nextInt(3);
          actor.tenures[group] = actor.tenures[group] == 0 ? actor.seq + 1 : actor.tenures[group];
        }
        case 4 -> {
          if (random.nextInt(4) == 0) {
            restart(holder);
          }
        }
        case 5 -> now += random.nextInt(3) == 0 ? vote : 0;
        default -> beat(holder, actor);
      }
    }

    private void beat(int holder, Actor actor) {
      List<LeaseMessage.Stand> stands = new ArrayList<>();
      for (int group = 0; group < 3; group++) {
        if (actor.tenures[group] != 0) {
          stands.add(new LeaseMessage.Stand(group, actor.tenures[group]));
        }
      }
      send(holder, new LeaseMessage.Beat(1, ++actor.seq, now, stands, 0, 0));
    }

    private void change(int holder, Actor actor, boolean more) {
      Blocks some = BlocksTest.blocks(BlocksTest.bits(random, map.blocks()), map.blocks()).first(9);
      Blocks its = map.defaults(map.offset(LIMIT), holder);
      LeaseMessage.Claim before = actor.claim;
      if (more) {
        actor.claim =
            new LeaseMessage.Claim(
                before.less().minus(some), before.plus().or(some.minus(its)), List.of());
      } else {
        Blocks grouped = map.none();
        for (int group = 0; group < 3; group++) {
          Blocks defaults = map.defaults(map.offset(LIMIT), group);
          grouped = actor.tenures[group] == 0 ? grouped : grouped.or(defaults);
        }
        actor.claim =
            new LeaseMessage.Claim(
                before.less().or(some.and(grouped)), before.plus().minus(some), List.of());
        stop(holder, actor, some, -1);
      }
      // What moves from a group to the single blocks or back is granted by nobody yet.
      stop(holder, actor, actor.claim.plus().minus(before.plus()), -1);
      long from = random.nextBoolean() ? 0 : actor.version;
      actor.changed = ++actor.version;
      send(
          holder,
          new LeaseMessage.Claims(
              from, actor.version, List.of(new LeaseMessage.Change<>(LIMIT, actor.claim))));
    }

    private void release(int holder, Actor actor, int group) {
      stop(holder, actor, Blocks.every(map.blocks(), 0, 1), group);
      actor.tenures[group] = random.nextBoolean() ? actor.seq + 1 : 0;
    }

    /** A holder knows itself that it uses these blocks no more. */
    private void stop(int holder, Actor actor, Blocks blocks, int timeline) {
      for (int block = 0; block < map.blocks(); block++) {
        if (blocks.has(block)) {
          uses.get(block)
              .keySet()
              .removeIf(
                  use ->
                      use.holder == holder
                          && use.incarnation == actor.incarnation
                          && (timeline < 0 || use.timeline == timeline));
        }
      }
    }

    private void restart(int holder) {
      Actor next = new Actor();
      next.incarnation = actors[holder].incarnation + 1;
      next.tenures[holder] = 1;
      actors[holder] = next; // what its last life was granted may still be used
    }

    private void send(int holder, LeaseMessage message) {
      for (int copy = random.nextInt(20) == 0 ? 2 : 1; copy > 0; copy--) {
        if (random.nextInt(10) > 0) {
          long delay = random.nextInt(10) == 0 ? random.nextLong(2 * vote) : vote / 20;
          network.add(new Sent(now + delay, holder, actors[holder].incarnation, message));
        }
      }
    }

    private @Nullable String deliver() {
      Iterator<Sent> each = network.iterator();
      String fault = null;
      while (each.hasNext() && fault == null) {
        Sent sent = each.next();
        if (sent.due > now) {
          continue;
        }
        each.remove();
        if (sent.message instanceof LeaseMessage.Beat beat) {
          LeaseMessage.Ack ack = voter.beat(sent.holder, sent.incarnation, beat, now);
          if (ack != null) {
            heardNanos[sent.holder] = now; // what is told of this beat later counts from here too
            fault = answered(sent.holder, ack);
          }
        } else if (sent.message instanceof LeaseMessage.Claims claims) {
          voter.claims(sent.holder, sent.incarnation, claims, now);
        }
      }
      return fault;
    }

    /** An answer, at once: whoever has a block by it must be the only one who may use it. */
    private @Nullable String answered(int holder, LeaseMessage.Ack ack) {
      Actor actor = actors[holder];
      if (ack.holderIncarnation() != actor.incarnation || !ack.granting()) {
        return null;
      }
      Blocks denied = voter.denials(holder).get(LIMIT);
      Blocks plus = ack.known() >= actor.changed ? actor.claim.plus() : map.none();
      String fault = use(new Use(holder, actor.incarnation, 3), plus.minus(denied));
      for (int group : ack.groups()) {
        if (actor.tenures[group] != 0 && ack.beatSeq() >= actor.tenures[group]) {
          Blocks blocks = map.defaults(map.offset(LIMIT), group);
          Blocks granted =
              ack.known() >= actor.changed
                  ? blocks.minus(actor.claim.less()).minus(actor.claim.plus())
                  : map.none();
          String next = use(new Use(holder, actor.incarnation, group), granted.minus(denied));
          fault = fault == null ? next : fault;
        }
      }
      return fault;
    }

    private @Nullable String use(Use use, Blocks blocks) {
      for (int block = 0; block < map.blocks(); block++) {
        if (!blocks.has(block)) {
          continue;
        }
        Map<Use, Long> users = uses.get(block);
        users.values().removeIf(end -> end <= now);
        for (Use other : users.keySet()) {
          if (other.holder != use.holder || other.incarnation != use.incarnation) {
            return "seed " + seed + ": block " + block + " of " + other + " granted to " + use;
          }
        }
        users.put(use, heardNanos[use.holder] + useNanos);
        handOvers += lastUser[block] >= 0 && lastUser[block] != use.holder ? 1 : 0;
        lastUser[block] = use.holder;
      }
      return null;
    }
  }

  private LeaseMessage.Ack beat(
      int holder, long incarnation, long seq, long now, LeaseMessage.Stand... stands) {
    return Objects.requireNonNull(voter.beat(holder, incarnation, beat(seq, now, stands), now));
  }

  private static LeaseMessage.Beat beat(long seq, long now, LeaseMessage.Stand... stands) {
    return new LeaseMessage.Beat(1, seq, now, List.of(stands), 0, 0);
  }

  private static LeaseMessage.Stand stand(int group, long tenure) {
    return new LeaseMessage.Stand(group, tenure);
  }

  private void claim(int holder, long incarnation, long from, long to, LeaseMessage.Claim claim) {
    voter.claims(
        holder,
        incarnation,
        new LeaseMessage.Claims(from, to, List.of(new LeaseMessage.Change<>(LIMIT, claim))),
        vote);
  }

  private Blocks denied(int holder) {
    return voter.denials(holder).get(LIMIT);
  }

  /** One default block of a region. */
  private Blocks block(int region) {
    return map.defaults(map.offset(LIMIT), region).first(1);
  }

  private static LeaseMessage.Claim less(Blocks... blocks) {
    return new LeaseMessage.Claim(all(blocks), Blocks.none(64), List.of());
  }

  private static LeaseMessage.Claim plus(Blocks... blocks) {
    return new LeaseMessage.Claim(Blocks.none(64), all(blocks), List.of());
  }

  private static Blocks all(Blocks... blocks) {
    Blocks all = Blocks.none(64);
    for (Blocks each : blocks) {
      all = all.or(each);
    }
    return all;
  }
}
