package io.openclaw.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.ProblemType;
import io.openclaw.router.RawClient.Answer;
import io.openclaw.steer.RegionState;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RouterPassageTest {
  private static final String BATCH = "POST /v1/rate/batch HTTP/1.1\r\nhost: router\r\n";
  private static final String CHUNKED = "transfer-encoding: chunked\r\n\r\n";

  @Test
  void a_batch_is_answered_through_the_router_while_it_is_still_being_sent() throws IOException {
    try (TestFleet fleet = new TestFleet(1, settings -> settings);
        RawClient client = new RawClient(fleet.port())) {
      fleet.region(0).early =
          request -> {
            request.response().setChunked(true);
            request.handler(part -> request.response().write(part));
            request.endHandler(end -> request.response().end());
          };
      client.send(BATCH + CHUNKED + "3\r\none\r\n");
      String line = client.line();
      assertThat(line).startsWith("HTTP/1.1 200");
      while (!line.equals("one")) {
        line = client.line();
      }
      client.send("3\r\ntwo\r\n0\r\n\r\n");
      while (!line.equals("two")) {
        line = client.line();
      }
      while (!line.equals("0")) {
        line = client.line();
      }
      assertThat(client.line()).isEmpty();
      assertThat(client.exchange("GET", "/", new byte[0]).status()).isEqualTo(200);
    }
  }

  @Test
  void a_body_larger_than_the_router_holds_of_any_other_passes_whole() throws IOException {
    AtomicLong bytes = new AtomicLong();
    try (TestFleet fleet = new TestFleet(1, settings -> settings)) {
      fleet.region(0).early =
          request -> {
            request.handler(part -> bytes.addAndGet(part.length()));
            request.endHandler(end -> request.response().end("whole"));
          };
      Answer answer = RawClient.post(fleet.port(), "/v1/jobs", new byte[20_000_000]);
      assertThat(answer.text()).isEqualTo("whole");
      assertThat(bytes.get()).isEqualTo(20_000_000);
    }
  }

  @Test
  void what_a_region_has_seen_a_part_of_is_not_tried_elsewhere() throws IOException {
    try (TestFleet fleet = new TestFleet(2, settings -> settings);
        RawClient client = new RawClient(fleet.port())) {
      fleet.region(0).early = request -> request.handler(part -> request.connection().close());
      client.send(BATCH + CHUNKED + "3\r\none\r\n");
      Answer answer = client.read("POST");
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.header("retry-after")).isEqualTo("1");
      assertThat(fleet.region(1).served).hasValue(0);
    }
  }

  @Test
  void an_answer_that_breaks_off_is_not_made_to_look_whole() throws IOException {
    try (TestFleet fleet = new TestFleet(1, settings -> settings);
        RawClient client = new RawClient(fleet.port())) {
      fleet.region(0).early =
          request ->
              request.handler(
                  part ->
                      request
                          .response()
                          .setChunked(true)
                          .write("line\n")
                          .onComplete(sent -> request.connection().close()));
      client.send(BATCH + CHUNKED + "3\r\none\r\n");
      assertThatThrownBy(() -> client.read("POST")).isInstanceOf(IOException.class);
    }
  }

  @Test
  void a_region_that_cannot_be_connected_to_costs_no_try() throws IOException {
    try (TestFleet fleet = new TestFleet(2, settings -> settings)) {
      fleet.region(0).kill();
      Answer answer = RawClient.post(fleet.port(), "/v1/rate/batch", new byte[100]);
      assertThat(answer.header("x-region")).isEqualTo("b");
      fleet.region(1).kill();
      assertThat(RawClient.post(fleet.port(), "/v1/rate/batch", new byte[100]).status())
          .isEqualTo(503);
    }
  }

  @Test
  void a_job_is_asked_for_in_the_region_that_its_id_names_and_in_no_other() throws IOException {
    try (TestFleet fleet = new TestFleet(2, settings -> settings)) {
      String job = "/v1/jobs/b.0123456789abcdef";
      assertThat(RawClient.get(fleet.port(), job).header("x-region")).isEqualTo("b");
      assertThat(RawClient.get(fleet.port(), job + "/results?from=5").header("x-region"))
          .isEqualTo("b");
      assertThat(fleet.region(1).seen.getLast().uri()).isEqualTo(job + "/results?from=5");
      assertThat(RawClient.get(fleet.port(), "/v1/jobs?region=b").header("x-region"))
          .isEqualTo("b");
      assertThat(RawClient.get(fleet.port(), "/v1/jobs").header("x-region")).isEqualTo("a");
      assertThat(RawClient.get(fleet.port(), "/v1/jobs/nowhere.1").status()).isEqualTo(404);
      fleet.region(1).kill();
      assertThat(RawClient.get(fleet.port(), job).status()).isEqualTo(503);
      assertThat(fleet.region(0).seen).hasSize(1);
    }
  }

  @Test
  void a_client_that_goes_away_ends_the_request_in_the_region() throws IOException {
    AtomicInteger broken = new AtomicInteger();
    try (TestFleet fleet = new TestFleet(1, settings -> settings)) {
      fleet.region(0).early =
          request -> {
            request.handler(part -> {});
            request.connection().closeHandler(closed -> broken.incrementAndGet());
          };
      try (RawClient client = new RawClient(fleet.port())) {
        client.send(BATCH + CHUNKED + "3\r\none\r\n");
        fleet.await("the request", () -> fleet.region(0).served.get() == 1);
      }
      fleet.await("its end", () -> broken.get() == 1);
      fleet.await("no request under way", () -> fleet.router.view().inFlight(0) == 0);
    }
  }

  @Test
  void a_passage_in_which_nothing_moves_ends_with_504() throws IOException {
    try (TestFleet fleet =
            new TestFleet(
                1, settings -> settings.withTimeouts(TestFleet.HARDLY_PROBING.withStall(200)));
        RawClient client = new RawClient(fleet.port())) {
      fleet.region(0).early = request -> request.handler(part -> {});
      client.send(BATCH + CHUNKED + "3\r\none\r\n");
      assertThat(client.read("POST").status()).isEqualTo(504);
      fleet.await("no request under way", () -> fleet.router.view().inFlight(0) == 0);
    }
  }

  @Test
  void a_region_that_refuses_batches_is_left_but_not_one_that_says_it_is_overloaded()
      throws IOException {
    try (TestFleet fleet = new TestFleet(2, settings -> settings)) {
      fleet.region(0).behaviour =
          request ->
              request
                  .response()
                  .setStatusCode(503)
                  .end("{\"type\":\"" + ProblemType.OVERLOADED.uri() + "\"}");
      for (int i = 0; i < 6; i++) {
        assertThat(batch(fleet).status()).isEqualTo(503);
      }
      assertThat(fleet.metrics.ejected).isEmpty();
      fleet.region(0).behaviour = request -> request.response().setStatusCode(502).end();
      for (int i = 0; i < 5; i++) {
        assertThat(batch(fleet).status()).isEqualTo(502);
      }
      assertThat(fleet.metrics.ejected).containsExactly("a");
      assertThat(batch(fleet).header("x-region")).isEqualTo("b");
    }
  }

  private static Answer batch(TestFleet fleet) throws IOException {
    return RawClient.post(fleet.port(), "/v1/rate/batch", new byte[100]);
  }

  @Test
  void a_batch_that_goes_in_a_circle_is_refused() throws IOException {
    try (TestFleet fleet = new TestFleet(1, settings -> settings)) {
      String via = "via: 1.1 openclaw-router, 1.1 openclaw-router";
      assertThat(RawClient.get(fleet.port(), "/v1/jobs", via).status()).isEqualTo(200);
      for (String path : new String[] {"/v1/rate/batch", "/v1/jobs"}) {
        Answer circle = RawClient.post(fleet.port(), path, new byte[100], via, via);
        assertThat(circle.status()).isEqualTo(508);
        assertThat(circle.text()).contains(ProblemType.LOOP_DETECTED.uri());
      }
      assertThat(fleet.region(0).served).hasValue(1);
    }
  }

  @Test
  void an_old_client_learns_of_the_end_by_the_end_of_the_connection() throws IOException {
    try (TestFleet fleet = new TestFleet(1, settings -> settings)) {
      fleet.region(0).behaviour = request -> request.response().setChunked(true).end("lines");
      for (String path : new String[] {"/v1/rate/batch", "/v1/rate"}) {
        try (RawClient client = new RawClient(fleet.port())) {
          client.send(
              "POST "
                  + path
                  + " HTTP/1.0\r\nhost: r\r\nconnection: keep-alive\r\n"
                  + "content-length: 3\r\n\r\none");
          Answer answer = client.read("POST");
          assertThat(answer.text()).isEqualTo("lines");
          assertThat(answer.headers()).doesNotContainKey("transfer-encoding");
        }
      }
    }
  }

  @Test
  void a_region_that_stalls_in_the_middle_of_an_answer_is_at_fault() throws IOException {
    try (TestFleet fleet =
            new TestFleet(
                2, settings -> settings.withTimeouts(TestFleet.HARDLY_PROBING.withStall(700)));
        RawClient batch = new RawClient(fleet.port());
        RawClient rating = new RawClient(fleet.port())) {
      fleet.region(0).behaviour = request -> request.response().setChunked(true).write("line\n");
      batch.send(BATCH + "content-length: 2\r\n\r\n{}");
      rating.send("GET / HTTP/1.1\r\nhost: r\r\n\r\n");
      assertThat(batch.line()).isEqualTo("HTTP/1.1 200 OK");
      assertThat(rating.line()).isEqualTo("HTTP/1.1 200 OK");
      fleet.await("both cut off", () -> fleet.metrics.requests.size() == 2);
      assertThat(fleet.metrics.requests).containsExactly("a 504", "a 504");
      assertThat(fleet.metrics.ejected).containsExactly("a");
    }
  }

  @Test
  void a_client_that_stalls_in_the_middle_of_a_batch_is_at_fault_itself() throws IOException {
    try (TestFleet fleet =
        new TestFleet(
            1, settings -> settings.withTimeouts(TestFleet.HARDLY_PROBING.withStall(300)))) {
      fleet.region(0).early =
          request -> {
            request.response().setChunked(true);
            request.handler(part -> request.response().write(part));
          };
      for (int i = 0; i < 2; i++) {
        try (RawClient client = new RawClient(fleet.port())) {
          client.send(BATCH + CHUNKED + "3\r\none\r\n");
          assertThatThrownBy(() -> client.read("POST")).isInstanceOf(IOException.class);
        }
      }
      assertThat(fleet.metrics.requests).containsExactly("a 499", "a 499");
      assertThat(fleet.metrics.ejected).isEmpty();
    }
  }

  @Test
  void a_batch_goes_on_while_its_region_drains() throws IOException {
    try (TestFleet fleet =
            new TestFleet(
                2, settings -> settings.withTimeouts(RouterTimeouts.defaults().withStall(5_000)));
        RawClient client = new RawClient(fleet.port())) {
      fleet.region(0).early =
          request -> {
            request.response().setChunked(true);
            request.handler(part -> request.response().write(part));
            request.endHandler(end -> request.response().end());
          };
      client.send(BATCH + CHUNKED + "3\r\none\r\n");
      assertThat(client.line()).isEqualTo("HTTP/1.1 200 OK");
      fleet.region(0).readiness = FakeRegion.Readiness.DRAINING;
      fleet.awaitState(0, RegionState.DOWN);
      client.send("3\r\ntwo\r\n0\r\n\r\n");
      String line = client.line();
      while (!line.equals("0")) {
        line = client.line();
      }
      fleet.await("the end", () -> fleet.metrics.requests.contains("a 200"));
      fleet.await("no connection left", () -> fleet.region(0).traffic.isEmpty());
    }
  }
}
