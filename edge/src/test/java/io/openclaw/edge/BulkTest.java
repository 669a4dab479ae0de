package io.openclaw.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.ProblemType;
import io.openclaw.domain.Scope;
import io.openclaw.limit.LeaseSettings;
import io.openclaw.limit.Limit;
import io.openclaw.limit.Limiter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BulkTest {
  private TestEdge edge;
  private Bulk bulk;

  @BeforeEach
  void begin() throws Exception {
    edge = new TestEdge();
    bulk = new Bulk(edge.edge);
  }

  private Bulk.Caller caller(String tenant) {
    String key = edge.key(tenant, Scope.RATE);
    return ((Bulk.Known) bulk.recognise(key, null, Scope.RATE)).caller();
  }

  private static Answered rate(Bulk.Chunk chunk, String input) {
    return chunk.rate(input.getBytes(UTF_8), "batch.1").toCompletableFuture().join();
  }

  @Test
  void an_input_is_answered_as_a_single_request_is() {
    Bulk.Chunk chunk = Objects.requireNonNull(bulk.begin(caller("credit"), false));
    Answered answered = rate(chunk, TestEdge.APPLICATION);
    Answered single = edge.rate(edge.key("credit", Scope.RATE), TestEdge.APPLICATION);
    assertThat(new String(answered.body(), UTF_8).replace("batch.1", "request-1"))
        .isEqualTo(new String(single.body(), UTF_8));
    assertThat(answered.rateLimit()).isNotNull();
    chunk.end();
  }

  @Test
  void a_chunk_takes_one_slot_and_gives_it_back() {
    Bulk.Caller caller = caller("default");
    Bulk.Chunk first = Objects.requireNonNull(bulk.begin(caller, false));
    Bulk.Chunk second = Objects.requireNonNull(bulk.begin(caller, false));
    assertThat(bulk.begin(caller, false)).isNull();
    first.end();
    second.end();
    assertThat(edge.concurrency.inFlight()).isZero();
  }

  @Test
  void a_job_takes_no_slot_while_half_of_them_are_taken() {
    Bulk.Caller caller = caller("default");
    Bulk.Chunk single = Objects.requireNonNull(bulk.begin(caller, false));
    assertThat(bulk.begin(caller, true)).isNull();
    single.end();
    assertThat(bulk.begin(caller, true)).isNotNull();
  }

  @Test
  void a_job_leaves_half_of_a_limit_and_counts_no_denial_for_it() {
    Bulk.Chunk chunk = Objects.requireNonNull(bulk.begin(caller("credit"), true));
    int rated = 0;
    Answered answered = rate(chunk, TestEdge.APPLICATION);
    while (answered.problem() == null) {
      rated++;
      answered = rate(chunk, TestEdge.APPLICATION);
    }
    assertThat(rated).isEqualTo(5);
    assertThat(TestEdge.problem(answered).type()).isEqualTo(ProblemType.LIMIT_EXCEEDED);
    assertThat(edge.tokens("credit")).isEqualTo(5);
    assertThat(edge.limiter.limits()).allMatch(limit -> limit.denied() == 0);
    String single = edge.key("credit", Scope.RATE);
    for (int i = 0; i < 5; i++) {
      assertThat(edge.rate(single, TestEdge.APPLICATION).problem()).isNull();
    }
  }

  @Test
  void a_job_where_no_part_of_a_limit_is_held_is_denied_and_that_is_counted() {
    String key = edge.key("credit", Scope.RATE);
    List<String> regions = List.of(TestEdge.REGION, "b", "c");
    long nowNanos = edge.clock.nanoTime();
    Limiter third =
        new Limiter(
            LeaseSettings.of(TestEdge.REGION, regions), TestEdge.REGION + "#1", true, nowNanos);
    Directory directory =
        Directory.of(
            edge.tenants,
            Map.of(),
            Map.of(),
            Directory.SharedLimits.NONE,
            edge.keys,
            new Directory.Limits(third, edge.quotas),
            nowNanos);
    Bulk there =
        new Bulk(
            new Edge(
                TestEdge.REGION,
                edge.clock,
                third,
                limit -> Map.of(),
                () -> directory,
                edge.concurrency,
                edge.cache,
                edge.replays,
                edge.tries));
    Bulk.Caller caller = ((Bulk.Known) there.recognise(key, null, Scope.RATE)).caller();
    Answered answered =
        rate(Objects.requireNonNull(there.begin(caller, true)), TestEdge.APPLICATION);
    assertThat(TestEdge.problem(answered).type()).isEqualTo(ProblemType.LIMIT_EXCEEDED);
    assertThat(third.limits().stream().mapToLong(Limit::denied).sum()).isEqualTo(1);
  }

  @Test
  void refused_inputs_spend_nothing() {
    Bulk.Chunk chunk = Objects.requireNonNull(bulk.begin(caller("credit"), false));
    for (int i = 0; i < 100; i++) {
      assertThat(rate(chunk, "{\"duration\":\"x\"}").status()).isEqualTo(422);
      assertThat(rate(chunk, "{").status()).isEqualTo(400);
    }
    assertThat(edge.tokens("credit")).isEqualTo(10);
  }

  @Test
  void a_key_that_is_revoked_meanwhile_rates_no_further_chunk() {
    Bulk.Caller caller = caller("credit");
    edge.keys.replaceAll(
        key ->
            new io.openclaw.domain.ApiKey(
                key.id(),
                key.sha256(),
                key.tenant(),
                key.scopes(),
                key.expiresAtMillis(),
                true,
                key.limit(),
                key.quota(),
                key.label()));
    edge.changed();
    Bulk.Chunk chunk = Objects.requireNonNull(bulk.begin(caller, false));
    assertThat(Objects.requireNonNull(chunk.refused()).type())
        .isEqualTo(ProblemType.UNAUTHENTICATED);
    assertThat(rate(chunk, TestEdge.APPLICATION).status()).isEqualTo(401);
    assertThat(edge.tokens("credit")).isEqualTo(10);
  }

  @Test
  void a_key_without_the_scope_is_refused() {
    assertThat(bulk.recognise(edge.key("credit", Scope.READ), null, Scope.RATE))
        .isInstanceOf(Bulk.Refused.class);
    assertThat(bulk.recognise(null, null, Scope.RATE)).isInstanceOf(Bulk.Refused.class);
  }
}
