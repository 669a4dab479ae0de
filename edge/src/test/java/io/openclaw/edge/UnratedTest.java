package io.openclaw.edge;

import static io.openclaw.edge.TestEdge.SCORE;
import static io.openclaw.edge.TestEdge.problem;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Fact;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.ProblemType;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.Scope;
import io.openclaw.rating.ModelBusyException;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.NotDurableException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Requests that were admitted and then not rated, for no fault of their own, cost nothing. */
final class UnratedTest {
  private static final String ID = "0123456789abcdef";

  private final TestEdge at;
  private final String items;
  private final List<String> asked = new ArrayList<>();

  UnratedTest() throws IOException, ModelException {
    at = new TestEdge();
    items = at.key("items", Scope.RATE);
  }

  private CompletableFuture<Answered> begin(@Nullable String attemptId, int number) {
    at.log.disk = MemoryLog.Disk.SLOW;
    return at.edge
        .rate(at.request(items, null, SCORE, attemptId, number), "one")
        .toCompletableFuture();
  }

  private Answered busy(@Nullable String attemptId, int number) {
    CompletableFuture<Answered> answer = begin(attemptId, number);
    assertThat(at.tokens("items")).isEqualTo(18);
    at.log.pending.removeLast().completeExceptionally(new ModelBusyException("no place"));
    return answer.join();
  }

  /** A fallback that fails, or rates. */
  private void fallback(boolean rates) {
    FallbackService service =
        new FallbackService() {
          @Override
          public CompletionStage<byte[]> ask(Question question, long timeoutMillis) {
            asked.add(question.requestId());
            return rates
                ? CompletableFuture.completedStage("{\"rating\":1}".getBytes(UTF_8))
                : CompletableFuture.failedStage(new IOException("planted"));
          }

          @Override
          public CompletionStage<Void> probe(long timeoutMillis) {
            return CompletableFuture.completedStage(null);
          }
        };
    at.fallback(
        "items",
        new Fallback(
            service,
            new CircuitBreaker(new Random(1)),
            1_000,
            15_000_000_000L,
            (end, id, why) -> {},
            at.clock));
  }

  @Test
  void a_model_that_is_busy_gives_the_tokens_back_and_sends_the_request_anywhere_else() {
    for (int i = 0; i < 20; i++) {
      Answered answered = busy(null, 1);
      assertThat(problem(answered).type()).isEqualTo(ProblemType.OVERLOADED);
      assertThat(answered.elsewhere()).isEqualTo(Elsewhere.ANYWHERE);
      assertThat(at.tokens("items")).isEqualTo(20);
    }
    assertThat(at.concurrency.inFlight()).isZero();
  }

  @Test
  void each_try_of_a_router_gets_its_tokens_back_once() {
    for (int number = 1; number <= 4; number++) {
      assertThat(problem(busy(ID, number)).type()).isEqualTo(ProblemType.OVERLOADED);
      assertThat(at.tokens("items")).isEqualTo(20);
    }
    String keyId = items.substring("Bearer ock_".length()).split("_", 2)[0];
    at.tries.merge(new Fact.Register("tries", "items/" + keyId + "." + ID, 9, new byte[0]));
    assertThat(at.tries.takenBack()).as("nothing was left to take back").isZero();
    assertThat(at.tokens("items")).isEqualTo(20);
    assertThat(begin("another", 1)).isNotDone();
    assertThat(at.tokens("items")).as("no more than there were").isEqualTo(18);
  }

  @Test
  void a_model_that_is_busy_hands_nothing_on_to_a_fallback() {
    fallback(true);
    assertThat(problem(busy(null, 1)).type()).isEqualTo(ProblemType.OVERLOADED);
    assertThat(asked).isEmpty();
    assertThat(at.tokens("items")).isEqualTo(20);
  }

  @Test
  void a_disk_that_refuses_takes_no_token() {
    at.log.disk = MemoryLog.Disk.FULL;
    Answered answered = at.rate(items, SCORE);
    assertThat(problem(answered).type()).isEqualTo(ProblemType.UNAVAILABLE);
    assertThat(answered.elsewhere()).as("the region is not well").isNull();
    assertThat(at.tokens("items")).isEqualTo(20);
    CompletableFuture<Answered> numbered = begin(ID, 1);
    at.log
        .pending
        .removeLast()
        .completeExceptionally(new NotDurableException("not on disk", new IOException("planted")));
    assertThat(numbered.join().status()).isEqualTo(503);
    assertThat(at.tokens("items")).isEqualTo(20);
  }

  @Test
  void where_a_fallback_is_asked_the_tokens_come_back_only_if_it_does_not_rate() {
    at.log.disk = MemoryLog.Disk.FULL;
    fallback(false);
    assertThat(at.rate(items, SCORE).status()).isEqualTo(503);
    assertThat(at.rate(at.request(items, null, SCORE, ID, 1)).status()).isEqualTo(503);
    assertThat(asked).hasSize(2);
    assertThat(at.tokens("items")).isEqualTo(20);
    fallback(true);
    assertThat(at.rate(items, SCORE).status()).isEqualTo(200);
    assertThat(at.tokens("items")).isEqualTo(18);
  }

  @Test
  void a_store_without_room_takes_no_token() {
    for (int i = 0; i < 3; i++) {
      assertThat(at.rate(items, SCORE.replace("123", "" + i)).status()).isEqualTo(200);
    }
    assertThat(at.rate(items, SCORE).status()).isEqualTo(503);
    assertThat(at.tokens("items")).isEqualTo(14);
  }

  @Test
  void a_model_that_breaks_has_worked_and_is_paid() {
    at.log.disk = MemoryLog.Disk.BUGGY;
    assertThat(at.rate(items, SCORE).status()).isEqualTo(500);
    assertThat(at.tokens("items")).isEqualTo(18);
  }

  @Test
  void quotas_get_their_tokens_back_too() throws IOException {
    QuotaSpec quota =
        new QuotaSpec("model/items", LimitSpec.Level.MODEL, 100, QuotaSpec.Per.DAY, false);
    at.shared = new Directory.SharedLimits(null, Map.of(), null, Map.of("items", quota), Map.of());
    at.changed();
    assertThat(at.rate(items, SCORE).status()).as("before the first block").isEqualTo(429);
    at.quotas.step(at.clock.wallMillis(), at.clock.nanoTime());
    long remaining = at.quotas.quotas().getFirst().remainingHere();
    busy(null, 1);
    assertThat(at.quotas.quotas().getFirst().remainingHere()).isEqualTo(remaining);
    busy(ID, 1);
    assertThat(at.quotas.quotas().getFirst().remainingHere()).isEqualTo(remaining);
  }

  @Test
  void one_of_many_inputs_costs_nothing_either() {
    Bulk bulk = new Bulk(at.edge);
    Bulk.Caller caller = ((Bulk.Known) bulk.recognise(items, null, Scope.RATE)).caller();
    Bulk.Chunk chunk = Objects.requireNonNull(bulk.begin(caller, false));
    at.log.disk = MemoryLog.Disk.FULL;
    Answered answered = chunk.rate(SCORE.getBytes(UTF_8), "batch.1").toCompletableFuture().join();
    assertThat(answered.status()).isEqualTo(503);
    assertThat(at.tokens("items")).isEqualTo(20);
    chunk.end();
    assertThat(at.concurrency.inFlight()).as("one slot, given back once").isZero();
  }
}
