package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.app.Contract.Documented;
import io.openclaw.app.RawHttp.Reply;
import io.openclaw.domain.Json;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.contract.Operation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** Every operation and every answer of the OpenAPI document, over real connections. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OpenApiContractTest {
  private static final byte[] NOTHING = {};
  private static final String JSON = "Content-Type: application/json";
  private static final String LINES = "Content-Type: application/x-ndjson";
  private static final String OCTETS = "Content-Type: application/octet-stream";
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String TRACEPARENT = "traceparent: 00-" + TRACE + "-b7ad6b7169203331-01";
  private static final byte[] APPLICATION = bytes("{\"checking_status\":\"<0\",\"duration\":6}");
  private static final byte[] ITEM = bytes("{\"item\":\"product-123\",\"score\":5}");
  private static final byte[] WISH =
      bytes(
          "{\"tenant\":\"credit\",\"limit\":{\"rate\":2.5,\"burst\":5},"
              + "\"quota\":{\"tokens\":1000,\"per\":\"month\"},\"label\":\"a test\"}");
  private static final String DRAINED =
      "tenants: {drained: {model: credit-g, limit: {rate: 0.001, burst: 1}},"
          + " capped: {model: credit-g, quota: {tokens: 1, per: month}},"
          + " fallen: {model: credit-g, fallback: {url: \"http://127.0.0.1:9/\"}}}";

  /** The SHA-256 of nothing; as good an id of a key as another. */
  private static final String DIGEST =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  /** Documented answers that are not driven, each with the reason; there are none. */
  private static final Map<Documented, String> UNSEEN = Map.of();

  /** One way to one documented answer; {@code valid} is a request that the document must accept. */
  @SuppressWarnings("ArrayRecordComponent") // never changed
  private record Scenario(
      String name, Documented answer, Callable<Reply> drive, byte @Nullable [] valid) {}

  private final Set<Documented> seen = new TreeSet<>();
  private final List<Scenario> scenarios = new ArrayList<>();
  private TestNode node;
  private TestNode hasty;
  private TestNode narrow;
  private FaultyServers faulty;
  private Contract contract;
  private String credit = "";
  private String admin = "";

  @BeforeAll
  void begin() throws Exception {
    node = TestNode.start(Map.of(Setting.JOBS_TENANT_MAX, "20"), DRAINED);
    hasty =
        TestNode.start(
            Map.of(Setting.HTTP_BODY_MILLIS, "300", Setting.BATCH_STALL_MILLIS, "300"), "");
    narrow = TestNode.start(Map.of(Setting.HTTP_IN_FLIGHT_MAX, "1"), "");
    faulty = new FaultyServers();
    credit = bearer(node.key("credit"));
    admin = bearer(node.node().adminKey().reveal());
    contract =
        new Contract(
            RawHttp.ask(node.port(), RawHttp.request("GET", "/openapi.json", NOTHING)).body());
  }

  @AfterAll
  void end() throws IOException {
    contract.close();
    faulty.close();
    narrow.close();
    hasty.close();
    node.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static String bearer(String key) {
    return "Authorization: Bearer " + key;
  }

  @TestFactory
  Stream<DynamicTest> every_documented_answer_is_given_and_fits_the_document() throws IOException {
    for (Operation operation : contract.operations()) {
      malformed(operation);
      overloaded(operation);
    }
    ratings();
    ratingProblems();
    batches();
    jobsTaken();
    jobsLookedAfter();
    introspection();
    oneModel();
    health();
    keysMade();
    keysListedAndRevoked();
    releases();
    changes();
    blobs();
    faults();
    return Stream.concat(
        scenarios.stream()
            .map(
                each ->
                    DynamicTest.dynamicTest(
                        each.answer.operation() + " " + each.answer.status() + " " + each.name,
                        () -> check(each))),
        Stream.of(
            DynamicTest.dynamicTest(
                "every documented answer was seen",
                () -> {
                  Set<Documented> missing = new TreeSet<>(contract.documented());
                  missing.removeAll(seen);
                  System.out.println(
                      "contract: "
                          + contract.operations().size()
                          + " operations, "
                          + seen.size()
                          + " of "
                          + contract.documented().size()
                          + " documented answers seen in "
                          + scenarios.size()
                          + " scenarios");
                  assertThat(missing).isEqualTo(UNSEEN.keySet());
                })));
  }

  private void check(Scenario scenario) throws Exception {
    Reply reply = scenario.drive.call();
    assertThat(reply.status()).as(reply.text()).isEqualTo(scenario.answer.status());
    assertThat(contract.faultsOf(scenario.answer.operation(), reply)).isEmpty();
    assertThat(reply.headers()).containsKeys("date", "x-request-id", "traceparent");
    if (reply.header("content-type").equals("application/x-ndjson")) {
      checkLines(reply);
    }
    if (reply.status() >= 400) {
      checkProblem(reply);
    }
    if (scenario.answer.operation().equals("rate") && Set.of(200, 429).contains(reply.status())) {
      assertThat(items(reply.header("ratelimit-policy"), "qw").keySet())
          .containsAnyOf("tenant", "tenant-month");
      assertThat(items(reply.header("ratelimit"), "rt").keySet())
          .containsAnyOf("tenant", "tenant-month");
    }
    if (scenario.valid != null) {
      assertThat(contract.faultOf(scenario.answer.operation(), scenario.valid)).isEmpty();
    }
    seen.add(scenario.answer);
  }

  /** A line is what a single rating would have been answered, with the input's index. */
  private void checkLines(Reply reply) {
    int index = 0;
    for (String line : reply.text().lines().toList()) {
      JsonObject members = new JsonObject(line);
      assertThat(members.remove("index")).isEqualTo(index++);
      int status = members.getInteger("status");
      Map<String, String> headers = sorted(reply.headers());
      headers.put("content-type", status == 200 ? "application/json" : "application/problem+json");
      if (status == 200) {
        members.remove("status");
      }
      byte[] single = bytes(members.encode());
      assertThat(contract.faultsOf("rate", new Reply(status, headers, single))).isEmpty();
    }
  }

  private static void checkProblem(Reply reply) {
    JsonObject problem = new JsonObject(reply.text());
    assertThat(reply.header("content-type")).isEqualTo("application/problem+json");
    assertThat(problem.fieldNames()).contains("type", "title", "status", "detail", "request_id");
    assertThat(problem.getInteger("status")).isEqualTo(reply.status());
    assertThat(problem.getString("detail")).isNotBlank();
    assertThat(reply.header("x-request-id")).isEqualTo(problem.getString("request_id"));
    assertThat(reply.text()).doesNotContain("Exception").doesNotContain("at io.");
    switch (reply.status()) {
      case 401 -> assertThat(reply.header("www-authenticate")).isEqualTo("Bearer");
      case 405 -> assertThat(reply.header("allow")).matches("[A-Z]+(, [A-Z]+)*");
      case 429, 503 ->
          assertThat(Integer.parseInt(reply.header("retry-after"))).isGreaterThanOrEqualTo(1);
      default -> assertThat(reply.headers()).doesNotContainKey("retry-after");
    }
  }

  private void add(
      String operation, int status, String name, byte @Nullable [] valid, Callable<Reply> drive) {
    scenarios.add(new Scenario(name, new Documented(operation, status), drive, valid));
  }

  /** To the node's own port for the operation: a request that the document accepts. */
  private void addValid(String operation, int status, String name, byte[] request) {
    add(operation, status, name, request, () -> RawHttp.ask(portOf(operation, node), request));
  }

  /** Likewise, with a request that the document does not describe. */
  private void addBad(String operation, int status, String name, byte[] request) {
    add(operation, status, name, null, () -> RawHttp.ask(portOf(operation, node), request));
  }

  private static boolean isAdmin(String operation) {
    return operation.matches(
        ".*(Keys?|Releases?|Rollout|Changes|Blob|Canaries|Fallbacks|Regions?)");
  }

  private static int portOf(String operation, TestNode of) {
    return isAdmin(operation) ? of.adminPort() : of.port();
  }

  /** What goes wrong before a request is routed, the same for all. */
  private void malformed(Operation operation) {
    String id = operation.getOperationId();
    String method = operation.getHttpMethod().name();
    String path = operation.getAbsoluteOpenAPIPath().replaceAll("\\{[a-z0-9]+}", DIGEST);
    String key = isAdmin(id) ? admin : credit;
    addBad(id, 400, "two Host headers", RawHttp.request(method, path, NOTHING, key, "Host: two"));
    addBad(id, 400, "no HTTP", bytes(method + " " + path + " nonsense\r\n\r\n"));
    addBad(
        id,
        414,
        "long query",
        RawHttp.request(method, path + "?" + "q".repeat(5000), NOTHING, key));
    addBad(
        id,
        431,
        "large header",
        RawHttp.request(method, path, NOTHING, key, "x-large: " + "v".repeat(17_000)));
    String wrong = method.equals("PATCH") ? "PUT" : "PATCH";
    addBad(id, 405, "another method", RawHttp.request(wrong, path, NOTHING, key));
  }

  /** While a slow body holds the server's only slot. */
  private void overloaded(Operation operation) {
    String id = operation.getOperationId();
    String path = operation.getAbsoluteOpenAPIPath().replaceAll("\\{[a-z0-9]+}", DIGEST);
    int port = portOf(id, narrow);
    byte[] request = RawHttp.request(operation.getHttpMethod().name(), path, NOTHING, credit);
    add(
        id,
        503,
        "overloaded",
        null,
        () -> {
          Reply reply = whileBusy(id, port, request);
          for (int i = 0; i < 1000 && reply.status() != 503; i++) {
            reply = whileBusy(id, port, request); // the slow one came too late, or not at all
          }
          return reply;
        });
  }

  private Reply whileBusy(String operation, int port, byte[] request) throws IOException {
    try (RawHttp slow = new RawHttp(port)) {
      slow.send(
          "POST "
              + (isAdmin(operation) ? "/admin/v1/keys" : "/v1/rate")
              + " HTTP/1.1\r\nHost: node\r\n"
              + JSON
              + "\r\n"
              + bearer(narrow.node().adminKey().reveal())
              + "\r\nContent-Length: 2\r\n\r\n{");
      return RawHttp.ask(port, request);
    }
  }

  private void ratings() throws IOException {
    addValid("rate", 200, "a scorecard", rate(APPLICATION, credit, JSON));
    addValid(
        "rate", 200, "an item", rate(ITEM, bearer(node.key("items")), JSON, "x-tenant-id: items"));
    addBad(
        "rate",
        200,
        "utf-8 named",
        rate(APPLICATION, credit, "Content-Type: Application/JSON ; charset=\"UTF-8\""));
    addValid("rate", 200, "once", rate(APPLICATION, credit, JSON, "Idempotency-Key: a 1"));
    byte[] packed = RawHttp.gzip(APPLICATION);
    addBad("rate", 200, "gzip", rate(packed, credit, JSON, "Content-Encoding: gzip"));
  }

  private static byte[] rate(byte[] body, String... headers) {
    return RawHttp.request("POST", "/v1/rate", body, headers);
  }

  private void ratingProblems() throws IOException {
    addBad("rate", 400, "not JSON", rate(bytes("{\"duration\":6,}"), credit, JSON));
    addBad("rate", 400, "not gzip", rate(APPLICATION, credit, JSON, "Content-Encoding: gzip"));
    addValid("rate", 401, "no key", rate(APPLICATION, JSON));
    addValid("rate", 401, "no such key", rate(APPLICATION, JSON, bearer("ock_a_b")));
    addValid("rate", 401, "other scheme", rate(APPLICATION, JSON, "Authorization: Basic eDp5"));
    addValid("rate", 403, "wrong tenant", rate(APPLICATION, JSON, credit, "x-tenant-id: items"));
    add("rate", 403, "no scope", null, () -> withKeyOf("[\"read\"]", APPLICATION));
    add("rate", 403, "any tenant, none named", null, () -> withAnyTenant(null));
    add("rate", 403, "any tenant, an unknown one", null, () -> withAnyTenant("nobody"));
    add("rate", 200, "any tenant, a known one", null, () -> withAnyTenant("credit"));
    slowBody("rate", "/v1/rate");
    byte[] late = rate(APPLICATION, credit, JSON, "x-openclaw-attempt: 0b1;try=1");
    add(
        "rate",
        421,
        "an earlier try",
        late,
        () -> {
          RawHttp.ask(
              node.port(), rate(APPLICATION, credit, JSON, "x-openclaw-attempt: 0b1;try=2"));
          return RawHttp.ask(node.port(), late);
        });
    byte[] large = bytes("{\"a\":\"" + "x".repeat(1 << 20) + "\"}");
    addValid("rate", 413, "large", rate(large, credit, JSON));
    addBad(
        "rate",
        413,
        "large when unpacked",
        rate(RawHttp.gzip(large), credit, JSON, "Content-Encoding: gzip"));
    addBad("rate", 415, "a form", rate(APPLICATION, credit, "Content-Type: text/plain"));
    addBad("rate", 415, "no type", rate(APPLICATION, credit));
    addBad("rate", 415, "brotli", rate(APPLICATION, credit, JSON, "Content-Encoding: br"));
    addValid(
        "rate", 422, "wrong value", rate(bytes("{\"checking_status\":\"lots\"}"), credit, JSON));
    byte[] once = rate(APPLICATION, credit, JSON, "Idempotency-Key: a 2");
    byte[] another = rate(bytes("{}"), credit, JSON, "Idempotency-Key: a 2");
    add(
        "rate",
        422,
        "another body under the same idempotency key",
        another,
        () -> {
          RawHttp.ask(node.port(), once);
          return RawHttp.ask(node.port(), another);
        });
    addBad("rate", 400, "no idempotency key", rate(ITEM, credit, JSON, "Idempotency-Key:"));
    addBad("rate", 422, "not an object", rate(bytes("[1]"), credit, JSON));
    byte[] drained = rate(APPLICATION, bearer(node.key("drained")), JSON);
    add(
        "rate",
        429,
        "the burst is spent",
        drained,
        () -> {
          RawHttp.ask(node.port(), drained);
          return RawHttp.ask(node.port(), drained);
        });
    byte[] capped = rate(APPLICATION, bearer(node.key("capped")), JSON);
    add(
        "rate",
        429,
        "the month's quota is spent",
        capped,
        () -> {
          RawHttp.ask(node.port(), capped);
          return RawHttp.ask(node.port(), capped);
        });
  }

  private Reply withKeyOf(String scopes, byte[] body) throws IOException {
    return RawHttp.ask(
        node.port(),
        rate(body, bearer(made("{\"tenant\":\"credit\",\"scopes\":" + scopes + "}")), JSON));
  }

  private Reply withAnyTenant(@Nullable String tenant) throws IOException {
    String key = bearer(made("{\"scopes\":[\"rate\",\"tenants:any\"]}"));
    return RawHttp.ask(
        node.port(),
        tenant == null
            ? rate(APPLICATION, key, JSON)
            : rate(APPLICATION, key, JSON, "x-tenant-id: " + tenant));
  }

  private String made(String wish) throws IOException {
    byte[] request = RawHttp.request("POST", "/admin/v1/keys", bytes(wish), admin, JSON);
    return new JsonObject(RawHttp.ask(node.adminPort(), request).text()).getString("key");
  }

  private void slowBody(String operation, String path) {
    add(
        operation,
        408,
        "the body stops",
        null,
        () -> {
          try (RawHttp slow = new RawHttp(portOf(operation, hasty))) {
            slow.send("POST " + path + " HTTP/1.1\r\nHost: node\r\n" + JSON + "\r\n");
            String key =
                isAdmin(operation) ? hasty.node().adminKey().reveal() : hasty.key("credit");
            slow.send(bearer(key) + "\r\nContent-Length: 9\r\n\r\n[");
            Reply reply = Objects.requireNonNull(slow.read(false), "an answer");
            assertThat(slow.isClosedWithin(5_000)).isTrue();
            return reply;
          }
        });
  }

  private static byte[] post(String path, byte[] body, String... headers) {
    return RawHttp.request("POST", path, body, headers);
  }

  private void batches() {
    String path = "/v1/rate/batch";
    addValid("rateBatch", 200, "an array", post(path, bytes("[{\"duration\":6}]"), credit, JSON));
    addBad("rateBatch", 200, "lines", post(path, bytes("{\"duration\":6}\n{"), credit, LINES));
    addBad("rateBatch", 400, "no array", post(path, APPLICATION, credit, JSON));
    byte[] another = post(path, bytes("[{\"duration\":6}]"), bearer(faulty.key().reveal()), JSON);
    add("rateBatch", 429, "a third of one tenant", another, () -> beside(2, path, another));
    addBoth("rateBatch", path);
  }

  /** While so many batches of the same tenant wait for their bodies. */
  private Reply beside(int others, String path, byte[] request) throws IOException {
    List<RawHttp> waiting = new ArrayList<>();
    try {
      String head = "POST " + path + " HTTP/1.1\r\nHost: node\r\n" + JSON + "\r\n";
      for (int i = 0; i < others; i++) {
        RawHttp each = new RawHttp(faulty.port());
        waiting.add(each);
        each.send(head + bearer(faulty.key().reveal()) + "\r\nContent-Length: 9\r\n\r\n[");
      }
      Reply reply = RawHttp.ask(faulty.port(), request);
      while (reply.status() == 200) {
        reply = RawHttp.ask(faulty.port(), request); // the others may come later
      }
      return reply;
    } finally {
      waiting.forEach(RawHttp::close);
    }
  }

  /** What goes wrong with a body of many inputs. */
  private void addBoth(String operation, String path) {
    byte[] inputs = bytes("[{\"duration\":6}]");
    addValid(operation, 401, "no key", post(path, inputs, JSON));
    addValid(
        operation, 403, "wrong tenant", post(path, inputs, credit, JSON, "x-tenant-id: items"));
    slowBody(operation, path);
    addBad(
        operation, 413, "large", post(path, NOTHING, credit, JSON, "Content-Length: 99999999999"));
    addBad(operation, 415, "a form", post(path, inputs, credit, "Content-Type: text/plain"));
    addBad(operation, 415, "gzip", post(path, inputs, credit, JSON, "Content-Encoding: gzip"));
  }

  private void jobsTaken() {
    String path = "/v1/jobs";
    byte[] job = post(path, bytes("[{\"duration\":6}]"), credit, JSON);
    add(
        "submitJob",
        202,
        "an array",
        job,
        () -> {
          Reply reply = RawHttp.ask(node.port(), job);
          assertThat(reply.header("location"))
              .isEqualTo(path + "/" + new JsonObject(reply.text()).getString("id"));
          return reply;
        });
    addBad("submitJob", 202, "lines", post(path, bytes("{\"duration\":6}\n{"), credit, LINES));
    addBad("submitJob", 400, "no array", post(path, APPLICATION, credit, JSON));
    addBad("submitJob", 422, "no rows", post(path, bytes("[]"), credit, JSON));
    byte[] hook = post(path, bytes("[1]"), credit, JSON, "webhook-url: https://example.com/");
    addBad("submitJob", 422, "a webhook that nobody signs", hook);
    addBoth("submitJob", path);
    byte[] others = post(path, bytes("[1]"), bearer(node.key("capped")), JSON);
    add(
        "submitJob",
        429,
        "as many as are kept",
        others,
        () -> {
          for (int i = 0; i < 20; i++) {
            RawHttp.ask(node.port(), others);
          }
          return RawHttp.ask(node.port(), others);
        });
    byte[] faultyJob = post(path, bytes("[1]"), bearer(faulty.key().reveal()), JSON);
    addFaulty("submitJob", 500, FaultyServers.Disk.BREAKS, faultyJob, faulty.port());
  }

  private void jobsLookedAfter() {
    byte[] list = RawHttp.request("GET", "/v1/jobs", NOTHING, credit);
    addValid("listJobs", 200, "own", list);
    addBad("listJobs", 401, "no key", RawHttp.request("GET", "/v1/jobs", NOTHING));
    addBad(
        "listJobs",
        403,
        "wrong tenant",
        RawHttp.request("GET", "/v1/jobs", NOTHING, credit, "x-tenant-id: items"));
    String faultyKey = bearer(faulty.key().reveal());
    byte[] faultyList = RawHttp.request("GET", "/v1/jobs", NOTHING, faultyKey);
    addFaulty("listJobs", 500, FaultyServers.Disk.BREAKS, faultyList, faulty.port());
    addFaulty("listJobs", 504, FaultyServers.Disk.HANGS, faultyList, faulty.port());
    ofJob("showJob", "GET", "");
    ofJob("jobResults", "GET", "/results");
    addBad("jobResults", 400, "no row", oneJob("GET", "/results?from=-1", credit));
    ofJob("cancelJob", "DELETE", "");
  }

  private static byte[] oneJob(String method, String more, String... headers) {
    return RawHttp.request(method, "/v1/jobs/local." + "0".repeat(32) + more, NOTHING, headers);
  }

  private void ofJob(String operation, String method, String more) {
    add(
        operation,
        200,
        "own",
        null,
        () -> {
          byte[] job = post("/v1/jobs", bytes("[{\"duration\":6}]"), credit, JSON);
          String id = new JsonObject(RawHttp.ask(node.port(), job).text()).getString("id");
          byte[] request = RawHttp.request(method, "/v1/jobs/" + id + more, NOTHING, credit);
          assertThat(contract.faultOf(operation, request)).isEmpty();
          return RawHttp.ask(node.port(), request);
        });
    addBad(operation, 401, "no key", oneJob(method, more));
    addValid(operation, 403, "wrong tenant", oneJob(method, more, credit, "x-tenant-id: items"));
    addValid(operation, 404, "none", oneJob(method, more, credit));
    String elsewhere = "/v1/jobs/mars." + "0".repeat(32) + more;
    addValid(operation, 421, "elsewhere", RawHttp.request(method, elsewhere, NOTHING, credit));
    String here = "/v1/jobs/test." + "0".repeat(32) + more;
    byte[] request = RawHttp.request(method, here, NOTHING, bearer(faulty.key().reveal()));
    addFaulty(operation, 500, FaultyServers.Disk.BREAKS, request, faulty.port());
    addFaulty(operation, 504, FaultyServers.Disk.HANGS, request, faulty.port());
  }

  private void introspection() {
    for (String each : List.of("limits", "models")) {
      String path = "/v1/" + each;
      addValid(each, 200, "own", RawHttp.request("GET", path, NOTHING, credit));
      addValid(
          each,
          200,
          "of a tenant with a quota",
          RawHttp.request("GET", path, NOTHING, bearer(node.key("capped"))));
      addBad(each, 401, "no key", RawHttp.request("GET", path, NOTHING));
      addValid(
          each,
          403,
          "wrong tenant",
          RawHttp.request("GET", path, NOTHING, credit, "x-tenant-id: items"));
    }
  }

  private void oneModel() {
    String path = "/v1/models/credit-g";
    addValid("model", 200, "own", RawHttp.request("GET", path, NOTHING, credit));
    addBad("model", 401, "no key", RawHttp.request("GET", path, NOTHING));
    addValid(
        "model",
        403,
        "wrong tenant",
        RawHttp.request("GET", path, NOTHING, credit, "x-tenant-id: items"));
    addValid(
        "model",
        404,
        "another tenant's",
        RawHttp.request("GET", "/v1/models/items", NOTHING, credit));
  }

  private void health() {
    for (String each : List.of("livez", "readyz", "metrics")) {
      addValid(each, 200, "asked", RawHttp.request("GET", "/" + each, NOTHING));
    }
    addValid("openapi", 200, "asked", RawHttp.request("GET", "/openapi.json", NOTHING));
    addValid("readyz", 200, "verbose", RawHttp.request("GET", "/readyz?verbose=true", NOTHING));
    addBad("readyz", 200, "verbose, bare", RawHttp.request("GET", "/readyz?verbose", NOTHING));
    byte[] openMetrics =
        RawHttp.request(
            "GET", "/metrics", NOTHING, "Accept: application/openmetrics-text; version=1.0.0");
    add(
        "metrics",
        200,
        "as OpenMetrics",
        openMetrics,
        () -> {
          Reply reply = RawHttp.ask(node.port(), openMetrics);
          assertThat(reply.header("content-type")).startsWith("application/openmetrics-text");
          assertThat(reply.text()).endsWith("# EOF\n");
          return reply;
        });
    byte[] ready = RawHttp.request("GET", "/readyz", NOTHING);
    add("readyz", 503, "starting", ready, () -> RawHttp.ask(faulty.port(), ready));
    add("readyz", 503, "draining", ready, this::draining);
  }

  private static Map<String, String> sorted(Map<String, String> headers) {
    Map<String, String> sorted = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    sorted.putAll(headers);
    return sorted;
  }

  private Reply draining() throws Exception {
    TestNode leaving = TestNode.start(Map.of(Setting.HTTP_DRAIN_MILLIS, "3000"), "");
    int port = leaving.port();
    byte[] rating = rate(APPLICATION, bearer(leaving.key("credit")), JSON);
    byte[] ready = RawHttp.request("GET", "/readyz", NOTHING);
    CountDownLatch closing = new CountDownLatch(1);
    Thread closer =
        Thread.ofPlatform()
            .start(
                () -> {
                  closing.countDown();
                  try {
                    leaving.close();
                  } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                });
    closing.await();
    Reply reply = RawHttp.ask(port, ready);
    while (reply.status() == 200) {
      reply = RawHttp.ask(port, ready);
    }
    assertThat(new JsonObject(reply.text()).getString("detail")).isEqualTo("draining");
    assertThat(RawHttp.ask(port, rating).status()).as("still served meanwhile").isEqualTo(200);
    closer.join();
    return reply;
  }

  private static byte[] create(byte[] body, String... headers) {
    return RawHttp.request("POST", "/admin/v1/keys", body, headers);
  }

  private void keysMade() {
    addValid("createKey", 200, "with a limit", create(WISH, admin, JSON));
    addValid("createKey", 200, "of the default tenant", create(bytes("{}"), admin, JSON));
    addValid(
        "createKey",
        200,
        "for any tenant",
        create(bytes("{\"scopes\":[\"tenants:any\"],\"expires_in_seconds\":60}"), admin, JSON));
    addBad("createKey", 400, "not JSON", create(bytes("{"), admin, JSON));
    addValid("createKey", 401, "no key", create(WISH, JSON));
    addValid("createKey", 401, "a tenant's key", create(WISH, JSON, credit));
    slowBody("createKey", "/admin/v1/keys");
    byte[] large = bytes("{\"label\":\"" + "x".repeat(1 << 20) + "\"}");
    addBad("createKey", 413, "large", create(large, admin, JSON));
    addBad("createKey", 415, "no type", create(WISH, admin));
    for (String wrong :
        List.of(
            "[]",
            "{\"tenant\":5}",
            "{\"scopes\":[]}",
            "{\"scopes\":[\"rate\",\"rate\"]}",
            "{\"scopes\":[\"root\"]}",
            "{\"expires_in_seconds\":0}",
            "{\"limit\":{\"rate\":1}}",
            "{\"limit\":{\"rate\":0,\"burst\":1}}",
            "{\"label\":\"" + "x".repeat(201) + "\"}",
            "{\"extra\":1}")) {
      byte[] request = create(bytes(wrong), admin, JSON);
      add(
          "createKey",
          422,
          wrong.substring(0, Math.min(40, wrong.length())),
          null,
          () -> {
            assertThat(contract.faultOf("createKey", request)).as("the document").isNotEmpty();
            return RawHttp.ask(node.adminPort(), request);
          });
    }
    addValid("createKey", 422, "unknown tenant", create(bytes("{\"tenant\":\"x\"}"), admin, JSON));
  }

  private static byte[] publish(String wish, String... headers) {
    return RawHttp.request("POST", "/admin/v1/releases", bytes(wish), headers);
  }

  private void releases() {
    String path = "/admin/v1/releases";
    addValid("listReleases", 200, "none yet", RawHttp.request("GET", path, NOTHING, admin));
    addValid("listReleases", 401, "no key", RawHttp.request("GET", path, NOTHING));
    addValid("showRelease", 200, "version 0", RawHttp.request("GET", path + "/0", NOTHING, admin));
    addValid("showRelease", 401, "no key", RawHttp.request("GET", path + "/0", NOTHING));
    addValid("showRelease", 404, "later", RawHttp.request("GET", path + "/7", NOTHING, admin));
    addValid(
        "listCanaries", 200, "none", RawHttp.request("GET", "/admin/v1/canaries", NOTHING, admin));
    addValid("listCanaries", 401, "no key", RawHttp.request("GET", "/admin/v1/canaries", NOTHING));
    String wish =
        "{\"version\":1,\"parent\":\"\",\"author\":\"ops\",\"message\":\"m\",\"action\":\"apply\","
            + "\"content\":\""
            + DIGEST
            + "\"}";
    addBad("publishRelease", 400, "not JSON", publish("{", admin, JSON));
    addValid("publishRelease", 401, "no key", publish(wish, JSON));
    addBad("publishRelease", 413, "large", publish(" ".repeat((1 << 20) + 1), admin, JSON));
    addBad("publishRelease", 415, "no type", publish(wish, admin));
    addBad("publishRelease", 422, "no proposal", publish("{\"x\":1}", admin, JSON));
    addValid("publishRelease", 422, "no such content", publish(wish, admin, JSON));
    add("publishRelease", 200, "an apply, then shown and listed", null, this::published);
    rollout();
    fallbacks();
    regions();
  }

  private static byte[] switched(String order, String... headers) {
    return RawHttp.request("POST", "/admin/v1/fallbacks", bytes(order), headers);
  }

  private void fallbacks() {
    String path = "/admin/v1/fallbacks";
    addValid("listFallbacks", 200, "one", RawHttp.request("GET", path, NOTHING, admin));
    addValid("listFallbacks", 401, "no key", RawHttp.request("GET", path, NOTHING));
    String off = "{\"tenant\":\"fallen\",\"enabled\":false}";
    addValid("switchFallbacks", 200, "off", switched(off, admin, JSON));
    addValid("listFallbacks", 200, "one off", RawHttp.request("GET", path, NOTHING, admin));
    addBad("switchFallbacks", 400, "not JSON", switched("{", admin, JSON));
    addValid("switchFallbacks", 401, "no key", switched(off, JSON));
    addBad("switchFallbacks", 413, "large", switched(" ".repeat((1 << 20) + 1), admin, JSON));
    addBad("switchFallbacks", 415, "no type", switched(off, admin));
    addBad("switchFallbacks", 422, "no order", switched("{\"x\":1}", admin, JSON));
    addValid(
        "switchFallbacks",
        422,
        "no fallback",
        switched("{\"tenant\":\"credit\",\"enabled\":true}", admin, JSON));
  }

  private static byte[] ordered(String order, String... headers) {
    return RawHttp.request("POST", "/admin/v1/regions", bytes(order), headers);
  }

  private void regions() {
    String path = "/admin/v1/regions";
    addValid("listRegions", 200, "one", RawHttp.request("GET", path, NOTHING, admin));
    addValid("listRegions", 401, "no key", RawHttp.request("GET", path, NOTHING));
    String restore =
        "{\"region\":\"local\",\"drained\":false,\"reason\":\"done\",\"author\":\"ops\"}";
    String drain =
        "{\"region\":\"local\",\"drained\":true,\"reason\":\"x\",\"author\":\"ops\","
            + "\"for_seconds\":1,\"force\":true}";
    addValid("orderRegion", 200, "drained", ordered(drain, admin, JSON));
    addValid("listRegions", 200, "one drained", RawHttp.request("GET", path, NOTHING, admin));
    addValid("orderRegion", 200, "restored", ordered(restore, admin, JSON));
    addBad("orderRegion", 400, "not JSON", ordered("{", admin, JSON));
    addValid("orderRegion", 401, "no key", ordered(restore, JSON));
    addBad("orderRegion", 413, "large", ordered(" ".repeat((1 << 20) + 1), admin, JSON));
    addBad("orderRegion", 415, "no type", ordered(restore, admin));
    addBad("orderRegion", 422, "no order", ordered("{\"x\":1}", admin, JSON));
    addValid(
        "orderRegion",
        422,
        "the last region",
        ordered(drain.replace(",\"force\":true", ""), admin, JSON));
  }

  private static byte[] direct(String order, String... headers) {
    return RawHttp.request("POST", "/admin/v1/rollout", bytes(order), headers);
  }

  private void rollout() {
    String path = "/admin/v1/rollout";
    addValid("showRollout", 200, "one region", RawHttp.request("GET", path, NOTHING, admin));
    addValid("showRollout", 401, "no key", RawHttp.request("GET", path, NOTHING));
    String move = "{\"primary\":\"local\"}";
    addValid("directRollout", 200, "the primary stays", direct(move, admin, JSON));
    addBad("directRollout", 400, "not JSON", direct("{", admin, JSON));
    addValid("directRollout", 401, "no key", direct(move, JSON));
    addBad("directRollout", 413, "large", direct(" ".repeat((1 << 20) + 1), admin, JSON));
    addBad("directRollout", 415, "no type", direct(move, admin));
    addBad("directRollout", 422, "no order", direct("{\"x\":1}", admin, JSON));
    addValid("directRollout", 422, "no region", direct("{\"primary\":\"moon\"}", admin, JSON));
    addValid(
        "directRollout",
        422,
        "nothing on its way",
        direct("{\"decision\":\"promote\",\"author\":\"ops\"}", admin, JSON));
  }

  private static byte[] changes(String method, String wish, String... headers) {
    return RawHttp.request(method, "/admin/v1/changes", bytes(wish), headers);
  }

  /** A wish of one edit. */
  private static String wish(String edit, int batchSeconds) {
    return "{\"author\":\"ops\",\"message\":\"m\",\"batch_seconds\":"
        + batchSeconds
        + ",\"edits\":["
        + edit
        + "]}";
  }

  private void changes() {
    addValid("listChanges", 200, "none", changes("GET", "", admin));
    addValid("listChanges", 401, "no key", changes("GET", ""));
    String cost = "{\"op\":\"set-tenant\",\"tenant\":\"another\",\"members\":{\"cost\":2}}";
    addValid("writeChanges", 200, "at once", changes("POST", wish(cost, 0), admin, JSON));
    String limit =
        "{\"op\":\"set-limit\",\"of\":\"tenant\",\"name\":\"another\","
            + "\"members\":{\"rate\":\"9\",\"burst\":9}}";
    addValid("writeChanges", 200, "in a batch", changes("POST", wish(limit, 300), admin, JSON));
    addValid("listChanges", 200, "one", changes("GET", "", admin));
    addBad("writeChanges", 400, "not JSON", changes("POST", "{", admin, JSON));
    addValid("writeChanges", 401, "no key", changes("POST", wish(cost, 0), JSON));
    addBad("writeChanges", 413, "large", changes("POST", " ".repeat((1 << 20) + 1), admin, JSON));
    addBad("writeChanges", 415, "no type", changes("POST", wish(cost, 0), admin));
    addBad("writeChanges", 422, "no changes", changes("POST", "{\"x\":1}", admin, JSON));
    String gone = "{\"op\":\"remove-tenant\",\"tenant\":\"gone\"}";
    addValid("writeChanges", 422, "no such tenant", changes("POST", wish(gone, 0), admin, JSON));
    addValid("dropChanges", 401, "no key", changes("DELETE", ""));
    addValid("dropChanges", 200, "what waits", changes("DELETE", "", admin));
  }

  /** The content of the sample tenants and one more, as the next release. */
  private Reply published() throws Exception {
    Json document =
        Objects.requireNonNull(
            io.openclaw.domain.JsonReader.read(get("/admin/v1/blobs/" + served()).body()));
    Map<String, Json> members = new LinkedHashMap<>(((Json.Obj) document).members());
    Map<String, Json> tenants =
        new LinkedHashMap<>(((Json.Obj) Objects.requireNonNull(members.get("tenants"))).members());
    tenants.put("another", Objects.requireNonNull(tenants.get("trial")));
    members.put("tenants", new Json.Obj(tenants));
    byte[] next = io.openclaw.release.CanonicalJson.write(new Json.Obj(members));
    String digest = io.openclaw.release.Sha256.hex(next);
    Reply stored = RawHttp.ask(node.adminPort(), blob("PUT", digest, next, admin, OCTETS));
    assertThat(contract.faultsOf("putBlob", stored)).isEmpty();
    Reply reply =
        RawHttp.ask(
            node.adminPort(),
            publish(
                "{\"version\":1,\"parent\":\"\",\"author\":\"ops\",\"message\":\"m\","
                    + "\"action\":\"apply\",\"content\":\""
                    + digest
                    + "\"}",
                admin,
                JSON));
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    assertThat(contract.faultsOf("listReleases", get("/admin/v1/releases"))).isEmpty();
    assertThat(contract.faultsOf("showRelease", get("/admin/v1/releases/1"))).isEmpty();
    assertThat(served()).isEqualTo(digest);
    return reply;
  }

  private Reply get(String path) throws IOException {
    return RawHttp.ask(node.adminPort(), RawHttp.request("GET", path, NOTHING, admin));
  }

  private String served() throws IOException {
    return new JsonObject(get("/admin/v1/releases").text())
        .getJsonObject("serving")
        .getString("content");
  }

  private static byte[] blob(String method, String digest, byte[] body, String... headers) {
    return RawHttp.request(method, "/admin/v1/blobs/" + digest, body, headers);
  }

  private void blobs() {
    add("getBlob", 200, "the content", null, () -> get("/admin/v1/blobs/" + served()));
    addValid("getBlob", 401, "no key", blob("GET", DIGEST, NOTHING));
    addValid("getBlob", 404, "none", blob("GET", "0".repeat(64), NOTHING, admin));
    addBad("putBlob", 200, "nothing", blob("PUT", DIGEST, NOTHING, admin, OCTETS));
    addBad("putBlob", 401, "no key", blob("PUT", DIGEST, NOTHING, OCTETS));
    addBad("putBlob", 404, "no digest", blob("PUT", "x", NOTHING, admin, OCTETS));
    addBad("putBlob", 415, "JSON", blob("PUT", DIGEST, NOTHING, admin, JSON));
    addBad("putBlob", 422, "another digest", blob("PUT", DIGEST, ITEM, admin, OCTETS));
    add(
        "putBlob",
        413,
        "declared larger than any",
        null,
        () -> {
          try (RawHttp large = new RawHttp(node.adminPort())) {
            large.send(
                "PUT /admin/v1/blobs/"
                    + DIGEST
                    + " HTTP/1.1\r\nHost: node\r\n"
                    + OCTETS
                    + "\r\n"
                    + admin
                    + "\r\nContent-Length: 67108865\r\n\r\n{");
            return Objects.requireNonNull(large.read(false), "an answer");
          }
        });
  }

  private void keysListedAndRevoked() {
    addValid("listKeys", 200, "all", RawHttp.request("GET", "/admin/v1/keys", NOTHING, admin));
    addValid("listKeys", 401, "no key", RawHttp.request("GET", "/admin/v1/keys", NOTHING));
    add(
        "revokeKey",
        200,
        "once and again",
        null,
        () -> {
          byte[] request = revoke(idOf(made("{}")), admin);
          RawHttp.ask(node.adminPort(), request);
          assertThat(contract.faultOf("revokeKey", request)).isEmpty();
          return RawHttp.ask(node.adminPort(), request);
        });
    add(
        "revokeKey",
        200,
        "in an hour",
        null,
        () -> {
          String path = "/admin/v1/keys/" + idOf(made("{}")) + "?after_seconds=3600";
          byte[] request = RawHttp.request("DELETE", path, NOTHING, admin);
          assertThat(contract.faultOf("revokeKey", request)).isEmpty();
          Reply reply = RawHttp.ask(node.adminPort(), request);
          assertThat(reply.text()).contains("expires_at_millis").contains("\"revoked\":false");
          return reply;
        });
    addBad(
        "revokeKey",
        400,
        "a query of another kind",
        RawHttp.request("DELETE", "/admin/v1/keys/abcdef123456?after=1", NOTHING, admin));
    addValid("revokeKey", 401, "no key", revoke("abcdef123456"));
    addValid("revokeKey", 404, "no such id", revoke("abcdef123456", admin));
  }

  private static byte[] revoke(String id, String... headers) {
    return RawHttp.request("DELETE", "/admin/v1/keys/" + id, NOTHING, headers);
  }

  private static String idOf(String key) {
    return key.split("_", 3)[1];
  }

  /** Over a disk that refuses, breaks or hangs; hanging last, since then nothing else is done. */
  private void faults() {
    byte[] rating = rate(ITEM, bearer(faulty.key().reveal()), JSON);
    String key = bearer(faulty.adminKey().reveal());
    byte[] creating = create(bytes("{\"tenant\":\"items\"}"), key, JSON);
    byte[] revoking = revoke(faulty.key().id(), key);
    byte[] listing = RawHttp.request("GET", "/admin/v1/keys", NOTHING, key);
    for (var behaviour :
        List.of(
            Map.entry(FaultyServers.Disk.REFUSES, 503),
            Map.entry(FaultyServers.Disk.BREAKS, 500),
            Map.entry(FaultyServers.Disk.HANGS, 504))) {
      int status = behaviour.getValue();
      addFaulty("rate", status, behaviour.getKey(), rating, faulty.port());
      addFaulty("createKey", status, behaviour.getKey(), creating, faulty.adminPort());
      addFaulty("revokeKey", status, behaviour.getKey(), revoking, faulty.adminPort());
    }
    add("listKeys", 200, "the disk HANGS", listing, () -> RawHttp.ask(faulty.adminPort(), listing));
  }

  private void addFaulty(
      String operation, int status, FaultyServers.Disk disk, byte[] request, int port) {
    add(
        operation,
        status,
        "the disk " + disk,
        request,
        () -> {
          faulty.disk(disk);
          return RawHttp.ask(port, request);
        });
  }

  @Test
  void paths_that_are_not_in_the_document_answer_as_it_says() throws IOException {
    assertThat(contract.document().getJsonObject("x-unmatched-paths").getString("$ref"))
        .isEqualTo("#/components/responses/NotFound");
    for (String path :
        List.of("/", "/v1", "/v1/rate/", "/v1//rate", "/V1/rate", "/admin/v1/keys")) {
      Reply reply = RawHttp.ask(node.port(), RawHttp.request("GET", path, NOTHING, credit));
      assertThat(reply.status()).as(path).isEqualTo(404);
      assertThat(contract.faultsOf("revokeKey", reply)).isEmpty(); // it answers with the same
      checkProblem(reply);
    }
    for (String path : List.of("/", "/v1/rate", "/admin/v1/keys/a/b", "/admin/v1/tenants")) {
      byte[] request = RawHttp.request("GET", path, NOTHING, admin);
      assertThat(RawHttp.ask(node.adminPort(), request).status()).as(path).isEqualTo(404);
    }
  }

  @Test
  void head_is_answered_wherever_get_is() throws IOException {
    for (String path :
        List.of("/v1/limits", "/v1/models", "/livez", "/readyz", "/metrics", "/openapi.json")) {
      try (RawHttp connection = new RawHttp(node.port())) {
        for (int i = 0; i < 2; i++) { // a body would garble the second answer
          Reply head = connection.ask(RawHttp.request("HEAD", path, NOTHING, credit));
          assertThat(head.status()).as(path).isEqualTo(200);
          assertThat(head.header("content-type")).as(path).isNotEmpty();
        }
      }
    }
  }

  @Test
  void the_callers_request_id_and_trace_are_continued() throws IOException {
    Reply reply =
        RawHttp.ask(
            node.port(), rate(APPLICATION, credit, JSON, TRACEPARENT, "x-request-id: order-1.a_B"));
    assertThat(reply.header("x-request-id")).isEqualTo("order-1.a_B");
    assertThat(new JsonObject(reply.text()).getString("request_id")).isEqualTo("order-1.a_B");
    assertThat(reply.header("traceparent"))
        .matches("00-" + TRACE + "-[0-9a-f]{16}-01")
        .doesNotContain("b7ad6b7169203331");
    for (String bad :
        List.of("", "00-" + TRACE, "ff-" + TRACE + "-b7ad6b7169203331-01", "x".repeat(55))) {
      Reply fresh =
          RawHttp.ask(
              node.port(),
              rate(APPLICATION, JSON, "traceparent: " + bad, "x-request-id: not an id"));
      assertThat(fresh.header("traceparent"))
          .matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00")
          .doesNotContain(TRACE);
      assertThat(fresh.header("x-request-id")).matches("[0-9a-f]{16}");
    }
  }

  @Test
  void the_rate_limit_headers_parse_and_count_down() throws IOException {
    String key = bearer(made("{\"tenant\":\"trial\",\"limit\":{\"rate\":0.001,\"burst\":3}}"));
    for (int left = 2; left >= 0; left--) {
      Reply reply = RawHttp.ask(node.port(), rate(APPLICATION, key, JSON));
      assertThat(reply.status()).isEqualTo(200);
      Map<String, Map<String, Long>> policy = items(reply.header("ratelimit-policy"), "qw");
      Map<String, Map<String, Long>> state = items(reply.header("ratelimit"), "rt");
      assertThat(policy).containsOnlyKeys("tenant", "key");
      assertThat(policy.get("tenant")).containsEntry("q", 60L).containsEntry("w", 1L);
      assertThat(policy.get("key")).containsEntry("q", 3L).containsEntry("w", 3000L);
      assertThat(state).containsOnlyKeys("tenant", "key");
      assertThat(state.get("key")).containsEntry("r", (long) left);
    }
    Reply denied = RawHttp.ask(node.port(), rate(APPLICATION, key, JSON));
    assertThat(denied.status()).isEqualTo(429);
    assertThat(items(denied.header("ratelimit"), "rt").get("key")).containsEntry("r", 0L);
    assertThat(items(denied.header("ratelimit-policy"), "qw")).containsOnlyKeys("key");
    JsonObject problem = new JsonObject(denied.text());
    assertThat(problem.getString("level")).isEqualTo("key");
    assertThat(Long.parseLong(denied.header("retry-after")))
        .isEqualTo((long) Math.ceil(problem.getDouble("next_token_seconds")))
        .isBetween(900L, 1000L);
  }

  /** A list of strings with two whole-number parameters each (RFC 9651). */
  private static Map<String, Map<String, Long>> items(String field, String names) {
    Map<String, Map<String, Long>> items = new HashMap<>();
    for (String item : field.split(", ", -1)) {
      assertThat(item)
          .matches("\"[a-z-]+\";" + names.charAt(0) + "=[0-9]+;" + names.charAt(1) + "=[0-9]+");
      String[] parts = item.split(";", -1);
      items.put(
          parts[0].replace("\"", ""),
          Map.of(
              parts[1].substring(0, 1), Long.valueOf(parts[1].substring(2)),
              parts[2].substring(0, 1), Long.valueOf(parts[2].substring(2))));
    }
    return items;
  }

  @Test
  void large_answers_come_packed_to_those_who_take_gzip() throws IOException {
    byte[] plain = RawHttp.request("GET", "/openapi.json", NOTHING, "Accept-Encoding: gzip;q=0");
    byte[] packed = RawHttp.request("GET", "/openapi.json", NOTHING, "Accept-Encoding: br, gzip");
    Reply asIs = RawHttp.ask(node.port(), plain);
    Reply small = RawHttp.ask(node.port(), packed);
    assertThat(asIs.headers()).doesNotContainKey("content-encoding");
    assertThat(small.header("content-encoding")).isEqualTo("gzip");
    assertThat(List.of(asIs.header("vary"), small.header("vary"))).containsOnly("accept-encoding");
    assertThat(small.body().length).isLessThan(asIs.body().length / 4);
    assertThat(RawHttp.gunzip(small.body())).isEqualTo(asIs.body());
  }

  @Test
  void the_checks_find_planted_faults() throws IOException {
    Reply good = RawHttp.ask(node.port(), rate(APPLICATION, credit, JSON));
    assertThat(contract.faultsOf("rate", good)).isEmpty();
    byte[] more = bytes(good.text().replaceFirst("\\{", "{\"extra\":1,"));
    assertThat(contract.faultsOf("rate", new Reply(200, good.headers(), more))).isNotEmpty();
    byte[] wrong = bytes(good.text().replaceFirst("\"rating\":[0-9]+", "\"rating\":\"high\""));
    assertThat(contract.faultsOf("rate", new Reply(200, good.headers(), wrong))).isNotEmpty();
    Map<String, String> anonymous = sorted(good.headers());
    anonymous.remove("x-request-id");
    assertThat(contract.faultsOf("rate", new Reply(200, anonymous, good.body()))).isNotEmpty();
    assertThat(contract.faultsOf("rate", new Reply(418, good.headers(), good.body()))).isNotEmpty();
    Map<String, String> text = sorted(good.headers());
    text.put("content-type", "text/plain");
    assertThat(contract.faultsOf("rate", new Reply(200, text, good.body()))).isNotEmpty();
    assertThat(contract.faultOf("rate", rate(bytes("[1]"), JSON))).isNotEmpty();
    assertThat(contract.faultOf("rate", rate(APPLICATION, "Content-Type: text/plain")))
        .isNotEmpty();
    Set<Documented> seenOfOne = new TreeSet<>(contract.documented());
    seenOfOne.removeIf(each -> !each.operation().equals("livez"));
    assertThat(contract.documented()).hasSizeGreaterThan(seenOfOne.size());
  }
}
