package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.Tenant;
import io.openclaw.limit.Limit;
import io.openclaw.limit.Limiter;
import io.openclaw.mesh.MeshView;
import io.openclaw.net.PeersNode;
import io.openclaw.net.Readiness;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Info;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a node knows of its limits and of the other regions, as metrics and on {@code
 * /readyz?verbose}.
 */
final class NodeGauges {
  private static final String[] LIMIT_LABELS = {"region", "tenant"};
  private static final String[] PEER_LABELS = {"region", "peer"};

  private NodeGauges() {}

  static void register(
      NodeMetrics metrics,
      NodeConfig config,
      Limiter limiter,
      Collection<Tenant> tenants,
      Readiness readiness,
      Supplier<@Nullable PeersNode> peers) {
    String region = config.region();
    List<Limit> limits = new ArrayList<>();
    for (Tenant tenant : tenants) {
      LimitSpec spec = tenant.limit();
      if (spec != null) {
        limits.add(limiter.limit(spec, tenant.cost(), SystemClock.INSTANCE.nanoTime()));
      }
    }
    metrics.gauge(
        "openclaw_ready",
        "1 while the node takes requests.",
        c -> c.call(readiness.state() == Readiness.State.READY ? 1 : 0, region),
        "region");
    metrics.counter(
        "openclaw_tokens_spent_total",
        "Tokens spent in this region.",
        c -> limits.forEach(l -> c.call((double) l.spent(), region, tenant(l))),
        LIMIT_LABELS);
    metrics.counter(
        "openclaw_tokens_denied_total",
        "Cost of the requests that a limit denied in this region.",
        c -> limits.forEach(l -> c.call((double) l.denied(), region, tenant(l))),
        LIMIT_LABELS);
    limitGauge(
        metrics,
        limits,
        region,
        "openclaw_limit_rate",
        "Tokens per second over all regions.",
        l -> l.spec().milliTokensPerSecond() / 1000.0);
    limitGauge(
        metrics,
        limits,
        region,
        "openclaw_limit_burst",
        "Most tokens at once over all regions.",
        l -> l.spec().burst());
    limitGauge(
        metrics,
        limits,
        region,
        "openclaw_limit_share_ratio",
        "This region's part of the rate.",
        l -> l.share(SystemClock.INSTANCE.nanoTime()));
    limitGauge(
        metrics,
        limits,
        region,
        "openclaw_limit_available_tokens",
        "Whole tokens that could be spent here now.",
        l -> l.tokens(SystemClock.INSTANCE.nanoTime()));
    models(metrics, config);
    if (config.hasMesh()) {
      peers(metrics, region, peers);
    }
  }

  private static void models(NodeMetrics metrics, NodeConfig config) {
    Info info =
        Info.builder()
            .name("openclaw_model_info")
            .help("The models that a tenant rates with.")
            .labelNames("region", "tenant", "model", "version", "kind")
            .register(metrics.registry());
    for (Tenant tenant : config.tenants()) {
      for (NodeConfig.Model model : config.models()) {
        if (tenant.models().contains(model.name())) {
          info.addLabelValues(
              config.region(), tenant.id(), model.name(), model.version(), model.kind());
        }
      }
    }
  }

  private static void limitGauge(
      NodeMetrics metrics,
      List<Limit> limits,
      String region,
      String name,
      String help,
      ToDoubleFunction<Limit> value) {
    metrics.gauge(
        name,
        help,
        c -> limits.forEach(l -> c.call(value.applyAsDouble(l), region, tenant(l))),
        LIMIT_LABELS);
  }

  private static String tenant(Limit limit) {
    return limit.spec().id().substring("tenant/".length());
  }

  private static void peers(
      NodeMetrics metrics, String region, Supplier<@Nullable PeersNode> peers) {
    metrics.gauge(
        "openclaw_region_healthy",
        "1 while the other region is up, as seen from here.",
        c -> each(peers, p -> c.call(p.state() == MeshView.State.UP ? 1 : 0, region, p.region())),
        PEER_LABELS);
    metrics.gauge(
        "openclaw_region_state",
        "1 for the state that the other region is in, as seen from here.",
        c -> each(peers, p -> states(c, region, p)),
        "region",
        "peer",
        "state");
    metrics.gauge(
        "openclaw_replication_lag_seconds",
        "Age of the newest heartbeat that the other region has acknowledged.",
        c -> each(peers, p -> c.call(lagSeconds(p), region, p.region())),
        PEER_LABELS);
    metrics.counter(
        "openclaw_mesh_sent_bytes_total",
        "Bytes of frames sent to the other region.",
        c -> each(peers, p -> c.call((double) p.counters().bytesOut(), region, p.region())),
        PEER_LABELS);
    metrics.counter(
        "openclaw_mesh_received_bytes_total",
        "Bytes of frames received from the other region.",
        c -> each(peers, p -> c.call((double) p.counters().bytesIn(), region, p.region())),
        PEER_LABELS);
    metrics.counter(
        "openclaw_mesh_refused_frames_total",
        "Frames from the other region that made no sense.",
        c -> each(peers, p -> c.call((double) p.counters().framesRefused(), region, p.region())),
        PEER_LABELS);
  }

  private static void states(GaugeWithCallback.Callback c, String region, MeshView.Peer peer) {
    for (MeshView.State state : MeshView.State.values()) {
      c.call(peer.state() == state ? 1 : 0, region, peer.region(), word(state));
    }
  }

  private static double lagSeconds(MeshView.Peer peer) {
    return peer.lagNanos() / 1e9;
  }

  private static void each(
      Supplier<@Nullable PeersNode> peers, java.util.function.Consumer<MeshView.Peer> reader) {
    PeersNode node = peers.get();
    if (node != null) {
      node.view().peers().values().forEach(reader);
    }
  }

  private static String word(MeshView.State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  /** The other regions by name. */
  static Json.Obj regions(NodeConfig config, @Nullable PeersNode peers) {
    Map<String, Json> regions = new LinkedHashMap<>();
    if (peers != null) {
      for (MeshView.Peer peer : peers.view().peers().values()) {
        Map<String, Json> members = new LinkedHashMap<>();
        members.put("state", new Json.Str(word(peer.state())));
        members.put("lag_seconds", new Json.Num(lagSeconds(peer)));
        regions.put(peer.region(), new Json.Obj(members));
      }
    }
    return new Json.Obj(regions);
  }
}
