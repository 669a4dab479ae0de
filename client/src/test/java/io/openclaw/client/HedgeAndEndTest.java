package io.openclaw.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.openclaw.steer.LatencyWindow;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Hedges, calls that are ended on this side, and what a client leaves behind. */
final class HedgeAndEndTest {
  private static final String KEY = "ock_test_topsecret";
  private static final RateRequest INPUT = RateRequest.json("{\"duration\":6}");

  private ScriptedRegion slow;
  private ScriptedRegion quick;

  @BeforeEach
  void begin() throws IOException {
    slow = new ScriptedRegion("slow");
    quick = new ScriptedRegion("quick");
  }

  @AfterEach
  void end() throws IOException {
    slow.close();
    quick.close();
  }

  private ClientBuilder client() {
    return OpenClawClient.builder()
        .apiKey(KEY)
        .region("slow", slow.url())
        .region("quick", quick.url())
        .failoverOrder(List.of("slow", "quick"))
        .probeInterval(Duration.ZERO)
        .timeout(Duration.ofSeconds(20))
        .attemptTimeout(Duration.ofSeconds(15));
  }

  @Test
  void a_hedge_answers_first_and_the_slow_try_is_given_up() throws Exception {
    slow.script((asked, reply) -> reply.hang());
    try (OpenClawClient client =
        ScriptedRegion.found(client().hedge(Hedge.after(Duration.ofMillis(30))))) {
      RateResult result = client.rate(INPUT);
      assertThat(result.region()).isEqualTo("quick");
      assertThat(result.tries()).isEqualTo(2);
      assertThat(client.stats().hedges()).isEqualTo(1);
      assertThat(client.stats().hedgesWon()).isEqualTo(1);
      assertThat(client.stats().retries()).isZero();
      ScriptedRegion.await(() -> slow.left.get() == 1);
      assertThat(client.regions().get(0).underWay()).isZero();
    }
  }

  @Test
  void a_hedge_that_is_refused_leaves_the_first_try_its_chance() throws Exception {
    slow.script(
        (asked, reply) -> {
          Thread.sleep(300);
          reply.rating();
        });
    quick.script((asked, reply) -> reply.problem(503));
    try (OpenClawClient client =
        ScriptedRegion.found(client().hedge(Hedge.after(Duration.ofMillis(20))))) {
      assertThat(client.rate(INPUT).region()).isEqualTo("slow");
      assertThat(client.stats().hedgesWon()).isZero();
    }
  }

  @Test
  void a_first_try_that_fails_while_its_hedge_is_under_way_costs_no_third() throws Exception {
    slow.script(
        (asked, reply) -> {
          Thread.sleep(100);
          reply.drop();
        });
    quick.script(
        (asked, reply) -> {
          Thread.sleep(300);
          reply.rating();
        });
    try (OpenClawClient client =
        ScriptedRegion.found(client().hedge(Hedge.after(Duration.ofMillis(20))))) {
      assertThat(client.rate(INPUT).tries()).isEqualTo(2);
      assertThat(client.stats().retries()).isZero();
    }
  }

  /** Waits until the client has heard from a region. */
  private static void heard(OpenClawClient client, int region) {
    ScriptedRegion.await(() -> client.regions().get(region).underWay() == 0);
  }

  @Test
  void a_try_that_another_region_has_taken_over_waits_for_that_one() throws Exception {
    CompletableFuture<OpenClawClient> made = new CompletableFuture<>();
    slow.script(
        (asked, reply) -> {
          ScriptedRegion.await(() -> quick.ratings().size() == 1);
          reply.problem(421);
        });
    quick.script(
        (asked, reply) -> {
          heard(made.join(), 0);
          reply.rating();
        });
    try (OpenClawClient client =
        ScriptedRegion.found(client().hedge(Hedge.after(Duration.ofMillis(20))))) {
      made.complete(client);
      RateResult result = client.rate(INPUT);
      assertThat(result.region()).isEqualTo("quick");
      assertThat(result.tries()).isEqualTo(2);
      assertThat(client.stats().retries()).isZero();
    }
  }

  @Test
  void a_try_that_was_taken_over_by_a_region_that_died_is_made_again() throws Exception {
    CompletableFuture<OpenClawClient> made = new CompletableFuture<>();
    slow.script(
        (asked, reply) -> {
          if (slow.ratings().size() == 1) {
            ScriptedRegion.await(() -> quick.ratings().size() == 1);
            heard(made.join(), 1);
            reply.problem(421);
          } else {
            reply.rating();
          }
        });
    quick.script((asked, reply) -> reply.drop());
    try (OpenClawClient client =
        ScriptedRegion.found(client().hedge(Hedge.after(Duration.ofMillis(20))))) {
      made.complete(client);
      RateResult result = client.rate(INPUT);
      assertThat(result.tries()).isGreaterThan(2);
      assertThat(result.region()).isEqualTo("slow");
      assertThat(slow.ratings().get(1).header("x-openclaw-attempt")).doesNotEndWith("try=1");
    }
  }

