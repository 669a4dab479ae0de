package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Fact;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@SuppressWarnings("FutureReturnValueIgnored") // what was not answered is the point of many tests
class ItemStoreTest {
  private static final int STEPS = 5;

  private final FakeLog logA = FakeLog.slow();
  private final FakeLog logB = FakeLog.slow();
  private final FakeLog logC = FakeLog.slow();
  private final ItemStore a = new ItemStore("a", logA);
  private final ItemStore b = new ItemStore("b", logB);
  private final ItemStore c = new ItemStore("c", logC);

  @Test
  void a_score_is_acknowledged_counted_and_told_only_when_durable() {
    CompletableFuture<ItemCounts> answer = rate(a, null, 1);
    assertThat(answer).isNotDone();
    assertThat(drained(a)).isEmpty();
    assertThat(all(a)).isEmpty();
    logA.writeOne();
    assertThat(answer.join().count(4)).isEqualTo(1);
    assertThat(drained(a)).containsExactly("a x [0, 0, 0, 0, 1, 0, 0, 0, 0, 0]");
    assertThat(drained(a)).isEmpty();
    assertThat(all(a)).hasSize(1);
  }

  @Test
  void a_change_after_a_drain_is_told_with_its_newest_value_once() {
    rate(a, null, 1);
    rate(a, null, 1);
    logA.writeAll();
    assertThat(drained(a)).containsExactly("a x [0, 0, 0, 0, 2, 0, 0, 0, 0, 0]");
    rate(a, null, 1);
    logA.writeAll();
    assertThat(drained(a)).containsExactly("a x [0, 0, 0, 0, 3, 0, 0, 0, 0, 0]");
  }

  @Test
  void a_score_that_cannot_be_written_fails_and_leaves_no_trace() {
    CompletableFuture<ItemCounts> answer = rate(a, "id", 2);
    CompletableFuture<ItemCounts> duplicate = rate(a, "id", 2);
    logA.failOne();
    assertThatThrownBy(answer::join).hasRootCauseMessage("disk full");
    answer.whenComplete(
        (v, failure) -> assertThat(failure).isInstanceOf(NotDurableException.class));
    duplicate.whenComplete(
        (v, failure) -> assertThat(failure).isInstanceOf(NotDurableException.class));
    assertThat(duplicate).isCompletedExceptionally();
    assertThat(all(a)).isEmpty();
    assertThat(a.size()).isZero();
    CompletableFuture<ItemCounts> again = rate(a, "id", 3);
    logA.writeAll();
    assertThat(again.join().total()).isEqualTo(1);
  }

  @Test
  void a_duplicate_in_the_same_region_waits_for_the_first_and_counts_once() {
    CompletableFuture<ItemCounts> first = rate(a, "id", 1);
    CompletableFuture<ItemCounts> second = rate(a, "id", 2);
    assertThat(logA.waiting()).isEqualTo(1);
    assertThat(second).isNotDone();
    logA.writeAll();
    assertThat(first.join().total()).isEqualTo(1);
    assertThat(second.join().total()).isEqualTo(1);
    assertThat(rate(a, "id", 3).join().total()).isEqualTo(1);
    assertThat(drained(a)).hasSize(1);
  }

  @Test
  void a_retry_in_another_region_takes_the_first_count_back() {
    rate(a, "id", 1);
    rate(b, "id", 2);
    logA.writeAll();
    assertThat(drained(b)).as("no claim before it is durable").isEmpty();
    logB.writeAll();
    assertThat(drained(b)).containsExactly("b x [0, 0, 0, 0, 1, 0, 0, 0, 0, 0]", "attempt/id 2 b");
    exchange();
    assertThat(total(a)).as("the retraction is not durable yet").isEqualTo(2);
    logA.writeAll();
    exchange();
    exchange();
    assertThat(logA.waiting()).as("taken back once").isZero();
    assertThat(total(a)).isEqualTo(1);
    assertThat(total(b)).isEqualTo(1);
    assertThat(total(c)).isEqualTo(1);
  }

  @Test
  void a_claim_that_arrives_before_its_late_first_try_keeps_it_from_counting() {
    rate(b, "id", 2);
    logB.writeAll();
    exchange();
    CompletableFuture<ItemCounts> late = rate(a, "id", 1);
    assertThat(logA.waiting()).isZero();
    assertThat(late.join().total()).isEqualTo(1);
  }

