package io.openclaw.edge;

import static io.openclaw.edge.TestEdge.SCORE;
import static io.openclaw.edge.TestEdge.refusal;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Scope;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.NotDurableException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Requests of a tenant whose model fails, with a fallback. */
final class FallbackEdgeTest {
  private static final long DEADLINE = 15_000_000_000L;

  private final TestEdge at;
  private final String items;
  private final Fake service = new Fake();
  private final List<String> ends = new ArrayList<>();
  private final Fallback fallback;

  FallbackEdgeTest() throws IOException, ModelException {
    at = new TestEdge();
    items = at.key("items", Scope.RATE);
    fallback =
        new Fallback(
            service,
            new CircuitBreaker(new Random(1)),
            1_000,
            DEADLINE,
            (end, id, why) -> ends.add(end.text() + " " + why),
            at.clock);
    at.fallback("items", fallback);
  }

  /** Answers what it is told to. */
  private static final class Fake implements FallbackService {
    private CompletionStage<byte[]> next = answer("{\"rating\":612.5}");
    private final List<String> asked = new ArrayList<>();

    static CompletionStage<byte[]> answer(String json) {
      return CompletableFuture.completedStage(json.getBytes(UTF_8));
    }

    @Override
    public CompletionStage<byte[]> ask(Question question, long timeoutMillis) {
      asked.add(
          new String(question.body(), UTF_8) + " " + question.requestId() + " " + timeoutMillis);
      return next;
    }

    @Override
    public CompletionStage<Void> probe(long timeoutMillis) {
      return CompletableFuture.completedStage(null);
    }
  }

  private void diskFails() {
    at.log
        .pending
        .removeLast()
        .completeExceptionally(new NotDurableException("not on disk", new IOException("planted")));
  }

  private Answered rateWhileTheDiskFails() {
    at.log.disk = MemoryLog.Disk.FULL;
    return at.rate(items, SCORE);
  }

  @Test
  void where_the_disk_fails_it_answers_as_the_edge_does() {
    Answered answered = rateWhileTheDiskFails();
    assertThat(new String(answered.body(), UTF_8))
        .isEqualTo(
            "{\"rating\":612.5,\"model\":\"fallback\",\"version\":\"fallback\","
                + "\"variant\":\"fallback\",\"reasons\":[],\"region\":\"eu-central-1\","
                + "\"request_id\":\"request-1\"}");
    assertThat(answered.variant()).isEqualTo("fallback");
    assertThat(answered.model()).as("which model failed").isEqualTo("items");
    assertThat(answered.rateLimit()).isNotNull();
    assertThat(service.asked).containsExactly(SCORE + " request-1 1000");
    assertThat(at.tokens("items")).as("paid once").isEqualTo(18);
    assertThat(ends).containsExactly("rated ");
  }

  @Test
  void what_is_the_clients_fault_or_a_denial_or_went_well_never_reaches_it() {
    assertThat(at.rate(items, "{").status()).isEqualTo(400);
    assertThat(at.rate(items, "{\"item\":7,\"score\":5}").status()).isEqualTo(422);
    assertThat(at.rate("Bearer ock_none", SCORE).status()).isEqualTo(401);
    for (int i = 0; i < 10; i++) {
      assertThat(at.rate(items, SCORE).status()).isEqualTo(200);
    }
    assertThat(at.rate(items, SCORE).status()).isEqualTo(429);
    assertThat(service.asked).isEmpty();
    assertThat(ends).isEmpty();
  }

  @Test
  void where_it_gives_no_rating_the_original_problem_is_answered() {
    String problem = "503 the rating could not be written to disk";
    for (String wrong :
        List.of("", "{", "[]", "{}", "{\"rating\":\"612\"}", "{\"rating\":1,\"rating\":2}")) {
      fallback.enable(true);
      service.next = Fake.answer(wrong);
      if (fallback.state() == CircuitBreaker.State.CLOSED) {
        assertThat(refusal(rateWhileTheDiskFails())).as(wrong).isEqualTo(problem);
      }
    }
    assertThat(ends)
        .hasSize(CircuitBreaker.FAILURES_IN_A_ROW)
        .allMatch(e -> e.startsWith("failed"));
    assertThat(fallback.state()).isEqualTo(CircuitBreaker.State.OPEN);
    int asked = service.asked.size();
    assertThat(refusal(rateWhileTheDiskFails())).isEqualTo(problem);
    assertThat(service.asked).as("an open breaker asks nobody").hasSize(asked);
  }

  @Test
  void switched_off_it_is_not_asked() {
    fallback.enable(false);
    assertThat(rateWhileTheDiskFails().status()).isEqualTo(503);
    assertThat(service.asked).isEmpty();
    assertThat(ends).containsExactly("off switched off");
  }

  @Test
  void it_gets_no_more_time_than_the_request_has_left() {
    at.log.disk = MemoryLog.Disk.SLOW;
    CompletionStage<Answered> answer =
        at.edge.rate(at.request(items, null, SCORE, null, 1), "request-1");
    at.clock.advanceMillis(14_500);
    service.next = CompletableFuture.failedFuture(new IllegalStateException("slow"));
    diskFails();
    assertThat(answer.toCompletableFuture().getNow(null)).isNotNull();
    assertThat(service.asked).containsExactly(SCORE + " request-1 450");
    assertThat(ends).as("and is not blamed for it").containsExactly("late slow");
    var _ = at.edge.rate(at.request(items, null, SCORE, null, 1), "request-1");
    at.clock.advanceMillis(14_990);
    diskFails();
    assertThat(service.asked).hasSize(1);
  }

  @Test
  void no_more_than_its_bound_are_under_way() {
    service.next = new CompletableFuture<>();
    for (int i = 0; i < Fallback.UNDER_WAY_MAX; i++) {
      var _ = fallback.rate(at.request(items, null, SCORE, null, 1), "r" + i);
    }
    assertThat(fallback.rate(at.request(items, null, SCORE, null, 1), "r").toCompletableFuture())
        .isCompletedWithValue(java.util.Optional.empty());
    assertThat(ends).containsExactly("busy 64 questions are under way");
  }

  @Test
  void an_answer_is_rounded_to_nine_places_and_may_have_other_members() {
    assertThat(
            FallbackAnswer.rating(
                    "{\"rating\":0.12345678951234,\"model\":\"x\",\"more\":[1,{}]}".getBytes(UTF_8))
                .toString())
        .isEqualTo("0.12345679");
    for (String wrong : List.of("{\"rating\":1e300}", "{\"rating\":null}", "7", "\"secret\"")) {
      assertThat(
              org.assertj.core.api.Assertions.catchThrowable(
                  () -> FallbackAnswer.rating(wrong.getBytes(UTF_8))))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class)
          .message()
          .doesNotContain("secret");
    }
  }

  @Test
  void a_model_that_breaks_is_answered_for_too() {
    at.log.disk = MemoryLog.Disk.BUGGY;
    assertThat(at.rate(items, SCORE).variant()).isEqualTo("fallback");
    assertThat(new String(at.rate(items, SCORE).body(), UTF_8)).doesNotContain(MemoryLog.BUG);
  }

  @Test
  void a_question_under_way_holds_no_slot_for_ratings() {
    service.next = new CompletableFuture<>();
    at.log.disk = MemoryLog.Disk.FULL;
    for (int i = 0; i < 5; i++) {
      var _ = at.edge.rate(at.request(items, null, SCORE, null, 1), "r" + i);
    }
    assertThat(service.asked).as("there are two slots").hasSize(5);
  }
}