  @Test
  void an_adaptive_hedge_waits_for_what_is_usual_there() throws Exception {
    try (OpenClawClient client = ScriptedRegion.found(client().hedge(Hedge.adaptive()))) {
      for (int i = 0; i < LatencyWindow.SAMPLES_MIN + 8; i++) {
        client.rate(INPUT);
      }
      slow.script((asked, reply) -> reply.hang());
      assertThat(client.rate(INPUT).region()).isEqualTo("quick");
      assertThat(client.stats().hedgesWon()).isPositive();
    }
  }

  @Test
  void hedges_are_paid_by_the_retry_budget() throws Exception {
    slow.script(
        (asked, reply) -> {
          Thread.sleep(15);
          reply.rating();
        });
    quick.script(
        (asked, reply) -> {
          Thread.sleep(30);
          reply.rating();
        });
    try (OpenClawClient client =
        ScriptedRegion.found(client().hedge(Hedge.after(Duration.ofMillis(1))))) {
      List<CompletableFuture<RateResult>> all = new ArrayList<>();
      for (int i = 0; i < 150; i++) {
        all.add(client.rateAsync(INPUT));
        if (i % 10 == 9) {
          Thread.sleep(5);
        }
      }
      all.forEach(CompletableFuture::join);
      assertThat(client.stats().hedges()).isLessThanOrEqualTo(100);
      assertThat(client.stats().hedges()).isGreaterThan(20);
    }
  }

