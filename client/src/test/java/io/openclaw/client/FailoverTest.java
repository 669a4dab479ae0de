package io.openclaw.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where a rating is tried, and when again, with regions that do as a script says. */
final class FailoverTest {
  private static final RateRequest INPUT = RateRequest.json("{\"duration\":6}");
  private static final Duration NEVER = Duration.ZERO;

  private final List<ScriptedRegion> regions = new ArrayList<>();

  @AfterEach
  void end() throws IOException {
    for (ScriptedRegion region : regions) {
      region.close();
    }
  }

  private ScriptedRegion region(String name) throws IOException {
    ScriptedRegion region = new ScriptedRegion(name);
    regions.add(region);
    return region;
  }

  private ClientBuilder client() {
    ClientBuilder builder =
        OpenClawClient.builder()
            .apiKey("ock_test_secret")
            .failoverOrder(regions.stream().map(region -> region.name).toList())
            .probeInterval(NEVER)
            .timeout(Duration.ofSeconds(20))
            .attemptTimeout(Duration.ofSeconds(10));
    regions.forEach(region -> builder.region(region.name, region.url()));
    return builder;
  }

  @Test
  void a_killed_region_costs_no_call() throws IOException {
    ScriptedRegion a = region("a");
    region("b");
    region("c");
    try (OpenClawClient client = ScriptedRegion.found(client())) {
      for (int i = 0; i < 60; i++) {
        if (i == 20) {
          a.kill();
        }
        assertThat(client.rate(INPUT).rating()).isEqualByComparingTo("700");
      }
      assertThat(client.stats().retries()).isBetween(1L, 6L);
      assertThat(client.regions().get(0).state()).isEqualTo("down");
    }
  }

  @Test
  void a_frozen_region_is_left_after_what_it_usually_takes_not_after_the_longest_wait()
      throws IOException {
    ScriptedRegion a = region("a");
    region("b");
    try (OpenClawClient client = ScriptedRegion.found(client())) {
      for (int i = 0; i < 100; i++) {
        assertThat(client.rate(INPUT).region()).isEqualTo("a");
      }
      a.frozen = true;
      long start = System.nanoTime();
      RateResult result = client.rate(INPUT);
      assertThat(result.region()).isEqualTo("b");
      assertThat(result.tries()).isEqualTo(2);
      assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
      assertThat(client.rate(INPUT).region()).isEqualTo("b");
      assertThat(client.rate(INPUT).tries()).isEqualTo(1); // two failures have ejected it
      a.frozen = false;
    }
  }

  @Test
  void a_frozen_region_is_left_in_time_where_a_try_may_last_as_long_as_the_call()
      throws IOException {
    ScriptedRegion a = region("a");
    ScriptedRegion b = region("b");
    Duration timeout = Duration.ofSeconds(1);
    try (OpenClawClient client =
        ScriptedRegion.found(client().timeout(timeout).attemptTimeout(timeout))) {
      a.frozen = true;
      assertThat(client.rate(INPUT).region()).isEqualTo("b");
      a.frozen = false;
      b.script(
          (asked, reply) -> {
            if (asked.path().equals("/v1/models")) {
              reply.send(200, "{\"models\":[]}");
            } else {
              reply.rating();
            }
          });
      a.script((asked, reply) -> reply.hang());
      assertThat(client.models()).isEmpty();
      // Two that waited in vain within a second have it taken out.
      ScriptedRegion.await(
          () -> client.rate(INPUT).tries() == 1 && states(client).get(0).equals("down"));
    }
  }

  @Test
  void calls_that_wait_for_a_region_leave_it_when_others_have_found_that_it_is_out()
      throws Exception {
    ScriptedRegion a = region("a");
    region("b");
    a.script((asked, reply) -> reply.hang());
    Duration longest = Duration.ofSeconds(3);
    try (OpenClawClient client = ScriptedRegion.found(client().attemptTimeout(longest))) {
      List<CompletableFuture<RateResult>> ratings = new ArrayList<>();
      long start = System.nanoTime();
      ratings.add(client.rateAsync(INPUT));
      ratings.add(client.rateAsync(INPUT));
      Thread.sleep(1_500);
      for (int i = 0; i < 10; i++) {
        ratings.add(client.rateAsync(INPUT));
      }
      ScriptedRegion.await(() -> a.ratings().size() == 12); // the others wait there, too
      for (CompletableFuture<RateResult> rating : ratings) {
        assertThat(rating.join().region()).isEqualTo("b");
      }
      assertThat(System.nanoTime() - start).isBetween(3_000_000_000L, 4_400_000_000L);
    }
  }

