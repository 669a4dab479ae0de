package io.openclaw.app;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.KeyText;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.Scope;
import io.openclaw.domain.Tenant;
import io.openclaw.edge.Canary;
import io.openclaw.edge.Directory;
import io.openclaw.edge.Fallback;
import io.openclaw.edge.Keys;
import io.openclaw.net.FallbackClient;
import io.openclaw.rating.ItemStore;
import io.openclaw.rating.RatingModel;
import io.openclaw.release.Content;
import io.openclaw.release.FolderStore;
import io.openclaw.release.ModelSpec;
import io.openclaw.release.ReleaseCheck;
import io.openclaw.release.ReleaseKeys;
import io.openclaw.release.ReleaseStore;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What a node serves: the release in force, and what keys, canaries, fallbacks and persons' orders
 * make of it. Requests read one reference, {@link #directory}, which each change replaces.
 */
final class NodeServing {
  /** How often breakers of fallbacks are looked at, and probes begun that are due. */
  private static final long FALLBACK_TICK_MILLIS = 100;

  final ItemStore items;
  final ModelShelf shelf;
  final ReleaseKeys releaseKeys;
  final ReleaseStore store;
  final ServedRelease served;
  final Canaries canaries;
  final SoakRatings soakRatings;
  final SecretSource secrets;
  final Fallbacks fallbacks;
  final RegionOrders orders;
  final Keys keys;
  final ServedGauges shown;
  private final NodeContext node;
  private final Directory.Limits limits;
  private final Map<String, KeyText> newKeys = new LinkedHashMap<>();
  private volatile @Nullable Directory directory;

  private NodeServing(NodeContext node, Directory.Limits limits, boolean sampleKeys)
      throws IOException, ConfigException {
    this.node = node;
    this.limits = limits;
    shown = new ServedGauges(node.metrics, node.region());
    items = openItems(node);
    shelf = new ModelShelf(items, node.clock);
    boolean isTold = node.config.get(Setting.RELEASE_TRUST).equals("mesh");
    releaseKeys = ReleaseKeys.open(node.config.data(), isTold);
    store = new FolderStore(node.config.data(), releaseKeys);
    served = ServedRelease.open(store, node.config.content(), shelf);
    CanaryShadow shadow = node.closing(CanaryShadow.start());
    canaries = openCanaries(node, shadow);
    soakRatings = new SoakRatings(shadow, node.clock);
    secrets = SecretSource.ofReleases(System.getenv(), node.config);
    requireSecrets(served, secrets);
    fallbacks = openFallbacks(node, secrets);
    orders = openRegionOrders(node);
    Content content = served.active().content();
    keys = new Keys(content.keys(), node.data.keys(), node.data::saveKeys, this::changed);
    if (sampleKeys) {
      keys.create(sampleKeys(content.tenants(), keys.list()));
    }
    node.saved("keys heard from other regions", keys::flush);
  }

  /**
   * Opens everything, and serves what is in force.
   *
   * @param sampleKeys whether to make a key for every tenant that has none
   */
  static NodeServing open(NodeContext node, Directory.Limits limits, boolean sampleKeys)
      throws IOException, ConfigException {
    NodeServing serving = new NodeServing(node, limits, sampleKeys);
    serving.serve(serving.served.active().content(), serving.served.startModels(), null);
    serving.served.onSwitch(serving::serve);
    return serving;
  }

  /** What requests are rated by now. */
  Directory directory() {
    return Objects.requireNonNull(directory);
  }

  /** The keys that were made at this start, by tenant: to be shown once. */
  Map<String, KeyText> newKeys() {
    return newKeys;
  }

  /**
   * Serves another content: one reference changes, and requests under way end on what they read.
   */
  private void serve(
      Content content, Map<Tenant, List<RatingModel>> models, @Nullable Content before) {
    Map<String, Map<String, Canary>> views = canaries.serve(content, shelf);
    soakRatings.watch(before, content, shelf, views);
    Map<String, Fallback> behind = fallbacks.serve(content);
    Directory next =
        Directory.of(
            models, views, behind, sharedLimits(content), List.of(), limits, node.clock.nanoTime());
    keys.configure(
        content.keys(), all -> directory = next.withKeys(all, limits, node.clock.nanoTime()));
    shown.serve(content, limits);
  }

  private static Directory.SharedLimits sharedLimits(Content content) {
    Map<String, LimitSpec> byModel = new HashMap<>();
    Map<String, QuotaSpec> quotaByModel = new HashMap<>();
    Map<String, Integer> maxAgeByModel = new HashMap<>();
    for (ModelSpec model : content.models()) {
      LimitSpec limit = model.limit();
      if (limit != null) {
        byModel.put(model.name(), limit);
      }
      QuotaSpec quota = model.quota();
      if (quota != null) {
        quotaByModel.put(model.name(), quota);
      }
      if (model.maxAgeSeconds() > 0) {
        maxAgeByModel.put(model.name(), model.maxAgeSeconds());
      }
    }
    return new Directory.SharedLimits(
        content.global(), byModel, content.globalQuota(), quotaByModel, maxAgeByModel);
  }

  /** One change at a time: {@link Keys} calls this under its lock. */
  private void changed(List<ApiKey> keys) {
    Directory before = directory;
    if (before != null) {
      directory = before.with(keys, limits, node.clock.nanoTime());
    }
  }

  private static ItemStore openItems(NodeContext node) throws IOException {
    AtomicReference<FileLog> log = new AtomicReference<>();
    ItemStore store =
        new ItemStore(
            node.data.replica(), entry -> Objects.requireNonNull(log.get()).append(entry));
    FileLog opened = FileLog.open(node.data.itemsLog(), store::replay, store::snapshot);
    log.set(node.closing(opened));
    node.logs.add("items", opened::accepts);
    return store;
  }

  private static Canaries openCanaries(NodeContext node, CanaryShadow shadow) throws IOException {
    return new Canaries(
        node.region() + "#" + node.data.incarnation(),
        node.config.regions(),
        CanaryStops.open(node.data.canaryStops()),
        shadow,
        node.clock);
  }

  /** What the configuration refers to must be here; a release was checked, and is served anyway. */
  private static void requireSecrets(ServedRelease served, SecretSource secrets)
      throws ConfigException {
    List<String> unresolved = ReleaseCheck.unresolved(served.active().content(), secrets);
    if (served.active().version() == 0 && !unresolved.isEmpty()) {
      throw new ConfigException(unresolved);
    }
  }

  private static RegionOrders openRegionOrders(NodeContext node) throws IOException {
    RegionOrders orders =
        new RegionOrders(
            node.region(),
            node.config.regions(),
            Orders.open(node.data.regionOrders(), RegionOrder::read, "no region is drained"),
            node.clock);
    node.saved("orders of regions", orders::save);
    return orders;
  }

  private static Fallbacks openFallbacks(NodeContext node, SecretSource secrets)
      throws IOException {
    FallbackClient client = new FallbackClient(node.vertx, new SplittableRandom());
    node.closing(() -> NodeContext.await(client.close()));
    Fallbacks fallbacks =
        new Fallbacks(
            node.region(),
            node.config.regions(),
            Orders.open(node.data.fallbackSwitches(), FallbackSwitch::read, "every fallback is on"),
            secrets,
            client::service,
            node.config.number(Setting.HTTP_DEADLINE_MILLIS) * 1_000_000L,
            node.clock,
            node.random);
    node.saved("switches of fallbacks", fallbacks::save);
    node.every(FALLBACK_TICK_MILLIS, fallbacks::tick);
    return fallbacks;
  }

  /** A key for every tenant that has none. */
  private List<ApiKey> sampleKeys(List<Tenant> tenants, List<ApiKey> known) {
    List<ApiKey> made = new ArrayList<>();
    for (Tenant tenant : tenants) {
      if (known.stream().noneMatch(key -> tenant.id().equals(key.tenant()) && !key.revoked())) {
        KeyText text = KeyText.generate(node.random);
        made.add(sampleKey(text, tenant.id()));
        newKeys.put(tenant.id(), text);
      }
    }
    return made;
  }

  static ApiKey sampleKey(KeyText text, String tenant) {
    return new ApiKey(
        text.id(),
        text.sha256Hex(),
        tenant,
        EnumSet.of(Scope.RATE, Scope.READ),
        ApiKey.NEVER,
        false,
        null,
        "sample");
  }
}
