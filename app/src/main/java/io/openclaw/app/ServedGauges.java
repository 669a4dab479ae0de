package io.openclaw.app;

import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.Tenant;
import io.openclaw.edge.Directory;
import io.openclaw.limit.Limit;
import io.openclaw.limit.Limiter;
import io.openclaw.limit.Quota;
import io.openclaw.limit.Quotas;
import io.openclaw.release.Content;
import io.openclaw.release.ModelSpec;
import io.prometheus.metrics.core.metrics.Info;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What metrics show of the content that is served: its limits, and its tenants' models. */
final class ServedGauges {
  /** Series of models; a fleet of many tenants has too many of them to be worth reading. */
  private static final int MODEL_SERIES_MAX = 10_000;

  private final Info models;
  private final String region;
  private Set<List<String>> shown = new HashSet<>();
  private volatile List<Limit> limits = List.of();
  private volatile List<Quota> quotas = List.of();

  ServedGauges(NodeMetrics metrics, String region) {
    this.region = region;
    models =
        Info.builder()
            .name("openclaw_model_info")
            .help("The models that a tenant rates with.")
            .labelNames("region", "tenant", "model", "version", "kind")
            .register(metrics.registry());
  }

  /** The limits of the content in order of their ids; keys are many, and shown on /v1/limits. */
  List<Limit> limits() {
    return limits;
  }

  /** The quotas of the content in order of their ids. */
  List<Quota> quotas() {
    return quotas;
  }

  /** Shows another content; its limits and quotas have been made. */
  synchronized void serve(Content content, Directory.Limits all) {
    limits = limits(content, all.limiter());
    quotas = quotas(content, all.quotas());
    Set<List<String>> next = series(content);
    shown.stream()
        .filter(labels -> !next.contains(labels))
        .forEach(labels -> models.remove(labels.toArray(new String[0])));
    next.stream()
        .filter(labels -> !shown.contains(labels))
        .forEach(labels -> models.addLabelValues(labels.toArray(new String[0])));
    shown = next;
  }

  private static List<Limit> limits(Content content, Limiter limiter) {
    Stream<Optional<LimitSpec>> specs =
        Stream.of(
                Stream.of(Optional.ofNullable(content.global())),
                content.tenants().stream().map(tenant -> Optional.ofNullable(tenant.limit())),
                content.models().stream().map(model -> Optional.ofNullable(model.limit())))
            .flatMap(each -> each);
    return named(limiter.limits(), limit -> limit.spec().id(), specs, LimitSpec::id);
  }

  private static List<Quota> quotas(Content content, Quotas quotas) {
    Stream<Optional<QuotaSpec>> specs =
        Stream.of(
                Stream.of(Optional.ofNullable(content.globalQuota())),
                content.tenants().stream().map(tenant -> Optional.ofNullable(tenant.quota())),
                content.models().stream().map(model -> Optional.ofNullable(model.quota())))
            .flatMap(each -> each);
    return named(quotas.quotas(), quota -> quota.spec().id(), specs, QuotaSpec::id);
  }

  /** Those of all that the content names, in order of their ids. */
  private static <T, S> List<T> named(
      List<T> all, Function<T, String> id, Stream<Optional<S>> specs, Function<S, String> specId) {
    Set<String> ids = specs.flatMap(Optional::stream).map(specId).collect(Collectors.toSet());
    return all.stream()
        .filter(each -> ids.contains(id.apply(each)))
        .sorted(Comparator.comparing(id))
        .toList();
  }

  private Set<List<String>> series(Content content) {
    Map<String, ModelSpec> byName = new HashMap<>();
    content.models().forEach(model -> byName.put(model.name(), model));
    Set<List<String>> series = new HashSet<>();
    for (Tenant tenant : content.tenants()) {
      for (String name : tenant.models()) {
        ModelSpec model = byName.get(name);
        if (model != null && series.size() < MODEL_SERIES_MAX) {
          series.add(List.of(region, tenant.id(), model.model(), model.version(), model.kind()));
        }
      }
    }
    return series;
  }
}
