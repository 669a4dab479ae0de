package io.openclaw.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Batches: in order, whatever their length, and what becomes of them when a region dies. */
final class BatchTest {
  private ScriptedRegion a;
  private ScriptedRegion b;

  @BeforeEach
  void begin() throws IOException {
    a = new ScriptedRegion("a", BatchTest::lines);
    b = new ScriptedRegion("b", BatchTest::lines);
  }

  @AfterEach
  void end() throws IOException {
    a.close();
    b.close();
  }

  private ClientBuilder client() {
    return OpenClawClient.builder()
        .apiKey("k")
        .region("a", a.url())
        .region("b", b.url())
        .failoverOrder(List.of("a", "b"))
        .probeInterval(Duration.ZERO)
        .timeout(Duration.ofSeconds(10));
  }

  /** A line per input: rated as many as its number n, or 422 where n is negative. */
  private static void lines(ScriptedRegion.Asked asked, ScriptedRegion.Reply reply)
      throws IOException {
    StringBuilder out = new StringBuilder();
    String[] inputs = asked.body().strip().split("\n", -1);
    for (int i = 0; i < inputs.length; i++) {
      int n = Integer.parseInt(inputs[i].replaceAll("[^-0-9]", ""));
      String answer =
          n < 0
              ? ScriptedRegion.problemDocument(422)
              : ScriptedRegion.rated(reply.region().name, n)
                  .replace("{\"rating", "{\"status\":200,\"rating");
      out.append("{\"index\":").append(i).append(',').append(answer.substring(1)).append('\n');
    }
    reply.send(200, out.toString(), "Content-Type: application/x-ndjson");
  }

  private static Iterator<RateRequest> numbers(int count) {
    return IntStream.range(0, count)
        .mapToObj(n -> RateRequest.json("{\n\"n\":" + (n % 7 == 6 ? -n : n) + "}"))
        .iterator();
  }

  private static int rating(BatchResult result) {
    return switch (result) {
      case BatchResult.Rated rated -> rated.result().rating().intValueExact();
      case BatchResult.Refused refused -> throw new AssertionError(refused.toString());
      case BatchResult.Unanswered lost -> throw new AssertionError(lost.toString());
    };
  }

  @Test
  void every_input_has_its_result_in_order() {
    try (OpenClawClient client = ScriptedRegion.found(client());
        BatchResults results = client.batch(numbers(537))) {
      for (int n = 0; n < 537; n++) {
        BatchResult result = results.next();
        assertThat(result.index()).isEqualTo(n);
        switch (result) {
          case BatchResult.Rated rated ->
              assertThat(rated.result().rating().intValueExact()).isEqualTo(n);
          case BatchResult.Refused refused -> {
            assertThat(n % 7).isEqualTo(6);
            assertThat(refused.problem().status()).isEqualTo(422);
          }
          case BatchResult.Unanswered lost -> throw new AssertionError(lost.toString());
        }
      }
      assertThat(results.hasNext()).isFalse();
    }
    assertThat(a.ratings()).hasSize(6);
  }

  @Test
  void a_line_break_in_an_input_begins_no_other_one() {
    List<String> inputs = List.of("{\n\r\n\"n\":1}\n", "{\"text\":\"a\nb\",\"n\":2}", "{\"n\":3}");
    try (OpenClawClient client = ScriptedRegion.found(client());
        BatchResults results = client.batch(inputs.stream().map(RateRequest::json))) {
      for (int n = 1; n <= 3; n++) {
        assertThat(rating(results.next())).isEqualTo(n);
      }
    }
    // No region takes a string with a tab: what is wrong alone is not right in a batch.
    assertThat(a.ratings().get(0).body())
        .isEqualTo("{\t\t\t\"n\":1}\t\n{\"text\":\"a\tb\",\"n\":2}\n{\"n\":3}\n");
  }

