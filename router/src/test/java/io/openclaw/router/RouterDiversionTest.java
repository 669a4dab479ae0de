package io.openclaw.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.router.RawClient.Answer;
import io.openclaw.steer.RegionState;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Regions that refuse and say where else to try. */
class RouterDiversionTest {
  private static final String ALICE = "authorization: Bearer alice";
  private static final String BOB = "authorization: Bearer bob";

  /** Refuses all, and hints where a router asks. */
  private static void refuse(FakeRegion region, int status, String hint) {
    region.behaviour =
        request -> {
          if (request.headers().contains("x-openclaw-attempt") && !hint.isEmpty()) {
            request.response().putHeader("x-openclaw-elsewhere", hint);
          }
          request.response().setStatusCode(status).end(region.name + " " + status);
        };
  }

  private static TestFleet fleet(int size) {
    return new TestFleet(size, settings -> settings);
  }

  private static Answer get(TestFleet fleet, String... headers) throws IOException {
    return RawClient.get(fleet.port(), "/v1/rate", headers);
  }

  @Test
  void a_denied_request_is_tried_once_where_the_denial_says() throws IOException {
    try (TestFleet fleet = fleet(3)) {
      refuse(fleet.region(0), 429, "c;for=1");
      Answer answer = get(fleet, ALICE);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).as("not the next one in order").isEqualTo("c");
      assertThat(answer.header("x-openclaw-tries")).isEqualTo("2");
      assertThat(fleet.metrics.diverted).containsExactly(DivertReason.LIMIT);
      assertThat(fleet.metrics.retries).isEmpty();
      assertThat(fleet.region(2).seen.getFirst().headers().get("x-openclaw-attempt"))
          .endsWith(";try=2");
    }
  }

  @Test
  void the_next_requests_with_the_same_credential_go_there_at_once_and_no_others()
      throws IOException {
    try (TestFleet fleet = fleet(3)) {
      refuse(fleet.region(0), 429, "c;for=5000");
      for (int i = 0; i < 5; i++) {
        assertThat(get(fleet, ALICE).text()).isEqualTo("c");
      }
      assertThat(fleet.region(0).served).as("asked once").hasValue(1);
      fleet.region(0).thaw();
      assertThat(get(fleet, ALICE).text()).isEqualTo("c");
      assertThat(get(fleet, BOB).text()).isEqualTo("a");
      assertThat(get(fleet).text()).as("without a credential").isEqualTo("a");
    }
  }

  @Test
  void a_preference_ends() throws IOException {
    try (TestFleet fleet = fleet(2)) {
      refuse(fleet.region(0), 429, "b;for=1");
      assertThat(get(fleet, ALICE).text()).isEqualTo("b");
      fleet.region(0).thaw();
      fleet.await("over", () -> answers(fleet, "a"));
    }
  }

  private static boolean answers(TestFleet fleet, String text) {
    try {
      return get(fleet, ALICE).text().equals(text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void the_hint_does_not_reach_the_client_and_a_request_is_diverted_once_only() throws IOException {
    try (TestFleet fleet = fleet(3)) {
      refuse(fleet.region(0), 429, "b;for=100");
      refuse(fleet.region(1), 429, "c;for=100");
      refuse(fleet.region(2), 429, "a;for=100");
      Answer answer = get(fleet);
      assertThat(answer.status()).isEqualTo(429);
      assertThat(answer.text()).isEqualTo("b 429");
      assertThat(answer.headers()).doesNotContainKey("x-openclaw-elsewhere");
      assertThat(answer.header("x-openclaw-tries")).isEqualTo("2");
      assertThat(fleet.region(2).served).hasValue(0);
    }
  }

  @Test
  void who_is_denied_elsewhere_too_is_not_diverted_for_a_while() throws IOException {
    try (TestFleet fleet = fleet(2)) {
      refuse(fleet.region(0), 429, "b;for=5000");
      refuse(fleet.region(1), 429, "a;for=5000");
      for (int i = 0; i < 20; i++) {
        assertThat(get(fleet, ALICE).status()).isEqualTo(429);
      }
      assertThat(fleet.metrics.diverted).hasSize(1);
      assertThat(fleet.region(0).served.get() + fleet.region(1).served.get()).isEqualTo(21);
      assertThat(get(fleet, BOB).status()).isEqualTo(429);
      assertThat(fleet.metrics.diverted).as("another credential").hasSize(2);
    }
  }

  @Test
  void health_comes_before_a_preference() throws IOException {
    try (TestFleet fleet = fleet(3)) {
      refuse(fleet.region(0), 429, "c;for=5000");
      assertThat(get(fleet, ALICE).text()).isEqualTo("c");
      fleet.region(2).kill();
      fleet.region(0).thaw();
      assertThat(get(fleet, ALICE).text()).as("tried elsewhere").isEqualTo("a");
      assertThat(get(fleet, ALICE).text()).isEqualTo("a");
      assertThat(fleet.router.view().health(2).state()).isEqualTo(RegionState.DOWN);
      assertThat(get(fleet, ALICE).header("x-openclaw-tries")).as("ejected").isEmpty();
      refuse(fleet.region(0), 429, "c;for=5000");
      assertThat(get(fleet, BOB).status()).as("nobody is sent to a dead region").isEqualTo(429);
    }
  }

  @Test
  void a_denial_stands_where_the_region_it_names_dies_meanwhile() throws IOException {
    try (TestFleet fleet = fleet(2)) {
      refuse(fleet.region(0), 429, "b;for=100");
      fleet.region(1).kill();
      assertThat(get(fleet, ALICE).status()).isEqualTo(429);
    }
  }

  @Test
  void hints_that_make_no_sense_are_passed_over() throws IOException {
    try (TestFleet fleet = fleet(2)) {
      for (String hint : new String[] {"a;for=9", "zz;for=9", "*;for=9", "b", "b;for=-1"}) {
        refuse(fleet.region(0), 429, hint);
        assertThat(get(fleet, ALICE).text()).as(hint).isEqualTo("a 429");
      }
      fleet.region(0).behaviour =
          request -> request.response().putHeader("x-openclaw-elsewhere", "b;for=9").end("fine");
      assertThat(get(fleet, ALICE).text()).isEqualTo("fine");
      assertThat(fleet.metrics.diverted).isEmpty();
    }
  }

  @Test
  void an_overload_is_tried_once_elsewhere_and_remembered_for_nobody() throws IOException {
    try (TestFleet fleet = fleet(3)) {
      refuse(fleet.region(0), 503, "*;for=0");
      assertThat(get(fleet, ALICE).text()).isEqualTo("b");
      assertThat(get(fleet, ALICE).text()).isEqualTo("b");
      assertThat(fleet.region(0).served).hasValue(2);
      assertThat(fleet.metrics.diverted)
          .containsExactly(DivertReason.OVERLOAD, DivertReason.OVERLOAD);
      refuse(fleet.region(1), 503, "*;for=0");
      Answer answer = get(fleet, ALICE);
      assertThat(answer.text()).isEqualTo("b 503");
      assertThat(answer.header("x-openclaw-tries")).isEqualTo("2");
      assertThat(fleet.region(2).served).as("no storm").hasValue(0);
      assertThat(fleet.metrics.ejected).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"429, b;for=0", "503, *;for=0"})
  void diversions_do_not_use_up_the_retries_of_others(int status, String hint) throws IOException {
    try (TestFleet fleet = fleet(2)) {
      refuse(fleet.region(0), status, hint);
      for (int i = 0; i < 150; i++) {
        get(fleet, ALICE);
      }
      assertThat(fleet.metrics.diverted).as("the diversions' own budget").hasSize(100);
      assertThat(get(fleet, ALICE).status()).isEqualTo(status);
      assertThat(fleet.metrics.retries).isEmpty();
      fleet.region(0).always(503);
      assertThat(get(fleet, BOB).text()).isEqualTo("b");
    }
  }
}
