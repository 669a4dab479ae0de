package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.LimitSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** One holder, with the answers of voters made by hand. */
class HolderTest {
  private static final String ID = "tenant/t";
  private static final long L = LeaseSettings.LEASE_NANOS;
  private static final int A = 0;
  private static final int B = 1;
  private static final int C = 2;
  private static final int RATE = 6_400; // with 64 blocks, 100 tokens per second and block

  private final Limiter limiter =
      new Limiter(LeaseSettings.of("a", List.of("a", "b", "c")).withFloorPpm(0), "a#1", false, 0);
  private final BlockMap map = limiter.map();
  private final Holder holder = new Holder(limiter);
  private final Limit limit =
      limiter.limit(new LimitSpec(ID, LimitSpec.Level.TENANT, RATE * 1000L, 640_000), 1, 0);
  private final int own = map.defaults(map.offset(ID), A).count();
  private final long[] known = new long[3];
  private final long[] denials = new long[3];
  private final long[] incarnations = {1, 1, 1};

  @Test
  void blocks_end_a_lease_after_the_send_time_of_the_majority_th_newest_beat() {
    beats(3);
    ack(A, 3, 20, 30, A);
    assertThat(limit.blocks(30)).as("one of three").isZero();
    ack(C, 1, 5, 31, A);
    assertThat(limit.blocks(31)).isEqualTo(own);
    assertThat(limit.blocks(L + 4)).isEqualTo(own);
    assertThat(limit.blocks(L + 5)).isZero();
    ack(B, 2, 10, 32, A);
    assertThat(limit.blocks(L + 9)).as("the newest of three is not needed").isEqualTo(own);
    assertThat(limit.blocks(L + 10)).isZero();
    ack(C, 3, 20, 33, A);
    assertThat(limit.blocks(L + 19)).isEqualTo(own);
    assertThat(limit.blocks(L + 20)).isZero();
  }

  @Test
  void answers_that_are_old_in_any_way_never_renew() {
    beats(9);
    incarnations[B] = 5;
    denials(B, 2, map.none());
    known[B] = 7;
    grant(8, 80, 90);
    endsAt(80 + L);
    holder.ack(B, 5, new LeaseMessage.Ack(1, 7, 200, true, 7, 2, List.of(A)), 300);
    holder.ack(B, 5, new LeaseMessage.Ack(1, 9, 200, false, 7, 2, List.of(A)), 300);
    holder.ack(B, 5, new LeaseMessage.Ack(1, 9, 200, true, 6, 2, List.of(A)), 300);
    holder.ack(B, 5, new LeaseMessage.Ack(1, 9, 200, true, 7, 1, List.of(A)), 300);
    holder.ack(B, 5, new LeaseMessage.Ack(1, 9, 200, true, 7, 3, List.of(A)), 300);
    holder.ack(B, 4, new LeaseMessage.Ack(1, 9, 200, true, 7, 2, List.of(A)), 300);
    holder.ack(B, 5, new LeaseMessage.Ack(1, 10, 200, true, 7, 2, List.of(A)), 300);
    holder.ack(B, 5, new LeaseMessage.Ack(1, 9, 301, true, 7, 2, List.of(A)), 300);
    holder.ack(A, 1, new LeaseMessage.Ack(1, 9, 200, true, 0, 0, List.of(A)), 300);
    endsAt(80 + L); // only a has renewed it
    holder.ack(B, 5, new LeaseMessage.Ack(1, 9, 200, true, 7, 2, List.of(A)), 300);
    endsAt(200 + L);
  }

  @Test
  void an_answer_without_the_group_does_not_renew_it() {
    beats(2);
    grant(1, 10, 20);
    ack(A, 2, 100, 110, A);
    ack(B, 2, 100, 110);
    ack(C, 2, 100, 110);
    endsAt(10 + L);
  }