  @Test
  void inputs_are_taken_only_as_results_are_read() {
    AtomicInteger taken = new AtomicInteger();
    Iterator<RateRequest> endless =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public RateRequest next() {
            return RateRequest.json("{\"n\":" + taken.getAndIncrement() % 6 + "}");
          }
        };
    try (OpenClawClient client = ScriptedRegion.found(client());
        BatchResults results = client.batch(endless)) {
      for (int n = 0; n < 350; n++) {
        results.next();
      }
      int most = 350 + BatchResults.INPUTS_MAX * (BatchResults.CHUNKS_MAX + 1);
      assertThat(taken.get()).isLessThanOrEqualTo(most);
    }
  }

  @Test
  void what_a_region_had_when_it_died_is_unanswered_and_the_rest_is_rated_elsewhere() {
    // One of two under way may be answered well last, which forgives the other; then two failures.
    assertThat(unanswered(false)).isPositive().isLessThanOrEqualTo(400);
  }

  @Test
  void a_batch_that_may_be_repeated_loses_nothing() {
    assertThat(unanswered(true)).isZero();
  }

  /** Of 1,000 inputs, of which region a drops each connection from its second request on. */
  private int unanswered(boolean repeat) {
    a.script(
        (asked, reply) -> {
          if (a.ratings().size() > 1) {
            reply.drop();
          } else {
            lines(asked, reply);
          }
        });
    int lost = 0;
    int seen = 0;
    try (OpenClawClient client = ScriptedRegion.found(client().repeatBatches(repeat));
        BatchResults results = client.batch(numbers(1000))) {
      for (; results.hasNext(); seen++) {
        BatchResult result = results.next();
        assertThat(result.index()).isEqualTo(seen);
        lost += result instanceof BatchResult.Unanswered ? 1 : 0;
      }
    }
    assertThat(seen).isEqualTo(1000);
    return lost;
  }

  @Test
  void a_part_that_is_refused_as_a_whole_is_refused_for_each_of_its_inputs() {
    a.script((asked, reply) -> reply.problem(401));
    try (OpenClawClient client = ScriptedRegion.found(client());
        BatchResults results = client.batch(numbers(3))) {
      List<BatchResult> all = new ArrayList<>();
      results.forEachRemaining(all::add);
      assertThat(all).hasSize(3).allMatch(each -> each instanceof BatchResult.Refused);
    }
  }

  @Test
  void a_part_that_was_refused_unread_goes_elsewhere_and_one_that_may_be_rated_does_not() {
    for (int status : new int[] {503, 504}) {
      a.script((asked, reply) -> reply.problem(status));
      try (OpenClawClient client = ScriptedRegion.found(client());
          BatchResults results = client.batch(numbers(1))) {
        assertThat(results.next() instanceof BatchResult.Rated).isEqualTo(status == 503);
      }
    }
  }

  @Test
  void of_tls_a_failed_handshake_alone_says_that_nothing_was_sent() {
    for (SSLException failure :
        List.of(new SSLHandshakeException("no trust"), new SSLException("a bad record"))) {
      try (HttpClient real = HttpClient.newHttpClient();
          OpenClawClient client =
              ScriptedRegion.found(client().httpClient(failing(real, failure)));
          BatchResults results = client.batch(numbers(1))) {
        assertThat(results.next() instanceof BatchResult.Rated)
            .isEqualTo(failure instanceof SSLHandshakeException);
      }
    }
    assertThat(b.ratings()).hasSize(1);
  }

  /** Whose batches to region a fail. */
  private HttpClient failing(HttpClient real, IOException failure) {
    return new TrippedHttp(
        real,
        request -> {
          if (request.uri().getPort() == a.port() && request.method().equals("POST")) {
            throw failure;
          }
        });
  }

  @Test
  void an_answer_with_a_line_too_few_or_out_of_order_is_noticed() {
    for (String body : List.of("", "{\"index\":1,\"status\":200}\n", "nonsense\n")) {
      a.script((asked, reply) -> reply.send(200, body));
      try (OpenClawClient client = ScriptedRegion.found(client());
          BatchResults results = client.batch(numbers(2))) {
        assertThat(results.next()).isInstanceOf(BatchResult.Unanswered.class);
        assertThat(results.next()).isInstanceOf(BatchResult.Unanswered.class);
        assertThat(results.hasNext()).isFalse();
      }
    }
  }

  @Test
  void closing_a_batch_gives_up_what_is_under_way() throws Exception {
    a.script((asked, reply) -> reply.hang());
    try (OpenClawClient client = ScriptedRegion.found(client())) {
      BatchResults results = client.batch(numbers(500));
      assertThat(results.hasNext()).isTrue();
      results.close();
      assertThat(results.hasNext()).isFalse();
      assertThatThrownBy(results::next).isInstanceOf(java.util.NoSuchElementException.class);
      assertThat(client.regions().get(0).underWay()).isZero();
    }
  }

  @Test
  void an_idempotency_key_is_for_single_ratings() {
    List<RateRequest> inputs = List.of(RateRequest.json("{}").withIdempotencyKey("x"));
    try (OpenClawClient client = ScriptedRegion.found(client());
        BatchResults results = client.batch(inputs.iterator())) {
      assertThatThrownBy(results::hasNext)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("idempotency key: ");
    }
  }

  /** Numbers from 0, and a failure in the place of one. */
  private static Iterator<RateRequest> failingAt(int place, RuntimeException failure) {
    AtomicInteger taken = new AtomicInteger();
    return Stream.generate(
            () -> {
              int n = taken.getAndIncrement();
              if (n == place) {
                throw failure;
              }
              return RateRequest.json("{\"n\":" + n + "}");
            })
        .iterator();
  }

  @Test
  void what_the_inputs_iterator_throws_comes_after_the_results_of_those_before() {
    for (int place : new int[] {0, 3, 100, 250, 299}) {
      IllegalStateException broken = new IllegalStateException("the file is broken");
      try (OpenClawClient client = ScriptedRegion.found(client());
          BatchResults results = client.batch(failingAt(place, broken))) {
        for (int n = 0; n < place; n++) {
          assertThat(rating(results.next())).isEqualTo(n);
        }
        assertThatThrownBy(place % 2 == 0 ? results::hasNext : results::next).isSameAs(broken);
        assertThat(results.hasNext()).isFalse();
        assertThatThrownBy(results::next).isInstanceOf(java.util.NoSuchElementException.class);
      }
    }
  }

  @Test
  void a_blank_input_takes_no_other_ones_rating() {
    Stream<RateRequest> inputs =
        Stream.of("{\"n\":1}", "{\"n\":2}", " ", "{\"n\":4}").map(RateRequest::json);
    try (OpenClawClient client = ScriptedRegion.found(client());
        BatchResults results = client.batch(inputs)) {
      assertThat(rating(results.next())).isEqualTo(1);
      assertThat(rating(results.next())).isEqualTo(2);
      assertThatThrownBy(results::next).hasMessage("input: blank (expected: a JSON object)");
      assertThat(results.hasNext()).isFalse();
    }
  }

  @Test
  void what_the_supplier_of_the_key_throws_comes_where_its_inputs_results_would_be() {
    IllegalStateException locked = new IllegalStateException("the vault is locked");
    AtomicInteger calls = new AtomicInteger();
    ClientBuilder builder =
        client()
            .apiKey(
                () -> {
                  if (calls.incrementAndGet() > 2) {
                    throw locked;
                  }
                  return "k";
                });
    try (OpenClawClient client = ScriptedRegion.found(builder);
        BatchResults results = client.batch(failingAt(1_000, locked))) {
      for (int n = 0; n < 200; n++) {
        assertThat(rating(results.next())).isEqualTo(n);
      }
      assertThatThrownBy(results::next).isSameAs(locked);
      assertThat(results.hasNext()).isFalse();
      assertThat(client.rateAsync(RateRequest.json("{}")))
          .failsWithin(Duration.ofSeconds(10))
          .withThrowableThat()
          .havingCause()
          .isSameAs(locked);
      assertThatThrownBy(() -> client.rate(RateRequest.json("{}"))).isSameAs(locked);
    }
  }

  @Test
  void who_is_interrupted_while_he_waits_has_ended_the_batch() {
    a.script((asked, reply) -> reply.hang());
    try (OpenClawClient client = ScriptedRegion.found(client());
        BatchResults results = client.batch(numbers(500))) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(results::next).isInstanceOf(CallEndedException.class);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(results.hasNext()).isFalse();
      assertThat(client.regions()).allMatch(region -> region.underWay() == 0);
    }
  }

  @Test
  void without_probes_a_frozen_region_is_found_out_by_batches_too() {
    for (int millis : new int[] {200, 1_200}) {
      ClientBuilder builder = client().timeout(Duration.ofMillis(millis));
      a.frozen = false;
      try (OpenClawClient client = ScriptedRegion.found(builder)) {
        a.frozen = true;
        ScriptedRegion.await(() -> isRated(client)); // one after another, of a single part each
        assertThat(client.regions().get(0).state()).isEqualTo("down");
      }
    }
  }

  private static boolean isRated(OpenClawClient client) {
    try (BatchResults results = client.batch(numbers(1))) {
      return results.next() instanceof BatchResult.Rated;
    }
  }

  @Test
  void a_batch_that_takes_long_is_left_to_its_region() {
    a.script(
        (asked, reply) -> {
          Thread.sleep(1_200);
          lines(asked, reply);
        });
    ClientBuilder builder = client().timeout(Duration.ofSeconds(2)).repeatBatches(true);
    try (OpenClawClient client = ScriptedRegion.found(builder);
        BatchResults results = client.batch(numbers(200))) {
      for (int n = 0; n < 200; n++) {
        assertThat(results.next()).isNotInstanceOf(BatchResult.Unanswered.class);
      }
      assertThat(client.regions().get(0).state()).isEqualTo("up");
    }
    assertThat(b.ratings()).isEmpty();
  }
}