  @Test
  void a_claim_that_arrives_while_the_first_try_is_written_takes_it_back_afterwards() {
    rate(a, "id", 1);
    rate(b, "id", 2);
    logB.writeAll();
    exchange();
    assertThat(total(a)).isEqualTo(1);
    logA.writeOne();
    assertThat(logA.waiting()).as("the retraction").isEqualTo(1);
    logA.writeAll();
    assertThat(total(a)).isEqualTo(1);
  }

  @Test
  void of_two_claims_the_later_try_keeps_its_count() {
    rate(a, "id", 1);
    rate(b, "id", 2);
    rate(c, "id", 3);
    settle();
    assertThat(total(a)).isEqualTo(1);
    assertThat(all(a))
        .contains("c x [0, 0, 0, 0, 1, 0, 0, 0, 0, 0]", "b x [0, 0, 0, 0, 1, 0, 0, 0, 0, 1]");
    assertThat(all(b)).containsExactlyInAnyOrderElementsOf(all(a));
    assertThat(all(c)).containsExactlyInAnyOrderElementsOf(all(a));
  }

  @Test
  void of_two_claims_of_the_same_try_the_larger_writer_keeps_its_count() {
    rate(a, "id", 2);
    rate(b, "id", 2);
    settle();
    assertThat(all(a))
        .contains("b x [0, 0, 0, 0, 1, 0, 0, 0, 0, 0]", "a x [0, 0, 0, 0, 1, 0, 0, 0, 0, 1]");
  }

  @Test
  void a_retraction_that_cannot_be_written_is_repeated_with_the_next_drain() {
    rate(a, "id", 1);
    rate(b, "id", 2);
    logA.writeAll();
    logB.writeAll();
    exchange();
    logA.failOne();
    assertThat(total(a)).isEqualTo(2);
    drained(a);
    drained(a);
    assertThat(logA.waiting()).isEqualTo(1);
    logA.writeAll();
    assertThat(total(a)).isEqualTo(1);
  }

  @Test
  void a_restart_remembers_counts_attempts_claims_and_retractions() {
    rate(a, "first", 1);
    rate(a, "second", 2);
    rate(a, "lost", 1);
    rate(a, null, 1);
    rate(c, "lost", 2);
    settle();
    ItemStore restarted = restarted("a", logA.durable);
    assertThat(own(restarted, "a")).containsExactlyElementsOf(own(a, "a"));
    assertThat(own(restarted, "a"))
        .containsExactlyInAnyOrder("a x [0, 0, 0, 0, 4, 0, 0, 0, 0, 1]", "attempt/second 2 a");
    for (String id : List.of("first", "second", "lost")) {
      assertThat(rate(restarted, id, 4).join().total()).isEqualTo(3);
    }
    b.all(restarted::merge);
    c.all(restarted::merge);
    assertThat(restarted.size()).isEqualTo(1);
    assertThat(total(restarted)).isEqualTo(4);
  }

  @Test
  void a_retraction_that_a_crash_cut_off_is_made_after_the_restart() {
    rate(a, "id", 1);
    rate(b, "id", 2);
    logA.writeAll();
    logB.writeAll();
    exchange();
    logA.crash(0);
    FakeLog log = FakeLog.fast();
    ItemStore restarted = new ItemStore("a", log);
    logA.durable.forEach(restarted::replay);
    b.all(restarted::merge);
    assertThat(log.durable).hasSize(1);
    assertThat(total(restarted)).isEqualTo(1);
  }

  @Test
  void a_snapshot_replays_to_the_same_state_and_leaves_out_what_is_not_durable() {
    rate(a, "first", 1);
    rate(a, "second", 2);
    rate(a, "lost", 1);
    rate(c, "lost", 2);
    settle();
    rate(a, "pending", 1);
    List<byte[]> records = snapshot(a);
    ItemStore restarted = restarted("a", records);
    assertThat(own(restarted, "a")).containsExactlyElementsOf(own(a, "a"));
    assertThat(bytes(snapshot(restarted))).isEqualTo(bytes(records));
    assertThat(rate(restarted, "lost", 3).join().total()).isEqualTo(2);
    logA.writeAll();
    restarted.replay(logA.durable.getLast());
    assertThat(own(restarted, "a")).containsExactlyElementsOf(own(a, "a"));
  }

