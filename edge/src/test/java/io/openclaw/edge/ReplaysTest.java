package io.openclaw.edge;

import static io.openclaw.edge.TestEdge.APPLICATION;
import static io.openclaw.edge.TestEdge.SCORE;
import static io.openclaw.edge.TestEdge.refusal;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Scope;
import io.openclaw.rating.ModelBusyException;
import io.openclaw.rating.ModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Requests with an idempotency key. */
final class ReplaysTest {
  private static final long HOUR = 3_600_000;

  private final TestEdge at;
  private final String items;

  ReplaysTest() throws IOException, ModelException {
    at = new TestEdge();
    items = at.key("items", Scope.RATE);
  }

  private Answered once(String key, String body) {
    return at.rate(at.once(items, key, body));
  }

  private static boolean isReplay(Answered answered) {
    Reuse reuse = answered.reuse();
    return reuse != null && reuse.replayed();
  }

  private CompletableFuture<Answered> start(String key) {
    return at.edge.rate(at.once(items, key, SCORE), "r").toCompletableFuture();
  }

  @Test
  void the_same_request_has_the_same_answer_and_counts_and_costs_once() {
    Answered first = once("order-1", SCORE);
    long tokens = at.tokens("items");
    for (int i = 0; i < 3; i++) {
      Answered again = once("order-1", SCORE);
      assertThat(isReplay(again)).isTrue();
      assertThat(again.body()).isEqualTo(first.body());
      assertThat(again.status()).isEqualTo(200);
      assertThat(again.rateLimit()).isNull();
    }
    assertThat(isReplay(first)).isFalse();
    assertThat(at.log.records).as("scores counted").hasSize(1);
    assertThat(at.tokens("items")).isEqualTo(tokens);
    assertThat(at.replays.counts().replayed()).isEqualTo(3);
  }

  @Test
  void the_answer_is_on_disk_before_it_is_given() {
    at.answers.disk = MemoryLog.Disk.SLOW;
    CompletableFuture<Answered> first = start("order-1");
    assertThat(first).isNotDone();
    at.answers.pending.getFirst().complete(null);
    assertThat(first.join().status()).isEqualTo(200);
  }

  @Test
  void an_answer_that_could_not_be_kept_is_not_told() {
    at.answers.disk = MemoryLog.Disk.FULL;
    assertThat(refusal(once("order-1", SCORE)))
        .isEqualTo("503 the answer could not be written to disk, as its idempotency key asks");
    at.answers.disk = MemoryLog.Disk.WELL;
    assertThat(once("order-1", SCORE).status()).isEqualTo(200);
    assertThat(at.replays.counts().keys()).isEqualTo(1);
  }

  @Test
  void while_the_log_refuses_a_new_key_is_neither_rated_nor_paid_and_a_known_one_is_replayed() {
    once("order-1", SCORE);
    long tokens = at.tokens("items");
    at.answers.accepts = false;
    for (int i = 0; i < 20; i++) {
      Answered refused = once("order-2", SCORE);
      assertThat(refusal(refused))
          .isEqualTo(
              "503 the disk takes no answer now, as an idempotency key asks; nothing was rated");
      assertThat(refused.tenant()).isEqualTo("items");
      assertThat(refused.elsewhere()).as("the rest of the region is well").isNotNull();
    }
    assertThat(isReplay(once("order-1", SCORE))).isTrue();
    assertThat(at.tokens("items")).isEqualTo(tokens);
    assertThat(at.log.records).as("scores counted").hasSize(1);
    assertThat(at.replays.counts().refused()).isEqualTo(20);
    at.answers.accepts = true;
    assertThat(once("order-2", SCORE).status()).isEqualTo(200);
  }

  @Test
  void another_body_under_the_same_key_is_refused_and_spends_nothing() {
    once("order-1", SCORE);
    long tokens = at.tokens("items");
    Answered other = once("order-1", SCORE.replace("5", "4"));
    assertThat(refusal(other))
        .isEqualTo(
            "422 the body is another than the key's first (expected: the same bytes, or another"
                + " key)");
    assertThat(TestEdge.problem(other).type().slug()).isEqualTo("idempotency-key-reused");
    assertThat(at.tokens("items")).isEqualTo(tokens);
    assertThat(isReplay(once("order-1", SCORE))).isTrue();
  }

