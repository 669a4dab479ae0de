package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.app.RawHttp.Reply;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** QUERY, kept ratings and idempotency keys over real connections. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KeptAnswersTest {
  private static final String JSON = "Content-Type: application/json";
  private static final byte[] APPLICATION =
      "{\"checking_status\":\"<0\",\"duration\":6}".getBytes(UTF_8);
  private static final byte[] SAME =
      "{ \"duration\": 6.0, \"checking_status\":\"\\u003c0\" }".getBytes(UTF_8);
  private static final byte[] ITEM = "{\"item\":\"a\",\"score\":5}".getBytes(UTF_8);
  private static final String TENANTS =
      """
      models:
        kept:
          kind: scorecard
          file: builtin:credit-g.scorecard.json
          cache: {maxAgeSeconds: 60}
      tenants:
        twin-a: {model: kept, limit: {rate: 0.001, burst: 3}}
        twin-b: {model: kept, limit: {rate: 0.001, burst: 3}}
      """;

  private TestNode node;
  private Contract contract;
  private final Set<Integer> queried = new TreeSet<>();

  @BeforeAll
  void begin() throws Exception {
    node = TestNode.start(Map.of(), TENANTS);
    contract =
        new Contract(
            RawHttp.ask(node.port(), RawHttp.request("GET", "/openapi.json", new byte[0])).body());
  }

  @AfterAll
  void end() throws IOException {
    contract.close();
    node.close();
  }

  private String bearer(String tenant) {
    return "Authorization: Bearer " + node.key(tenant);
  }

  private Reply ask(String method, byte[] body, String... headers) throws IOException {
    Reply reply = RawHttp.ask(node.port(), RawHttp.request(method, "/v1/rate", body, headers));
    if (method.equals("QUERY")) {
      queried.add(reply.status());
      assertThat(described()).contains(Integer.toString(reply.status()));
      if (reply.status() != 304) {
        assertThat(contract.faultsOf("rate", reply)).isEmpty();
      }
    }
    return reply;
  }

  /** The answers to QUERY that the OpenAPI document describes. */
  private Set<String> described() {
    return contract
        .document()
        .getJsonObject("paths")
        .getJsonObject("/v1/rate")
        .getJsonObject("x-query")
        .getJsonObject("responses")
        .fieldNames();
  }

  private double metric(String line) {
    String page = node.metrics();
    return page.lines()
        .filter(each -> each.startsWith(line + " "))
        .mapToDouble(each -> Double.parseDouble(each.substring(line.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + line + " in " + page));
  }

  private double cached(String result) {
    return metric("openclaw_cache_requests_total{region=\"local\",result=\"" + result + "\"}");
  }

  @Test
  void a_query_is_answered_with_a_tag_and_then_with_the_tag_alone() throws IOException {
    try (RawHttp connection = new RawHttp(node.port())) {
      Reply first =
          connection.ask(RawHttp.request("QUERY", "/v1/rate", APPLICATION, bearer("credit"), JSON));
      assertThat(first.status()).isEqualTo(200);
      assertThat(contract.faultsOf("rate", first)).isEmpty();
      assertThat(first.header("etag")).matches("W/\"[0-9A-Za-z_-]{43}\"");
      assertThat(first.header("cache-control")).isEqualTo("private, no-cache");
      assertThat(first.header("vary")).isEqualTo("authorization, x-tenant-id");
      assertThat(first.header("accept-query")).isEqualTo("application/json");
      for (int i = 0; i < 2; i++) { // a body would garble the second answer
        Reply second =
            connection.ask(
                RawHttp.request(
                    "QUERY",
                    "/v1/rate",
                    SAME,
                    bearer("credit"),
                    JSON,
                    "If-None-Match: \"other\"",
                    "If-None-Match: " + first.header("etag")));
        assertThat(second.status()).isEqualTo(304);
        assertThat(second.headers())
            .containsEntry("etag", first.header("etag"))
            .containsEntry("vary", first.header("vary"))
            .containsKeys("date", "x-request-id", "ratelimit")
            .doesNotContainKeys("content-type", "transfer-encoding");
        assertThat(second.header("content-length")).isNotEqualTo("0");
      }
    }
  }

  @Test
  void what_cannot_be_queried_is_refused_as_the_document_says() throws IOException {
    String credit = bearer("credit");
    assertThat(ask("QUERY", APPLICATION, credit).status()).as("no type").isEqualTo(415);
    assertThat(ask("QUERY", "{".getBytes(UTF_8), credit, JSON).status()).isEqualTo(400);
    assertThat(ask("QUERY", APPLICATION, JSON).status()).isEqualTo(401);
    assertThat(ask("QUERY", APPLICATION, credit, JSON, "x-tenant-id: items").status())
        .isEqualTo(403);
    Reply counts = ask("QUERY", ITEM, bearer("items"), JSON);
    assertThat(counts.status()).isEqualTo(422);
    assertThat(new JsonObject(counts.text()).getString("type"))
        .isEqualTo("urn:openclaw:problem:not-queryable");
    ask("QUERY", APPLICATION, credit, JSON, "x-openclaw-attempt: 0b2;try=2");
    assertThat(ask("QUERY", APPLICATION, credit, JSON, "x-openclaw-attempt: 0b2;try=1").status())
        .isEqualTo(421);
    assertThat(queried).contains(400, 401, 403, 415, 421, 422);
  }

  @Test
  void other_methods_are_told_what_there_is() throws IOException {
    for (String method : List.of("GET", "HEAD", "OPTIONS", "PUT", "query")) {
      Reply reply = ask(method, new byte[0], bearer("credit"));
      assertThat(reply.status()).as(method).isEqualTo(405);
      assertThat(reply.header("allow")).isEqualTo("POST, QUERY");
      assertThat(reply.header("accept-query")).isEqualTo("application/json");
    }
  }

  @Test
  void a_post_without_these_headers_is_answered_as_ever() throws IOException {
    Reply reply = ask("POST", APPLICATION, bearer("credit"), JSON, "If-None-Match: *");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.headers())
        .doesNotContainKeys("etag", "cache-control", "age", "vary", "idempotent-replayed");
  }

  @Test
  void twins_share_neither_ratings_nor_tags_and_a_kept_rating_spends_its_token() throws Exception {
    double misses = cached("miss");
    double hits = cached("hit");
    Reply a = ask("POST", APPLICATION, bearer("twin-a"), JSON);
    assertThat(a.header("cache-control")).isEqualTo("private, max-age=60");
    Reply b =
        ask("QUERY", APPLICATION, bearer("twin-b"), JSON, "If-None-Match: " + a.header("etag"));
    assertThat(b.status()).isEqualTo(200);
    assertThat(b.header("etag")).isNotEqualTo(a.header("etag"));
    assertThat(cached("miss") - misses).isEqualTo(2);
    assertThat(cached("hit") - hits).isZero();
    Thread.sleep(1_100);
    Reply again = ask("POST", SAME, bearer("twin-a"), JSON);
    assertThat(contract.faultsOf("rate", again)).isEmpty();
    assertThat(Integer.parseInt(again.header("age"))).isPositive();
    assertThat(cached("hit") - hits).isEqualTo(1);
    assertThat(ask("POST", SAME, bearer("twin-a"), JSON).status()).isEqualTo(200);
    assertThat(ask("POST", SAME, bearer("twin-a"), JSON).status()).isEqualTo(429);
    assertThat(metric("openclaw_cache_entries{region=\"local\"}")).isGreaterThanOrEqualTo(2);
  }

  @Test
  void a_repeated_request_has_its_first_answer() throws IOException {
    String key = "Idempotency-Key: \"8e03978e-40d5-43dd-bc93-6894a57f9324\"";
    Reply first = ask("POST", ITEM, bearer("items"), JSON, key);
    Reply again = ask("POST", ITEM, bearer("items"), JSON, key);
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(contract.faultsOf("rate", again)).isEmpty();
    assertThat(again.header("idempotent-replayed")).isEqualTo("true");
    assertThat(first.headers()).doesNotContainKey("idempotent-replayed");
    Reply packed =
        ask("POST", RawHttp.gzip(ITEM), bearer("items"), JSON, key, "Content-Encoding: gzip");
    assertThat(packed.body()).as("the same bytes, packed").isEqualTo(first.body());
    Reply other = ask("POST", "{}".getBytes(UTF_8), bearer("items"), JSON, key);
    assertThat(other.status()).isEqualTo(422);
    assertThat(metric("openclaw_idempotency_keys{region=\"local\"}")).isGreaterThanOrEqualTo(1);
  }

  @Test
  void a_key_that_is_none_is_refused() throws IOException {
    String items = bearer("items");
    for (List<String> wrong :
        List.of(
            List.of("Idempotency-Key: "),
            List.of("Idempotency-Key: " + "x".repeat(256)),
            List.of("Idempotency-Key: a", "Idempotency-Key: b"))) {
      String[] headers =
          wrong.size() == 1
              ? new String[] {items, JSON, wrong.getFirst()}
              : new String[] {items, JSON, wrong.get(0), wrong.get(1)};
      assertThat(ask("POST", ITEM, headers).status()).as(wrong.toString()).isEqualTo(400);
    }
  }

  @Test
  void switched_off_nothing_is_kept_and_the_header_is_ignored() throws Exception {
    Map<Setting, String> off =
        Map.of(Setting.CACHE_BYTES_MAX, "0", Setting.IDEMPOTENCY_KEYS_MAX, "0");
    try (TestNode without = TestNode.start(off, TENANTS)) {
      byte[] request =
          RawHttp.request(
              "POST",
              "/v1/rate",
              APPLICATION,
              "Authorization: Bearer " + without.key("twin-a"),
              JSON,
              "Idempotency-Key: a");
      RawHttp.ask(without.port(), request);
      Reply again = RawHttp.ask(without.port(), request);
      assertThat(again.headers()).doesNotContainKey("idempotent-replayed");
      assertThat(again.header("cache-control")).isEqualTo("private, no-cache");
    }
  }
}
