package io.openclaw.edge;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.Tenant;
import io.openclaw.limit.Limit;
import io.openclaw.limit.Limiter;
import io.openclaw.limit.Nest;
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

  /** A tenant with what its name stood for resolved. */
  record TenantEntry(Tenant tenant, List<RatingModel> models, @Nullable Limit limit) {}

  /**
   * A key with its hash as bytes.
   *
   * @param tenant its own tenant; null for a key that names one in every request
   * @param policy the RateLimit-Policy header of {@code nest}
   */
  @SuppressWarnings("ArrayRecordComponent") // built once, never changed
  record KeyEntry(
      ApiKey key,
      byte[] sha256,
      @Nullable TenantEntry tenant,
      @Nullable Limit own,
      Nest nest,
      String policy) {}

  /**
   * Limits that are no tenant's own.
   *
   * @param global over all tenants; null for none
   * @param byModel over all requests that a model rates, by the model's name
   */
  public record SharedLimits(@Nullable LimitSpec global, Map<String, LimitSpec> byModel) {
    /** None. */
    public static final SharedLimits NONE = new SharedLimits(null, Map.of());

    public SharedLimits {
      byModel = Map.copyOf(byModel);
    }
  }

  private final Map<String, TenantEntry> tenants;
  private final Map<String, KeyEntry> keys;
  private final @Nullable Limit global;
  private final Map<String, Limit> byModel;

  private Directory(
      Map<String, TenantEntry> tenants,
      Map<String, KeyEntry> keys,
      @Nullable Limit global,
      Map<String, Limit> byModel) {
    this.tenants = tenants;
    this.keys = keys;
    this.global = global;
    this.byModel = byModel;
  }

  /**
   * Looks up everything that the tenants and keys name.
   *
   * @param models each tenant's models, in the tenant's order
   * @param keys all keys, revoked ones too; a key of an unknown tenant is left out
   */
  public static Directory of(
      Map<Tenant, List<RatingModel>> models,
      SharedLimits shared,
      Iterable<ApiKey> keys,
      Limiter limiter,
      long nowNanos) {
    long dearest = models.keySet().stream().mapToLong(Tenant::cost).max().orElse(1);
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
    Map<String, TenantEntry> tenants = new HashMap<>();
    models.forEach(
        (tenant, own) -> {
          Limit limit =
              tenant.limit() == null
                  ? null
                  : limiter.limit(tenant.limit(), tenant.cost(), nowNanos);
          tenants.put(tenant.id(), new TenantEntry(tenant, List.copyOf(own), limit));
        });
    Directory directory = new Directory(tenants, new HashMap<>(), global, byModel);
    for (ApiKey key : keys) {
      directory.put(key, limiter, nowNanos);
    }
    return directory;
  }

  /** This directory with one key added or replaced. */
  public Directory with(ApiKey key, Limiter limiter, long nowNanos) {
    Directory next = new Directory(tenants, new HashMap<>(keys), global, byModel);
    next.put(key, limiter, nowNanos);
    return next;
  }

  /** This directory with other keys. */
  public Directory withKeys(Iterable<ApiKey> keys, Limiter limiter, long nowNanos) {
    Directory next = new Directory(tenants, new HashMap<>(), global, byModel);
    for (ApiKey key : keys) {
      next.put(key, limiter, nowNanos);
    }
    return next;
  }

  private void put(ApiKey key, Limiter limiter, long nowNanos) {
    boolean any = key.may(io.openclaw.domain.Scope.TENANTS_ANY);
    TenantEntry tenant =
        any ? null : tenants.get(key.tenant() == null ? ApiKey.DEFAULT_TENANT : key.tenant());
    if (!any && tenant == null) {
      return;
    }
    Limit own = own(key.limit(), tenant, limiter, nowNanos);
    Nest nest = nest(tenant, own);
    keys.put(
        key.id(),
        new KeyEntry(
            key,
            HexFormat.of().parseHex(key.sha256()),
            tenant,
            own,
            nest,
            RateLimit.policyOf(nest)));
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
    long largestCost =
        tenant == null
            ? tenants.values().stream().mapToLong(t -> t.tenant().cost()).max().orElse(1)
            : tenant.tenant().cost();
    return limiter.limit(spec, Math.min(largestCost, spec.burst()), nowNanos);
  }

  /** The limits that a request of a tenant and a key must agree with, that of its model apart. */
  Nest nest(@Nullable TenantEntry tenant, @Nullable Limit own) {
    List<Limit> limits = new ArrayList<>(3);
    if (global != null) {
      limits.add(global);
    }
    if (tenant != null && tenant.limit() != null) {
      limits.add(tenant.limit());
    }
    if (own != null) {
      limits.add(own);
    }
    return Nest.of(limits);
  }

  /** The limit over all requests that a model rates. */
  @Nullable Limit modelLimit(String model) {
    return byModel.get(model);
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
