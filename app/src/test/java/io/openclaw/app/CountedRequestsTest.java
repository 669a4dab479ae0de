package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.app.RawHttp.Reply;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What was sent is counted, once, whoever decided it. */
@Timeout(60)
final class CountedRequestsTest {
  private static final byte[] NOTHING = {};
  private static final byte[] ITEM = "{\"item\":\"a\",\"score\":5}".getBytes(UTF_8);
  private static final byte[] TWO = "[{\"duration\":6},{\"duration\":7}]".getBytes(UTF_8);
  private static final String JSON = "Content-Type: application/json";
  private static final String LARGE = "Content-Length: 99999999999";

  /** A rating whose body stops. */
  private static final String SLOW =
      "POST /v1/rate HTTP/1.1\r\nHost: node\r\n"
          + JSON
          + "\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n";

  private static final Pattern COUNT =
      Pattern.compile("openclaw_requests_total\\{.*status=\"(\\d+)\".*} (\\d+)\\.0");

  private final Map<Integer, Integer> sent = new TreeMap<>();

  private static String line(String problem, int status) {
    return "openclaw_requests_total{model=\"items\",problem=\""
        + problem
        + "\",region=\"test\",status=\""
        + status
        + "\",tenant=\"items\",variant=\"stable\"} 1.0";
  }

  /** Status by status. */
  private static Map<Integer, Integer> counted(String page) {
    Map<Integer, Integer> counted = new TreeMap<>();
    page.lines()
        .map(COUNT::matcher)
        .filter(Matcher::matches)
        .forEach(
            count ->
                counted.merge(
                    Integer.parseInt(count.group(1)),
                    Integer.parseInt(count.group(2)),
                    Integer::sum));
    return counted;
  }

  @Test
  void a_rating_that_misses_its_deadline_is_a_504_of_its_model_and_nothing_when_it_ends()
      throws Exception {
    try (FaultyServers servers = new FaultyServers()) {
      String key = "Authorization: Bearer " + servers.key().reveal();
      byte[] rating = RawHttp.request("POST", "/v1/rate", ITEM, JSON, key);
      servers.disk(FaultyServers.Disk.HANGS);
      assertThat(RawHttp.ask(servers.port(), rating).status()).isEqualTo(504);
      String late = page(servers.metrics());
      assertThat(counted(late)).isEqualTo(Map.of(504, 1));
      assertThat(late).contains(line("deadline-exceeded", 504));
      servers.wakeUp();
      assertThat(RawHttp.ask(servers.port(), rating).status()).isEqualTo(200);
      String after = page(servers.metrics());
      assertThat(counted(after)).isEqualTo(Map.of(200, 1, 504, 1));
      assertThat(after).contains(line("", 200));
    }
  }

  /** As it is now: a port keeps a page for a second. */
  private static String page(NodeMetrics metrics) {
    return new String(metrics.render(metrics.type(null)), UTF_8);
  }

  private void ask(int port, int status, byte[] request) throws IOException {
    Reply reply = RawHttp.ask(port, request);
    assertThat(reply.status()).isEqualTo(status);
    sent.merge(status, 1, Integer::sum);
  }

  @Test
  void what_is_refused_before_a_key_is_looked_at_counts_and_what_machines_look_at_does_not()
      throws Exception {
    try (TestNode node = TestNode.start(Map.of(Setting.HTTP_BODY_MILLIS, "300"), "")) {
      int port = node.port();
      String key = "Authorization: Bearer " + node.key("credit");
      ask(port, 415, RawHttp.request("POST", "/v1/rate", ITEM, key));
      ask(port, 413, RawHttp.request("POST", "/v1/rate", NOTHING, key, JSON, LARGE));
      ask(port, 408, (SLOW + "{").getBytes(UTF_8));
      ask(port, 431, RawHttp.request("POST", "/v1/rate", ITEM, "x: " + "v".repeat(17_000)));
      ask(port, 400, "GET / nonsense\r\n\r\n".getBytes(UTF_8));
      ask(port, 404, RawHttp.request("GET", "/v1/nothing", NOTHING));
      ask(port, 405, RawHttp.request("PATCH", "/v1/rate", NOTHING));
      ask(port, 200, RawHttp.request("GET", "/v1/limits", NOTHING, key));
      ask(port, 401, RawHttp.request("POST", "/v1/rate/batch", TWO, JSON));
      ask(port, 413, RawHttp.request("POST", "/v1/rate/batch", NOTHING, JSON, key, LARGE));
      ask(port, 200, RawHttp.request("POST", "/v1/rate/batch", TWO, JSON, key));
      sent.merge(200, 1, Integer::sum); // of a batch each input counts, and the batch does not
      for (String path : new String[] {"/livez", "/readyz", "/openapi.json", "/v1/jobs"}) {
        Reply reply = RawHttp.ask(port, RawHttp.request("GET", path, NOTHING, key));
        assertThat(reply.status()).as(path).isEqualTo(200);
      }
      assertThat(whenAllAreCounted(node))
          .containsPattern("problem=\"body-too-large\",.*tenant=\"credit\"")
          .containsPattern("problem=\"request-timeout\",.*tenant=\"\"");
    }
  }

  @Test
  void what_finds_no_place_under_way_counts() throws Exception {
    try (TestNode node = TestNode.start(Map.of(Setting.HTTP_IN_FLIGHT_MAX, "1"), "");
        RawHttp slow = new RawHttp(node.port())) {
      slow.send(SLOW);
      assertThat(slow.readLine()).as("it has the place").endsWith("100 Continue");
      byte[] other = RawHttp.request("GET", "/v1/models", NOTHING);
      int status = 0;
      while (status != 503) {
        status = RawHttp.ask(node.port(), other).status();
        sent.merge(status, 1, Integer::sum);
      }
      whenAllAreCounted(node);
    }
  }

  /** The page when it has what was sent; another event loop may be a little behind. */
  private String whenAllAreCounted(TestNode node) throws IOException {
    String page = page(node);
    while (!counted(page).equals(sent)) {
      assertThat(sum(counted(page))).as(page).isLessThan(sum(sent));
      LockSupport.parkNanos(1_000_000);
      page = page(node);
    }
    return page;
  }

  private static int sum(Map<Integer, Integer> counts) {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  private static String page(TestNode node) throws IOException {
    int port = URI.create(node.node().metricsUrl()).getPort();
    return RawHttp.ask(port, RawHttp.request("GET", "/metrics", NOTHING)).text();
  }
}
