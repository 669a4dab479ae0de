package io.openclaw.app;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.Clock;
import io.openclaw.domain.KeyText;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.Scope;
import io.openclaw.domain.Tenant;
import io.openclaw.edge.Bulk;
import io.openclaw.edge.Canary;
import io.openclaw.edge.Directory;
import io.openclaw.edge.Edge;
import io.openclaw.edge.EdgeMetrics;
import io.openclaw.edge.Fallback;
import io.openclaw.edge.KeyAdministration;
import io.openclaw.edge.Keys;
import io.openclaw.edge.Tries;
import io.openclaw.limit.ConcurrencyLimit;
import io.openclaw.limit.Debts;
import io.openclaw.limit.Leases;
import io.openclaw.limit.Limiter;
import io.openclaw.limit.Quotas;
import io.openclaw.mesh.MeshSettings;
import io.openclaw.mesh.MeshView;
import io.openclaw.net.AdminServer;
import io.openclaw.net.ApiServer;
import io.openclaw.net.BatchServer;
import io.openclaw.net.FallbackClient;
import io.openclaw.net.GuardedServer;
import io.openclaw.net.HealthPage;
import io.openclaw.net.JobServer;
import io.openclaw.net.MetricsServer;
import io.openclaw.net.PeerRequests;
import io.openclaw.net.PeersNode;
import io.openclaw.net.PeersSettings;
import io.openclaw.net.Readiness;
import io.openclaw.rating.ItemStore;
import io.openclaw.rating.RatingModel;
import io.openclaw.release.Content;
import io.openclaw.release.FolderStore;
import io.openclaw.release.Found;
import io.openclaw.release.ModelSpec;
import io.openclaw.release.ReleaseCheck;
import io.openclaw.release.ReleaseKeys;
import io.openclaw.release.ReleaseRef;
import io.openclaw.release.ReleaseStore;
import io.openclaw.release.Rollout;
import io.openclaw.release.StoredRelease;
import io.openclaw.yaml.ConfigException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One running node: everything wired together, from its data folder to its ports. Starts whole or
 * not at all; stops without losing what it answered.
 */