  @Test
  void a_full_store_refuses_new_items_and_rates_known_ones_on() {
    FakeLog log = FakeLog.fast();
    ItemStore small = new ItemStore("a", log, 2, 2, 10, 10);
    small.rate("x", STEPS, 0, Attempt.ONCE);
    small.rate("y", STEPS, 0, Attempt.ONCE);
    CompletableFuture<ItemCounts> refused = small.rate("z", STEPS, 0, new Attempt("id", 1));
    assertThat(refused).isCompletedExceptionally();
    refused.whenComplete(
        (v, failure) ->
            assertThat(failure)
                .isInstanceOf(CapacityException.class)
                .hasMessage("items: 2 (expected: < 2)"));
    assertThat(small.rate("y", STEPS, 0, new Attempt("id", 2)).join().total()).isEqualTo(2);
    small.merge(new Fact.Count("items", "z", "b", new long[] {1, 0}));
    assertThat(small.size()).as("others' items are merged nevertheless").isEqualTo(3);
  }

  @Test
  void a_tenant_cannot_take_the_places_of_others() {
    FakeLog log = FakeLog.slow();
    ItemStore small = new ItemStore("a", log, 10, 2, 10, 10);
    CompletableFuture<ItemCounts> failed = small.rate("t/m/s/v", STEPS, 0, Attempt.ONCE);
    log.failOne();
    assertThat(failed).isCompletedExceptionally();
    small.rate("t/m/s/w", STEPS, 0, Attempt.ONCE);
    log.writeAll();
    small.merge(new Fact.Count("items", "t/n/s/x", "b", new long[] {1, 0}));
    CompletableFuture<ItemCounts> refused = small.rate("t/n/s/y", STEPS, 0, Attempt.ONCE);
    assertThat(refused).isCompletedExceptionally();
    refused.whenComplete(
        (v, failure) ->
            assertThat(failure)
                .isInstanceOf(CapacityException.class)
                .hasMessage("items of the tenant: 2 (expected: < 2)"));
    CompletableFuture<ItemCounts> known = small.rate("t/m/s/w", STEPS, 0, Attempt.ONCE);
    CompletableFuture<ItemCounts> other = small.rate("u/m/s/y", STEPS, 0, Attempt.ONCE);
    log.writeAll();
    assertThat(known.join().total()).isEqualTo(2);
    assertThat(other.join().total()).isEqualTo(1);
    ItemStore restarted = new ItemStore("a", FakeLog.fast(), 10, 1, 10, 10);
    log.durable.forEach(restarted::replay);
    assertThat(restarted.rate("t/m/s/z", STEPS, 0, Attempt.ONCE)).isCompletedExceptionally();
    assertThat(restarted.rate("t2/m/s/z", STEPS, 0, Attempt.ONCE).join().total()).isEqualTo(1);
  }

  @Test
  void old_attempts_and_claims_are_forgotten_in_order() {
    ItemStore small = new ItemStore("a", FakeLog.fast(), 10, 10, 3, 2);
    for (int i = 1; i <= 4; i++) {
      small.rate("x", STEPS, 0, new Attempt("id" + i, 2));
    }
    assertThat(all(small)).contains("attempt/id3 2 a", "attempt/id4 2 a").hasSize(3);
    assertThat(small.rate("x", STEPS, 0, new Attempt("id2", 3)).join().total()).isEqualTo(4);
    assertThat(small.rate("x", STEPS, 0, new Attempt("id1", 3)).join().total()).isEqualTo(5);
  }

