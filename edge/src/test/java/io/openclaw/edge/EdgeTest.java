package io.openclaw.edge;

import static io.openclaw.edge.TestEdge.APPLICATION;
import static io.openclaw.edge.TestEdge.SCORE;
import static io.openclaw.edge.TestEdge.document;
import static io.openclaw.edge.TestEdge.problem;
import static io.openclaw.edge.TestEdge.problemText;
import static io.openclaw.edge.TestEdge.refusal;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.Json;
import io.openclaw.domain.KeyText;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.Problem;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.QuotaWindow;
import io.openclaw.domain.Scope;
import io.openclaw.domain.Violation;
import io.openclaw.rating.ModelException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EdgeTest {
  private static final String BAD_KEY = "401 the key is unknown, revoked or expired";
  private static final String NO_KEY =
      "401 the Authorization header holds no key of the form ock_<id>_<secret>";

  private final TestEdge at;
  private final String credit;
  private final List<LogRecord> logged = new java.util.ArrayList<>();
  private final Logger logger = Logger.getLogger("io.openclaw.edge");
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          logged.add(entry);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  EdgeTest() throws IOException, ModelException {
    at = new TestEdge();
    credit = at.key("credit", Scope.RATE);
  }

  @BeforeEach
  void listenToTheLog() {
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
  }

  @AfterEach
  void leaveTheLog() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
  }

  @Test
  void a_request_reads_the_directory_once_so_that_it_sees_one_release() {
    int before = at.directoryReads;
    assertThat(at.rate(credit, APPLICATION).status()).isEqualTo(200);
    assertThat(at.directoryReads - before).isEqualTo(1);
  }

  @Test
  void a_key_is_enough_to_rate_for_its_tenant() {
    Answered answered = at.rate(credit, APPLICATION);
    assertThat(new String(answered.body(), UTF_8))
        .isEqualTo(
            "{\"rating\":723,\"decision\":\"approve\",\"threshold\":650,\"model\":\"credit-g\","
                + "\"version\":\"v1\",\"variant\":\"stable\",\"reasons\":["
                + "{\"code\":\"R01\",\"text\":\"Status of checking account\",\"points\":114},"
                + "{\"code\":\"R06\",\"text\":\"Purpose of the credit\",\"points\":33},"
                + "{\"code\":\"R08\",\"text\":\"Instalments in proportion to income\",\"points\":31},"
                + "{\"code\":\"R12\",\"text\":\"No guarantor or co-applicant\",\"points\":29}],"
                + "\"region\":\"eu-central-1\",\"request_id\":\"request-1\"}");
    assertThat(answered.status()).isEqualTo(200);
    assertThat(answered.problem()).isNull();
    assertThat(answered.tenant()).isEqualTo("credit");
    assertThat(answered.model()).isEqualTo("credit-g");
    assertThat(answered.variant()).isEqualTo("stable");
    assertThat(answered.rateLimit())
        .isEqualTo(new RateLimit("\"tenant\";q=10;w=1", "\"tenant\";r=9;t=1"));
  }

  @Test
  void a_rating_below_the_threshold_is_declined() {
    String worse = APPLICATION.replace("\"duration\":6", "\"duration\":60");
    Json.Obj answer = document(at.rate(credit, worse).body());
    assertThat(((Json.Num) Objects.requireNonNull(answer.get("rating"))).value()).isLessThan(650);
    assertThat(answer.get("decision")).isEqualTo(new Json.Str("decline"));
  }

  @Test
  void unknown_revoked_expired_and_forged_keys_are_refused_alike() {
    KeyText unknown = KeyText.generate(new Random(99));
    String revoked = at.key("credit", ApiKey.NEVER, true, null, Scope.RATE);
    long soon = TestClock.START_MILLIS + 1000;
    String expiring = at.key("credit", soon, false, null, Scope.RATE);
    KeyText known = KeyText.generate(new Random(98));
    KeyText forged = KeyText.generate(new Random(97));
    at.keys.add(
        new ApiKey(
            known.id(),
            forged.sha256Hex(),
            "credit",
            java.util.Set.of(Scope.RATE),
            ApiKey.NEVER,
            false,
            null,
            ""));
    assertThat(refusal(at.rate("Bearer " + unknown.reveal(), APPLICATION))).isEqualTo(BAD_KEY);
    assertThat(refusal(at.rate("Bearer " + known.reveal(), APPLICATION))).isEqualTo(BAD_KEY);
    assertThat(refusal(at.rate(revoked, APPLICATION))).isEqualTo(BAD_KEY);
    assertThat(at.rate(expiring, APPLICATION).status()).isEqualTo(200);
    at.clock.advanceMillis(1000);
    assertThat(refusal(at.rate(expiring, APPLICATION))).isEqualTo(BAD_KEY);
  }

  @Test
  void an_authorization_header_without_a_key_says_what_to_send() {
    assertThat(refusal(at.rate(null, APPLICATION)))
        .isEqualTo("401 send Authorization: Bearer <key>");
    assertThat(refusal(at.rate("", APPLICATION))).isEqualTo(NO_KEY);
    assertThat(refusal(at.rate("Basic YTpi", APPLICATION))).isEqualTo(NO_KEY);
    assertThat(refusal(at.rate("Bearer", APPLICATION))).isEqualTo(NO_KEY);
    assertThat(refusal(at.rate(credit + "x", APPLICATION))).isEqualTo(NO_KEY);
    assertThat(refusal(at.rate(credit.substring("Bearer ".length()), APPLICATION)))
        .isEqualTo(NO_KEY);
    assertThat(at.rate(credit.replace("Bearer ", "bEARER   "), APPLICATION).status())
        .isEqualTo(200);
  }

  @Test
  void a_header_that_names_another_tenant_is_refused() {
    assertThat(at.rate(credit, "credit", APPLICATION).status()).isEqualTo(200);
    for (String other : List.of("items", "nobody", "", "CREDIT")) {
      assertThat(refusal(at.rate(credit, other, APPLICATION)))
          .isEqualTo("403 the key does not belong to the tenant that x-tenant-id names");
    }
  }

  @Test
  void a_key_for_any_tenant_must_name_one_and_spends_that_tenants_tokens() {
    String any = at.key(null, Scope.RATE, Scope.TENANTS_ANY);
    assertThat(refusal(at.rate(any, APPLICATION)))
        .isEqualTo("403 a key of scope tenants:any must name a tenant in x-tenant-id");
    assertThat(refusal(at.rate(any, "nobody", APPLICATION)))
        .isEqualTo("403 x-tenant-id names no tenant that the key may act for");
    Answered answered = at.rate(any, "credit", APPLICATION);
    assertThat(answered.status()).isEqualTo(200);
    assertThat(answered.tenant()).isEqualTo("credit");
    assertThat(at.tokens("credit")).isEqualTo(9);
    assertThat(at.rate(any, "items", SCORE).tenant()).isEqualTo("items");
    assertThat(at.tokens("items")).isEqualTo(18);
  }

  @Test
  void a_key_without_a_tenant_is_the_default_tenants() {
    String own = at.key(null, Scope.RATE);
    Answered answered = at.rate(own, SCORE);
    assertThat(answered.tenant()).isEqualTo("default");
    assertThat(answered.rateLimit()).isNull();
    assertThat(at.rate(own, "default", SCORE).status()).isEqualTo(200);
    assertThat(at.rate(own, "credit", SCORE).status()).isEqualTo(403);
  }

  @Test
  void a_key_without_the_scope_is_refused() {
    String reader = at.key("credit", Scope.READ);
    assertThat(refusal(at.rate(reader, APPLICATION))).isEqualTo("403 the key lacks the scope rate");
    String anybody = at.key(null, Scope.TENANTS_ANY);
    assertThat(refusal(at.rate(anybody, "credit", APPLICATION)))
        .isEqualTo("403 the key lacks the scope rate");
    assertThat(at.edge.limits(reader, null).status()).isEqualTo(200);
    assertThat(at.edge.limits(credit, null).status()).isEqualTo(200);
    assertThat(refusal(at.edge.limits(anybody, "credit")))
        .isEqualTo("403 the key lacks the scope read");
  }

  @Test
  void a_refused_request_spends_no_token() {
    at.rate("Bearer " + KeyText.generate(new Random(5)).reveal(), APPLICATION);
    at.rate(credit, "items", APPLICATION);
    at.rate(credit, "{\"checking_status\":");
    at.rate(credit, "[]");
    at.rate(credit, "{\"checking_status\":5}");
    String items = at.key("items", Scope.RATE);
    at.rate(items, "{\"item\":\"a\",\"score\":6}");
    assertThat(at.tokens("credit")).isEqualTo(10);
    assertThat(at.tokens("items")).isEqualTo(20);
    assertThat(at.log.records).isEmpty();
    assertThat(new String(at.edge.limits(credit, null).body(), UTF_8))
        .contains("\"remaining\":10,\"spent_here\":0,\"denied_here\":0,\"burned_here\":0.0");
  }

  @Test
  void input_that_does_not_fit_is_explained_member_by_member() {
    Answered noJson = at.rate(credit, "{\"a\":\n tru}");
    assertThat(noJson.status()).isEqualTo(400);
    assertThat(problem(noJson).detail()).startsWith("this is not valid JSON (line 2, column ");
    assertThat(noJson.tenant()).isEqualTo("credit");
    Answered list = at.rate(credit, "[1]");
    assertThat(list.status()).isEqualTo(422);
    assertThat(problem(list).violations())
        .containsExactly(new Violation("", "an array (expected: an object)"));
    Answered wrong = at.rate(at.key("items", Scope.RATE), "{\"item\":\"\",\"score\":\"x\"}");
    assertThat(refusal(wrong)).isEqualTo("422 2 members do not fit the model items");
    assertThat(problem(wrong).violations())
        .containsExactly(
            new Violation("/item", "\"\" (expected: a string of 1 to 256 characters)"),
            new Violation("/score", "\"x\" (expected: one of 1, 2, 3, 4, 5)"));
  }

  @Test
  void where_the_keys_limit_denies_the_tenants_token_is_given_back() {
    String key = at.limitedKey("credit", 2, Scope.RATE);
    assertThat(at.rate(key, APPLICATION).rateLimit())
        .isEqualTo(
            new RateLimit(
                "\"tenant\";q=10;w=1, \"key\";q=2;w=2", "\"tenant\";r=9;t=1, \"key\";r=1;t=1"));
    assertThat(at.rate(key, APPLICATION).status()).isEqualTo(200);
    Answered denied = at.rate(key, APPLICATION);
    assertThat(denied.status()).isEqualTo(429);
    assertThat(at.tokens("credit")).isEqualTo(8);
    assertThat(problem(denied).detail())
        .isEqualTo("the limit of this key is exhausted in region eu-central-1");
    assertThat(denied.rateLimit()).isEqualTo(new RateLimit("\"key\";q=2;w=2", "\"key\";r=0;t=2"));
    assertThat(at.rate(credit, APPLICATION).status()).isEqualTo(200);
  }

  @Test
  void a_denial_names_the_limit_and_when_the_next_token_comes() {
    for (int i = 0; i < 10; i++) {
      assertThat(at.rate(credit, APPLICATION).status()).isEqualTo(200);
    }
    at.clock.advanceMillis(25);
    Answered denied = at.rate(credit, APPLICATION);
    assertThat(problemText(denied))
        .isEqualTo(
            "{\"type\":\"https://iana.org/assignments/http-problem-types#quota-exceeded\","
                + "\"title\":\"A limit is exhausted\",\"status\":429,"
                + "\"detail\":\"the limit of this tenant is exhausted in region eu-central-1\","
                + "\"request_id\":\"request-1\",\"level\":\"tenant\",\"limit\":\"tenant/credit\","
                + "\"mode\":\"strict\",\"rate\":10,\"burst\":10,\"share\":1,"
                + "\"region\":\"eu-central-1\",\"shares\":{\"eu-central-1\":1},"
                + "\"next_token_seconds\":0.075,"
                + "\"violated-policies\":[\"tenant\"]}");
    assertThat(problem(denied).retryAfterSeconds()).isEqualTo(1);
    assertThat(denied.tenant()).isEqualTo("credit");
    assertThat(denied.rateLimit())
        .isEqualTo(new RateLimit("\"tenant\";q=10;w=1", "\"tenant\";r=0;t=1"));
    at.clock.advanceMillis(74);
    assertThat(at.rate(credit, APPLICATION).status()).isEqualTo(429);
    at.clock.advanceMillis(1);
    assertThat(at.rate(credit, APPLICATION).status()).isEqualTo(200);
    assertThat(at.rate(credit, APPLICATION).status()).isEqualTo(429);
  }

  private static double count(Answered answered) {
    Json.Obj item = (Json.Obj) Objects.requireNonNull(document(answered.body()).get("item"));
    return ((Json.Num) Objects.requireNonNull(item.get("count"))).value();
  }

  @Test
  void tries_of_one_request_count_once_and_another_key_cannot_pose_as_one_of_them() {
    String first = at.key("items", Scope.RATE);
    String second = at.key("items", Scope.RATE);
    assertThat(count(at.rate(at.request(first, null, SCORE, "same", 1)))).isEqualTo(1);
    assertThat(count(at.rate(at.request(first, null, SCORE, "same", 2)))).isEqualTo(1);
    assertThat(count(at.rate(at.request(second, null, SCORE, "same", 1)))).isEqualTo(2);
    assertThat(count(at.rate(at.request(second, null, SCORE, "same", 2)))).isEqualTo(2);
    assertThat(count(at.rate(second, SCORE))).isEqualTo(3);
    assertThat(count(at.rate(second, SCORE))).isEqualTo(4);
  }

  @Test
  void a_model_that_fails_is_a_500_without_a_stack_trace_and_the_log_has_it() {
    at.log.disk = MemoryLog.Disk.BUGGY;
    Answered failed = at.rate(at.key("items", Scope.RATE), SCORE);
    assertThat(problemText(failed))
        .isEqualTo(
            "{\"type\":\"urn:openclaw:problem:internal\",\"title\":\"The rating failed\","
                + "\"status\":500,\"detail\":\"the model items failed on this input\","
                + "\"request_id\":\"request-1\"}");
    assertThat(failed.model()).isEqualTo("items");
    assertThat(logged).hasSize(1);
    assertThat(logged.getFirst().getMessage()).isEqualTo("model items failed, request request-1");
    assertThat(logged.getFirst().getThrown()).hasMessage(MemoryLog.BUG);
    assertThat(at.concurrency.inFlight()).as("its slot came back").isZero();
    at.log.disk = MemoryLog.Disk.WELL;
    assertThat(at.rate(credit, APPLICATION).status()).isEqualTo(200);
  }

  @Test
  void a_full_disk_is_a_503_that_counts_nothing_and_passes_when_the_disk_is_well() {
    String items = at.key("items", Scope.RATE);
    at.log.disk = MemoryLog.Disk.FULL;
    Problem problem = problem(at.rate(items, SCORE));
    assertThat(problem.type().status() + " " + problem.detail())
        .isEqualTo("503 the rating could not be written to disk");
    assertThat(problem.retryAfterSeconds()).isEqualTo(1);
    assertThat(at.rate(credit, APPLICATION).status()).as("what needs no disk").isEqualTo(200);
    at.log.disk = MemoryLog.Disk.WELL;
    assertThat(count(at.rate(items, SCORE))).isEqualTo(1);
    assertThat(logged).isEmpty();
  }

  @Test
  void a_full_store_refuses_new_items_and_rates_known_ones() {
    String items = at.key("items", Scope.RATE);
    for (int i = 0; i < 3; i++) {
      assertThat(at.rate(items, "{\"item\":\"i" + i + "\",\"score\":1}").status()).isEqualTo(200);
    }
    Problem problem = problem(at.rate(items, "{\"item\":\"i3\",\"score\":1}"));
    assertThat(problem.type().status() + " " + problem.detail())
        .isEqualTo("503 items: 3 (expected: < 3)");
    assertThat(problem.retryAfterSeconds()).isEqualTo(60);
    assertThat(count(at.rate(items, "{\"item\":\"i2\",\"score\":1}"))).isEqualTo(2);
  }

  @Test
  void a_tenant_of_two_models_rates_with_the_one_that_recognises_the_input() {
    String own = at.key(null, Scope.RATE);
    assertThat(at.rate(own, SCORE).model()).isEqualTo("items");
    Answered application = at.rate(own, APPLICATION);
    assertThat(application.model()).isEqualTo("credit-g");
    assertThat(document(application.body()).get("decision")).as("without a threshold").isNull();
    assertThat(refusal(at.rate(own, "{\"score\":9}")))
        .isEqualTo("422 2 members do not fit the model items");
    assertThat(refusal(at.rate(own, "{\"neither\":1}"))).contains("fit the model items");
  }

  @Test
  void callers_read_their_own_limits() {
    String key = at.limitedKey("credit", 2, Scope.RATE, Scope.READ);
    at.rate(key, APPLICATION);
    assertThat(new String(at.edge.limits(key, null).body(), UTF_8))
        .isEqualTo(
            "{\"tenant\":\"credit\",\"region\":\"eu-central-1\",\"limits\":["
                + "{\"id\":\"tenant/credit\",\"level\":\"tenant\",\"mode\":\"strict\","
                + "\"dry_run\":false,\"rate\":10.0,"
                + "\"burst\":10,\"bound\":{\"burst\":10,\"rate\":10.01},\"share\":1.0,\"share_burst\":10,\"shares\":{\"eu-central-1\":1.0},\"remaining\":9,\"spent_here\":1,"
                + "\"denied_here\":0,\"burned_here\":0.0,\"spent_all_regions\":1,\"denied_all_regions\":0},"
                + "{\"id\":\"key/limited\",\"level\":\"key\",\"mode\":\"strict\","
                + "\"dry_run\":false,\"rate\":1.0,"
                + "\"burst\":2,\"bound\":{\"burst\":2,\"rate\":1.001},\"share\":1.0,\"share_burst\":2,\"shares\":{\"eu-central-1\":1.0},\"remaining\":1,\"spent_here\":1,"
                + "\"denied_here\":0,\"burned_here\":0.0,\"spent_all_regions\":1,\"denied_all_regions\":0}],\"quotas\":[]}");
    assertThat(at.edge.limits(null, null).status()).isEqualTo(401);
    assertThat(at.edge.limits(key, "items").status()).isEqualTo(403);
  }

  @Test
  void callers_read_their_own_models() throws IOException, ModelException {
    String own = at.key(null, Scope.READ);
    String digest = TestEdge.scorecard().digest();
    assertThat(new String(at.edge.models(own, null).body(), UTF_8))
        .startsWith(
            "{\"tenant\":\"default\",\"models\":[{\"name\":\"items\",\"version\":\"v2\","
                + "\"kind\":\"items\",\"sha256\":\"")
        .endsWith(
            "{\"name\":\"credit-g\",\"version\":\"v1\",\"kind\":\"scorecard\",\"sha256\":\""
                + digest
                + "\"}]}");
    assertThat(at.edge.models("Bearer x", null).status()).isEqualTo(401);
  }

  @Test
  void only_the_administrators_key_administers() {
    KeyText admin = KeyText.generate(new Random(42));
    assertThat(Edge.isAdmin("Bearer " + admin.reveal(), admin.sha256())).isTrue();
    assertThat(Edge.isAdmin(credit, admin.sha256())).isFalse();
    assertThat(Edge.isAdmin(null, admin.sha256())).isFalse();
    assertThat(Edge.isAdmin(admin.reveal(), admin.sha256())).isFalse();
    assertThat(Edge.isAdmin("Bearer x", new byte[32])).as("the hash of nobody").isFalse();
  }

  @Test
  void in_a_region_that_holds_too_little_the_denial_says_when_to_come_back() {
    List<String> regions = List.of("ap-southeast-2", "eu-central-1", "us-east-1");
    LimitSpec spec = new LimitSpec("tenant/small", LimitSpec.Level.TENANT, 1000, 3);
    var limiter =
        new io.openclaw.limit.Limiter(
            io.openclaw.limit.LeaseSettings.of("us-east-1", regions), "us-east-1#1", false, 0);
    var limit = limiter.limit(spec, 1, 0);
    var denied = (io.openclaw.limit.Decision.Denied) limiter.admit(limit, 1, 0);
    Problem problem = Denial.problem(denied, id -> Map.of("us-east-1", 0.01), "us-east-1", 0);
    assertThat(problem.detail())
        .isEqualTo("the limit of this tenant is exhausted in region us-east-1");
    assertThat(problem.members().get("share")).isEqualTo(new Json.Num(0.01));
    assertThat(problem.retryAfterSeconds()).isEqualTo(2);
    assertThat(RateLimit.of(denied, 0).state()).isEqualTo("\"tenant\";r=0;t=0");
  }

  @Test
  void the_limit_over_all_tenants_and_that_of_a_model_must_agree_too() {
    at.limits(
        new LimitSpec("global", LimitSpec.Level.GLOBAL, 1000, 3),
        Map.of("credit-g", new LimitSpec("model/credit-g", LimitSpec.Level.MODEL, 1000, 2)));
    Answered first = at.rate(credit, APPLICATION);
    assertThat(first.status()).isEqualTo(200);
    assertThat(first.rateLimit())
        .isEqualTo(
            new RateLimit(
                "\"global\";q=3;w=3, \"tenant\";q=10;w=1, \"model\";q=2;w=2",
                "\"global\";r=2;t=1, \"tenant\";r=9;t=1, \"model\";r=1;t=1"));
    assertThat(at.rate(credit, APPLICATION).status()).isEqualTo(200);
    assertThat(problem(at.rate(credit, APPLICATION)).detail())
        .isEqualTo("the limit of this model is exhausted in region eu-central-1");
    assertThat(at.tokens("credit")).as("given back").isEqualTo(8);
    String items = at.key("items", Scope.RATE, Scope.READ);
    assertThat(problem(at.rate(items, SCORE)).members().get("level"))
        .as("one token is left of the global limit, an item costs two")
        .isEqualTo(new Json.Str("global"));
    assertThat(new String(at.edge.limits(items, null).body(), UTF_8))
        .as("what other tenants spent is not told")
        .contains("{\"id\":\"global\",\"level\":\"global\"")
        .doesNotContain("\"spent_here\":2");
  }

  @Test
  void a_dry_run_counts_what_it_would_deny_and_denies_nothing() {
    at.limits(
        new LimitSpec("global", LimitSpec.Level.GLOBAL, 1000, 2, LimitSpec.Mode.STRICT, 0, true),
        Map.of());
    for (int i = 0; i < 5; i++) {
      assertThat(at.rate(credit, APPLICATION).status()).isEqualTo(200);
    }
    var global = at.limiter.limits().stream().filter(l -> l.spec().dryRun()).findAny();
    assertThat(global.orElseThrow().spent()).isEqualTo(2);
    assertThat(global.orElseThrow().denied()).isEqualTo(3);
  }

  private void step(long wallMillis) throws IOException {
    at.quotas.step(wallMillis, at.clock.nanoTime());
  }

  private void quotas(@Nullable QuotaSpec global, Map<String, QuotaSpec> byModel) {
    at.shared = new Directory.SharedLimits(null, Map.of(), global, byModel, Map.of());
  }

  @Test
  void a_quota_denies_until_its_window_ends_and_takes_no_token_of_a_limit() throws IOException {
    quotas(
        null,
        Map.of(
            "credit-g",
            new QuotaSpec("model/credit-g", LimitSpec.Level.MODEL, 2, QuotaSpec.Per.DAY, false)));
    assertThat(at.rate(credit, APPLICATION).status()).as("before the first block").isEqualTo(429);
    step(at.clock.wallMillis());
    Answered first = at.rate(credit, APPLICATION);
    assertThat(first.status()).isEqualTo(200);
    RateLimit headers = Objects.requireNonNull(first.rateLimit());
    assertThat(headers.policy()).isEqualTo("\"tenant\";q=10;w=1, \"model-day\";q=2;w=86400");
    assertThat(headers.state()).startsWith("\"tenant\";r=9;t=1, \"model-day\";r=1;t=");
    assertThat(at.rate(credit, APPLICATION).status()).isEqualTo(200);
    Answered denied = at.rate(credit, APPLICATION);
    assertThat(denied.status()).isEqualTo(429);
    Problem problem = problem(denied);
    assertThat(problem.detail()).isEqualTo("the quota of this model is exhausted for this day");
    assertThat(problem.members().get("quota")).isEqualTo(new Json.Str("model/credit-g"));
    assertThat(problem.members().get("violated-policies"))
        .isEqualTo(new Json.Arr(List.of(new Json.Str("model-day"))));
    long end = QuotaWindow.of(QuotaSpec.Per.DAY, at.clock.wallMillis()).endMillis();
    assertThat(problem.retryAfterSeconds())
        .isEqualTo(Math.ceilDiv(end - at.clock.wallMillis(), 1000));
    assertThat(Objects.requireNonNull(denied.rateLimit()).state())
        .startsWith("\"model-day\";r=0;t=");
    assertThat(at.tokens("credit")).as("given back").isEqualTo(8);
    step(end);
    assertThat(at.rate(credit, APPLICATION).status()).as("the next day").isEqualTo(200);
  }

  @Test
  void quotas_are_enough_without_a_limit_and_are_shown() throws IOException {
    quotas(
        new QuotaSpec("global", LimitSpec.Level.GLOBAL, 3, QuotaSpec.Per.MONTH, false), Map.of());
    String key = at.key(null, Scope.RATE, Scope.READ);
    assertThat(at.rate(key, SCORE).status()).isEqualTo(429);
    step(at.clock.wallMillis());
    for (int i = 0; i < 3; i++) {
      assertThat(at.rate(key, SCORE).status()).isEqualTo(200);
    }
    assertThat(problem(at.rate(key, SCORE)).members().get("per")).isEqualTo(new Json.Str("month"));
    assertThat(new String(at.edge.limits(key, null).body(), UTF_8))
        .contains(
            "\"limits\":[],\"quotas\":[{\"id\":\"global\",\"level\":\"global\",\"per\":\"month\"")
        .contains("\"tokens\":3,\"window\":\"")
        .contains("\"remaining_here\":0}")
        .as("what other tenants spent is not told")
        .doesNotContain("spent_all_regions");
  }
}
