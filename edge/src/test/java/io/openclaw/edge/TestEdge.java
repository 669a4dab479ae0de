package io.openclaw.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.KeyText;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemJson;
import io.openclaw.domain.Scope;
import io.openclaw.domain.Tenant;
import io.openclaw.limit.ConcurrencyLimit;
import io.openclaw.limit.Limiter;
import io.openclaw.limit.QuotaLedger;
import io.openclaw.limit.Quotas;
import io.openclaw.rating.ItemStore;
import io.openclaw.rating.ItemsModel;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.RatingModel;
import io.openclaw.rating.ScorecardModel;
import io.openclaw.rating.SmallItemStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An edge in memory with real models and a real limiter: tenants {@code credit} (10 tokens at 10/s,
 * approves at 650), {@code items} (20 tokens at 20/s, 2 a request, at most 3 items) and {@code
 * default} (either model, no limit).
 */
final class TestEdge {
  static final String REGION = "eu-central-1";
  static final String APPLICATION =
      """
      {"checking_status":"<0","duration":6,"credit_history":"critical/other existing credit",\
      "purpose":"radio/tv","credit_amount":1169,"savings_status":"no known savings",\
      "employment":">=7","installment_commitment":4,"personal_status":"male single",\
      "other_parties":"none","residence_since":4,"property_magnitude":"real estate","age":67,\
      "other_payment_plans":"none","housing":"own","existing_credits":2,"job":"skilled",\
      "num_dependents":1,"own_telephone":"yes","foreign_worker":"yes"}""";
  static final String SCORE = "{\"item\":\"product-123\",\"score\":5}";

  final TestClock clock = new TestClock();
  final MemoryLog log = new MemoryLog();
  final Limiter limiter = Limiter.alone(REGION, REGION + "#1", true, clock.nanoTime());
  final Map<Tenant, List<RatingModel>> tenants = new LinkedHashMap<>();
  final List<ApiKey> keys = new ArrayList<>();
  Directory.SharedLimits shared = Directory.SharedLimits.NONE;
  final Quotas quotas =
      new Quotas(
          REGION,
          List.of(REGION),
          QuotaLedger.read(QuotaLedger.begin(REGION, List.of(REGION), 0, new Random(2))),
          lines -> {},
          clock.nanoTime());
  private final Random random = new Random(1);
  private final Map<String, Map<String, Canary>> canaries = new HashMap<>();
  private final Map<String, Fallback> fallbacks = new HashMap<>();
  private @Nullable Directory directory;
  final ConcurrencyLimit concurrency = new ConcurrencyLimit(2, 2, clock.nanoTime());
  final Map<String, Double> holdings = new HashMap<>(Map.of(REGION, 1.0));
  final MemoryLog answers = new MemoryLog();
  final MemoryRatings elsewhere = new MemoryRatings();
  final RatingCache cache = new RatingCache(1 << 20, elsewhere, clock);
  final Replays replays = new Replays(new ReplayBounds(8, 100_000, 86_400_000), answers, clock);
  final Tries tries = new Tries(clock);
  final Edge edge =
      new Edge(
          REGION,
          clock,
          limiter,
          limit -> holdings,
          this::directory,
          concurrency,
          cache,
          replays,
          tries);

  /** Lets the ratings of credit-g be kept for so long. */
  void keepRatings(int maxAgeSeconds) {
    shared =
        new Directory.SharedLimits(
            null, Map.of(), null, Map.of(), Map.of("credit-g", maxAgeSeconds, "items", 60));
    directory = null;
  }

  /** Limits over all tenants and of models. */
  void limits(@Nullable LimitSpec global, Map<String, LimitSpec> byModel) {
    shared = new Directory.SharedLimits(global, byModel, null, Map.of(), Map.of());
    directory = null;
  }

  TestEdge() throws IOException, ModelException {
    ItemStore items = SmallItemStore.of(3, log);
    ScorecardModel scorecard = scorecard();
    tenants.put(
        new Tenant("credit", List.of("credit-g"), new Decimal(650, 0), 1, limit("credit", 10)),
        List.of(scorecard));
    tenants.put(
        new Tenant("items", List.of("items"), null, 2, limit("items", 20)),
        List.of(itemsModel(items, "items")));
    tenants.put(
        new Tenant("default", List.of("items", "credit-g"), null, 1, null),
        List.of(itemsModel(items, "default"), scorecard));
  }

  static ScorecardModel scorecard() throws IOException, ModelException {
    Path file = Path.of("..", "examples", "credit-g", "credit-g.scorecard.json");
    return ScorecardModel.load("credit-g", "v1", Files.readAllBytes(file));
  }