  @Test
  void refusals_and_failures_are_not_kept_so_that_a_retry_can_succeed() {
    assertThat(once("a", "{").status()).isEqualTo(400);
    assertThat(once("a", "{\"item\":5}").status()).isEqualTo(422);
    at.log.disk = MemoryLog.Disk.FULL;
    assertThat(once("a", SCORE).status()).isEqualTo(503);
    at.log.disk = MemoryLog.Disk.WELL;
    for (int i = 0; i < 10; i++) {
      at.rate(items, SCORE);
    }
    assertThat(once("a", SCORE).status()).isEqualTo(429);
    assertThat(at.replays.counts().keys()).isZero();
    at.clock.advanceMillis(1_000);
    Answered good = once("a", SCORE);
    assertThat(good.status()).isEqualTo(200);
    assertThat(once("a", SCORE).body()).isEqualTo(good.body());
  }

  @Test
  void a_key_belongs_to_its_api_key_and_its_tenant() {
    once("order-1", SCORE);
    String other = at.key("items", Scope.RATE);
    String any = at.key(null, Scope.RATE, Scope.TENANTS_ANY);
    assertThat(isReplay(at.rate(at.once(other, "order-1", SCORE)))).isFalse();
    for (String tenant : List.of("items", "default")) {
      Received plain = at.once(any, "order-1", SCORE);
      Received asked =
          new Received(
              any, tenant, plain.body(), null, 1, plain.arrivedNanos(), null, "order-1", null);
      assertThat(isReplay(at.rate(asked))).as(tenant).isFalse();
      assertThat(isReplay(at.rate(asked))).as(tenant).isTrue();
    }
  }

  @Test
  void without_a_good_key_nothing_is_replayed() {
    once("order-1", SCORE);
    assertThat(at.rate(at.once("Bearer ock_x_y", "order-1", SCORE)).status()).isEqualTo(401);
  }

  @Test
  void no_choice_of_names_makes_two_keys_alike_and_a_key_without_its_tenant_is_found() {
    Set<Hash256> good = new HashSet<>();
    Set<Hash256> planted = new HashSet<>();
    int all = 0;
    for (String tenant : List.of("a", "b", "a:b", "ab", "")) {
      for (String keyId : List.of("k", "b:k", ":k", "bk")) {
        for (String key : List.of("1", ":1", "k:1", "k1")) {
          good.add(at.replays.id(tenant, keyId, key));
          planted.add(at.replays.id("", keyId, key));
          all++;
        }
      }
    }
    assertThat(good).hasSize(all);
    assertThat(planted).as("planted: no tenant in the key").hasSizeLessThan(all);
  }

  @Test
  void those_who_come_while_the_first_is_under_way_wait_for_its_answer() {
    at.answers.disk = MemoryLog.Disk.SLOW;
    CompletableFuture<Answered> first = start("order-1");
    List<CompletableFuture<Answered>> others = new ArrayList<>();
    for (int i = 0; i < Replays.WAITING_MAX; i++) {
      others.add(start("order-1"));
    }
    assertThat(refusal(once("order-1", SCORE)))
        .isEqualTo("503 16 requests wait for the first of their idempotency key already");
    assertThat(once("order-1", SCORE + " ").status()).as("another body").isEqualTo(422);
    at.answers.pending.getFirst().complete(null);
    byte[] body = first.join().body();
    assertThat(others).allSatisfy(other -> assertThat(other.join().body()).isEqualTo(body));
    assertThat(at.log.records).hasSize(1);
  }

  @Test
  void where_the_first_fails_the_next_in_line_rates_and_the_rest_have_its_answer() {
    at.log.disk = MemoryLog.Disk.SLOW;
    CompletableFuture<Answered> first = start("order-1");
    CompletableFuture<Answered> second = start("order-1");
    CompletableFuture<Answered> third = start("order-1");
    at.log.disk = MemoryLog.Disk.WELL;
    at.log.pending.getFirst().completeExceptionally(new ModelBusyException("planted"));
    assertThat(first.join().status()).isEqualTo(503);
    assertThat(second.join().status()).isEqualTo(200);
    assertThat(third.join().body()).isEqualTo(second.join().body());
    assertThat(isReplay(third.join())).isTrue();
  }

  @Test
  void a_request_that_does_not_end_gives_its_key_up_and_its_late_answer_is_not_kept() {
    at.log.disk = MemoryLog.Disk.SLOW;
    CompletableFuture<Answered> stuck = start("order-1");
    at.log.disk = MemoryLog.Disk.WELL;
    at.clock.advanceMillis(ReplayBook.UNDER_WAY_MILLIS_MAX);
    Answered second = once("order-1", SCORE);
    assertThat(second.status()).isEqualTo(200);
    at.log.pending.getFirst().complete(null);
    assertThat(stuck.join().body()).isNotEqualTo(second.body());
    assertThat(once("order-1", SCORE).body()).isEqualTo(second.body());
    assertThat(at.replays.counts().keys()).isEqualTo(1);
    assertThat(at.replays.counts().bytes()).isEqualTo(second.body().length);
    assertThat(at.answers.records).hasSize(2);
    Replays restarted =
        new Replays(new ReplayBounds(8, 100_000, 24 * HOUR), new MemoryLog(), at.clock);
    at.answers.records.forEach(restarted::restore);
    String keyId = items.split("_", -1)[1];
    assertThat(
            restarted
                .once("items", keyId, "order-1", SCORE.getBytes(UTF_8), ReplaysTest::never)
                .toCompletableFuture()
                .join()
                .body())
        .isEqualTo(second.body());
  }