  @Test
  void a_region_that_is_unavailable_is_left_at_once() throws IOException {
    ScriptedRegion a = region("a");
    region("b");
    for (int status : new int[] {502, 503, 504}) {
      a.script((asked, reply) -> reply.problem(status));
      try (OpenClawClient client = ScriptedRegion.found(client())) {
        RateResult result = client.rate(INPUT);
        assertThat(result.region()).as("after " + status).isEqualTo("b");
        assertThat(result.tries()).isEqualTo(2);
      }
    }
  }

  @Test
  void half_an_answer_is_no_answer() throws IOException {
    ScriptedRegion a = region("a");
    region("b");
    a.script((asked, reply) -> reply.half(ScriptedRegion.rated("a", 1)));
    try (OpenClawClient client = ScriptedRegion.found(client())) {
      assertThat(client.rate(INPUT).region()).isEqualTo("b");
    }
  }

  @Test
  void a_body_that_comes_too_slowly_is_left() throws IOException {
    ScriptedRegion a = region("a");
    region("b");
    a.script(
        (asked, reply) -> {
          reply.begin("{\"rating\":");
          reply.hang();
        });
    try (OpenClawClient client =
        ScriptedRegion.found(client().attemptTimeout(Duration.ofMillis(100)))) {
      assertThat(client.rate(INPUT).region()).isEqualTo("b");
    }
  }

  @Test
  void a_whole_answer_that_is_none_is_tried_nowhere_else() throws IOException {
    ScriptedRegion a = region("a");
    ScriptedRegion b = region("b");
    try (OpenClawClient client = ScriptedRegion.found(client())) {
      for (String body :
          List.of("{\"rating\":", "{\"rating\":\"7\"}", "[]", "{\"rating\":1e999}")) {
        a.script((asked, reply) -> reply.send(200, body));
        InvalidAnswerException thrown =
            catchThrowableOfType(InvalidAnswerException.class, () -> client.rate(INPUT));
        assertThat(thrown).as(body).hasMessageContaining("a, status 200: ");
      }
    }
    assertThat(a.ratings()).hasSize(4);
    assertThat(b.ratings()).isEmpty();
  }

  @Test
  void what_a_model_or_an_input_is_to_blame_for_is_tried_nowhere_else() throws IOException {
    ScriptedRegion a = region("a");
    ScriptedRegion b = region("b");
    try (OpenClawClient client = ScriptedRegion.found(client())) {
      for (int status : new int[] {400, 401, 403, 404, 408, 413, 422, 429, 500}) {
        a.script((asked, reply) -> reply.problem(status));
        ProblemException thrown =
            catchThrowableOfType(ProblemException.class, () -> client.rate(INPUT));
        assertThat(thrown.status()).isEqualTo(status);
        assertThat(thrown.problem().members()).containsEntry("level", "tenant");
      }
    }
    assertThat(b.ratings()).isEmpty();
  }

  @Test
  void all_tries_of_a_call_have_one_id_and_numbers_of_their_own() throws IOException {
    ScriptedRegion a = region("a");
    ScriptedRegion b = region("b");
    a.script((asked, reply) -> reply.problem(503));
    try (OpenClawClient client = ScriptedRegion.found(client())) {
      client.rate(INPUT);
      client.rate(INPUT);
    }
    List<String> said = new ArrayList<>();
    a.ratings().forEach(each -> said.add(each.header("x-openclaw-attempt")));
    b.ratings().forEach(each -> said.add(each.header("x-openclaw-attempt")));
    assertThat(mistake(said, 2)).isEmpty();
    // Planted: a client that makes a new id for each try, and one that numbers all of them alike.
    assertThat(mistake(List.of("x;try=1", "y;try=2", "z;try=1", "u;try=2"), 2)).contains("4 ids");
    assertThat(mistake(List.of("x;try=1", "y;try=1", "x;try=1", "y;try=2"), 2)).contains("twice");
  }

