package io.openclaw.net;

import static io.openclaw.net.PeersTransportTest.get;
import static io.openclaw.net.RawClient.head;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.net.RawClient.Reply;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How connections of one server end, and when they do not. */
@Timeout(60)
final class GuardedServerTest {
  private static final int IDLE_MILLIS = 200;
  private static final int LATER_MILLIS = 100; // when another request has long arrived
  private static final int LONG_MILLIS = 5 * IDLE_MILLIS;
  private static final int BODY_BYTES_MAX = 1 << 20;
  private static final byte[] MEGABYTES = new byte[4 * BODY_BYTES_MAX];
  private static final String JSON = "Content-Type: application/json";
  private static final Clock CLOCK =
      new Clock() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public long wallMillis() {
          return System.currentTimeMillis();
        }
      };

  private final Vertx vertx = Vertx.builder().build();
  private final List<String> routed = new CopyOnWriteArrayList<>();
  private GuardedServer server;

  @BeforeEach
  void start() throws Exception {
    ApiSettings settings =
        new ApiSettings(
            "127.0.0.1", 0, BODY_BYTES_MAX, 5_000, 10_000, 5_000, IDLE_MILLIS, 100, 100);
    server = get(GuardedServer.start(vertx, settings, 1, CLOCK, this::route));
  }

  @AfterEach
  void stop() throws Exception {
    get(vertx.close());
  }

  private void route(Exchange exchange) {
    routed.add(exchange.path());
    switch (exchange.path()) {
      case "/refused" -> exchange.refuse(Problem.of(ProblemType.UNAUTHENTICATED, "who is it"));
      case "/later" -> exchange.guard().setTimer(LATER_MILLIS, () -> answer(exchange));
      case "/long" -> exchange.guard().setTimer(LONG_MILLIS, () -> answer(exchange));
      default -> exchange.jsonBody(body -> answer(exchange));
    }
  }

  private static void answer(Exchange exchange) {
    exchange.answer(200, ApiServer.JSON, exchange.path().getBytes(ISO_8859_1));
  }

  @Test
  void a_request_may_take_longer_than_a_connection_may_be_idle() throws Exception {
    try (RawClient client = new RawClient(server.port())) {
      client.send(head("GET", "/long"));
      assertThat(client.read().text()).isEqualTo("/long");
      assertThat(client.isClosed()).as("idle from here on").isTrue();
    }
  }

  @Test
  void so_may_one_that_was_sent_before_the_answer_to_the_one_before() throws Exception {
    try (RawClient client = new RawClient(server.port())) {
      client.send(head("GET", "/later") + head("GET", "/long"));
      assertThat(client.read().text()).isEqualTo("/later");
      assertThat(client.read().text()).isEqualTo("/long");
    }
  }

  @Test
  void a_client_whose_body_is_not_wanted_gets_its_answer_all_the_same() throws Exception {
    String length = "Content-Length: " + MEGABYTES.length;
    byte[] chunk = (Integer.toHexString(MEGABYTES.length) + "\r\n").getBytes(ISO_8859_1);
    for (int i = 0; i < 5; i++) {
      Reply refused = sent(head("POST", "/refused", JSON, length), new byte[0], MEGABYTES);
      assertThat(refused.status()).isEqualTo(401);
      Reply declared = sent(head("POST", "/json", JSON, length), new byte[0], MEGABYTES);
      assertThat(declared.status()).isEqualTo(413);
      Reply other = sent(head("POST", "/json", "Content-Type: x/y", length), MEGABYTES);
      assertThat(other.status()).isEqualTo(415);
      Reply found =
          sent(head("POST", "/json", JSON, "Transfer-Encoding: chunked"), chunk, MEGABYTES);
      assertThat(found.status()).isEqualTo(413);
    }
  }

  /** The answer to a request that is read only when all of it is sent. */
  private Reply sent(String head, byte[]... body) throws IOException {
    try (RawClient client = new RawClient(server.port())) {
      client.send(head);
      for (byte[] part : body) {
        client.send(part);
      }
      Reply reply = client.read();
      assertThat(reply.header("connection")).isEqualTo("close");
      assertThat(client.isClosed()).isTrue();
      return reply;
    }
  }

  @Test
  void who_goes_on_sending_what_is_not_wanted_is_cut_before_long() throws Exception {
    try (RawClient client = new RawClient(server.port())) {
      client.send(head("POST", "/refused", JSON, "Content-Length: 100000000000"));
      assertThat(client.read().status()).isEqualTo(401);
      long begun = System.nanoTime();
      int[] sent = new int[1];
      assertThatThrownBy(
              () -> {
                while (true) {
                  client.send(MEGABYTES);
                  sent[0]++;
                }
              })
          .isInstanceOf(IOException.class);
      assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(10));
      assertThat(sent[0]).as("as much as is read and as the kernel holds").isLessThan(16);
    }
  }

  @Test
  void a_body_is_asked_for_only_where_it_is_wanted() throws Exception {
    String[] expects = {JSON, "Content-Length: 2", "Expect: 100-continue"};
    try (RawClient client = new RawClient(server.port())) {
      client.send(head("POST", "/refused", expects));
      assertThat(client.line()).isEqualTo("HTTP/1.1 401 Unauthorized");
    }
    try (RawClient client = new RawClient(server.port())) {
      client.send(head("POST", "/json", JSON, "Content-Length: 2000000", "Expect: 100-continue"));
      assertThat(client.line()).isEqualTo("HTTP/1.1 413 Request Entity Too Large");
    }
    try (RawClient client = new RawClient(server.port())) {
      client.send(head("POST", "/json", expects));
      assertThat(client.line()).isEqualTo("HTTP/1.1 100 Continue");
      while (!client.line().isEmpty()) {
        // to the end of that head
      }
      client.send("{}");
      assertThat(client.read().text()).isEqualTo("/json");
    }
  }

  @Test
  void after_the_answer_that_is_a_connections_last_no_request_is_begun() throws Exception {
    server.leave();
    try (RawClient client = new RawClient(server.port())) {
      client.send(head("GET", "/later") + head("GET", "/long"));
      Reply last = client.read();
      assertThat(last.text()).isEqualTo("/later");
      assertThat(last.header("connection")).isEqualTo("close");
      assertThat(client.isClosed()).isTrue();
    }
    assertThat(routed).containsExactly("/later");
  }
}
