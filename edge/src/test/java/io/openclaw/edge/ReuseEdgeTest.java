package io.openclaw.edge;

import static io.openclaw.edge.TestEdge.APPLICATION;
import static io.openclaw.edge.TestEdge.SCORE;
import static io.openclaw.edge.TestEdge.document;
import static io.openclaw.edge.TestEdge.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Scope;
import io.openclaw.domain.Tenant;
import io.openclaw.rating.Checked;
import io.openclaw.rating.InputSchema;
import io.openclaw.rating.ModelBusyException;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.RatingModel;
import io.openclaw.rating.ScorecardModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tags, QUERY, and ratings that are kept. */
final class ReuseEdgeTest {
  private static final String SAME =
      APPLICATION.replace("\"duration\":6,", "").replace("{", "{ \"duration\" : 6.0 , ");

  private final TestEdge at;
  private final String credit;
  private final Counting model;

  ReuseEdgeTest() throws IOException, ModelException {
    at = new TestEdge();
    model = new Counting(TestEdge.scorecard());
    at.tenants.replaceAll(
        (tenant, models) -> tenant.id().equals("credit") ? List.of(model) : models);
    at.tenants.put(
        new Tenant("rival", List.of("credit-g"), new Decimal(650, 0), 1, null), List.of(model));
    credit = at.key("credit", Scope.RATE);
  }

  /** A model that counts what it rates. */
  private static final class Counting implements RatingModel {
    private final RatingModel model;
    private int rated;
    private boolean broken;
    private boolean provisional;

    Counting(RatingModel model) {
      this.model = model;
    }

    @Override
    public String name() {
      return model.name();
    }

    @Override
    public String version() {
      return model.version();
    }

    @Override
    public String kind() {
      return model.kind();
    }

    @Override
    public String digest() {
      return model.digest();
    }

    @Override
    public InputSchema schema() {
      return model.schema();
    }

    @Override
    public Checked check(Json.Obj input) {
      Checked checked = model.check(input);
      return checked instanceof Checked.Ready ready
          ? (Checked.Ready)
              attempt -> {
                rated++;
                if (broken) {
                  return java.util.concurrent.CompletableFuture.failedFuture(
                      new ModelBusyException("planted"));
                }
                return ready.rate(attempt).thenApply(r -> provisional ? r.asProvisional() : r);
              }
          : checked;
    }
  }

  private static String tag(Answered answered) {
    return Objects.requireNonNull(Objects.requireNonNull(answered.reuse()).tag());
  }

  @Test
  void a_plain_post_says_nothing_of_being_used_again() {
    assertThat(at.rate(credit, APPLICATION).reuse()).isNull();
  }

  @Test
  void a_query_has_the_answer_of_a_post_and_a_tag() {
    Answered post = at.rate(credit, APPLICATION);
    Answered query = at.query(credit, APPLICATION, null);
    assertThat(document(query.body())).isEqualTo(document(post.body()));
    assertThat(tag(query)).matches("W/\"[A-Za-z0-9_-]{43}\"");
    assertThat(Objects.requireNonNull(query.reuse()).cacheControl()).isEqualTo("private, no-cache");
  }

  @Test
  void what_the_client_has_is_not_rated_again_but_paid_for() {
    String tag = tag(at.query(credit, APPLICATION, null));
    long tokens = at.tokens("credit");
    int rated = model.rated;
    for (String have : List.of(tag, "\"x\", " + tag, tag.substring(2), "*")) {
      Answered again = at.query(credit, SAME, have);
      assertThat(again.status()).as(have).isEqualTo(304);
      assertThat(again.body()).isEmpty();
      assertThat(tag(again)).isEqualTo(tag);
    }
    assertThat(model.rated).isEqualTo(rated);
    assertThat(at.tokens("credit")).isEqualTo(tokens - 4);
  }

  @Test
  void a_tag_of_something_else_gets_the_rating() {
    String tag = tag(at.query(credit, APPLICATION, null));
    String other = APPLICATION.replace("\"duration\":6", "\"duration\":7");
    assertThat(at.query(credit, other, tag).status()).isEqualTo(200);
    for (String have : List.of("", "\"\"", "W/", tag.replace("W/", "w/"), tag + "x")) {
      assertThat(at.query(credit, APPLICATION, have).status()).as(have).isEqualTo(200);
    }
  }

