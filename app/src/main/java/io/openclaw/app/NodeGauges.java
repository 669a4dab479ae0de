package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.limit.Leases;
import io.openclaw.limit.Limit;
import io.openclaw.limit.Quota;
import io.openclaw.mesh.MeshView;
import io.openclaw.net.PeersNode;
import io.openclaw.net.Readiness;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
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
  private static final String[] LIMIT_LABELS = {"region", "level", "limit", "mode"};
  private static final String[] QUOTA_LABELS = {"region", "level", "limit", "per"};
  private static final String[] PEER_LABELS = {"region", "peer"};

  private NodeGauges() {}

  static void register(
      NodeMetrics metrics,
      NodeConfig config,
      ServedGauges served,
      Leases leases,
      Readiness readiness,
      Supplier<@Nullable PeersNode> peers) {
    String region = config.region();
    metrics.gauge(
        "openclaw_ready",
        "1 while the node takes requests.",
        c -> c.call(readiness.state() == Readiness.State.READY ? 1 : 0, region),
        "region");
    limits(metrics, served::limits, region);
    quotas(metrics, served::quotas, region);
    if (config.hasMesh()) {
      leases(metrics, leases, region);
    }
    if (config.hasMesh()) {
      peers(metrics, region, peers);
    }
  }

  private static void limits(NodeMetrics metrics, Supplier<List<Limit>> limits, String region) {
    limitCounter(
        metrics,
        limits,
        region,
        "openclaw_tokens_spent_total",
        "Tokens spent in this region.",
        l -> (double) l.spent());
    limitCounter(
        metrics,
        limits,
        region,
        "openclaw_tokens_denied_total",
        "Cost of the requests that a limit denied in this region.",
        l -> (double) l.denied());
    limitCounter(
        metrics,
        limits,
        region,
        "openclaw_tokens_minted_total",
        "Tokens that this region has earned.",
        Limit::minted);
    limitCounter(
        metrics,
        limits,
        region,
        "openclaw_tokens_burned_total",
        "Tokens that this region lost to a full bucket or with a right that ended.",
        Limit::burned);
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
        l -> (double) l.spec().burst());
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
        l -> (double) l.tokens(SystemClock.INSTANCE.nanoTime()));
    limitGauge(
        metrics,
        limits,
        region,
        "openclaw_limit_debt_tokens",
        "Tokens borrowed from later refill, in mode bounded.",
        l -> l.debt(SystemClock.INSTANCE.nanoTime()));
    limitGauge(
        metrics,
        limits,
        region,
        "openclaw_limit_imbalance_tokens",
        "Minted less spent, burned and held: anything but 0 is a fault of this program.",
        Limit::imbalance);
  }

  private static void quotas(NodeMetrics metrics, Supplier<List<Quota>> quotas, String region) {
    metrics.counter(
        "openclaw_quota_tokens_spent_total",
        "Tokens of a quota spent in this region.",
        c -> quotas.get().forEach(q -> c.call((double) q.spentHere(), labels(region, q))),
        QUOTA_LABELS);
    metrics.counter(
        "openclaw_quota_tokens_denied_total",
        "Cost of the requests that a quota denied in this region.",
        c -> quotas.get().forEach(q -> c.call((double) q.deniedHere(), labels(region, q))),
        QUOTA_LABELS);
    metrics.counter(
        "openclaw_quota_tokens_burned_total",
        "Tokens that this region had reserved when it crashed and does not spend again.",
        c -> quotas.get().forEach(q -> c.call((double) q.burnedHere(), labels(region, q))),
        QUOTA_LABELS);
    metrics.gauge(
        "openclaw_quota_remaining_tokens",
        "Tokens of the current window that this region has a right to.",
        c -> quotas.get().forEach(q -> c.call((double) q.remainingHere(), labels(region, q))),
        QUOTA_LABELS);
  }

  private static String[] labels(String region, Quota quota) {
    QuotaSpec spec = quota.spec();
    String name = spec.id().substring(spec.id().indexOf('/') + 1);
    return new String[] {region, spec.level().text(), name, spec.per().text()};
  }

  private static void leases(NodeMetrics metrics, Leases leases, String region) {
    metrics.gauge(
        "openclaw_lease_held",
        "1 while a majority of the voting regions grants this region its share.",
        c -> c.call(leases.isHeld() ? 1 : 0, region),
        "region");
    metrics.gauge(
        "openclaw_shares_inherited",
        "How many other regions' shares this one has taken over.",
        c -> c.call(leases.inherited().size(), region),
        "region");
    metrics.counter(
        "openclaw_shares_taken_over_total",
        "How often this region took over the share of another.",
        c -> c.call((double) leases.takeOvers(), region),
        "region");
    metrics.counter(
        "openclaw_blocks_given_total",
        "Blocks of limits that this region handed to others.",
        c -> c.call((double) leases.given(), region),
        "region");
    metrics.counter(
        "openclaw_blocks_received_total",
        "Blocks of limits that others handed to this region.",
        c -> c.call((double) leases.received(), region),
        "region");
  }

  private static void limitGauge(
      NodeMetrics metrics,
      Supplier<List<Limit>> limits,
      String region,
      String name,
      String help,
      ToDoubleFunction<Limit> value) {
    metrics.gauge(
        name,
        help,
        c -> limits.get().forEach(l -> c.call(value.applyAsDouble(l), labels(region, l))),
        LIMIT_LABELS);
  }

  private static void limitCounter(
      NodeMetrics metrics,
      Supplier<List<Limit>> limits,
      String region,
      String name,
      String help,
      ToDoubleFunction<Limit> value) {
    metrics.counter(
        name,
        help,
        c -> limits.get().forEach(l -> c.call(value.applyAsDouble(l), labels(region, l))),
        LIMIT_LABELS);
  }

  private static String[] labels(String region, Limit limit) {
    LimitSpec spec = limit.spec();
    String name = spec.id().substring(spec.id().indexOf('/') + 1);
    return new String[] {region, spec.level().text(), name, spec.mode().text()};
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
        "openclaw_mesh_suspicions_total",
        "How often the other region was suspected.",
        c -> each(peers, p -> c.call((double) p.counters().suspicions(), region, p.region())),
        PEER_LABELS);
    metrics.counter(
        "openclaw_mesh_redials_total",
        "How often the streams of the other region were thrown away.",
        c -> each(peers, p -> c.call((double) p.counters().redials(), region, p.region())),
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
