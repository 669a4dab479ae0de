package io.openclaw.edge;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.Tenant;
import io.openclaw.limit.Limit;
import io.openclaw.limit.Limiter;
import io.openclaw.limit.Nest;
import io.openclaw.limit.Quota;
import io.openclaw.limit.QuotaNest;
import io.openclaw.limit.Quotas;
import io.openclaw.rating.RatingModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything a request is looked up in: tenants with their models and limits, and keys. Immutable;
 * a request reads one whole directory, and a change makes a new one.
 */
public final class Directory {

  /**
   * A tenant's model.
   *
   * @param canary another version of it that is tried; null for none
   * @param limit over all requests that the model rates, of whatever version; null for none
   * @param quota likewise
   * @param maxAgeSeconds how old a rating of it may be that is answered with; 0 where it rates each
   *     input anew
   */
  record Served(
      RatingModel model,
      @Nullable Canary canary,
      @Nullable Limit limit,
      @Nullable Quota quota,
      int maxAgeSeconds) {}

  /** A tenant with what its name stood for resolved. */
  record TenantEntry(
      Tenant tenant,
      List<Served> models,
      @Nullable Limit limit,
      @Nullable Quota quota,
      @Nullable Fallback fallback) {}

  /**
   * A key with its hash as bytes.
   *
   * @param tenant its own tenant; null for a key that names one in every request
   * @param policy the RateLimit-Policy header of {@code nest} and {@code quotas}
   */
  @SuppressWarnings("ArrayRecordComponent") // built once, never changed
  record KeyEntry(
      ApiKey key,
      byte[] sha256,
      @Nullable TenantEntry tenant,
      @Nullable Limit own,
      Nest nest,
      @Nullable Quota ownQuota,
      QuotaNest quotas,
      String policy) {}

  /**
   * Limits, and what else is said of models, that are no tenant's own.
   *
   * @param global over all tenants; null for none
   * @param byModel over all requests that a model rates, by the model's name
   * @param globalQuota over all tenants; null for none
   * @param quotaByModel over all requests that a model rates, by the model's name
   * @param maxAgeByModel how many seconds a model's ratings may be kept, by its name
   */
  public record SharedLimits(
      @Nullable LimitSpec global,
      Map<String, LimitSpec> byModel,
      @Nullable QuotaSpec globalQuota,
      Map<String, QuotaSpec> quotaByModel,
      Map<String, Integer> maxAgeByModel) {
    /** None. */
    public static final SharedLimits NONE =
        new SharedLimits(null, Map.of(), null, Map.of(), Map.of());

    public SharedLimits {
      byModel = Map.copyOf(byModel);
      quotaByModel = Map.copyOf(quotaByModel);
      maxAgeByModel = Map.copyOf(maxAgeByModel);
    }
  }

  /** Where limits and quotas come from. */
  public record Limits(Limiter limiter, Quotas quotas) {}

  /** The limits and quotas that are no tenant's own. */
  private record Shared(
      @Nullable Limit global,
      Map<String, Limit> byModel,
      @Nullable Quota globalQuota,
      Map<String, Quota> quotaByModel,
      Map<String, Integer> maxAgeByModel) {}

  private final Map<String, TenantEntry> tenants;
  private final Map<String, KeyEntry> keys;
  private final Shared shared;

  private Directory(Map<String, TenantEntry> tenants, Map<String, KeyEntry> keys, Shared shared) {
    this.tenants = tenants;
    this.keys = keys;
    this.shared = shared;
  }

  /**
   * Looks up everything that the tenants, canaries and keys name.
   *
   * @param models each tenant's models, in the tenant's order
   * @param canaries by tenant and name of the model
   * @param fallbacks by tenant
   * @param keys all keys, revoked ones too; a key of an unknown tenant is left out
   */
  public static Directory of(
      Map<Tenant, List<RatingModel>> models,
      Map<String, Map<String, Canary>> canaries,
      Map<String, Fallback> fallbacks,
      SharedLimits shared,
      Iterable<ApiKey> keys,
      Limits limits,
      long nowNanos) {
    long dearest = models.keySet().stream().mapToLong(Tenant::cost).max().orElse(1);
    Shared found = shared(shared, dearest, limits, nowNanos);
    Map<String, TenantEntry> tenants = new HashMap<>();
    models.forEach(
        (tenant, own) -> {
          LimitSpec limit = tenant.limit();
          QuotaSpec quota = tenant.quota();
          tenants.put(
              tenant.id(),
              new TenantEntry(
                  tenant,
                  served(own, canaries.getOrDefault(tenant.id(), Map.of()), found),
                  limit == null ? null : limits.limiter.limit(limit, tenant.cost(), nowNanos),
                  quota == null ? null : limits.quotas.quota(quota, tenant.cost()),
                  fallbacks.get(tenant.id())));
        });
    return new Directory(tenants, new HashMap<>(), found).put(keys, limits, nowNanos);
  }

