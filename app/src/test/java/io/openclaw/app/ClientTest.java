package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.openclaw.client.BatchResult;
import io.openclaw.client.BatchResults;
import io.openclaw.client.ClientBuilder;
import io.openclaw.client.Limits;
import io.openclaw.client.ModelInfo;
import io.openclaw.client.OpenClawClient;
import io.openclaw.client.ProblemDetails.FieldError;
import io.openclaw.client.ProblemException;
import io.openclaw.client.RateRequest;
import io.openclaw.client.RateResult;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The client library against a real node. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ClientTest {
  private static final RateRequest APPLICATION =
      RateRequest.builder().set("checking_status", "<0").set("duration", 6).build();

  private TestNode node;

  @BeforeAll
  void begin() throws Exception {
    String slow = "tenants: {slow: {model: credit-g, limit: {rate: 20, burst: 4}}}";
    node = TestNode.start(Map.of(), slow);
  }

  @AfterAll
  void end() throws Exception {
    node.close();
  }

  private ClientBuilder client(String tenant) {
    return OpenClawClient.builder()
        .apiKey(node.key(tenant))
        .region("local", URI.create("http://127.0.0.1:" + node.port()))
        .timeout(Duration.ofSeconds(20));
  }

  @Test
  void a_rating_with_its_reasons_and_what_is_left_of_the_limit() {
    try (OpenClawClient client = client("credit").build()) {
      RateResult result = client.rate(APPLICATION);
      assertThat(result.model()).isEqualTo("credit-g");
      assertThat(result.rating()).isPositive();
      assertThat(result.threshold()).isEqualByComparingTo("650");
      assertThat(result.reasons()).isNotEmpty();
      assertThat(result.rateLimits().get(0).policy()).isEqualTo("tenant");
      assertThat(result.rateLimits().get(0).quota()).isEqualTo(1_000_000);
      assertThat(result.rateLimits().get(0).remaining()).isPositive();
    }
  }

  @Test
  void what_is_wrong_with_an_input_is_named() {
    try (OpenClawClient client = client("credit").build()) {
      RateRequest wrong = RateRequest.of(Map.of("duration", "six"));
      ProblemException thrown =
          catchThrowableOfType(ProblemException.class, () -> client.rate(wrong));
      assertThat(thrown.status()).isEqualTo(422);
      assertThat(thrown.problem().type()).isEqualTo("urn:openclaw:problem:invalid-input");
      assertThat(thrown.problem().errors())
          .extracting(FieldError::pointer)
          .containsExactly("/duration");
    }
    try (OpenClawClient client = client("credit").apiKey("ock_none").build()) {
      ProblemException thrown =
          catchThrowableOfType(ProblemException.class, () -> client.rate(APPLICATION));
      assertThat(thrown.status()).isEqualTo(401);
    }
  }

  @Test
  void an_idempotency_key_has_its_first_answer_again() {
    RateRequest score = RateRequest.json("{\"item\":\"repeated\",\"score\":5}");
    try (OpenClawClient client = client("items").build()) {
      RateResult first = client.rate(score.withIdempotencyKey("order-4711"));
      RateResult again = client.rate(score.withIdempotencyKey("order-4711"));
      RateResult other = client.rate(score);
      assertThat(first.replayed()).isFalse();
      assertThat(again.replayed()).isTrue();
      assertThat(again.requestId()).isEqualTo(first.requestId());
      assertThat(other.item()).containsEntry("count", new BigDecimal(2));
    }
  }

  @Test
  void limits_and_models_are_told() {
    try (OpenClawClient client = client("slow").build()) {
      Limits limits = client.limits();
      assertThat(limits.tenant()).isEqualTo("slow");
      assertThat(limits.limits().get(0).rate()).isEqualByComparingTo("20");
      ModelInfo model = client.models().get(0);
      ModelInfo.Detail detail = client.model(model.name());
      assertThat(detail.model()).isEqualTo(model);
      assertThat(detail.deterministic()).isTrue();
      assertThat(client.rate(RateRequest.of(detail.example())).model()).isEqualTo("credit-g");
      ProblemException thrown =
          catchThrowableOfType(ProblemException.class, () -> client.model("no/ne"));
      assertThat(thrown.status()).isEqualTo(404);
    }
  }

  @Test
  void paced_ratings_are_all_made() {
    try (OpenClawClient client = client("slow").pacing(true).build()) {
      long made =
          IntStream.range(0, 30).mapToObj(i -> client.rateAsync(APPLICATION)).toList().stream()
              .map(each -> each.handle((result, failure) -> failure == null))
              .filter(each -> each.join())
              .count();
      assertThat(made).isEqualTo(30);
      assertThat(client.stats().paced()).isPositive();
    }
  }

  @Test
  void a_batch_of_any_length_is_answered_in_order() {
    int inputs = 1_234;
    try (OpenClawClient client = client("credit").build();
        BatchResults results =
            client.batch(
                IntStream.range(0, inputs)
                    .mapToObj(
                        i ->
                            i == 777 ? RateRequest.json("{\"duration\":\"six\"}") : APPLICATION))) {
      long index = 0;
      while (results.hasNext()) {
        BatchResult result = results.next();
        assertThat(result.index()).isEqualTo(index);
        switch (result) {
          case BatchResult.Rated rated -> assertThat(rated.result().model()).isEqualTo("credit-g");
          case BatchResult.Refused refused -> assertThat(index).isEqualTo(777);
          case BatchResult.Unanswered lost -> throw new AssertionError(lost.toString());
        }
        index++;
      }
      assertThat(index).isEqualTo(inputs);
    }
  }
}