  /** What is wrong with the attempts that regions saw; empty for nothing. */
  private static String mistake(List<String> attempts, int calls) {
    Set<String> ids = new HashSet<>();
    Set<String> all = new HashSet<>();
    for (String attempt : attempts) {
      ids.add(attempt.split(";", 2)[0]);
      if (!attempt.matches("[0-9a-zA-Z]{1,64};try=[1-9]") || !all.add(attempt)) {
        return attempt + ": twice, or none";
      }
    }
    return ids.size() == calls ? "" : ids.size() + " ids (expected: " + calls + ")";
  }

  @Test
  void retries_stay_within_their_budget() throws Exception {
    ScriptedRegion a = region("a");
    ScriptedRegion b = region("b");
    a.script((asked, reply) -> reply.problem(503));
    b.script((asked, reply) -> reply.problem(503));
    int calls = 60;
    try (OpenClawClient client = ScriptedRegion.found(client())) {
      for (int i = 0; i < calls; i++) {
        ProblemException thrown =
            catchThrowableOfType(ProblemException.class, () -> client.rate(INPUT));
        assertThat(thrown.status()).isEqualTo(503);
      }
      assertThat(client.stats().retries()).isEqualTo(100);
    }
    assertThat(excess(calls, a.ratings().size() + b.ratings().size())).isZero();

    // Planted: a client that tries everything four times.
    ScriptedRegion reckless = region("reckless");
    reckless.script((asked, reply) -> reply.problem(503));
    var http = java.net.http.HttpClient.newHttpClient();
    try (http) {
      for (int i = 0; i < 4 * calls; i++) {
        http.send(
            HttpRequest.newBuilder(reckless.url().resolve("/v1/rate")).build(),
            HttpResponse.BodyHandlers.discarding());
      }
    }
    assertThat(excess(calls, reckless.ratings().size())).isEqualTo(80);
  }

  /** Requests beyond what calls and the budget of retries (at least 100 in 10 s) explain. */
  private static int excess(int calls, int asked) {
    return Math.max(0, asked - calls - Math.max(100, calls / 10));
  }

  @Test
  void a_denial_goes_where_it_says_once_and_the_next_call_goes_there_first() throws IOException {
    ScriptedRegion a = region("a");
    region("b");
    ScriptedRegion c = region("c");
    a.script((asked, reply) -> reply.problem(429, "x-openclaw-elsewhere: c;for=5000"));
    try (OpenClawClient client = ScriptedRegion.found(client())) {
      RateResult first = client.rate(INPUT);
      assertThat(first.region()).isEqualTo("c");
      assertThat(client.rate(INPUT).tries()).isEqualTo(1);
      assertThat(client.stats().diverted()).isEqualTo(1);
      assertThat(client.stats().retries()).isZero();
      c.script((asked, reply) -> reply.problem(429, "x-openclaw-elsewhere: a;for=20"));
      ProblemException thrown =
          catchThrowableOfType(ProblemException.class, () -> client.rate(INPUT));
      assertThat(thrown.status()).isEqualTo(429);
      assertThat(thrown.tries()).hasSize(1); // c sent it to a, and a's word is the last
    }
  }

  @Test
  void an_overloaded_region_sends_its_call_anywhere_else() throws IOException {
    ScriptedRegion a = region("a");
    region("b");
    a.script((asked, reply) -> reply.problem(503, "x-openclaw-elsewhere: *;for=0"));
    try (OpenClawClient client = ScriptedRegion.found(client().retries(1))) {
      assertThat(client.rate(INPUT).region()).isEqualTo("b");
      assertThat(client.stats().diverted()).isEqualTo(1);
    }
  }

  @Test
  void retry_after_is_waited_for_where_there_is_nowhere_else_and_time() throws IOException {
    ScriptedRegion a = region("a");
    a.script(
        (asked, reply) -> {
          if (a.ratings().size() == 1) {
            reply.problem(503, "Retry-After: 1");
          } else {
            reply.rating();
          }
        });
    try (OpenClawClient client = ScriptedRegion.found(client())) {
      long start = System.nanoTime();
      assertThat(client.rate(INPUT).tries()).isEqualTo(2);
      assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(1_000_000_000L);
    }
    a.script((asked, reply) -> reply.problem(503, "Retry-After: 30"));
    try (OpenClawClient client = ScriptedRegion.found(client())) {
      ProblemException thrown =
          catchThrowableOfType(ProblemException.class, () -> client.rate(INPUT));
      assertThat(thrown.problem().retryAfter()).isEqualTo(Duration.ofSeconds(30));
    }
    assertThat(a.ratings()).hasSize(3);
  }