  @Test
  void after_its_time_a_key_is_a_new_one() {
    Answered first = once("order-1", SCORE);
    at.clock.advanceMillis(24 * HOUR - 1);
    assertThat(isReplay(once("order-1", SCORE))).isTrue();
    at.clock.advanceMillis(1);
    Answered later = once("order-1", SCORE);
    assertThat(isReplay(later)).isFalse();
    assertThat(later.body()).isNotEqualTo(first.body());
    at.clock.advanceMillis(25 * HOUR);
    at.replays.sweep();
    assertThat(at.replays.counts().keys()).isZero();
    assertThat(at.replays.counts().bytes()).isZero();
  }

  @Test
  void a_full_book_refuses_before_anything_is_spent_and_one_tenant_cannot_fill_it() {
    for (int i = 0; i < 4; i++) {
      assertThat(once("order-" + i, SCORE).status()).isEqualTo(200);
    }
    long tokens = at.tokens("items");
    assertThat(refusal(once("one-more", SCORE))).startsWith("503 no room for another idempotency");
    assertThat(at.tokens("items")).isEqualTo(tokens);
    assertThat(isReplay(once("order-0", SCORE))).as("a known one").isTrue();
    String credit = at.key("credit", Scope.RATE);
    assertThat(at.rate(at.once(credit, "order-0", APPLICATION)).status()).isEqualTo(200);
    at.clock.advanceMillis(24 * HOUR);
    assertThat(once("one-more", SCORE).status()).isEqualTo(200);
  }

  @Test
  void what_a_log_holds_is_replayed_after_a_restart() {
    Answered first = once("order-1", SCORE);
    once("order-2", SCORE);
    Replays restarted =
        new Replays(new ReplayBounds(8, 100_000, 24 * HOUR), new MemoryLog(), at.clock);
    at.answers.records.forEach(restarted::restore);
    String keyId = items.split("_", -1)[1];
    Answered again =
        restarted
            .once("items", keyId, "order-1", SCORE.getBytes(UTF_8), ReplaysTest::never)
            .toCompletableFuture()
            .join();
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(restarted.counts().keys()).isEqualTo(2);
    assertThat(restarted.counts().bytes()).isEqualTo(at.replays.counts().bytes());
  }

  private static CompletionStage<Answered> never() {
    throw new AssertionError("rated again");
  }

  @Test
  void a_restart_with_narrower_bounds_keeps_the_newest() {
    for (int i = 0; i < 4; i++) {
      once("order-" + i, SCORE);
    }
    Replays restarted =
        new Replays(new ReplayBounds(2, 100_000, 24 * HOUR), new MemoryLog(), at.clock);
    at.answers.records.forEach(restarted::restore);
    assertThat(restarted.counts().keys()).isEqualTo(2);
    at.clock.advanceMillis(24 * HOUR);
    Replays late = new Replays(new ReplayBounds(2, 100_000, 24 * HOUR), new MemoryLog(), at.clock);
    at.answers.records.forEach(late::restore);
    assertThat(late.counts().keys()).isZero();
  }

  @Test
  void a_record_of_another_form_is_refused() {
    once("order-1", SCORE);
    byte[] record = at.answers.records.getFirst().clone();
    record[0] = 2;
    assertThatThrownBy(() -> at.replays.restore(record))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("version 2 (expected: 1)");
    assertThatThrownBy(() -> at.replays.restore(new byte[] {1, 2}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void keys_are_1_to_255_printable_characters() {
    assertThat(List.of("a", "\"8e03978e\"", "a b", "~".repeat(255))).allMatch(Replays::isKey);
    assertThat(List.of("", "é", "a\tb", "a\u007f", "~".repeat(256))).noneMatch(Replays::isKey);
  }

  @Test
  void a_plain_request_does_not_touch_the_book() {
    at.rate(items, SCORE);
    assertThat(at.replays.counts().keys()).isZero();
    assertThat(Objects.requireNonNull(at.answers.records)).isEmpty();
  }
}