  @Test
  void a_released_group_stops_at_once_and_only_votes_of_the_new_tenure_count() {
    holder.stand(B); // the tenure begins with beat 1
    beats(2);
    for (int voter : new int[] {A, B, C}) {
      ack(voter, 2, 10, 20, A, B);
    }
    assertThat(limit.blocks(20)).isEqualTo(own + map.defaults(map.offset(ID), B).count());
    long second = L - 1;
    Decision.Admitted taken = (Decision.Admitted) limiter.admit(limit, 1, second);
    holder.release(B, true, second);
    assertThat(limit.blocks(second)).isEqualTo(own);
    assertThat(holder.uses(B, second)).isFalse();
    assertThat(limiter.confirm(limit, taken, 1, second)).as("what was taken is void").isFalse();
    for (int voter : new int[] {A, B, C}) {
      ack(voter, 2, 10, second, A, B);
    }
    assertThat(holder.uses(B, second)).as("2 was under the old tenure").isFalse();
    beats(1);
    for (int voter : new int[] {A, B, C}) {
      ack(voter, 3, second, second, A, B);
    }
    assertThat(holder.uses(B, second)).isTrue();
  }

  @Test
  void a_block_given_away_is_stopped_before_anybody_is_told() {
    beats(1);
    grant(1, 0, 0);
    long now = L - 1;
    assertThat(limit.tokens(now)).isPositive();
    Decision.Admitted taken = (Decision.Admitted) limiter.admit(limit, 1, now);
    long version = holder.claims().version();
    Blocks given = map.defaults(map.offset(ID), A).first(5);
    holder.drop(ID, given, List.of(new LeaseMessage.Give(B, given)), now);
    assertThat(limit.blocks(now)).isEqualTo(own - 5);
    assertThat(limiter.confirm(limit, taken, 1, now)).isFalse();
    assertThat(holder.claims().version()).isEqualTo(version + 1);
    assertThat(holder.claims().get(ID).less()).isEqualTo(given);
    // taken back: nobody grants it before a majority knows the claim
    holder.take(ID, given, List.of(), now);
    beats(1);
    ack(A, 2, now, now, A);
    ack(B, 2, now, now, A);
    assertThat(limit.blocks(now)).as("they know version 0").isEqualTo(own - 5);
    known[A] = known[B] = holder.claims().version();
    ack(A, 2, now, now, A);
    assertThat(limit.blocks(now)).isEqualTo(own - 5);
    ack(B, 2, now, now, A);
    assertThat(limit.blocks(now)).isEqualTo(own);
  }

  @Test
  void a_single_block_is_used_when_a_majority_knows_of_it_and_does_not_deny_it() {
    beats(2);
    grant(1, 0, 0);
    Blocks block = map.defaults(map.offset(ID), B).first(1);
    holder.take(ID, block, List.of(), 10);
    known[A] = known[B] = known[C] = holder.claims().version();
    denials(B, 1, block);
    ack(A, 2, 10, 10, A);
    ack(B, 2, 10, 10, A);
    assertThat(limit.blocks(10)).isEqualTo(own);
    ack(C, 2, 10, 10, A);
    assertThat(limit.blocks(10)).isEqualTo(own + 1);
    denials(C, 1, block);
    assertThat(limit.blocks(11)).as("c's vote is still bound").isEqualTo(own + 1);
    ack(C, 2, 10, 11, A);
    assertThat(limit.blocks(11)).isEqualTo(own);
  }

  @Test
  void a_voter_that_returns_grants_single_blocks_only_when_it_knows_of_them_again() {
    beats(3);
    grant(1, 0, 0);
    Blocks block = map.defaults(map.offset(ID), B).first(1);
    holder.take(ID, block, List.of(), 10);
    known[A] = known[B] = holder.claims().version();
    ack(A, 2, 10, 10, A);
    ack(B, 2, 10, 10, A);
    assertThat(limit.blocks(10)).isEqualTo(own + 1);
    incarnations[B] = 2;
    known[B] = 0;
    ack(B, 3, 20, 20, A);
    ack(A, 3, 20, 20, A);
    assertThat(limit.blocks(20)).as("b has forgotten").isEqualTo(own);
    known[B] = holder.claims().version();
    ack(B, 3, 20, 20, A);
    assertThat(limit.blocks(20)).isEqualTo(own + 1);
  }

