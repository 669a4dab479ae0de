package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.KeyText;
import io.openclaw.edge.Bulk;
import io.openclaw.edge.Edge;
import io.openclaw.edge.EdgeMetrics;
import io.openclaw.edge.KeyAdministration;
import io.openclaw.limit.ConcurrencyLimit;
import io.openclaw.mesh.MeshSettings;
import io.openclaw.mesh.MeshView;
import io.openclaw.net.AdminServer;
import io.openclaw.net.ApiServer;
import io.openclaw.net.BatchServer;
import io.openclaw.net.GuardedServer;
import io.openclaw.net.HealthPage;
import io.openclaw.net.JobServer;
import io.openclaw.net.MetricsCache;
import io.openclaw.net.MetricsServer;
import io.openclaw.net.PeersNode;
import io.openclaw.net.PeersSettings;
import io.openclaw.net.Readiness;
import io.openclaw.yaml.ConfigException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One running node: everything wired together, from its data folder to its ports. Starts whole or
 * not at all; stops without losing what it answered.
 */
final class Node implements AutoCloseable {
  private static final long STOP_MILLIS_MAX = 10_000;
  private static final long SOAK_TICK_MILLIS = 1_000;

  /** Beside the service port's: the admin port's, the metrics port's and the timers'. */
  private static final int OTHER_LOOPS = 3;

  /** How often it is looked how busy the node is. */
  private static final long LOAD_TICK_MILLIS = 250;

  private final NodeContext parts;
  private final NodeConfig config;
  private final NodeTls tls;
  private final NodeMetrics metrics;
  private final Clock clock;
  private final Vertx vertx;
  private final KeyText adminKey;
  private final Readiness readiness = new Readiness();
  private Map<String, KeyText> newKeys = Map.of();
  private @Nullable Jobs jobs;
  private @Nullable GuardedServer api;
  private @Nullable GuardedServer metricsServer;
  private @Nullable GuardedServer admin;
  private volatile @Nullable PeersNode peers;

  private Node(NodeContext parts, KeyText adminKey) {
    this.parts = parts;
    this.config = parts.config;
    this.tls = parts.tls;
    this.metrics = parts.metrics;
    this.clock = parts.clock;
    this.vertx = parts.vertx;
    this.adminKey = adminKey;
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
                .setEventLoopPoolSize(eventLoops() + OTHER_LOOPS));
    NodeContext parts = new NodeContext(config, tls, clock, vertx, data, random);
    Node node;
    try {
      node = new Node(parts, givenAdminKey == null ? storedAdminKey(data, random) : givenAdminKey);
    } catch (IOException e) {
      parts.close();
      throw e;
    }
    try {
      node.run(sampleKeys);
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

  private void run(boolean sampleKeys) throws IOException, ConfigException {
    NodeLimits limits = NodeLimits.open(parts);
    NodeServing serving = NodeServing.open(parts, limits.together(), sampleKeys);
    newKeys = serving.newKeys();
    NodePublishing publishing = NodePublishing.open(parts, serving, this::peersUp);
    limits.quotas().up(this::peersUp);
    parts.closing(QuotaKeeper.start(limits.quotas(), limits.quotaFile(), clock));
    ConcurrencyLimit concurrency = ConcurrencyGauges.limit(config, clock.nanoTime());
    ConcurrencyGauges.register(metrics, config.region(), concurrency);
    Load load = new Load(concurrency);
    parts.every(LOAD_TICK_MILLIS, load::sample);
    ConcurrencyGauges.register(metrics, config.region(), load, limits.tries());
    Edge edge = openEdge(limits, serving, concurrency);
    if (config.hasMesh()) {
      peers = startMesh(limits, serving, publishing);
    }
    SoakMeter soak =
        new SoakMeter(metrics, () -> serving.served.active().ref(), serving.soakRatings, clock);
    parts.every(SOAK_TICK_MILLIS, soak::tick);
    publishing.fleet().start(this::peersUp, soak::judge);
    parts.closing(publishing.fleet());
    NodeGauges.register(metrics, config, serving.shown, limits.leases(), readiness, () -> peers);
    Changes changes = openChanges(serving, publishing.releases());
    Bulk bulk = new Bulk(edge);
    Jobs jobs = openJobs(bulk, soak);
    this.jobs = jobs;
    MetricsCache page = new MetricsCache(vertx, metrics);
    HealthPage health = healthPage(serving, publishing.releases(), load);
    List<Future<GuardedServer>> starting =
        List.of(
            startAdmin(serving, publishing.releases(), changes),
            MetricsServer.start(vertx, config.metrics(), page, clock),
            startApi(edge, bulk, jobs, soak, health, page));
    // While the servers start. Where others serve meanwhile, there is time.
    long warmMillis = config.hasMesh() ? config.number(Setting.HTTP_WARM_UP_MILLIS) : 0;
    ServedRelease served = serving.served;
    var _ =
        new WarmUp(edge, served.active().content(), served.startModels(), serving.shelf, clock)
            .run(warmMillis);
    admin = NodeContext.await(starting.get(0));
    metricsServer = NodeContext.await(starting.get(1));
    api = NodeContext.await(starting.get(2));
    limits.await(parts);
    publishing.await();
    readiness.ready();
    jobs.start();
  }

  private Edge openEdge(NodeLimits limits, NodeServing serving, ConcurrencyLimit concurrency)
      throws IOException {
    KeptAnswers kept = parts.closing(KeptAnswers.open(config, parts.data.replays(), vertx, clock));
    kept.register(metrics, parts.logs, config.region());
    return new Edge(
        config.region(),
        clock,
        limits.limiter(),
        limits.leases()::holdings,
        serving::directory,
        concurrency,
        kept.cache(),
        kept.replays(),
        limits.tries());
  }

  private PeersNode startMesh(NodeLimits limits, NodeServing serving, NodePublishing publishing)
      throws IOException {
    Map<String, PeersSettings.Address> addresses = new LinkedHashMap<>();
    config
        .peers()
        .forEach((region, address) -> addresses.put(region, PeersSettings.Address.parse(address)));
    return NodeContext.await(
        PeersNode.start(
            new MeshSettings(
                config.region(),
                List.copyOf(addresses.keySet()),
                parts.data.incarnation(),
                MeshSettings.Timing.DEFAULT,
                config.leases().agreement()),
            new PeersSettings(
                config.region(),
                config.get(Setting.MESH_HOST),
                config.number(Setting.MESH_PORT),
                addresses,
                config.meshSecret().reveal()),
            tls.mesh(),
            List.of(
                limits.limiter().facts(),
                serving.items,
                serving.keys,
                limits.quotas().facts(),
                publishing.fleet(),
                serving.canaries,
                serving.fallbacks,
                serving.orders,
                limits.tries()),
            limits.leases(),
            PeerReleases.answers(publishing.fleet(), publishing.releases()),
            clock));
  }

  /** The changes that persons and canaries make, and the metrics of what comes of them. */
  private Changes openChanges(NodeServing serving, Releases releases) throws IOException {
    Changes changes = parts.closing(Changes.open(config.data(), releases, clock));
    ReleaseGauges.register(metrics, config.region(), releases, changes);
    CanaryGauges.register(metrics, config.region(), serving.canaries);
    FallbackGauges.register(metrics, config.region(), serving.fallbacks);
    parts.closing(
        new CanaryKeeper(
                config.region(),
                serving.canaries,
                (author, message, change) -> releases.change(author, message, false, change),
                releases::isPrimary,
                parts.isAlone(),
                clock)
            .start());
    return changes;
  }

  private HealthPage healthPage(NodeServing serving, Releases releases, Load load) {
    return new HealthPage(
        config.region(),
        () -> NodeGauges.regions(config, peers),
        config.regions().size() - 1,
        () -> peersUp().size(),
        () -> parts.logs.with(releases.health()),
        load::now,
        serving.orders::isDrained);
  }

  private Future<GuardedServer> startAdmin(
      NodeServing serving, Releases releases, Changes changes) {
    return AdminServer.start(
        vertx,
        config.admin().withTls(tls.admin()),
        new KeyAdministration(serving.keys, serving::directory, clock, parts.random),
        releases,
        changes,
        new CanaryPage(config.region(), serving.canaries, clock),
        new FallbackPage(config.region(), config.regions(), serving.fallbacks, this::peersUp),
        new RegionPage(config.region(), serving.orders, this::peersUp, clock),
        adminKey.sha256(),
        clock);
  }

  private Future<GuardedServer> startApi(
      Edge edge, Bulk bulk, Jobs jobs, SoakMeter soak, HealthPage health, MetricsCache page) {
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
        page,
        clock);
  }

