package io.openclaw.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.KeyText;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.Scope;
import io.openclaw.domain.Tenant;
import io.openclaw.limit.Decision;
import io.openclaw.limit.Limiter;
import io.openclaw.limit.QuotaLedger;
import io.openclaw.limit.QuotaNest;
import io.openclaw.limit.Quotas;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.RatingModel;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DirectoryTest {

  private final Random random = new Random(1);
  private final Limiter limiter = Limiter.alone("local", "local#1", true, 0);
  private final Directory.Limits limits = limits(limiter);

  private static Directory.Limits limits(Limiter limiter) {
    List<String> regions = List.of("local");
    QuotaLedger ledger =
        QuotaLedger.read(QuotaLedger.begin("local", regions, 0, new java.util.Random(1)));
    return new Directory.Limits(limiter, new Quotas("local", regions, ledger, lines -> {}, 0));
  }

  private ApiKey key(@Nullable String tenant, @Nullable Long burst, Scope... scopes) {
    KeyText text = KeyText.generate(random);
    LimitSpec limit =
        burst == null ? null : new LimitSpec("key/" + text.id(), LimitSpec.Level.KEY, 1000, burst);
    return new ApiKey(
        text.id(), text.sha256Hex(), tenant, Set.of(scopes), ApiKey.NEVER, false, limit, "");
  }

  private static Map<Tenant, List<RatingModel>> tenants() throws IOException, ModelException {
    Map<Tenant, List<RatingModel>> tenants = new LinkedHashMap<>();
    LimitSpec limit = new LimitSpec("tenant/dear", LimitSpec.Level.TENANT, 1000, 30);
    tenants.put(
        new Tenant("dear", List.of("credit-g"), null, 5, limit), List.of(TestEdge.scorecard()));
    tenants.put(
        new Tenant("cheap", List.of("credit-g"), null, 1, null), List.of(TestEdge.scorecard()));
    return tenants;
  }

  private Directory directory(Limiter of, ApiKey... keys) throws IOException, ModelException {
    return Directory.of(
        tenants(), Map.of(), Map.of(), Directory.SharedLimits.NONE, List.of(keys), limits(of), 0);
  }

  private static Directory.KeyEntry entry(Directory directory, ApiKey key) {
    return Objects.requireNonNull(directory.key(key.id()));
  }

  @Test
  void a_key_finds_its_tenant_with_models_and_limits_resolved() throws Exception {
    ApiKey key = key("dear", 10L, Scope.RATE);
    Directory.KeyEntry entry = entry(directory(limiter, key), key);
    Directory.TenantEntry tenant = Objects.requireNonNull(entry.tenant());
    assertThat(tenant.tenant().id()).isEqualTo("dear");
    assertThat(tenant.models()).hasSize(1);
    assertThat(entry.nest().size()).isEqualTo(2);
    assertThat(entry.nest().limit(0)).isSameAs(tenant.limit());
    assertThat(entry.nest().limit(1)).isSameAs(entry.own());
    assertThat(entry.policy()).isEqualTo("\"tenant\";q=30;w=30, \"key\";q=10;w=10");
  }

  private String policy(long milliTokensPerSecond, long burst) {
    LimitSpec spec = new LimitSpec("x", LimitSpec.Level.TENANT, milliTokensPerSecond, burst);
    return RateLimit.policyOf(limiter.limit(spec, 1, 0), QuotaNest.NONE);
  }

  @Test
  void a_policy_names_no_less_than_is_refilled_in_its_window() {
    assertThat(policy(20_000, 4)).isEqualTo("\"tenant\";q=20;w=1"); // not 4 a second
    assertThat(policy(1_500, 2)).isEqualTo("\"tenant\";q=3;w=2");
    assertThat(policy(700, 2)).isEqualTo("\"tenant\";q=2;w=3"); // 2.1, rounded down
    assertThat(policy(1, 1)).isEqualTo("\"tenant\";q=1;w=1000");
    assertThat(policy(1000 * LimitSpec.RATE_MAX, LimitSpec.BURST_MAX))
        .isEqualTo("\"tenant\";q=1000000000;w=10");
  }

  @Test
  void a_key_of_an_unknown_tenant_is_left_out() throws Exception {
    ApiKey known = key("cheap", null, Scope.RATE);
    ApiKey unknown = key("gone", null, Scope.RATE);
    ApiKey ofNone = key(null, null, Scope.RATE); // and there is no default tenant
    Directory directory = directory(limiter, known, unknown, ofNone);
    assertThat(directory.key(known.id())).isNotNull();
    assertThat(directory.key(unknown.id())).isNull();
    assertThat(directory.key(ofNone.id())).isNull();
    assertThat(directory.key("nobody")).isNull();
  }

  @Test
  void a_changed_key_makes_a_new_directory_and_leaves_the_old_one_whole() throws Exception {
    ApiKey first = key("cheap", null, Scope.RATE);
    ApiKey second = key("cheap", 3L, Scope.RATE);
    Directory before = directory(limiter, first, second);
    Directory after = before.with(List.of(second.asRevoked()), limits, 1);
    assertThat(entry(before, second).key().revoked()).isFalse();
    assertThat(entry(after, second).key().revoked()).isTrue();
    assertThat(entry(after, second).own()).isSameAs(entry(before, second).own());
    assertThat(entry(after, first)).isSameAs(entry(before, first));
    ApiKey third = key(null, null, Scope.RATE, Scope.TENANTS_ANY);
    assertThat(entry(after.with(List.of(third), limits, 1), third).tenant()).isNull();
    assertThat(after.key(third.id())).isNull();
  }

  @Test
  void costs_and_names_of_tenants_can_be_asked() throws Exception {
    Directory directory = directory(limiter);
    assertThat(directory.knowsTenant("dear")).isTrue();
    assertThat(directory.knowsTenant("nobody")).isFalse();
    assertThat(directory.costOf("dear")).isEqualTo(5);
    assertThat(directory.costOf("nobody")).isEqualTo(1);
  }

  /** As after a restart with a higher cost; such a key must not keep the node from starting. */
  @Test
  void a_key_whose_burst_holds_no_request_of_its_tenant_is_denied_and_harms_nobody()
      throws Exception {
    ApiKey small = key("dear", 4L, Scope.RATE);
    ApiKey other = key("dear", 5L, Scope.RATE);
    Directory directory = directory(limiter, small, other);
    assertThat(limiter.admit(entry(directory, small).nest(), 5, 0))
        .isInstanceOf(Decision.Denied.class);
    assertThat(limiter.admit(entry(directory, other).nest(), 5, 0))
        .isInstanceOf(Decision.Admitted.class);
  }
}