  private static ItemsModel itemsModel(ItemStore items, String tenant) throws ModelException {
    return ItemsModel.load(
        "items", "v2", "{\"kind\":\"items\"}".getBytes(UTF_8), items, tenant + "/items");
  }

  private static LimitSpec limit(String tenant, long burst) {
    return new LimitSpec("tenant/" + tenant, LimitSpec.Level.TENANT, burst * 1000, burst);
  }

  /** How often a directory was read. */
  int directoryReads;

  private Directory directory() {
    directoryReads++;
    if (directory == null) {
      directory =
          Directory.of(
              tenants,
              canaries,
              fallbacks,
              shared,
              keys,
              new Directory.Limits(limiter, quotas),
              clock.nanoTime());
    }
    return directory;
  }

  /** Tenants or keys were changed: the next request reads another directory. */
  void changed() {
    directory = null;
  }

  /** Lets a canary of credit-g choose which version rates a tenant's requests. */
  void canary(String tenant, Canary canary) {
    canaries.put(tenant, Map.of("credit-g", canary));
    directory = null;
  }

  /** Gives a tenant a fallback. */
  void fallback(String tenant, Fallback fallback) {
    fallbacks.put(tenant, fallback);
    directory = null;
  }

  /** The Authorization header of a new key. */
  String key(@Nullable String tenant, Scope... scopes) {
    return key(tenant, ApiKey.NEVER, false, null, scopes);
  }

  /** The Authorization header of a new key of its own limit, refilled once per second. */
  String limitedKey(@Nullable String tenant, long burst, Scope... scopes) {
    return key(
        tenant,
        ApiKey.NEVER,
        false,
        new LimitSpec("key/limited", LimitSpec.Level.KEY, 1000, burst),
        scopes);
  }

  String key(
      @Nullable String tenant,
      long expiresAtMillis,
      boolean revoked,
      @Nullable LimitSpec limit,
      Scope... scopes) {
    KeyText text = KeyText.generate(random);
    keys.add(
        new ApiKey(
            text.id(),
            text.sha256Hex(),
            tenant,
            Set.of(scopes),
            expiresAtMillis,
            revoked,
            limit,
            "test"));
    directory = null;
    return "Bearer " + text.reveal();
  }

  Received request(
      @Nullable String authorization,
      @Nullable String tenant,
      String body,
      @Nullable String attemptId,
      int attemptNumber) {
    return new Received(
        authorization, tenant, body.getBytes(UTF_8), attemptId, attemptNumber, clock.nanoTime());
  }

  Answered rate(@Nullable String authorization, String body) {
    return rate(authorization, null, body);
  }

  Answered rate(@Nullable String authorization, @Nullable String tenant, String body) {
    return rate(request(authorization, tenant, body, null, 1));
  }

  /** A QUERY. */
  Answered query(String authorization, String body, @Nullable String ifNoneMatch) {
    Received plain = request(authorization, null, body, null, 1);
    return rate(with(plain, null, new Query(ifNoneMatch)));
  }

  /** A POST that may be repeated. */
  Received once(String authorization, String key, String body) {
    return with(request(authorization, null, body, null, 1), key, null);
  }

  private static Received with(Received plain, @Nullable String key, @Nullable Query query) {
    return new Received(
        plain.authorization(),
        plain.tenantHeader(),
        plain.body(),
        plain.attemptId(),
        plain.attemptNumber(),
        plain.arrivedNanos(),
        null,
        key,
        query);
  }

  Answered rate(Received received) {
    return Objects.requireNonNull(
        edge.rate(received, "request-1").toCompletableFuture().getNow(null), "no answer yet");
  }

  /** Whole tokens that a tenant could spend now. */
  long tokens(String tenant) {
    for (Tenant each : tenants.keySet()) {
      LimitSpec spec = each.limit();
      if (each.id().equals(tenant) && spec != null) {
        return limiter.limit(spec, each.cost(), clock.nanoTime()).tokens(clock.nanoTime());
      }
    }
    throw new IllegalArgumentException(tenant);
  }

  static Problem problem(Answered answered) {
    assertThat(answered.problem()).as(new String(answered.body(), UTF_8)).isNotNull();
    return Objects.requireNonNull(answered.problem());
  }

  static Json.Obj document(byte[] body) {
    try {
      return (Json.Obj) JsonReader.read(body);
    } catch (JsonSyntaxException e) {
      throw new AssertionError(new String(body, UTF_8), e);
    }
  }

  /** {@code status detail}. */
  static String refusal(Answered answered) {
    return answered.status() + " " + problem(answered).detail();
  }

  static String problemText(Answered answered) {
    return new String(ProblemJson.write(problem(answered), "request-1"), UTF_8);
  }
}
