package io.openclaw.release;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.Tenant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything data-driven that a node serves with: models, tenants, keys and limits, checked against
 * each other. Immutable.
 *
 * @param global the limit over all tenants; null for none
 * @param globalQuota the quota over all tenants; null for none
 * @param keys hashes only, never secrets
 * @param canaries other versions of models that a part of a tenant's requests tries
 * @param samples by tenant, the inputs it has recorded; tenants without any are not there
 */
public record Content(
    @Nullable LimitSpec global,
    @Nullable QuotaSpec globalQuota,
    List<ModelSpec> models,
    List<Tenant> tenants,
    List<ApiKey> keys,
    List<CanarySpec> canaries,
    Map<String, SampleSet> samples) {
  /** Canaries of one content. */
  public static final int CANARIES_MAX = 1_000;

  public Content {
    models = List.copyOf(models);
    tenants = List.copyOf(tenants);
    keys = List.copyOf(keys);
    canaries = List.copyOf(canaries);
    samples = Map.copyOf(samples);
  }
}
