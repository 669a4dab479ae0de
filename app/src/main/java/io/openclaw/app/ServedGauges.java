package io.openclaw.app;

import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.Tenant;
import io.openclaw.limit.Limit;
import io.openclaw.limit.Limiter;
import io.openclaw.release.Content;
import io.openclaw.release.ModelSpec;
import io.prometheus.metrics.core.metrics.Info;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What metrics show of the content that is served: its limits, and its tenants' models. */
final class ServedGauges {
  /** Series of models; a fleet of many tenants has too many of them to be worth reading. */
  private static final int MODEL_SERIES_MAX = 10_000;

  private final Info models;
  private final String region;
  private Set<List<String>> shown = new HashSet<>();
  private volatile List<Limit> limits = List.of();

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

  /** Shows another content; its limits have been made. */
  synchronized void serve(Content content, Limiter limiter) {
    Set<String> ids = new HashSet<>();
    LimitSpec global = content.global();
    if (global != null) {
      ids.add(global.id());
    }
    content.tenants().forEach(tenant -> add(ids, tenant.limit()));
    content.models().forEach(model -> add(ids, model.limit()));
    limits =
        limiter.limits().stream()
            .filter(limit -> ids.contains(limit.spec().id()))
            .sorted(Comparator.comparing(limit -> limit.spec().id()))
            .toList();
    Set<List<String>> next = series(content);
    shown.stream()
        .filter(labels -> !next.contains(labels))
        .forEach(labels -> models.remove(labels.toArray(new String[0])));
    next.stream()
        .filter(labels -> !shown.contains(labels))
        .forEach(labels -> models.addLabelValues(labels.toArray(new String[0])));
    shown = next;
  }

  private static void add(Set<String> ids, @org.jspecify.annotations.Nullable LimitSpec limit) {
    if (limit != null) {
      ids.add(limit.id());
    }
  }

  private Set<List<String>> series(Content content) {
    Map<String, ModelSpec> byName = new HashMap<>();
    content.models().forEach(model -> byName.put(model.name(), model));
    Set<List<String>> series = new HashSet<>();
    for (Tenant tenant : content.tenants()) {
      for (String name : tenant.models()) {
        ModelSpec model = byName.get(name);
        if (model != null && series.size() < MODEL_SERIES_MAX) {
          series.add(List.of(region, tenant.id(), name, model.version(), model.kind()));
        }
      }
    }
    return series;
  }
}
