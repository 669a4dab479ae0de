package io.openclaw.edge;

import static io.openclaw.edge.TestEdge.APPLICATION;
import static io.openclaw.edge.TestEdge.SCORE;
import static io.openclaw.edge.TestEdge.problem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Fact;
import io.openclaw.domain.ProblemType;
import io.openclaw.domain.Scope;
import io.openclaw.rating.ModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Several tries of one request, here and in another region. */
class TriesTest {
  private static final String ID = "0123456789abcdef";

  private final TestEdge here;
  private final String credit;
  private final String items;

  TriesTest() throws IOException, ModelException {
    here = new TestEdge();
    credit = here.key("credit", Scope.RATE);
    items = here.key("items", Scope.RATE);
  }

  private Answered rate(int number) {
    return here.rate(here.request(credit, null, APPLICATION, ID, number));
  }

  /** A rating whose record waits for the disk. */
  private CompletableFuture<Answered> slowly(int number) {
    here.log.disk = MemoryLog.Disk.SLOW;
    return here.edge
        .rate(here.request(items, null, SCORE, ID, number), "one")
        .toCompletableFuture();
  }

  private String keyOf(String authorization) {
    return authorization.substring("Bearer ock_".length()).split("_", 2)[0];
  }

  private Fact elsewhere(String tenant, String authorization, int number) {
    String id = tenant + "/" + keyOf(authorization) + "." + ID;
    return new Fact.Register("tries", id, number, new byte[0]);
  }

  private List<Fact> told() {
    List<Fact> facts = new ArrayList<>();
    here.tries.drainChanges(facts::add);
    return facts;
  }

  @Test
  void a_try_that_waits_here_gives_its_tokens_back_when_another_region_has_taken_over() {
    CompletableFuture<Answered> first = slowly(1);
    assertThat(here.tokens("items")).isEqualTo(18);
    here.tries.merge(elsewhere("items", items, 2));
    assertThat(here.tokens("items")).isEqualTo(20);
    here.tries.merge(elsewhere("items", items, 2));
    assertThat(here.tokens("items")).as("once").isEqualTo(20);
    assertThat(here.tries.takenBack()).isEqualTo(1);
    here.log.pending.forEach(written -> written.complete(null));
    assertThat(problem(first.join()).type()).isEqualTo(ProblemType.MISDIRECTED);
  }

  @Test
  void a_try_that_is_read_after_another_region_took_over_spends_nothing() {
    here.tries.merge(elsewhere("credit", credit, 2));
    assertThat(problem(rate(1)).type()).isEqualTo(ProblemType.MISDIRECTED);
    assertThat(here.tokens("credit")).isEqualTo(10);
    assertThat(rate(3).status()).as("a later one").isEqualTo(200);
    assertThat(here.tokens("credit")).isEqualTo(9);
  }

  @Test
  void what_was_answered_stays_spent_whoever_numbers_the_tries() {
    assertThat(rate(1).status()).isEqualTo(200);
    here.tries.merge(elsewhere("credit", credit, 2));
    assertThat(here.tokens("credit")).isEqualTo(9);
    assertThat(rate(3).status()).isEqualTo(200);
    assertThat(here.tokens("credit")).isEqualTo(8);
    assertThat(here.tries.takenBack()).isZero();
  }

  @Test
  void two_tries_at_once_in_one_region_are_answered_once_for_the_tokens_of_one() {
    CompletableFuture<Answered> first = slowly(1);
    CompletableFuture<Answered> second = slowly(2);
    assertThat(here.tokens("items")).isEqualTo(18);
    here.log.pending.forEach(written -> written.complete(null));
    assertThat(first.join().problem()).isNotNull();
    assertThat(second.join().status()).isEqualTo(200);
  }

  @Test
  void only_tries_after_the_first_are_told_of_and_not_for_ever() {
    assertThat(rate(1).status()).isEqualTo(200);
    assertThat(told()).isEmpty();
    assertThat(rate(2).status()).isEqualTo(200);
    assertThat(told()).extracting(Fact::key).containsExactly("credit/" + keyOf(credit) + "." + ID);
    assertThat(told()).isEmpty();
    List<Fact> all = new ArrayList<>();
    here.tries.all(all::add);
    assertThat(all).hasSize(1);
    here.clock.advanceMillis(Tries.KEPT_NANOS / 1_000_000);
    here.tries.all(fact -> assertThat(fact).as("too old").isNull());
    assertThat(rate(1).status()).isEqualTo(200);
  }

  @Test
  void another_keys_tries_are_its_own() {
    String other = here.key("credit", Scope.RATE);
    here.tries.merge(elsewhere("credit", other, 2));
    assertThat(rate(1).status()).isEqualTo(200);
  }

  @Test
  void a_key_of_any_tenant_has_other_tries_in_each() {
    String any = here.key(null, Scope.RATE, Scope.TENANTS_ANY);
    here.log.disk = MemoryLog.Disk.SLOW;
    CompletableFuture<Answered> first =
        here.edge.rate(here.request(any, "items", SCORE, ID, 1), "one").toCompletableFuture();
    assertThat(here.rate(here.request(any, "credit", APPLICATION, ID, 2)).status()).isEqualTo(200);
    here.tries.merge(elsewhere("default", any, 3));
    assertThat(here.tokens("items")).as("still spent").isEqualTo(18);
    here.log.pending.forEach(written -> written.complete(null));
    assertThat(first.join().status()).isEqualTo(200);
  }

  @Test
  void what_nobody_was_told_of_is_forgotten_with_its_claim() {
    for (int i = 0; i < Tries.CLAIMS_MAX + 10; i++) {
      here.tries.admitted("k." + i, 2, () -> {});
    }
    assertThat(here.tries.untold()).as("without a mesh").isEqualTo(Tries.CLAIMS_MAX);
    assertThat(told()).hasSize(Tries.CLAIMS_MAX);
    here.tries.admitted("k", 2, () -> {});
    here.clock.advanceMillis(Tries.KEPT_NANOS / 1_000_000);
    here.tries.admitted("l", 2, () -> {});
    assertThat(told()).extracting(Fact::key).containsExactly("l");
  }

  @Test
  void what_is_remembered_is_bounded() {
    for (int i = 0; i < Tries.CLAIMS_MAX + 10; i++) {
      here.tries.merge(new Fact.Register("tries", "k." + i, 2, new byte[0]));
    }
    assertThat(here.tries.isLate("k.9", 1)).isFalse();
    assertThat(here.tries.isLate("k.10", 1)).isTrue();
    for (Fact wrong :
        List.of(
            new Fact.Register("tries", "k", 1, new byte[0]),
            new Fact.Register("tries", "k", 1_001, new byte[0]),
            new Fact.Register("tries", "k".repeat(201), 2, new byte[0]))) {
      assertThatThrownBy(() -> here.tries.merge(wrong))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
