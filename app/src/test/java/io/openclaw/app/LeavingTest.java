package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node that stops tells those that keep connections to it. */
@Timeout(60)
class LeavingTest {
  private static final byte[] ALIVE = RawHttp.request("GET", "/livez", new byte[0]);

  @Test
  void each_answer_is_the_last_of_its_connection() throws Exception {
    TestNode node = TestNode.start(Map.of(Setting.HTTP_DRAIN_MILLIS, "2000"), "");
    try (RawHttp kept = new RawHttp(node.port());
        RawHttp rating = new RawHttp(node.port())) {
      byte[] rate =
          RawHttp.request(
              "POST",
              "/v1/rate",
              "{}".getBytes(UTF_8),
              "Content-Type: application/json",
              "Authorization: Bearer " + node.key("credit"));
      int status = rating.ask(rate).status();
      RawHttp.Reply before = kept.ask(ALIVE);
      assertThat(before.status()).isEqualTo(200);
      assertThat(before.header("connection")).isEmpty();

      CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> close(node));
      awaitNotReady(node.port());
      RawHttp.Reply last = kept.ask(ALIVE);
      assertThat(last.status()).isEqualTo(200);
      assertThat(last.header("connection")).isEqualTo("close");
      assertThat(kept.isClosedWithin(1_000)).isTrue();
      RawHttp.Reply rated = rating.ask(rate);
      assertThat(rated.status()).isEqualTo(status);
      assertThat(rated.header("connection")).isEqualTo("close");
      assertThat(RawHttp.ask(node.port(), rate).status()).as("a new one").isEqualTo(status);
      closed.get(30, SECONDS);
    }
  }

  private static void close(TestNode node) {
    try {
      node.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void awaitNotReady(int port) throws Exception {
    byte[] ready = RawHttp.request("GET", "/readyz", new byte[0]);
    while (RawHttp.ask(port, ready).status() == 200) {
      Thread.sleep(5);
    }
  }
}