  @Test
  void hedges_leave_the_retries_for_regions_that_die() throws Exception {
    slow.script(
        (asked, reply) -> {
          Thread.sleep(60);
          reply.rating();
        });
    try (OpenClawClient client =
        ScriptedRegion.found(client().hedge(Hedge.after(Duration.ofMillis(1))))) {
      List<CompletableFuture<RateResult>> all = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        all.add(client.rateAsync(INPUT));
      }
      all.forEach(CompletableFuture::join);
      assertThat(client.stats().hedges()).as("all that may be").isEqualTo(100);
      slow.kill();
      for (int i = 0; i < 10; i++) {
        assertThat(client.rate(INPUT).region()).isEqualTo("quick");
      }
      assertThat(client.stats().retries()).isPositive();
    }
  }

  @Test
  void a_cancelled_rating_leaves_its_region_at_once() throws Exception {
    slow.script((asked, reply) -> reply.hang());
    try (OpenClawClient client = ScriptedRegion.found(client())) {
      CompletableFuture<RateResult> rating = client.rateAsync(INPUT);
      ScriptedRegion.await(() -> slow.ratings().size() == 1);
      rating.cancel(true);
      ScriptedRegion.await(() -> slow.left.get() == 1);
      assertThat(client.regions().get(0).underWay()).isZero();
      assertThat(quick.ratings()).isEmpty();
    }
  }

  @Test
  void an_interrupted_thread_ends_its_rating() throws Exception {
    slow.script((asked, reply) -> reply.hang());
    try (OpenClawClient client = ScriptedRegion.found(client())) {
      CompletableFuture<Throwable> seen = new CompletableFuture<>();
      Thread waiting =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      client.rate(INPUT);
                    } catch (RatingException e) {
                      seen.complete(e);
                    }
                  });
      ScriptedRegion.await(() -> slow.ratings().size() == 1);
      waiting.interrupt();
      assertThat(seen.join()).isInstanceOf(CallEndedException.class);
      ScriptedRegion.await(() -> slow.left.get() == 1);
    }
  }

  @Test
  void closing_ends_what_is_under_way_and_leaves_no_thread() throws Exception {
    List<Thread> before = ours();
    slow.script((asked, reply) -> reply.hang());
    List<CompletableFuture<RateResult>> ratings = new ArrayList<>();
    OpenClawClient client = ScriptedRegion.found(client().probeInterval(Duration.ofMillis(100)));
    for (int i = 0; i < 20; i++) {
      ratings.add(client.rateAsync(INPUT));
    }
    ScriptedRegion.await(() -> slow.ratings().size() == 20);
    assertThat(ours().size()).as("the check sees a client's threads").isGreaterThan(before.size());
    client.close();
    for (CompletableFuture<RateResult> rating : ratings) {
      assertThatThrownBy(rating::join)
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(CallEndedException.class);
    }
    assertThatThrownBy(() -> client.rate(INPUT)).isInstanceOf(CallEndedException.class);
    ScriptedRegion.await(() -> ours().size() <= before.size());
    ScriptedRegion.await(() -> slow.left.get() == 20);
  }

  private static List<Thread> ours() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(
            thread ->
                thread.getName().startsWith("openclaw-client")
                    || thread.getName().startsWith("HttpClient-"))
        .toList();
  }

  @Test
  void the_key_is_sent_and_said_nowhere_else() throws Exception {
    slow.script((asked, reply) -> reply.problem(401));
    try (OpenClawClient client = ScriptedRegion.found(client())) {
      ProblemException thrown =
          catchThrowableOfType(ProblemException.class, () -> client.rate(INPUT));
      assertThat(slow.ratings().get(0).header("authorization")).isEqualTo("Bearer " + KEY);
      assertThat(thrown + " " + client + client.regions() + INPUT).doesNotContain("topsecret");
    }
    assertThatThrownBy(() -> OpenClawClient.builder().apiKey("topsecret\r\nx: y"))
        .hasMessageStartingWith("apiKey: another (expected: ")
        .hasMessageNotContaining("topsecret");
    assertThatThrownBy(
            () -> OpenClawClient.builder().region("a", URI.create("http://u:topsecret@h/")))
        .hasMessageNotContaining("topsecret");
  }

  @Test
  void a_key_that_is_rotated_is_asked_for_at_each_call() throws Exception {
    List<String> keys = new ArrayList<>(List.of("ock_1", "ock_2"));
    try (OpenClawClient client = ScriptedRegion.found(client().apiKey(() -> keys.remove(0)))) {
      client.rate(INPUT);
      client.rate(INPUT);
    }
    assertThat(slow.ratings())
        .extracting(asked -> asked.header("authorization"))
        .containsExactly("Bearer ock_1", "Bearer ock_2");
  }

  @Test
  void automatic_idempotency_keys_are_the_same_for_a_calls_tries_and_new_for_each_call()
      throws Exception {
    slow.script((asked, reply) -> reply.problem(503));
    quick.script((asked, reply) -> reply.problem(503));
    try (OpenClawClient client = ScriptedRegion.found(client().idempotencyKeys(true).retries(1))) {
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> client.rate(INPUT)).isInstanceOf(ProblemException.class);
      }
      quick.script(
          (asked, reply) ->
              reply.send(200, ScriptedRegion.rated("q", 1), "Idempotent-Replayed: true"));
      assertThat(client.rate(INPUT.withIdempotencyKey("order-4711")).replayed()).isTrue();
    }
    List<String> keys = new ArrayList<>();
    slow.ratings().forEach(asked -> keys.add(asked.header("idempotency-key")));
    quick.ratings().forEach(asked -> keys.add(asked.header("idempotency-key")));
    assertThat(keys).hasSize(6).doesNotContain("");
    assertThat(keys.stream().distinct()).hasSize(3).contains("order-4711");
  }

  @Test
  void automatic_idempotency_keys_leave_ratings_in_the_best_region() throws Exception {
    try (OpenClawClient client = ScriptedRegion.found(client().idempotencyKeys(true))) {
      for (int i = 0; i < 20; i++) {
        assertThat(client.rate(INPUT).region()).isEqualTo("slow");
      }
      Set<String> homes = new HashSet<>();
      for (int i = 0; i < 40; i++) {
        homes.add(client.rate(INPUT.withIdempotencyKey("order-" + i)).region());
      }
      assertThat(homes).containsExactlyInAnyOrder("slow", "quick");
    }
    assertThat(slow.ratings()).noneMatch(asked -> asked.header("idempotency-key").isEmpty());
  }

  @Test
  void bad_settings_are_refused_in_words() {
    assertThatThrownBy(() -> OpenClawClient.builder().build()).hasMessageStartingWith("apiKey: ");
    assertThatThrownBy(() -> OpenClawClient.builder().apiKey("k").build())
        .hasMessage("regions: none (expected: 1 to 64)");
    assertThatThrownBy(() -> client().retries(9)).hasMessage("retries: 9 (expected: 0 to 8)");
    assertThatThrownBy(() -> client().timeout(Duration.ZERO)).hasMessageStartingWith("timeout: ");
    assertThatThrownBy(() -> client().probeInterval(Duration.ofMillis(9)))
        .hasMessage("probeInterval: PT0.009S (expected: PT0.1S to PT1M)");
    assertThatThrownBy(() -> client().region("slow", slow.url()))
        .hasMessage("region named twice: slow");
    assertThatThrownBy(() -> client().region("x", URI.create("ftp://h")))
        .hasMessageStartingWith("region x: ftp://h (expected: http or https");
    assertThatThrownBy(() -> Hedge.after(Duration.ZERO)).hasMessageStartingWith("hedge delay: ");
    assertThatThrownBy(() -> INPUT.withIdempotencyKey("ü")).hasMessageStartingWith("idempotency");
  }
}