  @Test
  void a_query_without_tokens_is_denied_also_where_the_client_has_the_answer() {
    String tag = tag(at.query(credit, APPLICATION, null));
    for (int i = 0; i < 9; i++) {
      assertThat(at.query(credit, APPLICATION, tag).status()).isEqualTo(304);
    }
    assertThat(at.query(credit, APPLICATION, tag).status()).isEqualTo(429);
  }

  @Test
  void a_wrong_input_is_refused_whatever_the_client_has() {
    assertThat(at.query(credit, "{\"duration\":\"long\"}", "*").status()).isEqualTo(422);
  }

  @Test
  void a_model_that_counts_cannot_be_queried_and_nothing_is_spent() {
    String items = at.key("items", Scope.RATE);
    long tokens = at.tokens("items");
    assertThat(refusal(at.query(items, SCORE, null)))
        .isEqualTo(
            "422 the model items counts what it rates, so that no rating is safe (expected: POST)");
    assertThat(at.tokens("items")).isEqualTo(tokens);
    assertThat(at.log.records).isEmpty();
  }

  @Test
  void a_kept_rating_is_answered_with_until_it_is_too_old_and_is_paid_for() {
    at.keepRatings(5);
    Answered first = at.rate(credit, APPLICATION);
    at.clock.advanceMillis(3_500);
    Answered second = at.rate(credit, SAME);
    assertThat(model.rated).isEqualTo(1);
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(Objects.requireNonNull(first.reuse()).cacheControl())
        .isEqualTo("private, max-age=5");
    assertThat(Objects.requireNonNull(second.reuse()).ageSeconds()).isEqualTo(3);
    assertThat(at.tokens("credit")).isEqualTo(9);
    at.clock.advanceMillis(1_500);
    assertThat(Objects.requireNonNull(at.rate(credit, APPLICATION).reuse()).ageSeconds()).isZero();
    assertThat(model.rated).isEqualTo(2);
    assertThat(at.cache.counts()).isEqualTo(new RatingCache.Counts(1, 0, 2));
  }

  @Test
  void without_tokens_a_kept_rating_is_not_given() {
    at.keepRatings(60);
    for (int i = 0; i < 10; i++) {
      assertThat(at.rate(credit, APPLICATION).status()).isEqualTo(200);
    }
    assertThat(at.rate(credit, APPLICATION).status()).isEqualTo(429);
    assertThat(model.rated).isEqualTo(1);
  }

  @Test
  void the_items_of_a_model_that_counts_are_never_kept() {
    at.keepRatings(60);
    String items = at.key("items", Scope.RATE);
    at.rate(items, SCORE);
    at.rate(items, SCORE);
    assertThat(at.log.records).hasSize(2);
    assertThat(at.cache.counts()).isEqualTo(new RatingCache.Counts(0, 0, 0));
  }

  @Test
  void a_failed_rating_is_not_kept() {
    at.keepRatings(60);
    model.broken = true;
    assertThat(at.rate(credit, APPLICATION).status()).isEqualTo(503);
    model.broken = false;
    assertThat(at.rate(credit, APPLICATION).status()).isEqualTo(200);
    assertThat(model.rated).isEqualTo(2);
  }

  @Test
  void a_provisional_rating_is_not_kept_and_has_no_tag() {
    model.provisional = true;
    Reuse query = Objects.requireNonNull(at.query(credit, APPLICATION, null).reuse());
    assertThat(query.tag()).isNull();
    assertThat(query.cacheControl()).isEqualTo("private, no-cache");
    at.keepRatings(60);
    Reuse post = Objects.requireNonNull(at.rate(credit, APPLICATION).reuse());
    assertThat(post.tag()).isNull();
    assertThat(post.cacheControl()).isEqualTo("private, no-cache");
    assertThat(at.cache.size()).isZero();
    assertThat(at.elsewhere.entries).isEmpty();
    model.provisional = false;
    assertThat(tag(at.rate(credit, APPLICATION))).isNotEmpty();
    assertThat(model.rated).isEqualTo(3);
    assertThat(at.elsewhere.entries).hasSize(1);
  }