  @Test
  void a_region_that_asked_for_rest_is_left_alone_while_there_is_another() throws IOException {
    ScriptedRegion a = region("a");
    ScriptedRegion b = region("b");
    a.script((asked, reply) -> reply.problem(503, "Retry-After: 10"));
    b.script((asked, reply) -> reply.drop());
    try (OpenClawClient client = ScriptedRegion.found(client())) {
      ProblemException thrown =
          catchThrowableOfType(ProblemException.class, () -> client.rate(INPUT));
      assertThat(thrown.status()).isEqualTo(503);
      // Two of them after a pause, for all that did not rest had been tried.
      assertThat(thrown.tries().get(3).after()).isGreaterThan(Duration.ofMillis(20));
    }
    assertThat(a.ratings()).hasSize(1);
    assertThat(b.ratings()).hasSize(3);
  }

  @Test
  void a_slow_try_is_not_given_up_for_the_same_region() throws IOException {
    ScriptedRegion a = region("a");
    ScriptedRegion b = region("b");
    a.script((asked, reply) -> reply.problem(503, "Retry-After: 10"));
    b.script(
        (asked, reply) -> {
          if (b.ratings().size() == 1) {
            reply.drop();
          } else {
            Thread.sleep(500);
            reply.rating();
          }
        });
    Duration patience = Duration.ofMillis(100);
    try (OpenClawClient client = ScriptedRegion.found(client().attemptTimeout(patience))) {
      assertThat(client.rate(INPUT).tries()).isEqualTo(3);
    }
    assertThat(b.ratings()).hasSize(2);
  }

  @Test
  void where_nothing_answers_the_call_ends_at_its_timeout_and_names_each_try() throws IOException {
    region("a").script((asked, reply) -> reply.hang());
    region("b").script((asked, reply) -> reply.drop());
    Duration timeout = Duration.ofMillis(600);
    try (OpenClawClient client =
        ScriptedRegion.found(client().timeout(timeout).attemptTimeout(Duration.ofMillis(100)))) {
      NoRegionException thrown =
          catchThrowableOfType(NoRegionException.class, () -> client.rate(INPUT));
      assertThat(thrown.tries()).hasSizeGreaterThan(1);
      assertThat(thrown.tries().get(0).region()).isEqualTo("a");
      assertThat(thrown.tries().get(0).reason()).isEqualTo("timeout");
      assertThat(thrown.tries().get(1).reason()).isEqualTo("reset");
      assertThat(thrown).hasMessageContaining("a timeout after").hasMessageNotContaining("secret");
      assertThat(client.regions().stream().mapToInt(RegionStatus::underWay).sum()).isZero();
    }
  }

  @Test
  void without_probes_a_region_that_was_down_comes_back_while_calls_are_made() throws Exception {
    ScriptedRegion a = region("a");
    region("b");
    try (OpenClawClient client = ScriptedRegion.found(client())) {
      client.rate(INPUT);
      int port = a.port();
      a.kill();
      client.rate(INPUT);
      client.rate(INPUT);
      assertThat(client.regions().get(0).state()).isEqualTo("down");
      regions.add(new ScriptedRegion("a", port, (asked, reply) -> reply.rating()));
      long end = System.nanoTime() + 20_000_000_000L;
      while (!client.regions().get(0).state().equals("up") && System.nanoTime() < end) {
        client.rate(INPUT);
        Thread.sleep(20);
      }
      assertThat(client.regions().get(0).state()).isEqualTo("up");
    }
  }

  @Test
  void probes_find_out_what_no_call_has_tried() throws Exception {
    ScriptedRegion a = region("a");
    region("b").ready = false;
    try (OpenClawClient client = client().probeInterval(Duration.ofMillis(100)).build()) {
      long end = System.nanoTime() + 20_000_000_000L;
      while (!states(client).equals(List.of("up", "down")) && System.nanoTime() < end) {
        Thread.sleep(10);
      }
      assertThat(states(client)).containsExactly("up", "down");
    }
    assertThat(a.ratings()).isEmpty();
  }

  private static List<String> states(OpenClawClient client) {
    return client.regions().stream().map(RegionStatus::state).toList();
  }
}