  private static List<Served> served(
      List<RatingModel> models, Map<String, Canary> canaries, Shared shared) {
    return models.stream()
        .map(
            each ->
                new Served(
                    each,
                    canaries.get(each.name()),
                    shared.byModel.get(each.name()),
                    shared.quotaByModel.get(each.name()),
                    each.isDeterministic() ? shared.maxAgeByModel.getOrDefault(each.name(), 0) : 0))
        .toList();
  }

  private static Shared shared(SharedLimits shared, long dearest, Limits limits, long nowNanos) {
    Limiter limiter = limits.limiter;
    LimitSpec overall = shared.global();
    Limit global =
        overall == null
            ? null
            : limiter.limit(overall, Math.min(dearest, overall.burst()), nowNanos);
    Map<String, Limit> byModel = new HashMap<>();
    shared
        .byModel()
        .forEach(
            (model, spec) ->
                byModel.put(model, limiter.limit(spec, Math.min(dearest, spec.burst()), nowNanos)));
    QuotaSpec quota = shared.globalQuota();
    Map<String, Quota> quotaByModel = new HashMap<>();
    shared
        .quotaByModel()
        .forEach((model, spec) -> quotaByModel.put(model, limits.quotas.quota(spec, dearest)));
    return new Shared(
        global,
        byModel,
        quota == null ? null : limits.quotas.quota(quota, dearest),
        quotaByModel,
        shared.maxAgeByModel());
  }

  /** This directory with keys added or replaced; all are copied once, however many change. */
  public Directory with(Iterable<ApiKey> changed, Limits limits, long nowNanos) {
    return new Directory(tenants, new HashMap<>(keys), shared).put(changed, limits, nowNanos);
  }

  /** This directory with other keys. */
  public Directory withKeys(Iterable<ApiKey> keys, Limits limits, long nowNanos) {
    return new Directory(tenants, new HashMap<>(), shared).put(keys, limits, nowNanos);
  }

  private Directory put(Iterable<ApiKey> all, Limits limits, long nowNanos) {
    for (ApiKey key : all) {
      put(key, limits, nowNanos);
    }
    return this;
  }

  private void put(ApiKey key, Limits limits, long nowNanos) {
    boolean any = key.may(io.openclaw.domain.Scope.TENANTS_ANY);
    TenantEntry tenant =
        any ? null : tenants.get(key.tenant() == null ? ApiKey.DEFAULT_TENANT : key.tenant());
    if (!any && tenant == null) {
      return;
    }
    Limit own = own(key.limit(), tenant, limits.limiter, nowNanos);
    Nest nest = nest(tenant, own);
    QuotaSpec spec = key.quota();
    Quota ownQuota = spec == null ? null : limits.quotas.quota(spec, largestCost(tenant));
    QuotaNest quotas = quotas(tenant, ownQuota);
    keys.put(
        key.id(),
        new KeyEntry(
            key,
            HexFormat.of().parseHex(key.sha256()),
            tenant,
            own,
            nest,
            ownQuota,
            quotas,
            RateLimit.policyOf(nest, quotas)));
  }

  /**
   * A key's own limit, divided so that the dearest request it may make fits somewhere. Where the
   * burst holds no such request, as when its tenant's cost was raised, each is denied.
   */
  private @Nullable Limit own(
      @Nullable LimitSpec spec, @Nullable TenantEntry tenant, Limiter limiter, long nowNanos) {
    if (spec == null) {
      return null;
    }
    return limiter.limit(spec, Math.min(largestCost(tenant), spec.burst()), nowNanos);
  }

  /** What one request may cost, of any tenant where none is named. */
  private long largestCost(@Nullable TenantEntry tenant) {
    return tenant == null
        ? tenants.values().stream().mapToLong(t -> t.tenant().cost()).max().orElse(1)
        : tenant.tenant().cost();
  }

  /** The limits that a request of a tenant and a key must agree with, that of its model apart. */
  Nest nest(@Nullable TenantEntry tenant, @Nullable Limit own) {
    List<Limit> limits = new ArrayList<>(3);
    if (shared.global != null) {
      limits.add(shared.global);
    }
    if (tenant != null && tenant.limit() != null) {
      limits.add(tenant.limit());
    }
    if (own != null) {
      limits.add(own);
    }
    return Nest.of(limits);
  }

  /** The quotas that a request of a tenant and a key must agree with, that of its model apart. */
  QuotaNest quotas(@Nullable TenantEntry tenant, @Nullable Quota own) {
    List<Quota> quotas = new ArrayList<>(3);
    if (shared.globalQuota != null) {
      quotas.add(shared.globalQuota);
    }
    if (tenant != null && tenant.quota() != null) {
      quotas.add(tenant.quota());
    }
    if (own != null) {
      quotas.add(own);
    }
    return QuotaNest.of(quotas);
  }

  @Nullable TenantEntry tenant(String id) {
    return tenants.get(id);
  }

  @Nullable KeyEntry key(String id) {
    return keys.get(id);
  }

  /** Whether a tenant of that name is configured. */
  public boolean knowsTenant(String id) {
    return tenants.containsKey(id);
  }

  /** The cost of one request of a tenant, or 1 where it is not known. */
  public long costOf(String tenant) {
    TenantEntry entry = tenants.get(tenant);
    return entry == null ? 1 : entry.tenant().cost();
  }
}
