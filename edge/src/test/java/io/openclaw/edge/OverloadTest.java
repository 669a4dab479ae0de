package io.openclaw.edge;

import static io.openclaw.edge.TestEdge.APPLICATION;
import static io.openclaw.edge.TestEdge.REGION;
import static io.openclaw.edge.TestEdge.SCORE;
import static io.openclaw.edge.TestEdge.problem;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.ProblemType;
import io.openclaw.domain.Scope;
import io.openclaw.rating.ModelException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the edge says when it is asked for more than it can do; it has two slots here. */
class OverloadTest {
  private final TestEdge at;
  private final String items;
  private final String credit;

  OverloadTest() throws IOException, ModelException {
    at = new TestEdge();
    items = at.key("items", Scope.RATE);
    credit = at.key("credit", Scope.RATE, Scope.READ);
  }

  private List<CompletionStage<Answered>> twoUnderWay() {
    at.log.disk = MemoryLog.Disk.SLOW;
    return List.of(
        at.edge.rate(at.request(items, null, SCORE, null, 1), "one"),
        at.edge.rate(at.request(items, null, SCORE, null, 1), "two"));
  }

  @Test
  void a_request_without_a_slot_is_refused_at_once_and_spends_nothing() {
    var under = twoUnderWay();
    assertThat(at.concurrency.inFlight()).isEqualTo(2);
    Answered refused = at.rate(credit, APPLICATION);
    assertThat(problem(refused).type()).isEqualTo(ProblemType.OVERLOADED);
    assertThat(problem(refused).retryAfterSeconds()).isEqualTo(1);
    assertThat(refused.tenant()).as("nobody was identified").isEmpty();
    assertThat(at.tokens("credit")).isEqualTo(10);
    assertThat(at.rate("Bearer x", "{").status()).as("before the key is looked at").isEqualTo(503);
    assertThat(at.edge.limits(credit, null).status()).as("not a rating").isEqualTo(200);
    at.log.pending.forEach(written -> written.complete(null));
    for (CompletionStage<Answered> each : under) {
      assertThat(each.toCompletableFuture().join().status()).isEqualTo(200);
    }
    assertThat(at.concurrency.inFlight()).isZero();
    assertThat(at.rate(credit, APPLICATION).status()).isEqualTo(200);
  }

  @Test
  void a_slot_comes_back_however_a_request_ends() {
    for (int i = 0; i < 5; i++) {
      assertThat(at.rate(null, APPLICATION).status()).isEqualTo(401);
      assertThat(at.rate(credit, "{").status()).isEqualTo(400);
      assertThat(at.rate(credit, "[]").status()).isEqualTo(422);
      at.log.disk = MemoryLog.Disk.FULL;
      assertThat(at.rate(items, SCORE).status()).isEqualTo(503);
    }
    assertThat(at.concurrency.inFlight()).isZero();
    assertThat(at.concurrency.shed()).isZero();
  }

  private @Nullable Elsewhere whenExhausted(@Nullable String attemptId) {
    Answered last = at.rate(at.request(credit, null, APPLICATION, attemptId, 1));
    for (int i = 0; i < 20 && last.status() == 200; i++) {
      last = at.rate(at.request(credit, null, APPLICATION, attemptId, 1));
    }
    assertThat(last.status()).isEqualTo(429);
    return last.elsewhere();
  }

  @Test
  void a_denial_names_the_region_with_the_largest_part_to_a_router_alone() {
    at.holdings.putAll(Map.of(REGION, 0.2, "ap-southeast-2", 0.3, "us-east-1", 0.5));
    assertThat(whenExhausted("a")).isEqualTo(new Elsewhere("us-east-1", 20));
    assertThat(new Elsewhere("us-east-1", 20).text()).isEqualTo("us-east-1;for=20");
    assertThat(whenExhausted(null)).as("no router").isNull();
  }

  @Test
  void among_equal_regions_each_names_the_one_after_it() {
    at.holdings.putAll(Map.of(REGION, 1 / 3.0, "ap-southeast-2", 1 / 3.0, "us-east-1", 1 / 3.0));
    assertThat(whenExhausted("a")).isEqualTo(new Elsewhere("us-east-1", 20));
    at.holdings.remove("us-east-1");
    assertThat(whenExhausted("a")).isEqualTo(new Elsewhere("ap-southeast-2", 20));
  }

  @Test
  void a_region_that_has_hardly_anything_is_not_named() {
    at.holdings.putAll(Map.of(REGION, 0.75, "ap-southeast-2", 0.15, "us-east-1", 0.1));
    assertThat(whenExhausted("a")).isNull();
    at.holdings.keySet().retainAll(List.of(REGION));
    assertThat(whenExhausted("a")).as("alone").isNull();
  }

  @Test
  void an_overload_sends_the_request_anywhere_else() {
    var under = twoUnderWay();
    Answered refused = at.rate(at.request(credit, null, APPLICATION, "a", 1));
    assertThat(refused.elsewhere()).isEqualTo(new Elsewhere(Elsewhere.ANY, 0));
    assertThat(under).hasSize(2);
  }
}