  private Jobs openJobs(Bulk bulk, EdgeMetrics counts) throws IOException, ConfigException {
    String reference = config.get(Setting.JOBS_WEBHOOK_SECRET);
    SecretSource secrets = new SecretSource(System.getenv(), config.data());
    WebhookTarget target =
        new WebhookTarget(
            config.get(Setting.JOBS_WEBHOOK_ALLOW), java.net.InetAddress::getAllByName);
    Webhooks webhooks = parts.closing(new Webhooks(vertx, target, secrets, reference));
    try {
      webhooks.requireSecret();
    } catch (IOException e) {
      throw new ConfigException(List.of("jobs.webhookSecret: " + e.getMessage()));
    }
    Jobs jobs =
        Jobs.open(
            new Jobs.Parts(
                config.region(),
                parts.data.jobs(),
                JobSettings.of(config),
                bulk,
                counts,
                webhooks,
                parts.data::usableBytes,
                clock,
                parts.random));
    JobGauges.register(metrics, config.region(), jobs);
    return jobs;
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

  /** The keys that were made at this start, by tenant: to be shown once. */
  Map<String, KeyText> newKeys() {
    return newKeys;
  }

  KeyText adminKey() {
    return adminKey;
  }

  /** What is measured, as it is now: the ports show it as it was up to a second ago. */
  NodeMetrics metrics() {
    return metrics;
  }

  Path adminKeyFile() {
    return parts.data.adminKeyFile();
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
      api.leave();
      sleep(config.number(Setting.HTTP_DRAIN_MILLIS));
    }
    for (GuardedServer server : new GuardedServer[] {api, admin, metricsServer}) {
      if (server != null) {
        NodeContext.quietly(() -> NodeContext.await(server.shutdown(STOP_MILLIS_MAX)));
      }
    }
    if (jobs != null) {
      NodeContext.quietly(jobs); // before the mesh, so that what they spent is told
    }
    PeersNode mesh = peers;
    if (mesh != null) {
      NodeContext.quietly(() -> NodeContext.await(mesh.close()));
    }
    parts.close();
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