  @Test
  void facts_that_are_none_of_this_table_are_refused() {
    long[] values = {1, 0};
    byte[] b = "b".getBytes(StandardCharsets.UTF_8);
    for (Fact fact :
        new Fact[] {
          new Fact.Count("limits", "x", "b", values),
          new Fact.Count("items", "", "b", values),
          new Fact.Count("items", "k".repeat(2_049), "b", values),
          new Fact.Count("items", "x", "", values),
          new Fact.Count("items", "x", "b", new long[] {1}),
          new Fact.Count("items", "x", "b", new long[] {0, 1}),
          new Fact.Count("items", "x", "b", new long[204]),
          new Fact.Register("items", "x", 2, b),
          new Fact.Register("items", "attempt/", 2, b),
          new Fact.Register("items", "attempt/id", 0, b),
          new Fact.Register("items", "attempt/id", 2, new byte[0]),
          new Fact.Register("items", "attempt/id", 2, new byte[] {(byte) 0xff})
        }) {
      assertThatThrownBy(() -> a.merge(fact))
          .as(fact.toString())
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(all(a)).isEmpty();
  }

  @Test
  void threads_that_rate_merge_and_drain_at_once_lose_nothing() throws Exception {
    FakeLog log = FakeLog.slow();
    ItemStore shared = new ItemStore("a", log);
    AtomicBoolean rating = new AtomicBoolean(true);
    int threads = 4;
    int each = 5_000;
    CountDownLatch rated = new CountDownLatch(1); // or the mesh could claim all before any is rated
    List<Future<?>> raters = new ArrayList<>();
    try (var executor = Executors.newCachedThreadPool()) {
      Future<?> disk =
          executor.submit(
              () -> {
                while (rating.get() || log.waiting() > 0) {
                  log.writeAll();
                }
              });
      Future<?> mesh =
          executor.submit(
              () -> {
                rated.await();
                for (long i = 1; rating.get(); i++) {
                  shared.merge(new Fact.Count("items", "x0", "b", new long[] {i, 0, 0, 0}));
                  shared.merge(
                      new Fact.Register(
                          "items",
                          "attempt/id" + i % each,
                          2,
                          "b".getBytes(StandardCharsets.UTF_8)));
                  shared.drainChanges(fact -> {});
                }
                return null;
              });
      for (int t = 0; t < threads; t++) {
        raters.add(
            executor.submit(
                () -> {
                  for (int i = 0; i < each; i++) {
                    shared.rate("x" + i % 3, 2, 1, new Attempt("id" + i, 1));
                    rated.countDown();
                  }
                }));
      }
      for (Future<?> rater : raters) {
        rater.get();
      }
      rating.set(false);
      mesh.get();
      disk.get();
    }
    for (int i = 0; i < each; i++) {
      shared.merge(
          new Fact.Register("items", "attempt/id" + i, 2, "b".getBytes(StandardCharsets.UTF_8)));
    }
    log.writeAll();
    long[] own = new long[4];
    shared.all(
        fact -> {
          if (fact instanceof Fact.Count count && count.writer().equals("a")) {
            for (int i = 0; i < own.length; i++) {
              own[i] += count.values()[i];
            }
          }
        });
    assertThat(own[1]).as("each attempt at most once").isBetween(1L, (long) each);
    assertThat(own[3]).as("all taken back: b claims every one").isEqualTo(own[1]);
    assertThat(bytes(snapshot(restarted("a", log.durable)))).hasSameSizeAs(bytes(snapshot(shared)));
  }

  private CompletableFuture<ItemCounts> rate(ItemStore store, @Nullable String id, int number) {
    return store.rate("x", STEPS, 4, new Attempt(id, number));
  }

  /** Everybody tells everybody everything. */
  private void exchange() {
    for (ItemStore from : List.of(a, b, c)) {
      for (ItemStore to : List.of(a, b, c)) {
        List<Fact> facts = new ArrayList<>();
        from.all(facts::add);
        facts.forEach(to::merge);
      }
    }
  }

  private void settle() {
    for (int i = 0; i < 3; i++) {
      logA.writeAll();
      logB.writeAll();
      logC.writeAll();
      exchange();
    }
  }

  private static ItemStore restarted(String writer, List<byte[]> records) {
    ItemStore store = new ItemStore(writer, FakeLog.fast());
    records.forEach(store::replay);
    return store;
  }

  private static long total(ItemStore store) {
    long[] total = new long[1];
    store.all(
        fact -> {
          if (fact instanceof Fact.Count(String table, String key, String writer, long[] values)) {
            for (int i = 0; i < values.length; i++) {
              total[0] += i < values.length / 2 ? values[i] : -values[i];
            }
          }
        });
    return total[0];
  }

  private static List<byte[]> snapshot(ItemStore store) {
    List<byte[]> records = new ArrayList<>();
    store.snapshot(records::add);
    return records;
  }

  private static List<String> bytes(List<byte[]> records) {
    return records.stream().map(java.util.HexFormat.of()::formatHex).toList();
  }

  private static List<String> drained(ItemStore store) {
    List<String> facts = new ArrayList<>();
    store.drainChanges(fact -> facts.add(text(fact)));
    return facts;
  }

  private static List<String> all(ItemStore store) {
    List<String> facts = new ArrayList<>();
    store.all(fact -> facts.add(text(fact)));
    return facts;
  }

  private static List<String> own(ItemStore store, String writer) {
    return all(store).stream()
        .filter(fact -> fact.startsWith(writer + " ") || fact.endsWith(" " + writer))
        .toList();
  }

  private static String text(Fact fact) {
    return switch (fact) {
      case Fact.Count(String table, String key, String writer, long[] values) ->
          writer + " " + key + " " + java.util.Arrays.toString(values);
      case Fact.Register(String table, String key, long version, byte[] value) ->
          key + " " + version + " " + new String(value, StandardCharsets.UTF_8);
    };
  }
}