  @Test
  void with_as_many_voters_as_two_sets_can_have_no_ones_vote_counts_for_another() {
    List<String> regions = BlocksTest.regions(62);
    LeaseSettings settings =
        new LeaseSettings(
            regions.getFirst(),
            regions,
            List.of(regions.subList(0, 31), regions.subList(31, 62)),
            2,
            L,
            1000,
            0);
    Limiter large = new Limiter(settings, regions.getFirst() + "#1", false, 0);
    Holder claimant = new Holder(large);
    Limit one = large.limit(new LimitSpec(ID, LimitSpec.Level.TENANT, 1000, 640_000), 1, 0);
    Blocks block = large.map().defaults(large.map().offset(ID), 7).first(1);
    claimant.take(ID, block, List.of(), 0);
    claimant.beatSent();
    for (int voter = 0; voter < 62; voter++) {
      long version = voter < 31 ? claimant.claims().version() : 0; // half have not heard of it
      claimant.ack(voter, 1, new LeaseMessage.Ack(1, 1, 0, true, version, 0, List.of(0)), 0);
    }
    int defaults = large.map().defaults(large.map().offset(ID), 0).count();
    assertThat(one.blocks(0)).isEqualTo(defaults);
  }

  @Test
  void nothing_is_earned_in_the_gap_between_a_lapse_and_a_renewal() {
    for (long seed = 1; seed <= 300; seed++) {
      assertThat(new Gaps(seed).surplusNano(false)).as("seed %d", seed).isLessThanOrEqualTo(0);
    }
  }

  @Test
  void a_lazy_refill_over_the_gap_is_noticed() {
    // The planted bug: a bucket that is left alone earns for all of the time since it was touched.
    int noticed = 0;
    for (long seed = 1; seed <= 50; seed++) {
      noticed += new Gaps(seed).surplusNano(true) > 0 ? 1 : 0;
    }
    assertThat(noticed).isGreaterThan(25);
  }

  /** A region whose lease lapses now and then, and a limit that is asked for now and then. */
  private static final class Gaps {
    private final RandomGenerator random;
    private final HolderTest at = new HolderTest();
    private final boolean moved;

    Gaps(long seed) {
      random = new SplittableRandom(seed);
      moved = random.nextBoolean();
    }

    /** Nano-tokens earned beyond what the leased time is worth. */
    long surplusNano(boolean lazily) {
      long now = 0;
      long end = 0;
      long leased = 0;
      long seq = 0;
      TokenBucket lazy = TokenBucket.starting(0, 0, Rights.nothing(1));
      if (moved) { // rights of its own instead of those all limits have
        at.holder.drop(ID, at.map.defaults(at.map.offset(ID), B).first(1), List.of(), 0);
        at.holder.take(ID, at.map.none(), List.of(), 0);
      }
      Accrual accrual = // for 22 or 21 blocks
          Accrual.of(640_000 * Accrual.NANO, at.own * 100L, 1);
      for (int step = 0; step < 60; step++) {
        long next = now + random.nextLong(L);
        leased += Math.max(0, Math.min(next, end) - now);
        now = next;
        if (random.nextInt(3) > 0) {
          at.holder.beatSent();
          at.grant(++seq, now, now);
          end = now + L;
        }
        if (random.nextInt(3) == 0) {
          at.limit.take(1, now);
          lazy = accrual.accrue(lazy, now - lazy.atNanos());
        }
      }
      at.limit.take(1, now);
      lazy = accrual.accrue(lazy, now - lazy.atNanos());
      long minted = lazily ? lazy.mintedNano() : Math.round(at.limit.minted() * Accrual.NANO);
      return minted - (leased * at.own * RATE / 64 + 1000);
    }
  }

  private void endsAt(long end) {
    assertThat(limit.blocks(end - 1)).isEqualTo(own);
    assertThat(limit.blocks(end)).isZero();
  }

  private void beats(int count) {
    for (int i = 0; i < count; i++) {
      holder.beatSent();
    }
  }

  /** All voters answer that beat, for this region's own group. */
  private void grant(long seq, long sendNanos, long now) {
    for (int voter : new int[] {A, B, C}) {
      ack(voter, seq, sendNanos, now, A);
    }
  }

  private void ack(int voter, long seq, long sendNanos, long now, Integer... groups) {
    List<Integer> all = new ArrayList<>(List.of(groups));
    holder.ack(
        voter,
        incarnations[voter],
        new LeaseMessage.Ack(1, seq, sendNanos, true, known[voter], denials[voter], all),
        now);
  }

  private void denials(int voter, long version, Blocks denied) {
    holder.denials(
        voter,
        incarnations[voter],
        new LeaseMessage.Denials(
            1, denials[voter], version, List.of(new LeaseMessage.Change<>(ID, denied))));
    denials[voter] = version;
  }
}