  @Test
  void another_version_of_the_model_rates_anew_without_a_purge()
      throws IOException, ModelException {
    at.keepRatings(60);
    String before = tag(at.rate(credit, APPLICATION));
    byte[] other =
        (Files.readString(Path.of("..", "examples", "credit-g", "credit-g.scorecard.json")) + "\n")
            .getBytes(java.nio.charset.StandardCharsets.UTF_8);
    Counting next = new Counting(ScorecardModel.load("credit-g", "v1", other));
    at.tenants.replaceAll(
        (tenant, models) -> tenant.id().equals("credit") ? List.of(next) : models);
    at.keepRatings(60);
    assertThat(tag(at.rate(credit, APPLICATION))).isNotEqualTo(before);
    assertThat(next.rated).isEqualTo(1);
  }

  @Test
  void the_second_level_is_asked_after_the_first_and_what_it_has_is_as_old_as_it_says() {
    at.keepRatings(60);
    at.rate(credit, APPLICATION);
    assertThat(at.elsewhere.asked).isEqualTo(1);
    KeptRating kept = at.elsewhere.entries.values().iterator().next();
    at.elsewhere.entries.replaceAll(
        (key, value) ->
            new KeptRating(
                new Rating(new Decimal(7, 0), List.of(), null), kept.ratedAtMillis() - 59_000));
    Edge another =
        new Edge(
            TestEdge.REGION,
            at.clock,
            at.limiter,
            limit -> Map.of(),
            () -> directoryOf(at),
            at.concurrency,
            new RatingCache(1 << 20, at.elsewhere, at.clock),
            null,
            at.tries);
    assertThat(rating(another)).isEqualTo("7 59");
    assertThat(rating(another)).as("from memory").isEqualTo("7 59");
    at.clock.advanceMillis(1_000);
    assertThat(rating(another)).as("too old in both").isEqualTo("723 0");
    assertThat(at.elsewhere.asked).isEqualTo(3);
  }

  private static Directory directoryOf(TestEdge at) {
    return Directory.of(
        at.tenants,
        Map.of(),
        Map.of(),
        at.shared,
        at.keys,
        new Directory.Limits(at.limiter, at.quotas),
        at.clock.nanoTime());
  }

  private String rating(Edge edge) {
    Answered answered =
        edge.rate(at.request(credit, null, APPLICATION, null, 1), "request-1")
            .toCompletableFuture()
            .join();
    return ((Json.Num) Objects.requireNonNull(document(answered.body()).get("rating"))).text()
        + " "
        + Objects.requireNonNull(answered.reuse()).ageSeconds();
  }

  /** What may be told apart by a key, and must be. */
  private record Parts(String tenant, String name, String version, String digest, String input) {}

  /** Which of these a way of making keys takes for another one. */
  private static Set<Parts> mixedUp(Function<Parts, Object> keys) {
    Set<Object> seen = new HashSet<>();
    Set<Parts> mixedUp = new HashSet<>();
    String digest = "0".repeat(64);
    for (String tenant : List.of("a", "b", "a\u0000", "a:b", "a\",\"b", "")) {
      for (String name : List.of("m", "b:m", "", "\u0000m")) {
        for (String version : List.of("v1", "v", ":v1", "1")) {
          for (String input : List.of("{}", "{\"a\":-0}", "{\"a\":0}", "{\"a\":null}")) {
            Parts parts = new Parts(tenant, name, version, digest, input);
            if (!seen.add(keys.apply(parts))) {
              mixedUp.add(parts);
            }
          }
        }
      }
    }
    return mixedUp;
  }

