package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.app.RawHttp.Reply;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Batches over real connections: order, one status per input, bounds, slow and lost clients. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BatchTest {
  private static final String NDJSON = "Content-Type: application/x-ndjson";
  private static final String JSON = "Content-Type: application/json";
  private static final String GOOD = "{\"checking_status\":\"<0\",\"duration\":6}";
  private static final String YAML =
      "tenants: {open: {model: credit-g}, counted: {model: items},"
          + " scarce: {model: credit-g, limit: {rate: 0.001, burst: 5}},"
          + " dear: {model: credit-g, cost: 3, quota: {tokens: 10, per: month}}}";

  private TestNode node;

  @BeforeAll
  void begin() throws Exception {
    node = TestNode.start(Map.of(Setting.BATCH_STALL_MILLIS, "1500"), YAML);
  }

  @AfterAll
  void end() throws IOException {
    node.close();
  }

  private String key(String tenant) {
    return "Authorization: Bearer " + node.key(tenant);
  }

  private Reply batch(String tenant, String type, String body) throws IOException {
    return RawHttp.ask(
        node.port(),
        RawHttp.request("POST", "/v1/rate/batch", body.getBytes(UTF_8), key(tenant), type));
  }

  static List<JsonObject> lines(Reply reply) {
    List<JsonObject> lines = new ArrayList<>();
    reply.text().lines().forEach(line -> lines.add(new JsonObject(line)));
    return lines;
  }

  private static List<Integer> statuses(Reply reply) {
    return lines(reply).stream().map(line -> line.getInteger("status")).toList();
  }

  private static String head(TestNode of, String tenant, String more) {
    return "POST /v1/rate/batch HTTP/1.1\r\nHost: node\r\n"
        + NDJSON
        + "\r\nAuthorization: Bearer "
        + of.key(tenant)
        + "\r\n"
        + more
        + "\r\n\r\n";
  }

  private long metric(String name) {
    return metric(node, name);
  }

  private static long metric(TestNode of, String name) {
    return of.metrics()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void every_input_is_answered_in_order_with_what_a_single_request_would_get() throws Exception {
    String inputs =
        String.join(
            "\n", GOOD, "{\"duration\":6,}", "", "{\"duration\":\"x\"}", "[1]", "nonsense", GOOD);
    Reply reply = batch("open", NDJSON, inputs);
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.header("content-type")).isEqualTo("application/x-ndjson");
    assertThat(statuses(reply)).containsExactly(200, 400, 422, 422, 400, 200);
    assertThat(lines(reply).stream().map(line -> line.getInteger("index")))
        .containsExactly(0, 1, 2, 3, 4, 5);
    JsonObject single =
        new JsonObject(
            RawHttp.ask(
                    node.port(),
                    RawHttp.request("POST", "/v1/rate", GOOD.getBytes(UTF_8), key("open"), JSON))
                .text());
    JsonObject first = lines(reply).getFirst();
    assertThat(first.getString("request_id")).isEqualTo(reply.header("x-request-id") + ".0");
    first.remove("index");
    first.remove("status");
    first.remove("request_id");
    single.remove("request_id");
    assertThat(first).isEqualTo(single);
    assertThat(lines(reply).get(2).getJsonArray("errors").getJsonObject(0).getString("pointer"))
        .isEqualTo("/duration");
  }

  @Test
  void an_array_is_rated_element_by_element_and_a_broken_one_ends_with_an_error_line()
      throws Exception {
    assertThat(statuses(batch("open", JSON, "[" + GOOD + " , {\"duration\":6,} ,\n" + GOOD + "]")))
        .containsExactly(200, 400, 200);
    assertThat(batch("open", JSON, " [ ] ").text()).isEmpty();
    Reply cut = batch("open", JSON, "[" + GOOD + "," + GOOD + ",{\"dur");
    assertThat(cut.status()).isEqualTo(200);
    assertThat(statuses(cut)).containsExactly(200, 200, null);
    assertThat(lines(cut).getLast().getJsonObject("error").getInteger("status")).isEqualTo(400);
    assertThat(batch("open", JSON, GOOD).status()).isEqualTo(400);
  }

  @Test
  void ten_thousand_inputs_are_rated_and_one_more_is_said_to_be_too_many() throws Exception {
    String inputs = (GOOD + "\n").repeat(10_000);
    Reply whole = batch("open", NDJSON, inputs);
    assertThat(lines(whole)).hasSize(10_000).allMatch(line -> line.getInteger("status") == 200);
    int at = 0;
    for (JsonObject line : lines(whole)) {
      assertThat(line.getInteger("index")).isEqualTo(at++);
    }
    List<JsonObject> more = lines(batch("open", NDJSON, inputs + GOOD));
    assertThat(more).hasSize(10_001);
    assertThat(more.getLast().getJsonObject("error").getInteger("status")).isEqualTo(413);
  }

  @Test
  void an_input_of_64_kib_is_rated_and_a_byte_more_costs_only_that_input() throws Exception {
    String fits = "{\"duration\":6" + " ".repeat((64 << 10) - 14) + "}";
    assertThat(fits).hasSize(64 << 10);
    String over = "{\"duration\":6" + " ".repeat((64 << 10) - 13) + "}";
    assertThat(statuses(batch("open", NDJSON, fits + "\n" + over + "\n" + GOOD)))
        .containsExactly(200, 413, 200);
    assertThat(statuses(batch("open", JSON, "[" + over + "," + GOOD + "]")))
        .containsExactly(413, 200);
  }

  @Test
  void who_is_not_known_is_refused_before_a_byte_of_the_body_is_read() throws Exception {
    try (RawHttp client = new RawHttp(node.port())) {
      client.send(
          "POST /v1/rate/batch HTTP/1.1\r\nHost: node\r\n"
              + NDJSON
              + "\r\nContent-Length: 9\r\n\r\n");
      assertThat(java.util.Objects.requireNonNull(client.read(false)).status()).isEqualTo(401);
    }
  }

  @Test
  void what_a_limit_denies_is_429_in_its_line_and_refused_inputs_spend_nothing() throws Exception {
    String bad = "{\"duration\":\"x\"}\n";
    Reply reply = batch("scarce", NDJSON, bad.repeat(20) + (GOOD + "\n").repeat(8));
    assertThat(statuses(reply).subList(0, 20)).allMatch(status -> status == 422);
    assertThat(statuses(reply).subList(20, 28))
        .containsExactly(200, 200, 200, 200, 200, 429, 429, 429);
    assertThat(lines(reply).getLast().getInteger("retry_after")).isPositive();
    List<Integer> dear = statuses(batch("dear", NDJSON, (GOOD + "\n").repeat(9)));
    assertThat(dear).endsWith(429).filteredOn(status -> status == 200).hasSizeBetween(1, 3);
  }

  @Test
  void scores_on_disk_keep_their_order_and_are_all_counted() throws Exception {
    StringBuilder inputs = new StringBuilder();
    for (int i = 0; i < 500; i++) {
      inputs.append("{\"item\":\"one\",\"score\":").append(i % 5 + 1).append("}\n");
    }
    Reply reply = batch("counted", NDJSON, inputs.toString());
    List<JsonObject> lines = lines(reply);
    assertThat(lines).hasSize(500).allMatch(line -> line.getInteger("status") == 200);
    assertThat(lines.getLast().encode()).contains("\"item\"");
    assertThat(new JsonArray(lines.stream().map(l -> l.getInteger("index")).toList()))
        .isEqualTo(new JsonArray(IntStream.range(0, 500).boxed().toList()));
  }

  @Test
  void answers_come_while_the_body_is_still_on_its_way() throws Exception {
    try (RawHttp client = new RawHttp(node.port())) {
      client.send(head(node, "open", "Transfer-Encoding: chunked"));
      client.send(Integer.toHexString(GOOD.length() + 1) + "\r\n" + GOOD + "\n\r\n");
      assertThat(client.readLine()).isEqualTo("HTTP/1.1 200 OK");
      String line = client.readLine();
      while (!line.startsWith("{\"index\":0,\"status\":200")) {
        line = client.readLine();
      }
      client.send("0\r\n\r\n");
      while (!client.readLine().equals("0")) {
        // the line's end
      }
    }
  }

  @Test
  void a_client_that_reads_nothing_is_cut_and_what_it_sends_is_not_read_on() throws Exception {
    int inputs = 100_000;
    try (TestNode wide =
            TestNode.start(
                Map.of(Setting.BATCH_STALL_MILLIS, "1500", Setting.BATCH_ITEMS_MAX, "1000000"),
                YAML);
        RawHttp client = new RawHttp(wide.port(), 4096)) {
      Thread sender =
          Thread.ofPlatform()
              .start(
                  () -> {
                    client.send(head(wide, "open", "Transfer-Encoding: chunked"));
                    byte[] part = (GOOD + "\n").repeat(100).getBytes(UTF_8);
                    for (int i = 0; i < inputs / 100; i++) {
                      client.send(Integer.toHexString(part.length) + "\r\n");
                      client.send(part);
                      client.send("\r\n");
                    }
                  });
      for (int i = 0; i < 400 && metric(wide, "openclaw_batches_cut_total") == 0; i++) {
        Thread.sleep(50);
      }
      assertThat(metric(wide, "openclaw_batches_cut_total")).isEqualTo(1);
      assertThat(metric(wide, "openclaw_batches_under_way")).isZero();
      assertThat(metric(wide, "openclaw_concurrency_in_flight")).isZero();
      // What sockets hold, and a write queue: some megabytes of lines, not all of them.
      assertThat(metric(wide, "openclaw_batch_items_total")).isLessThan(inputs / 2);
      sender.join(20_000);
    }
  }

  @Test
  void single_requests_are_answered_between_the_chunks_of_batches() throws Exception {
    List<Thread> batches = new ArrayList<>();
    List<Integer> lines = new java.util.concurrent.CopyOnWriteArrayList<>();
    for (int i = 0; i < 6; i++) {
      batches.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      String text = batch("open", NDJSON, (GOOD + "\n").repeat(10_000)).text();
                      lines.add((int) text.lines().count());
                    } catch (IOException e) {
                      lines.add(-1);
                    }
                  }));
    }
    int answered = 0;
    while (batches.stream().anyMatch(Thread::isAlive)) {
      byte[] single = RawHttp.request("POST", "/v1/rate", GOOD.getBytes(UTF_8), key("open"), JSON);
      assertThat(RawHttp.ask(node.port(), single).status()).isEqualTo(200);
      answered++;
    }
    assertThat(lines).hasSize(6).containsOnly(10_000);
    assertThat(answered).as("while 60,000 inputs were rated").isGreaterThan(1);
  }

  @Test
  void a_client_that_goes_away_ends_its_batch_and_leaves_no_slot_taken() throws Exception {
    long cut = metric("openclaw_batches_cut_total");
    try (RawHttp client = new RawHttp(node.port())) {
      client.send(
          "POST /v1/rate/batch HTTP/1.1\r\nHost: node\r\n"
              + NDJSON
              + "\r\n"
              + key("counted")
              + "\r\nContent-Length: 1000000\r\n\r\n"
              + "{\"item\":\"two\",\"score\":5}\n".repeat(1000));
    }
    for (int i = 0; i < 100 && metric("openclaw_batches_cut_total") == cut; i++) {
      Thread.sleep(50);
    }
    assertThat(metric("openclaw_batches_cut_total")).isEqualTo(cut + 1);
    assertThat(metric("openclaw_batches_under_way")).isZero();
    for (int i = 0; i < 100 && metric("openclaw_concurrency_in_flight") > 0; i++) {
      Thread.sleep(50); // what was on its way to the disk gets there
    }
    assertThat(metric("openclaw_concurrency_in_flight")).isZero();
  }

  @Test
  void a_tenant_has_a_quarter_of_all_batches_at_most_and_others_have_theirs() throws Exception {
    try (TestNode few =
            TestNode.start(
                Map.of(Setting.BATCH_UNDER_WAY_MAX, "4", Setting.BATCH_STALL_MILLIS, "60000"),
                YAML);
        RawHttp first = new RawHttp(few.port());
        RawHttp second = new RawHttp(few.port());
        RawHttp other = new RawHttp(few.port())) {
      first.send(head(few, "open", "Content-Length: 1000") + GOOD + "\n");
      while (metric(few, "openclaw_batches_under_way") == 0) {
        Thread.sleep(5);
      }
      second.send(head(few, "open", "Content-Length: " + GOOD.length()) + GOOD);
      Reply refused = java.util.Objects.requireNonNull(second.read(false));
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.header("retry-after")).isEqualTo("1");
      assertThat(refused.text()).contains("the tenant has 1 batches under way");
      String item = "{\"item\":\"two\",\"score\":5}";
      other.send(head(few, "counted", "Content-Length: " + item.length()) + item);
      assertThat(statuses(java.util.Objects.requireNonNull(other.read(false))))
          .containsExactly(200);
      first.finish();
      while (metric(few, "openclaw_batches_under_way") > 0) {
        Thread.sleep(5);
      }
      byte[] again =
          RawHttp.joined(
              head(few, "open", "Content-Length: " + GOOD.length()).getBytes(UTF_8),
              GOOD.getBytes(UTF_8));
      assertThat(RawHttp.ask(few.port(), again).status()).isEqualTo(200);
    }
  }

  @Test
  void a_client_that_drips_is_cut_though_it_never_stops() throws Exception {
    try (RawHttp client = new RawHttp(node.port())) {
      client.send(head(node, "open", "Content-Length: 100000") + GOOD + "\n");
      Thread dripping =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      while (true) {
                        client.send(" ");
                        Thread.sleep(100);
                      }
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  });
      Reply reply = java.util.Objects.requireNonNull(client.read(false));
      dripping.interrupt();
      dripping.join();
      assertThat(statuses(reply)).containsExactly(200, null);
      JsonObject error = lines(reply).getLast().getJsonObject("error");
      assertThat(error.getInteger("status")).isEqualTo(408);
      assertThat(error.getString("type")).isEqualTo("urn:openclaw:problem:request-timeout");
      assertThat(error.getString("detail")).contains("less than 1024 bytes a second");
    }
  }

  @Test
  void a_client_that_stops_sending_is_told_so() throws Exception {
    try (RawHttp client = new RawHttp(node.port())) {
      client.send(
          "POST /v1/rate/batch HTTP/1.1\r\nHost: node\r\n"
              + NDJSON
              + "\r\n"
              + key("open")
              + "\r\nContent-Length: 1000\r\n\r\n"
              + GOOD
              + "\n");
      Reply reply = java.util.Objects.requireNonNull(client.read(false));
      assertThat(statuses(reply)).containsExactly(200, null);
      assertThat(lines(reply).getLast().getJsonObject("error").getInteger("status")).isEqualTo(408);
    }
  }
}
