package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.app.RawHttp.Reply;
import io.openclaw.limit.ConcurrencyLimit;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server of two slots, both taken by ratings that wait for a disk which hangs. */
class OverloadTest {
  private static final byte[] ITEM = "{\"item\":\"a\",\"score\":5}".getBytes(UTF_8);
  private static final String JSON = "Content-Type: application/json";
  private static final long WAIT_NANOS = 10_000_000_000L;

  private final FaultyServers servers;
  private final String key;

  OverloadTest() throws Exception {
    servers = new FaultyServers(new ConcurrencyLimit(2, 2, 0));
    key = "Authorization: Bearer " + servers.key().reveal();
  }

  @BeforeEach
  void takeBothSlots() throws IOException {
    servers.disk(FaultyServers.Disk.HANGS);
    for (RawHttp each : List.of(new RawHttp(servers.port()), new RawHttp(servers.port()))) {
      each.send(RawHttp.request("POST", "/v1/rate", ITEM, JSON, key));
      each.finish(); // its answer, a 504, may come: the work goes on
    }
    long start = System.nanoTime();
    while (metric("openclaw_concurrency_in_flight") < 2) {
      assertThat(System.nanoTime() - start).as("never both taken").isLessThan(WAIT_NANOS);
      LockSupport.parkNanos(1_000_000);
    }
  }

  @AfterEach
  void stop() {
    servers.close();
  }

  private double metric(String name) {
    String page = servers.metrics().text();
    return page.lines()
        .filter(line -> line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not in " + page));
  }

  private Reply rate(String... headers) throws IOException {
    return RawHttp.ask(servers.port(), RawHttp.request("POST", "/v1/rate", ITEM, headers));
  }

  @Test
  void a_rating_that_finds_no_slot_is_a_503_that_says_when_to_come_back() throws IOException {
    Reply refused = rate(JSON, key);
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.text()).contains("\"urn:openclaw:problem:overloaded\"");
    assertThat(refused.header("Retry-After")).isEqualTo("1");
    assertThat(refused.headers()).doesNotContainKey("x-openclaw-elsewhere");
    assertThat(metric("openclaw_shed_total")).isEqualTo(1);
    assertThat(metric("openclaw_concurrency_limit")).isEqualTo(2);
  }

  @Test
  void a_router_is_told_to_try_elsewhere() throws IOException {
    Reply refused = rate(JSON, key, "x-openclaw-attempt: 0123;try=1");
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.header("x-openclaw-elsewhere")).isEqualTo("*;for=0");
  }

  @Test
  void health_metrics_and_what_callers_read_of_themselves_need_no_slot() throws IOException {
    for (String path : List.of("/livez", "/metrics", "/v1/limits", "/v1/models")) {
      Reply reply = RawHttp.ask(servers.port(), RawHttp.request("GET", path, new byte[0], key));
      assertThat(reply.status()).as(path).isEqualTo(200);
    }
    String admin = "Authorization: Bearer " + servers.adminKey().reveal();
    Reply keys =
        RawHttp.ask(
            servers.adminPort(), RawHttp.request("GET", "/admin/v1/keys", new byte[0], admin));
    assertThat(keys.status()).isEqualTo(200);
  }
}