  private static Hash256 key(Parts parts) {
    return RatingKey.of(
            parts.tenant,
            new Named(parts.name, parts.version, parts.digest),
            "stable",
            null,
            document(parts.input.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .hash();
  }

  /** A model in name only. */
  private record Named(String name, String version, String digest) implements RatingModel {
    @Override
    public String kind() {
      return "named";
    }

    @Override
    public InputSchema schema() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Checked check(Json.Obj input) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void no_choice_of_names_makes_two_keys_alike_and_a_key_without_its_tenant_is_found() {
    assertThat(mixedUp(ReuseEdgeTest::key)).isEmpty();
    assertThat(mixedUp(p -> key(new Parts("", p.name, p.version, p.digest, p.input))))
        .as("planted: no tenant in the key")
        .isNotEmpty();
    assertThat(mixedUp(p -> p.tenant + ":" + p.name + ":" + p.version + ":" + p.input))
        .as("planted: parts joined by a separator")
        .isNotEmpty();
  }

  @Test
  void a_threshold_and_a_variant_change_the_key() {
    Json.Obj input = new Json.Obj(Map.of());
    Named named = new Named("m", "v", "d");
    RatingKey plain = RatingKey.of("t", named, "stable", null, input);
    assertThat(RatingKey.of("t", named, "stable", new Decimal(1, 0), input)).isNotEqualTo(plain);
    assertThat(RatingKey.of("t", named, "canary", null, input)).isNotEqualTo(plain);
    assertThat(RatingKey.of("t", named, "stable", null, input)).isEqualTo(plain);
  }

  @Test
  void tenants_with_the_same_model_and_input_share_no_rating_and_no_tag() {
    at.keepRatings(60);
    String rival = at.key("rival", Scope.RATE);
    String tag = tag(at.query(credit, APPLICATION, null));
    assertThat(model.rated).isEqualTo(1);
    Answered other = at.query(rival, APPLICATION, tag);
    assertThat(other.status()).isEqualTo(200);
    assertThat(tag(other)).isNotEqualTo(tag);
    assertThat(model.rated).isEqualTo(2);
  }

  @Test
  void while_a_canary_is_tried_both_versions_rate_everything_and_have_tags_of_their_own()
      throws ModelException, IOException {
    at.keepRatings(60);
    Taking canary = new Taking();
    at.canary("credit", canary);
    String stable = tag(at.query(credit, APPLICATION, null));
    canary.takes = true;
    String tried = tag(at.query(credit, APPLICATION, null));
    assertThat(tried).isNotEqualTo(stable);
    assertThat(at.query(credit, APPLICATION, stable).status()).isEqualTo(200);
    assertThat(at.query(credit, APPLICATION, tried).status()).isEqualTo(304);
    assertThat(canary.rated).isEqualTo(3);
    assertThat(at.cache.counts()).isEqualTo(new RatingCache.Counts(0, 0, 0));
  }

  /** A canary of the same bytes under another version. */
  private static final class Taking implements Canary {
    private final RatingModel model;
    private boolean takes;
    private int rated;

    Taking() throws IOException, ModelException {
      Path file = Path.of("..", "examples", "credit-g", "credit-g.scorecard.json");
      model = ScorecardModel.load("credit-g", "v2", Files.readAllBytes(file));
    }

    @Override
    public RatingModel model() {
      return model;
    }

    @Override
    public boolean isStopped() {
      return false;
    }

    @Override
    public long hash(String keyId, Json.Obj input) {
      return 0;
    }

    @Override
    public boolean takes(long hash) {
      return takes;
    }

    @Override
    public void rated(Request request, boolean byCanary, long nanos, @Nullable Rating rating) {
      rated++;
    }

    @Override
    public void failed(Request request, boolean byCanary, long nanos, String why) {}
  }

  @Test
  void memory_is_bounded_by_bytes() {
    RatingCache small = new RatingCache(20_000, null, at.clock);
    for (int i = 0; i < 1_000; i++) {
      Json.Obj input = new Json.Obj(Map.of("i", new Json.Num(i)));
      RatingKey key = RatingKey.of("t", new Named("m", "v", "d"), "stable", null, input);
      Rating rating = new Rating(Decimal.ZERO, List.of(), null);
      var _ =
          small.rate(key, 60, () -> java.util.concurrent.CompletableFuture.completedStage(rating));
    }
    assertThat(small.bytes()).isBetween(1L, 20_000L);
    assertThat(small.size()).isLessThan(60);
  }
}