final class Node implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.openclaw.app");
  private static final long START_SECONDS_MAX = 30;
  private static final long STOP_MILLIS_MAX = 10_000;
  private static final long FLUSH_MILLIS = 500;

  /** How long a start waits for the region's share of the limits: after W all voters vote. */
  private static final long LEASES_NANOS_MAX = 2_000_000_000L;

  private static final long LEASES_POLL_MILLIS = 10;
  private static final long SECOND_NANOS = 1_000_000_000L;

  /** How long a start waits for the release in force, where it is another than on this disk. */
  private static final long RELEASE_MILLIS_MAX = 3_000;

  private static final long SOAK_TICK_MILLIS = 1_000;

  /** How often it is looked how busy the node is. */
  private static final long LOAD_TICK_MILLIS = 250;

  /** How often breakers of fallbacks are looked at, and probes begun that are due. */
  private static final long FALLBACK_TICK_MILLIS = 100;

  /** How long all regions have for fetching, checking and loading a release. */
  private static final long STAGING_NANOS = 120 * SECOND_NANOS;

  /** When a soak that says nothing ends. */
  private static final long SOAK_NANOS_MAX = 3_600 * SECOND_NANOS;

  /** How long the region may be away in which a release soaks. */
  private static final long SOAK_ABSENT_NANOS = 2 * SECOND_NANOS;

  /** How often limits that ran dry are allowed to borrow, and repaid debts are taken off. */
  private static final long DEBTS_MILLIS = 100;

  private final NodeConfig config;
  private final NodeTls tls;
  private final Clock clock;
  private final Vertx vertx;
  private final DataDirectory data;
  private final List<AutoCloseable> closeables = new ArrayList<>();
  private final Readiness readiness = new Readiness();
  private final NodeMetrics metrics;
  private final ServedGauges shown;
  private final Map<String, KeyText> newKeys = new LinkedHashMap<>();
  private final KeyText adminKey;
  private volatile @Nullable Directory directory;
  private @Nullable GuardedServer api;
  private @Nullable GuardedServer metricsServer;
  private @Nullable GuardedServer admin;
  private volatile @Nullable PeersNode peers;

  private Node(
      NodeConfig config,
      NodeTls tls,
      Clock clock,
      Vertx vertx,
      DataDirectory data,
      KeyText adminKey) {
    this.config = config;
    this.tls = tls;

    this.clock = clock;
    this.vertx = vertx;
    this.data = data;
    this.adminKey = adminKey;
    this.metrics = new NodeMetrics(config.region(), Version.TEXT);
    this.shown = new ServedGauges(metrics, config.region());
    tls.register(metrics, config.region());
    closeables.add(tls);
  }

  /**
   * Starts a node; ready when this returns.
   *
   * @param sampleKeys whether to make a key for every tenant that has none
   * @param givenAdminKey the administrator key, where the environment gave one; otherwise it is
   *     kept in the data folder
   * @throws IOException with a message for a person
   */
  static Node start(NodeConfig config, boolean sampleKeys, @Nullable KeyText givenAdminKey)
      throws IOException, ConfigException {
    SecureRandom random = new SecureRandom();
    Clock clock = SystemClock.INSTANCE;
    NodeTls tls = NodeTls.open(config);
    DataDirectory data =
        DataDirectory.open(config.data(), config.region(), clock.wallMillis(), random);
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setPreferNativeTransport(true)
                .setWorkerPoolSize(4)
                .setEventLoopPoolSize(eventLoops() + 1));
    Node node;
    try {
      node =
          new Node(
              config,
              tls,
              clock,
              vertx,
              data,
              givenAdminKey == null ? storedAdminKey(data, random) : givenAdminKey);
    } catch (IOException e) {
      data.close();
      vertx.close();
      throw e;
    }
    try {
      node.run(sampleKeys, random);
      return node;
    } catch (IOException | ConfigException | RuntimeException e) {
      node.close();
      throw e;
    }
  }

  static int eventLoops() {
    return Math.max(1, Runtime.getRuntime().availableProcessors());
  }

  private static KeyText storedAdminKey(DataDirectory data, SecureRandom random)
      throws IOException {
    Path file = data.adminKeyFile();
    if (Files.exists(file)) {
      KeyText key = KeyText.parse(Files.readString(file).strip());
      if (key != null) {
        return key;
      }
      throw new IOException(
          file.toAbsolutePath() + " holds no key (delete it to have a new one made)");
    }
    KeyText key = KeyText.generate(random);
    DataDirectory.replace(file, (key.reveal() + "\n").getBytes(StandardCharsets.US_ASCII), true);
    return key;
  }

  /** The limits of the region: what it may spend, and what it holds of what all share. */
  private record Limited(
      Limiter limiter,
      Leases leases,
      Quotas quotas,
      QuotaFile quotaFile,
      Directory.Limits together,
      Tries tries) {}

  /** What is served: the release in force, and what persons and canaries make of it. */
  private record Serving(
      ItemStore items,
      ModelShelf shelf,
      ReleaseKeys releaseKeys,
      ReleaseStore store,
      ServedRelease served,
      Canaries canaries,
      SoakRatings soakRatings,
      SecretSource secrets,
      Fallbacks fallbacks,
      RegionOrders orders,
      Keys keys) {}

  /** How releases come here, and go through the regions. */
  private record Publishing(ReleaseFleet fleet, Releases releases) {}

  private void run(boolean sampleKeys, SecureRandom random) throws IOException, ConfigException {
    Limited limited = openLimits(random);
    Serving serving = openServing(limited, sampleKeys, random);
    Publishing publishing = openPublishing(serving);
    closeables.add(QuotaKeeper.start(limited.quotas(), limited.quotaFile(), clock));
    ConcurrencyLimit concurrency = ConcurrencyGauges.limit(config, clock.nanoTime());
    ConcurrencyGauges.register(metrics, config.region(), concurrency);
    Load load = new Load(concurrency);
    every(LOAD_TICK_MILLIS, load::sample);
    ConcurrencyGauges.register(metrics, config.region(), load, limited.tries());
    Edge edge = openEdge(limited, concurrency);
    if (config.hasMesh()) {
      peers = startMesh(limited, serving, publishing);
    }
    SoakMeter soak =
        new SoakMeter(metrics, () -> serving.served().active().ref(), serving.soakRatings(), clock);
    every(SOAK_TICK_MILLIS, soak::tick);
    publishing.fleet().start(this::peersUp, soak::judge);
    closeables.add(publishing.fleet());
    NodeGauges.register(metrics, config, shown, limited.leases(), readiness, () -> peers);
    Changes changes = openChanges(serving, publishing.releases());
    Bulk bulk = new Bulk(edge);
    Jobs jobs = openJobs(bulk, soak, serving.secrets(), random);
    List<Future<GuardedServer>> starting =
        List.of(
            startAdmin(serving, publishing.releases(), changes, random),
            MetricsServer.start(vertx, config.metrics(), metrics, clock),
            startApi(edge, bulk, jobs, soak, healthPage(serving, publishing.releases(), load)));
    // While the servers start. Where others serve meanwhile, there is time.
    long warmMillis = config.hasMesh() ? config.number(Setting.HTTP_WARM_UP_MILLIS) : 0;
    ServedRelease served = serving.served();
    var _ =
        new WarmUp(edge, served.active().content(), served.startModels(), serving.shelf(), clock)
            .run(warmMillis);
    admin = await(starting.get(0));
    metricsServer = await(starting.get(1));
    api = await(starting.get(2));
    awaitLeases(limited.leases(), limited.quotas());
    awaitRelease(publishing.fleet());
    readiness.ready();
    jobs.start();
  }

  private void every(long millis, Runnable action) {
    long timer = vertx.setPeriodic(millis, id -> action.run());
    closeables.add(() -> vertx.cancelTimer(timer));
  }

  private boolean isAlone() {
    return config.regions().size() == 1;
  }

  private Limited openLimits(SecureRandom random) throws IOException {
    Limiter limiter =
        new Limiter(
            config.leases(),
            config.region() + "#" + data.incarnation(),
            isAlone() && data.isFresh(),
            clock.nanoTime());
    openDebts(limiter);
    Leases leases = new Leases(limiter, data.incarnation(), clock.nanoTime());
    QuotaFile quotaFile = openQuotas(random);
    Quotas quotas =
        new Quotas(
            config.region(), config.regions(), quotaFile.ledger(), quotaFile, clock.nanoTime());
    return new Limited(
        limiter,
        leases,
        quotas,
        quotaFile,
        new Directory.Limits(limiter, quotas),
        new Tries(clock));
  }

  private Serving openServing(Limited limited, boolean sampleKeys, SecureRandom random)
      throws IOException, ConfigException {
    ItemStore items = openItems();
    ModelShelf shelf = new ModelShelf(items, clock);
    ReleaseKeys releaseKeys = ReleaseKeys.open(config.data());
    ReleaseStore store = new FolderStore(config.data(), releaseKeys);
    ServedRelease served = ServedRelease.open(store, config.content(), shelf);
    CanaryShadow shadow = CanaryShadow.start();
    closeables.add(shadow);
    Canaries canaries = openCanaries(shadow);
    SoakRatings soakRatings = new SoakRatings(shadow, clock);
    SecretSource secrets = new SecretSource(System.getenv(), config.data());
    requireSecrets(served, secrets);
    Fallbacks fallbacks = openFallbacks(secrets);
    RegionOrders orders = openRegionOrders();
    Directory.Limits limits = limited.together();
    Keys keys = openKeys(served.active().content(), sampleKeys, random, limits);
    ServedRelease.Switch serving =
        (content, models, before) -> {
          Map<String, Map<String, Canary>> views = canaries.serve(content, shelf);
          soakRatings.watch(before, content, shelf, views);
          serve(content, models, keys, limits, views, fallbacks.serve(content));
        };
    serving.to(served.active().content(), served.startModels(), null);
    served.onSwitch(serving);
    return new Serving(
        items,
        shelf,
        releaseKeys,
        store,
        served,
        canaries,
        soakRatings,
        secrets,
        fallbacks,
        orders,
        keys);
  }

  private Publishing openPublishing(Serving serving) throws IOException {
    ReleaseFetches fetches = new ReleaseFetches();
    ReleaseFetches.register(metrics, config.region(), fetches);
    PeerReleases elsewhere = peerReleases(serving.store(), fetches);
    ReleaseFleet fleet =
        openFleet(
            serving.served(),
            serving.store(),
            serving.releaseKeys(),
            sources(elsewhere, serving.releaseKeys(), fetches),
            serving.shelf(),
            serving.secrets());
    Releases releases =
        new Releases(
            serving.store(),
            serving.releaseKeys(),
            config.content(),
            serving.shelf(),
            serving.served(),
            fleet,
            elsewhere,
            serving.secrets(),
            clock);
    return new Publishing(fleet, releases);
  }

  private Edge openEdge(Limited limited, ConcurrencyLimit concurrency) throws IOException {
    KeptAnswers kept = KeptAnswers.open(config, data.replays(), vertx, clock);
    closeables.add(kept);
    kept.register(metrics, config.region());
    return new Edge(
        config.region(),
        clock,
        limited.limiter(),
        limited.leases()::holdings,
        this::directory,
        concurrency,
        kept.cache(),
        kept.replays(),
        limited.tries());
  }

  private PeersNode startMesh(Limited limited, Serving serving, Publishing publishing)
      throws IOException {
    return startMesh(
        List.of(
            limited.limiter().facts(),
            serving.items(),
            serving.keys(),
            limited.quotas().facts(),
            publishing.fleet(),
            serving.canaries(),
            serving.fallbacks(),
            serving.orders(),
            limited.tries()),
        limited.leases(),
        PeerReleases.answers(publishing.fleet(), publishing.releases()));
  }

  /** The changes that persons and canaries make, and the metrics of what comes of them. */
  private Changes openChanges(Serving serving, Releases releases) throws IOException {
    Changes changes = Changes.open(config.data(), releases, clock);
    closeables.add(changes);
    ReleaseGauges.register(metrics, config.region(), releases, changes);
    CanaryGauges.register(metrics, config.region(), serving.canaries());
    FallbackGauges.register(metrics, config.region(), serving.fallbacks());
    closeables.add(
        new CanaryKeeper(
                config.region(),
                serving.canaries(),
                (author, message, change) -> releases.change(author, message, false, change),
                releases::isPrimary,
                isAlone(),
                clock)
            .start());
    return changes;
  }

  private HealthPage healthPage(Serving serving, Releases releases, Load load) {
    return new HealthPage(
        config.region(),
        () -> NodeGauges.regions(config, peers),
        config.regions().size() - 1,
        () -> peersUp().size(),
        releases::health,
        load::now,
        serving.orders()::isDrained);
  }

  private Future<GuardedServer> startAdmin(
      Serving serving, Releases releases, Changes changes, SecureRandom random) {
    return AdminServer.start(
        vertx,
        config.admin().withTls(tls.admin()),
        new KeyAdministration(serving.keys(), this::directory, clock, random),
        releases,
        changes,
        new CanaryPage(config.region(), serving.canaries(), clock),
        new FallbackPage(config.region(), config.regions(), serving.fallbacks(), this::peersUp),
        new RegionPage(config.region(), serving.orders(), this::peersUp, clock),
        adminKey.sha256(),
        clock);
  }

  private Future<GuardedServer> startApi(
      Edge edge, Bulk bulk, Jobs jobs, SoakMeter soak, HealthPage health) {
    BatchServer batches = new BatchServer(bulk, config.batch(), soak, clock);
    BatchGauges.register(metrics, config.region(), batches);
    JobServer jobServer =
        new JobServer(
            vertx, config.region(), bulk, jobs, config.number(Setting.BATCH_STALL_MILLIS), clock);
    return ApiServer.start(
        vertx,
        config.api().withTls(tls.http()),
        eventLoops(),
        edge,
        batches,
        jobServer,
        soak,
        readiness,
        health,
        metrics,
        clock);
  }

  private Jobs openJobs(Bulk bulk, EdgeMetrics counts, SecretSource secrets, SecureRandom random)
      throws IOException, ConfigException {
    String reference = config.get(Setting.JOBS_WEBHOOK_SECRET);
    WebhookTarget target =
        new WebhookTarget(
            config.get(Setting.JOBS_WEBHOOK_ALLOW), java.net.InetAddress::getAllByName);
    Webhooks webhooks = new Webhooks(vertx, target, secrets, reference);
    closeables.add(webhooks);
    try {
      webhooks.requireSecret();
    } catch (IOException e) {
      throw new ConfigException(List.of("jobs.webhookSecret: " + e.getMessage()));
    }
    Jobs jobs =
        Jobs.open(
            new Jobs.Parts(
                config.region(),
                data.jobs(),
                JobSettings.of(config),
                bulk,
                counts,
                webhooks,
                data::usableBytes,
                clock,
                random));
    closeables.add(jobs);
    JobGauges.register(metrics, config.region(), jobs);
    return jobs;
  }

  /** A region that starts beside others soon has its share; one that is cut off goes on without. */
  private void awaitLeases(Leases leases, Quotas quotas) throws IOException {
    if (config.regions().size() == 2) {
      LOG.log(
          Level.WARNING,
          "two regions: when one is gone, the other spends only its floor of every limit, since it"
              + " cannot tell a dead region from one that is cut off (a third region, or a witness"
              + " that only votes, keeps the full rate)");
    }
    long deadlineNanos = clock.nanoTime() + LEASES_NANOS_MAX;
    try {
      while (!(leases.isHeld() && hasShares(quotas)) && clock.nanoTime() - deadlineNanos < 0) {
        Thread.sleep(LEASES_POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while starting", e);
    }
    if (!leases.isHeld()) {
      LOG.log(
          Level.WARNING,
          "no majority of the voting regions answers yet: until one does, this region spends only"
              + " its floor of every limit");
    }
    if (!hasShares(quotas)) {
      LOG.log(
          Level.WARNING,
          "not all regions have noted this one's ledger yet: until they have, this region spends of"
              + " quotas only what others give it");
    }
  }

  private static boolean hasShares(Quotas quotas) {
    return quotas.quotas().isEmpty() || quotas.isNoted();
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

  private QuotaFile openQuotas(SecureRandom random) throws IOException {
    return QuotaFile.open(
        data.quotasLog(), config.region(), config.regions(), clock::wallMillis, random);
  }

  /** What the configuration refers to must be here; a release was checked, and is served anyway. */
  private static void requireSecrets(ServedRelease served, SecretSource secrets)
      throws ConfigException {
    List<String> unresolved = ReleaseCheck.unresolved(served.active().content(), secrets);
    if (served.active().version() == 0 && !unresolved.isEmpty()) {
      throw new ConfigException(unresolved);
    }
  }

  private RegionOrders openRegionOrders() throws IOException {
    RegionOrders orders =
        new RegionOrders(
            config.region(),
            config.regions(),
            Orders.open(data.regionOrders(), RegionOrder::read, "no region is drained"),
            clock);
    long saver =
        vertx.setPeriodic(
            FLUSH_MILLIS,
            id ->
                vertx.executeBlocking(
                    () -> {
                      orders.save();
                      return true;
                    }));
    closeables.add(
        () -> {
          vertx.cancelTimer(saver);
          orders.save();
        });
    return orders;
  }

  private Fallbacks openFallbacks(SecretSource secrets) throws IOException {
    FallbackClient client = new FallbackClient(vertx, new SplittableRandom());
    closeables.add(() -> await(client.close()));
    Fallbacks fallbacks =
        new Fallbacks(
            config.region(),
            config.regions(),
            Orders.open(data.fallbackSwitches(), FallbackSwitch::read, "every fallback is on"),
            secrets,
            client::service,
            config.number(Setting.HTTP_DEADLINE_MILLIS) * 1_000_000L,
            clock,
            new SecureRandom());
    long ticker = vertx.setPeriodic(FALLBACK_TICK_MILLIS, id -> fallbacks.tick());
    long saver =
        vertx.setPeriodic(
            FLUSH_MILLIS,
            id ->
                vertx.executeBlocking(
                    () -> {
                      fallbacks.save();
                      return true;
                    }));
    closeables.add(
        () -> {
          vertx.cancelTimer(ticker);
          vertx.cancelTimer(saver);
          fallbacks.save();
        });
    return fallbacks;
  }

  private Canaries openCanaries(CanaryShadow shadow) throws IOException {
    return new Canaries(
        config.region() + "#" + data.incarnation(),
        config.regions(),
        CanaryStops.open(data.canaryStops()),
        shadow,
        clock);
  }

  /**
   * Serves another content: one reference changes, and requests under way end on what they read.
   */
  private void serve(
      Content content,
      Map<Tenant, List<RatingModel>> models,
      Keys keys,
      Directory.Limits limits,
      Map<String, Map<String, Canary>> views,
      Map<String, Fallback> fallbacks) {
    Directory next =
        Directory.of(
            models, views, fallbacks, sharedLimits(content), List.of(), limits, clock.nanoTime());
    keys.configure(content.keys(), all -> directory = next.withKeys(all, limits, clock.nanoTime()));
    shown.serve(content, limits);
  }

  private void openDebts(Limiter limiter) throws IOException {
    Debts debts = new Debts(data::saveDebts, data.debts());
    limiter.debts(debts);
    long settler =
        vertx.setPeriodic(
            DEBTS_MILLIS,
            id -> {
              if (debts.isDue()) {
                vertx
                    .executeBlocking(
                        () -> {
                          debts.settle(clock.nanoTime());
                          return true;
                        })
                    .onFailure(e -> LOG.log(Level.ERROR, "debts could not be stored", e));
              }
            });
    closeables.add(() -> vertx.cancelTimer(settler));
  }

  private ItemStore openItems() throws IOException {
    AtomicReference<FileLog> log = new AtomicReference<>();
    ItemStore store =
        new ItemStore(
            data.replica(), entry -> java.util.Objects.requireNonNull(log.get()).append(entry));
    FileLog opened = FileLog.open(data.itemsLog(), store::replay);
    log.set(opened);
    closeables.add(opened);
    return store;
  }

  private PeerReleases peerReleases(ReleaseStore store, ReleaseFetches fetches) {
    Map<String, URI> ports = new LinkedHashMap<>();
    String scheme = tls.mesh() == null ? "http://" : "https://";
    config.peers().forEach((region, address) -> ports.put(region, URI.create(scheme + address)));
    return new PeerReleases(
        config.region(),
        ports,
        tls.mesh(),
        config.meshSecret().reveal(),
        this::peersUp,
        StoredRelease.blobs(store),
        fetches);
  }

  /** The other regions, then the location: whoever gives a release first. */
  private Sources sources(PeerReleases regions, ReleaseKeys keys, ReleaseFetches fetches) {
    List<Sources.Named> sources = new ArrayList<>();
    if (config.regions().size() > 1) {
      sources.add(new Sources.Named("regions", regions));
    }
    String location = config.get(Setting.RELEASE_SOURCE);
    if (!location.isEmpty()) {
      sources.add(
          new Sources.Named(
              location, new HttpSource(location, config.sourceAuthorization(), fetches)));
    }
    return new Sources(sources, keys);
  }

  private Set<String> peersUp() {
    PeersNode mesh = peers;
    if (mesh == null) {
      return Set.of();
    }
    return mesh.view().peers().values().stream()
        .filter(peer -> peer.state() == MeshView.State.UP)
        .map(MeshView.Peer::region)
        .collect(Collectors.toUnmodifiableSet());
  }

  private ReleaseFleet openFleet(
      ServedRelease served,
      ReleaseStore store,
      ReleaseKeys keys,
      ReleaseSource source,
      ModelShelf shelf,
      SecretSource secrets)
      throws IOException {
    long soakNanos = config.number(Setting.RELEASE_SOAK_SECONDS) * SECOND_NANOS;
    List<String> regions = config.regions().stream().sorted().toList();
    String primary = config.get(Setting.RELEASE_PRIMARY);
    ReleaseFleet.Parts parts =
        new ReleaseFleet.Parts(
            config.region(),
            regions,
            new Rollout.Timing(
                STAGING_NANOS,
                soakNanos,
                Math.max(SOAK_NANOS_MAX, 10 * soakNanos),
                SOAK_ABSENT_NANOS),
            served,
            store,
            keys,
            config.get(Setting.RELEASE_TRUST).equals("mesh"),
            source,
            new ReleaseCheck(StoredRelease.blobs(store), shelf, secrets),
            data::saveRollout,
            clock);
    ReleaseRef onDisk =
        store.stable() instanceof Found.Whole<ReleaseRef>(ReleaseRef stable)
            ? stable
            : served.active().ref();
    return new ReleaseFleet(
        parts,
        data.rollout(primary.isEmpty() ? regions.getFirst() : primary, onDisk),
        data.incarnation());
  }

  /** A region that was away comes back with the release in force; one that is cut off goes on. */
  private void awaitRelease(ReleaseFleet fleet) throws IOException {
    try {
      if (!fleet.awaitCurrent(RELEASE_MILLIS_MAX)) {
        LOG.log(
            Level.WARNING,
            () ->
                "serving a release that may not be the one in force: "
                    + (fleet.stale().isEmpty() ? "the other regions say nothing" : fleet.stale()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while starting", e);
    }
  }

  private Keys openKeys(
      Content content, boolean sampleKeys, SecureRandom random, Directory.Limits limits)
      throws IOException {
    Keys keys = new Keys(content.keys(), data.keys(), data::saveKeys, key -> changed(key, limits));
    if (sampleKeys) {
      keys.create(sampleKeys(content.tenants(), keys.list(), random));
    }
    long flusher =
        vertx.setPeriodic(
            FLUSH_MILLIS,
            id ->
                vertx
                    .executeBlocking(
                        () -> {
                          keys.flush();
                          return true;
                        })
                    .onFailure(
                        e ->
                            LOG.log(
                                Level.ERROR,
                                "keys heard from other regions could not be stored",
                                e)));
    closeables.add(
        () -> {
          vertx.cancelTimer(flusher);
          keys.flush();
        });
    return keys;
  }

  /** A key for every tenant that has none. */
  private List<ApiKey> sampleKeys(List<Tenant> tenants, List<ApiKey> known, SecureRandom random) {
    List<ApiKey> made = new ArrayList<>();
    for (Tenant tenant : tenants) {
      if (known.stream().noneMatch(key -> tenant.id().equals(key.tenant()) && !key.revoked())) {
        KeyText text = KeyText.generate(random);
        made.add(sampleKey(text, tenant.id()));
        newKeys.put(tenant.id(), text);
      }
    }
    return made;
  }

  /** One key at a time: {@link Keys} calls this under its lock. */
  private void changed(ApiKey key, Directory.Limits limits) {
    Directory before = directory;
    if (before != null) {
      directory = before.with(key, limits, clock.nanoTime());
    }
  }

  private Directory directory() {
    return java.util.Objects.requireNonNull(directory);
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

  private PeersNode startMesh(
      List<io.openclaw.domain.FactTable> tables, Leases leases, PeerRequests requests)
      throws IOException {
    Map<String, PeersSettings.Address> addresses = new LinkedHashMap<>();
    config
        .peers()
        .forEach((region, address) -> addresses.put(region, PeersSettings.Address.parse(address)));
    return await(
        PeersNode.start(
            vertx,
            new MeshSettings(
                config.region(),
                List.copyOf(addresses.keySet()),
                data.incarnation(),
                MeshSettings.Timing.DEFAULT,
                config.leases().agreement()),
            new PeersSettings(
                config.region(),
                config.get(Setting.MESH_HOST),
                config.number(Setting.MESH_PORT),
                addresses,
                config.meshSecret().reveal()),
            tls.mesh(),
            tables,
            leases,
            requests,
            clock));
  }

  private static <T> T await(Future<T> future) throws IOException {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(START_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause() == null ? e.toString() : e.getCause().getMessage(), e);
    } catch (TimeoutException e) {
      throw new IOException("not started within " + START_SECONDS_MAX + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while starting", e);
    }
  }

  /** The keys that were made at this start, by tenant: to be shown once. */
  Map<String, KeyText> newKeys() {
    return newKeys;
  }

  KeyText adminKey() {
    return adminKey;
  }

  Path adminKeyFile() {
    return data.adminKeyFile();
  }

  String url() {
    return url(tls.http() != null, config.api().host(), api);
  }

  String metricsUrl() {
    return url(false, config.metrics().host(), metricsServer) + "/metrics";
  }

  String adminUrl() {
    return url(tls.admin() != null, config.admin().host(), admin);
  }

  private static String url(boolean secure, String host, @Nullable GuardedServer server) {
    return (secure ? "https://" : "http://")
        + (host.equals("0.0.0.0") ? "127.0.0.1" : host)
        + ":"
        + (server == null ? 0 : server.port());
  }

  /** Says not ready, lets load balancers notice, ends what is under way, and closes everything. */
  @Override
  public void close() {
    readiness.draining();
    if (api != null) {
      sleep(config.number(Setting.HTTP_DRAIN_MILLIS));
    }
    for (GuardedServer server : new GuardedServer[] {api, admin, metricsServer}) {
      if (server != null) {
        quietly(() -> await(server.shutdown(STOP_MILLIS_MAX)));
      }
    }
    PeersNode mesh = peers;
    if (mesh != null) {
      quietly(() -> await(mesh.close()));
    }
    closeables.reversed().forEach(Node::quietly);
    quietly(() -> await(vertx.close()));
    quietly(data);
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void quietly(AutoCloseable step) {
    try {
      step.close();
    } catch (Exception e) {
      LOG.log(Level.WARNING, "while stopping", e);
    }
  }
}
