package io.openclaw.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.app.RawHttp.Reply;
import io.openclaw.domain.KeyText;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * Broken input of every kind, over real connections to a real node. After each test the node still
 * serves, holds no request that is over, and has logged no part of a key's secret.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BadInputTest {
  private static final byte[] NOTHING = {};
  private static final String JSON = "Content-Type: application/json";
  private static final String GZIP = "Content-Encoding: gzip";
  private static final int BODY_BYTES_MAX = 1 << 20;
  private static final int IN_FLIGHT_MAX = 16;
  private static final int MUTATIONS = 10_000;
  private static final int MUTATED_REQUESTS = 2_000;
  private static final Set<Integer> DOCUMENTED =
      Set.of(200, 400, 401, 403, 404, 405, 408, 413, 414, 415, 422, 429, 431);
  private static final byte[] ITEM = "{\"item\":\"product-123\",\"score\":5}".getBytes(UTF_8);
  private static final byte[] APPLICATION =
      ("{\"checking_status\":\"<0\",\"duration\":6,\"credit_history\":\"critical/other existing"
              + " credit\",\"purpose\":\"radio/tv\",\"credit_amount\":1169,\"savings_status\":\"no"
              + " known savings\",\"employment\":\">=7\",\"housing\":\"own\",\"existing_credits\":2}")
          .getBytes(UTF_8);

  private LogCapture log;
  private TestNode node;
  private String items = "";
  private String credit = "";

  @BeforeAll
  void begin() throws Exception {
    log = LogCapture.asANodeLogs();
    node =
        TestNode.start(
            Map.of(
                Setting.HTTP_BODY_MILLIS, "1000",
                Setting.HTTP_HEADER_MILLIS, "1000",
                Setting.HTTP_IN_FLIGHT_MAX, Integer.toString(IN_FLIGHT_MAX)),
            "");
    items = "Authorization: Bearer " + node.key("items");
    credit = "Authorization: Bearer " + node.key("credit");
  }

  @AfterAll
  void end() throws IOException {
    node.close();
    log.close();
  }

  @AfterEach
  void the_node_is_well() throws IOException {
    requireEverySlotFree();
    assertThat(ask(rate(ITEM, items, JSON)).status()).isEqualTo(200);
    List<KeyText> keys = new ArrayList<>(node.node().newKeys().values());
    keys.add(node.node().adminKey());
    assertThat(LogCapture.leaksIn(log.text(), keys)).as(log.text()).isEmpty();
  }

  /** So many requests as the node takes at once are under way together, and all are answered. */
  private void requireEverySlotFree() throws IOException {
    long deadline = System.nanoTime() + 10_000_000_000L;
    List<Integer> statuses = allSlots();
    while (statuses.contains(503) && System.nanoTime() < deadline) {
      statuses = allSlots(); // the last connections may not be known to be closed yet
    }
    assertThat(statuses).hasSize(IN_FLIGHT_MAX).containsOnly(200);
  }

  private List<Integer> allSlots() throws IOException {
    List<RawHttp> connections = new ArrayList<>();
    byte[] request = rate(ITEM, items, JSON);
    int most = request.length - 1;
    try {
      for (int i = 0; i < IN_FLIGHT_MAX; i++) {
        RawHttp connection = new RawHttp(node.port());
        connections.add(connection);
        connection.send(Arrays.copyOf(request, most));
      }
      List<Integer> statuses = new ArrayList<>();
      for (RawHttp connection : connections) {
        statuses.add(connection.ask(Arrays.copyOfRange(request, most, most + 1)).status());
      }
      return statuses;
    } finally {
      connections.forEach(RawHttp::close);
    }
  }

  private static byte[] rate(byte[] body, String... headers) {
    return RawHttp.request("POST", "/v1/rate", body, headers);
  }

  private Reply ask(byte[] request) throws IOException {
    return RawHttp.ask(node.port(), request);
  }

  @TestFactory
  Stream<DynamicTest> json_is_taken_and_everything_else_is_refused_with_its_place() {
    List<JsonCases.Case> cases = JsonCases.all();
    long invalid = cases.stream().filter(each -> !each.valid()).count();
    System.out.println(
        "bad input: "
            + (cases.size() - invalid)
            + " valid and "
            + invalid
            + " invalid JSON bodies");
    assertThat(cases.size()).isGreaterThanOrEqualTo(100);
    assertThat(cases.stream().map(JsonCases.Case::name)).doesNotHaveDuplicates();
    return cases.stream().map(each -> DynamicTest.dynamicTest(each.name(), () -> check(each)));
  }

  private void check(JsonCases.Case each) throws IOException {
    Reply reply = ask(rate(each.body(), items, JSON));
    if (each.valid()) {
      assertThat(reply.status()).as(reply.text()).isIn(200, 422);
      return;
    }
    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    JsonObject problem = new JsonObject(reply.text());
    assertThat(problem.getString("type")).isEqualTo("urn:openclaw:problem:not-json");
    assertThat(problem.getString("detail"))
        .matches(".+ \\(line [1-9][0-9]*, column [1-9][0-9]*\\)");
  }

  @Test
  void the_place_of_the_error_is_right() throws IOException {
    Map<String, String> places =
        Map.of(
            "{\"a\":tru}", "line 1, column 6",
            "{\"a\":1}\n{\"a\":2}", "line 2, column 1",
            "{\n  \"a\": 1,\n  \"a\": 2\n}", "line 3, column 3",
            "", "line 1, column 1");
    for (Map.Entry<String, String> each : places.entrySet()) {
      Reply reply = ask(rate(each.getKey().getBytes(UTF_8), items, JSON));
      assertThat(reply.text()).as(each.getKey()).contains(each.getValue());
    }
  }

  @Test
  void a_body_of_the_largest_size_is_taken_and_a_byte_more_is_not() throws IOException {
    byte[] largest = padded(BODY_BYTES_MAX);
    byte[] larger = padded(BODY_BYTES_MAX + 1);
    assertThat(ask(rate(largest, items, JSON)).status()).isEqualTo(200);
    assertThat(ask(rate(larger, items, JSON)).status()).isEqualTo(413);
    assertThat(ask(chunked(largest, 16_000)).status()).isEqualTo(200);
    assertThat(ask(chunked(larger, 16_000)).status()).isEqualTo(413);
    assertThat(ask(rate(RawHttp.gzip(largest), items, JSON, GZIP)).status()).isEqualTo(200);
    assertThat(ask(rate(RawHttp.gzip(larger), items, JSON, GZIP)).status()).isEqualTo(413);
    assertThat(ask(chunked(padded(2000), 1)).status()).as("a byte at a time").isEqualTo(200);
    String huge = "POST /v1/rate HTTP/1.1\r\nHost: node\r\n" + items + "\r\n" + JSON;
    for (String length : List.of("1048577", "99999999999", "9223372036854775807")) {
      String head = huge + "\r\nContent-Length: " + length + "\r\n\r\n{";
      assertThat(ask(head.getBytes(UTF_8)).status()).as(length).isEqualTo(413);
    }
  }

  private static byte[] padded(int length) {
    byte[] body = new byte[length];
    Arrays.fill(body, (byte) ' ');
    System.arraycopy(ITEM, 0, body, length - ITEM.length, ITEM.length);
    return body;
  }

  private byte[] chunked(byte[] body, int chunkBytes) {
    String head =
        "POST /v1/rate HTTP/1.1\r\nHost: node\r\n"
            + items
            + "\r\n"
            + JSON
            + "\r\nTransfer-Encoding: chunked\r\n\r\n";
    List<byte[]> parts = new ArrayList<>(List.of(head.getBytes(ISO_8859_1)));
    for (int at = 0; at < body.length; at += chunkBytes) {
      byte[] chunk = Arrays.copyOfRange(body, at, Math.min(body.length, at + chunkBytes));
      parts.add((Integer.toHexString(chunk.length) + "\r\n").getBytes(ISO_8859_1));
      parts.add(chunk);
      parts.add("\r\n".getBytes(ISO_8859_1));
    }
    parts.add("0\r\n\r\n".getBytes(ISO_8859_1));
    return RawHttp.joined(parts.toArray(new byte[0][]));
  }

  @Test
  void a_gzip_bomb_is_refused_with_little_work() throws IOException {
    byte[] bomb = rate(RawHttp.gzip(new byte[100 << 20]), items, JSON, GZIP);
    assertThat(bomb.length).isLessThan(200_000);
    assertThat(ask(bomb).status()).isEqualTo(413);
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getTotalThreadAllocatedBytes();
    long began = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      assertThat(ask(bomb).status()).isEqualTo(413);
    }
    long each = (threads.getTotalThreadAllocatedBytes() - before) / 20;
    System.out.printf(
        "bad input: a bomb of 100 MiB costs %.1f MiB and %.1f ms%n",
        each / 1048576.0, (System.nanoTime() - began) / 20e6);
    assertThat(each).isLessThan(16L << 20);
  }

  @Test
  void broken_gzip_is_refused() throws IOException {
    byte[] good = RawHttp.gzip(ITEM);
    byte[] wrongSum = good.clone();
    wrongSum[good.length - 6] ^= 1;
    byte[] wrongData = good.clone();
    wrongData[14] ^= 0x55;
    for (byte[] broken :
        List.of(
            NOTHING,
            ITEM,
            Arrays.copyOf(good, 5),
            Arrays.copyOf(good, good.length - 1),
            Arrays.copyOf(good, good.length - 8),
            wrongSum,
            wrongData,
            RawHttp.gzip(good),
            RawHttp.gzip(RawHttp.joined(ITEM, ITEM)))) {
      Reply reply = ask(rate(broken, items, JSON, GZIP));
      assertThat(reply.status()).as(HexFormat.of().formatHex(broken)).isEqualTo(400);
    }
    assertThat(ask(rate(good, items, JSON, "Content-Encoding: GZIP")).status()).isEqualTo(200);
  }

  @Test
  void other_media_types_and_encodings_are_refused() throws IOException {
    for (String type :
        List.of(
            "text/plain",
            "text/json",
            "application/jsonp",
            "application/json-seq",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
            "application/json; charset=latin1",
            "application/json; profile=x",
            "application/json, text/plain",
            "application",
            "",
            "*/*")) {
      assertThat(ask(rate(ITEM, items, "Content-Type: " + type)).status()).as(type).isEqualTo(415);
    }
    for (String encoding : List.of("br", "deflate", "zstd", "gzip, gzip", "x", "", "gzip;q=1")) {
      byte[] request = rate(ITEM, items, JSON, "Content-Encoding: " + encoding);
      assertThat(ask(request).status()).as(encoding).isEqualTo(415);
    }
    byte[] twice = rate(RawHttp.gzip(ITEM), items, JSON, GZIP, GZIP);
    assertThat(ask(twice).status()).as("two Content-Encoding headers").isEqualTo(415);
    byte[] two = rate(ITEM, items, JSON, "Content-Type: text/plain");
    assertThat(ask(two).status()).as("two Content-Type headers").isEqualTo(415);
  }

  @Test
  void slow_bodies_and_slow_headers_are_cut() throws IOException {
    byte[] request = rate(ITEM, items, JSON);
    try (RawHttp silent = new RawHttp(node.port());
        RawHttp half = new RawHttp(node.port());
        RawHttp slow = new RawHttp(node.port());
        RawHttp later = new RawHttp(node.port())) {
      half.send("POST /v1/rate HTTP/1.1\r\nHost: no");
      slow.send(Arrays.copyOf(request, request.length - 3));
      assertThat(later.ask(request).status()).isEqualTo(200);
      Reply reply = Objects.requireNonNull(slow.read(false), "an answer");
      assertThat(reply.status()).isEqualTo(408);
      assertThat(reply.header("connection")).isEqualTo("close");
      assertThat(slow.isClosedWithin(5_000)).isTrue();
      assertThat(half.isClosedWithin(5_000)).isTrue();
      assertThat(silent.isClosedWithin(5_000)).isTrue();
      assertThat(later.ask(request).status()).as("kept alive meanwhile").isEqualTo(200);
    }
  }

  @Test
  void a_body_that_drips_is_cut_all_the_same() throws IOException {
    byte[] request = rate(padded(2000), items, JSON);
    long deadline = System.nanoTime() + 15_000_000_000L;
    try (RawHttp dripping = new RawHttp(node.port())) {
      int at = request.length - 1000;
      dripping.send(Arrays.copyOf(request, at));
      while (!dripping.isClosedWithin(10) && System.nanoTime() < deadline) {
        dripping.send(new byte[] {request[at++]});
      }
      assertThat(at).as("bytes sent").isLessThan(request.length);
    }
  }

  @Test
  void clients_that_leave_early_leave_nothing_behind() throws IOException {
    byte[] request = rate(ITEM, items, JSON);
    for (int i = 0; i < 200; i++) {
      try (RawHttp leaving = new RawHttp(node.port())) {
        leaving.send(Arrays.copyOf(request, 1 + i * (request.length - 1) / 199));
      }
    }
  }

  /** A malformed request; {@code expected} may hold 0 for a connection closed without an answer. */
  @SuppressWarnings("ArrayRecordComponent") // never changed
  private record Wire(String name, byte[] bytes, Set<Integer> expected) {}

  private static Wire wire(String name, String text, Integer... expected) {
    return new Wire(name, text.getBytes(ISO_8859_1), Set.of(expected));
  }

  private Wire post(String name, String headers, String body, Integer... expected) {
    String head = "POST /v1/rate HTTP/1.1\r\nHost: node\r\n" + items + "\r\n" + JSON + "\r\n";
    return wire(name, head + headers + "\r\n" + body, expected);
  }

  @TestFactory
  Stream<DynamicTest> malformed_http_is_refused() {
    return Stream.of(lines(), fields(), framing(), strangers())
        .flatMap(List::stream)
        .map(each -> DynamicTest.dynamicTest(each.name, () -> check(each)));
  }

  private void check(Wire each) throws IOException {
    try (RawHttp connection = new RawHttp(node.port())) {
      connection.send(each.bytes);
      connection.finish();
      Reply reply = connection.read(false);
      assertThat(each.expected)
          .as(reply == null ? "no answer" : reply.text())
          .contains(reply == null ? 0 : reply.status());
      if (reply != null && reply.status() >= 400) {
        assertThat(reply.header("content-type")).isEqualTo("application/problem+json");
        assertThat(new JsonObject(reply.text()).getInteger("status")).isEqualTo(reply.status());
      }
    }
  }

  private static List<Wire> lines() {
    String host = "\r\nHost: node\r\n\r\n";
    return List.of(
        wire("no Host", "GET /livez HTTP/1.1\r\n\r\n", 400),
        wire("two Hosts", "GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        wire("the same Host twice", "GET /livez HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        wire("no Host in HTTP/1.0", "GET /livez HTTP/1.0\r\n\r\n", 200),
        wire("long URI", "GET /" + "a".repeat(5_000) + " HTTP/1.1" + host, 414),
        wire("URI of a megabyte", "GET /" + "a".repeat(1 << 20) + " HTTP/1.1" + host, 414),
        wire("long method", "G".repeat(5_000) + " / HTTP/1.1" + host, 414),
        wire("no version", "GET /livez" + host, 400),
        wire("no HTTP", "GET /livez FTP/1.1" + host, 400),
        wire("a version of words", "GET /livez HTTP/one" + host, 400),
        wire("HTTP/2 by name only", "GET /livez HTTP/2.0" + host, 400),
        wire("HTTP/9.9", "GET /livez HTTP/9.9" + host, 400),
        wire("a lower-case method", "get /livez HTTP/1.1" + host, 405),
        wire("an unknown method", "BREW /livez HTTP/1.1" + host, 405),
        wire("TRACE", "TRACE /v1/rate HTTP/1.1" + host, 405),
        wire("OPTIONS of all", "OPTIONS * HTTP/1.1" + host, 400, 404),
        wire("CONNECT", "CONNECT node:80 HTTP/1.1" + host, 400, 404, 405),
        wire("bad percent encoding", "GET /%zz%f HTTP/1.1" + host, 404),
        wire("up the tree", "GET /../../etc/passwd HTTP/1.1" + host, 404),
        wire("encoded path", "GET /v1%2Frate HTTP/1.1" + host, 404),
        wire("no path", "GET  HTTP/1.1" + host, 400),
        wire("a method only", "GET\r\n\r\n", 400),
        wire("a space first", " GET /livez HTTP/1.1" + host, 200, 400),
        wire("a null in the path", "GET /li\u0000vez HTTP/1.1" + host, 400, 404),
        wire("bytes in the path", "GET /\u00ff\u00fe HTTP/1.1" + host, 400, 404),
        wire("nothing", "", 0),
        wire("empty lines", "\r\n\r\n\r\n", 0),
        wire("a line without end", "GET /livez HTTP/1.1", 0));
  }

  private List<Wire> fields() {
    String get = "GET /livez HTTP/1.1\r\nHost: node\r\n";
    return List.of(
        wire("large header", get + "a: " + "v".repeat(20_000) + "\r\n\r\n", 431),
        wire("header of a megabyte", get + "a: " + "v".repeat(1 << 20) + "\r\n\r\n", 431),
        wire("header name too long", get + "n".repeat(20_000) + ": v\r\n\r\n", 431),
        wire("many headers", get + "a: b\r\n".repeat(10_000) + "\r\n", 431),
        wire("large cookie", get + "Cookie: " + "c".repeat(17_000) + "\r\n\r\n", 431),
        wire("no colon", get + "nonsense\r\n\r\n", 400),
        wire("no name", get + ": v\r\n\r\n", 200, 400),
        wire("space before the colon", get + "a : v\r\n\r\n", 400),
        wire("space in a name", get + "a b: v\r\n\r\n", 400),
        wire("null in a name", get + "a\u0000b: v\r\n\r\n", 400),
        wire("null in a value", get + "a: v\u0000w\r\n\r\n", 400),
        wire("bare carriage return", get + "a: v\rb: w\r\n\r\n", 400),
        wire("folded line", get + "a: v\r\n w\r\n\r\n", 200, 400),
        wire("latin-1 value", get + "a: \u00e4\r\n\r\n", 200, 400),
        post("an unknown header", "x: y\r\nContent-Length: 2\r\n", "{}", 422),
        wire("no scheme", get.replace("livez", "v1/limits") + "Authorization: x\r\n\r\n", 401),
        wire(
            "bearer only",
            get.replace("livez", "v1/limits") + "Authorization: Bearer\r\n\r\n",
            401),
        wire(
            "long key",
            get.replace("livez", "v1/limits")
                + "Authorization: Bearer ock_"
                + "a".repeat(8_000)
                + "\r\n\r\n",
            401));
  }

  private List<Wire> framing() {
    String item = new String(ITEM, UTF_8);
    int length = item.length();
    String chunk = Integer.toHexString(length) + "\r\n" + item + "\r\n0\r\n\r\n";
    String te = "Transfer-Encoding: chunked\r\n";
    return List.of(
        post("two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n", "{}}", 400),
        post("two lengths in one", "Content-Length: 2, 3\r\n", "{}}", 400),
        post("negative length", "Content-Length: -2\r\n", "{}", 400),
        post("signed length", "Content-Length: +2\r\n", "{}", 400),
        post("length in hex", "Content-Length: 0x2\r\n", "{}", 400),
        post("length of words", "Content-Length: two\r\n", "{}", 400),
        post("empty length", "Content-Length:\r\n", "{}", 400),
        post("length beyond a long", "Content-Length: 99999999999999999999\r\n", "{}", 400, 413),
        post("length and chunks", "Content-Length: 2\r\n" + te, chunk, 400),
        post("chunks and length", te + "Content-Length: 2\r\n", chunk, 400),
        post("unknown coding", "Transfer-Encoding: rot13\r\n", item, 400),
        post("chunked not last", "Transfer-Encoding: chunked, gzip\r\n", chunk, 400),
        post("chunked twice", te + te, chunk, 400),
        post("chunked, nearly", "Transfer-Encoding: xchunked\r\n", chunk, 400),
        post("chunk size of words", te, "zz\r\n{}\r\n0\r\n\r\n", 400),
        post("negative chunk size", te, "-2\r\n{}\r\n0\r\n\r\n", 400),
        post("chunk size beyond a long", te, "f".repeat(20) + "\r\n{}\r\n0\r\n\r\n", 400, 413),
        post("chunk longer than said", te, "2\r\n" + item + "\r\n0\r\n\r\n", 400),
        post("empty chunk size", te, "\r\n{}\r\n0\r\n\r\n", 400),
        post("long chunk extension", te, "2;" + "x".repeat(100_000) + "\r\n{}\r\n", 400, 413, 431),
        post("large trailer", te, "0\r\na: " + "x".repeat(50_000) + "\r\n\r\n", 400, 431),
        post("chunks that stop", te, "5\r\n{", 0),
        post("shorter than said", "Content-Length: 10\r\n", "{}", 0),
        post("no length", "", item, 400),
        post("unknown expectation", "Expect: 200-maybe\r\nContent-Length: 2\r\n", "{}", 417, 422));
  }

  private static List<Wire> strangers() {
    String preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    byte[] hello = HexFormat.of().parseHex("16030100a5010000a10303" + "5a".repeat(60));
    byte[] noise = new byte[4096];
    new Random(7).nextBytes(noise);
    String upgrade = "GET /livez HTTP/1.1\r\nHost: node\r\nConnection: Upgrade, HTTP2-Settings\r\n";
    return List.of(
        new Wire("TLS", hello, Set.of(0, 400)),
        new Wire("noise", noise, Set.of(0, 400)),
        wire("SSH", "SSH-2.0-OpenSSH_9.7\r\n", 0, 400),
        wire("SMTP", "EHLO node\r\nMAIL FROM:<a@b>\r\n", 400),
        wire("Redis", "*1\r\n$4\r\nPING\r\n\r\n", 400),
        wire("half an HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", 400),
        new Wire("HTTP/2 with prior knowledge", noisy(preface, noise), Set.of(400)),
        wire("bad HTTP2-Settings", upgrade + "Upgrade: h2c\r\nHTTP2-Settings: ###\r\n\r\n", 200),
        wire("no HTTP2-Settings", upgrade + "Upgrade: h2c\r\n\r\n", 200),
        wire("unknown upgrade", upgrade + "Upgrade: gopher\r\n\r\n", 200, 400));
  }

  private static byte[] noisy(String preface, byte[] noise) {
    return RawHttp.joined(preface.getBytes(ISO_8859_1), noise);
  }

  @Test
  void connections_that_never_say_a_word_are_counted_and_cut() throws Exception {
    try (TestNode small =
        TestNode.start(
            Map.of(Setting.HTTP_CONNECTIONS_MAX, "3", Setting.HTTP_HEADER_MILLIS, "1000"), "")) {
      byte[] request = RawHttp.request("GET", "/livez", NOTHING);
      for (int i = 0; i < 3; i++) {
        List<RawHttp> silent = new ArrayList<>();
        for (int k = 0; k < 3; k++) {
          silent.add(new RawHttp(small.port()));
        }
        silent.getLast().send("P");
        try (RawHttp fourth = new RawHttp(small.port())) {
          assertThat(fourth.isClosedWithin(5_000)).as("one connection too many").isTrue();
        }
        for (RawHttp each : silent) {
          assertThat(each.isClosedWithin(5_000)).as("a silent one").isTrue();
          each.close();
        }
        assertThat(RawHttp.ask(small.port(), request).status()).isEqualTo(200);
      }
    }
  }

  @Test
  void random_mutations_of_a_body_are_answered_as_documented() throws IOException {
    long seed = System.nanoTime();
    Map<Integer, Integer> statuses = new TreeMap<>();
    Random random = new Random(seed);
    @Nullable RawHttp connection = null;
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] body = mutated(random.nextBoolean() ? ITEM : APPLICATION, random);
      if (connection == null) {
        connection = new RawHttp(node.port());
      }
      Reply reply = connection.ask(rate(body, random.nextBoolean() ? items : credit, JSON));
      assertThat(DOCUMENTED)
          .as("seed " + seed + ", mutation " + i + ": " + HexFormat.of().formatHex(body))
          .contains(reply.status());
      statuses.merge(reply.status(), 1, Integer::sum);
      if (reply.header("connection").equals("close")) {
        connection.close();
        connection = null;
      }
    }
    if (connection != null) {
      connection.close();
    }
    System.out.println(
        "bad input: " + MUTATIONS + " mutated bodies, seed " + seed + ", statuses " + statuses);
  }

  @Test
  void random_mutations_of_whole_requests_are_answered_as_documented_or_not_at_all()
      throws IOException {
    long seed = System.nanoTime();
    Map<Integer, Integer> statuses = new TreeMap<>();
    Random random = new Random(seed);
    for (int i = 0; i < MUTATED_REQUESTS; i++) {
      byte[] request = mutated(rate(ITEM, items, JSON, "x-request-id: a"), random);
      try (RawHttp connection = new RawHttp(node.port())) {
        connection.send(request);
        connection.finish();
        Reply reply = connection.read(false);
        int status = reply == null ? 0 : reply.status();
        assertThat(status == 0 || DOCUMENTED.contains(status))
            .as("seed %d, mutation %d, status %d: %s", seed, i, status, shown(request))
            .isTrue();
        statuses.merge(status, 1, Integer::sum);
      }
    }
    System.out.println(
        "bad input: "
            + MUTATED_REQUESTS
            + " mutated requests, seed "
            + seed
            + ", statuses "
            + statuses);
  }

  private String shown(byte[] request) {
    return HexFormat.of().formatHex(request);
  }

  /** One to four changes: a bit, a byte, a part cut out, doubled, moved, or replaced by tokens. */
  private static byte[] mutated(byte[] original, Random random) {
    String[] tokens = {
      "{",
      "}",
      "[",
      "]",
      "\"",
      "\\",
      ",",
      ":",
      "-",
      "1e999",
      "null",
      "\u0000",
      "\\u",
      "\r\n",
      "\n",
      "\t",
      "NaN",
      "\u00ef\u00bb\u00bf",
      "\u00c0\u00af",
      "\u00ed\u00a0\u0080",
      "99999999999999999999"
    };
    byte[] bytes = original.clone();
    for (int changes = 1 + random.nextInt(4); changes > 0 && bytes.length > 0; changes--) {
      int at = random.nextInt(bytes.length);
      int end = Math.min(bytes.length, at + 1 + random.nextInt(8));
      byte[] before = Arrays.copyOf(bytes, at);
      byte[] part = Arrays.copyOfRange(bytes, at, end);
      byte[] after = Arrays.copyOfRange(bytes, end, bytes.length);
      byte[] token = tokens[random.nextInt(tokens.length)].getBytes(ISO_8859_1);
      bytes =
          switch (random.nextInt(6)) {
            case 0 -> {
              bytes[at] ^= (byte) (1 << random.nextInt(8));
              yield bytes;
            }
            case 1 -> {
              bytes[at] = (byte) random.nextInt(256);
              yield bytes;
            }
            case 2 -> RawHttp.joined(before, after);
            case 3 -> RawHttp.joined(before, part, part, after);
            case 4 -> RawHttp.joined(after, part, before);
            default -> RawHttp.joined(before, token, after);
          };
    }
    return bytes;
  }

  @Test
  void keys_in_wrong_places_are_not_logged_and_not_told() throws IOException {
    String key = node.key("credit");
    int logged = log.size();
    List<byte[]> requests = new ArrayList<>();
    requests.add(RawHttp.request("GET", "/" + key, NOTHING));
    requests.add(RawHttp.request("GET", "/v1/limits?key=" + key, NOTHING));
    requests.add(RawHttp.request("GET", "/livez", NOTHING, "x-request-id: " + key));
    requests.add(RawHttp.request("GET", "/livez", NOTHING, "traceparent: " + key));
    requests.add(RawHttp.request(key, "/livez", NOTHING));
    for (String authorization :
        List.of(key, "Basic " + key, "Bearer" + key, "Bearer " + key + "x", "Bearer x" + key)) {
      requests.add(rate(ITEM, JSON, "Authorization: " + authorization));
    }
    requests.add(rate(ITEM, credit, JSON, "x-tenant-id: " + key));
    requests.add(rate(ITEM, credit, "Content-Type: " + key));
    requests.add(rate(ITEM, credit, JSON, "Content-Encoding: " + key));
    requests.add(rate(ITEM, credit, JSON, "x-openclaw-attempt: " + key + ";try=1"));
    requests.add(rate(key.getBytes(UTF_8), credit, JSON));
    requests.add(rate(("{\"" + key + "\":1,\"" + key + "\":2}").getBytes(UTF_8), credit, JSON));
    requests.add(rate(ITEM, credit, JSON, key));
    requests.add(rate(ITEM, credit, JSON, key + ": x"));
    requests.add((key + "\r\n\r\n").getBytes(UTF_8));
    requests.add(RawHttp.request("GET", "/livez", NOTHING, "a: " + key + "v".repeat(20_000)));
    List<KeyText> keys = List.of(Objects.requireNonNull(KeyText.parse(key)));
    for (byte[] request : requests) {
      Reply reply = ask(request);
      assertThat(reply.status()).isLessThan(500);
      String all = reply.headers() + reply.text();
      assertThat(LogCapture.leaksIn(all, keys)).as(all).isEmpty();
    }
    System.out.println(
        "bad input: "
            + requests.size()
            + " keys in wrong places, "
            + (log.size() - logged)
            + " log records, no secret");
  }

  @Test
  void a_key_in_the_id_of_a_request_that_fails_is_cut_out_of_the_log() throws Exception {
    try (FaultyServers faulty = new FaultyServers()) {
      faulty.disk(FaultyServers.Disk.BREAKS);
      String id = faulty.key().reveal().substring(0, 60);
      String[] headers = {
        "Authorization: Bearer " + faulty.key().reveal(), JSON, "x-request-id: " + id
      };
      Reply reply = RawHttp.ask(faulty.port(), rate(ITEM, headers));
      assertThat(reply.status()).isEqualTo(500);
      assertThat(log.text()).contains("failed, request ");
      assertThat(LogCapture.leaksIn(log.text(), List.of(faulty.key()))).isEmpty();
      assertThat(LogCapture.leaksIn(reply.headers() + reply.text(), List.of(faulty.key())))
          .isEmpty();
    }
  }

  @Test
  void the_search_for_held_slots_finds_a_planted_one() throws IOException {
    requireEverySlotFree();
    try (RawHttp held = new RawHttp(node.port())) {
      byte[] request = rate(ITEM, items, JSON);
      held.send(Arrays.copyOf(request, request.length - 1));
      long deadline = System.nanoTime() + 900_000_000L; // then the held one is cut
      List<Integer> statuses = allSlots();
      while (!statuses.contains(503) && System.nanoTime() < deadline) {
        statuses = allSlots(); // the held one may not have arrived
      }
      assertThat(statuses).contains(503);
    }
  }

  @Test
  void the_search_for_secrets_finds_a_planted_one() {
    KeyText key = KeyText.generate(new Random(1));
    System.Logger logger = System.getLogger("planted");
    try (LogCapture unredacted = LogCapture.unredacted()) {
      logger.log(System.Logger.Level.WARNING, "the key is " + key.reveal());
      assertThat(LogCapture.leaksIn(unredacted.text(), List.of(key))).containsExactly(key.id());
    }
    try (LogCapture redacting = LogCapture.asANodeLogs()) {
      logger.log(
          System.Logger.Level.WARNING,
          "the key is " + key.reveal(),
          new IllegalStateException("with " + key.reveal()));
      assertThat(redacting.text()).contains("ock_" + key.id() + "_…");
      assertThat(LogCapture.leaksIn(redacting.text(), List.of(key))).isEmpty();
      String part = key.reveal().substring(30, 45);
      logger.log(System.Logger.Level.WARNING, "a part is " + part);
      assertThat(LogCapture.leaksIn(redacting.text(), List.of(key))).containsExactly(key.id());
    } finally {
      log.close();
      log = LogCapture.asANodeLogs();
    }
  }
}
