package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.openclaw.domain.KeyText;
import io.openclaw.domain.Tenant;
import io.openclaw.edge.Bulk;
import io.openclaw.edge.Directory;
import io.openclaw.edge.Edge;
import io.openclaw.edge.Fallback;
import io.openclaw.edge.KeyAdministration;
import io.openclaw.edge.Keys;
import io.openclaw.limit.ConcurrencyLimit;
import io.openclaw.limit.Limiter;
import io.openclaw.limit.QuotaLedger;
import io.openclaw.limit.Quotas;
import io.openclaw.net.AdminServer;
import io.openclaw.net.ApiServer;
import io.openclaw.net.ApiSettings;
import io.openclaw.net.BatchServer;
import io.openclaw.net.BatchSettings;
import io.openclaw.net.GuardedServer;
import io.openclaw.net.HealthPage;
import io.openclaw.net.JobServer;
import io.openclaw.net.MetricsCache;
import io.openclaw.net.Readiness;
import io.openclaw.rating.ItemStore;
import io.openclaw.rating.ItemsModel;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.NotDurableException;
import io.openclaw.rating.RatingModel;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/** The service and admin ports over a disk that does what the test says; never ready. */
final class FaultyServers implements AutoCloseable {
  static final int DEADLINE_MILLIS = 400;

  /** What the disk does with the next record. */
  enum Disk {
    WRITES,
    REFUSES,
    HANGS,
    BREAKS
  }

  private final Vertx vertx = Vertx.vertx();
  private final CountDownLatch over = new CountDownLatch(1);
  private final CountDownLatch hung = new CountDownLatch(1);
  private final KeyText key;
  private final KeyText adminKey;
  private final NodeMetrics metrics = new NodeMetrics("test", "test");
  private final GuardedServer api;
  private final GuardedServer admin;
  private final Queue<CompletableFuture<Void>> hanging = new ConcurrentLinkedQueue<>();
  private volatile Disk disk = Disk.WRITES;

  FaultyServers() throws ModelException, IOException {
    this(new ConcurrencyLimit(1000, 1000, 0));
  }

  /** The same with so many slots for ratings. */
  FaultyServers(ConcurrencyLimit concurrency) throws ModelException, IOException {
    this(concurrency, Map.of());
  }

  /** The same with fallbacks; the one tenant is {@code items}. */
  FaultyServers(ConcurrencyLimit concurrency, Map<String, Fallback> fallbacks)
      throws ModelException, IOException {
    SecureRandom random = new SecureRandom();
    key = KeyText.generate(random);
    adminKey = KeyText.generate(random);
    ItemStore items = new ItemStore("test#1", record -> append());
    Map<Tenant, List<RatingModel>> models = new LinkedHashMap<>();
    models.put(
        new Tenant("items", List.of("items"), null, 1, null),
        List.of(
            ItemsModel.load("items", "v1", "{\"kind\":\"items\"}".getBytes(UTF_8), items, "s")));
    Limiter limiter = Limiter.alone("test", "test#1", true, SystemClock.INSTANCE.nanoTime());
    List<String> regions = List.of("test");
    QuotaLedger ledger = QuotaLedger.read(QuotaLedger.begin("test", regions, 0, random));
    Directory.Limits limits =
        new Directory.Limits(limiter, new Quotas("test", regions, ledger, lines -> {}, 0));
    SystemClock clock = SystemClock.INSTANCE;
    Keys keys =
        new Keys(
            List.of(NodeServing.sampleKey(key, "items")),
            List.of(),
            stored -> save(),
            changed -> {});
    Directory directory =
        Directory.of(
            models,
            Map.of(),
            fallbacks,
            Directory.SharedLimits.NONE,
            keys.list(),
            limits,
            clock.nanoTime());
    ConcurrencyGauges.register(metrics, "test", concurrency);
    ApiSettings settings =
        new ApiSettings(
            "127.0.0.1", 0, 1 << 20, 10_000, DEADLINE_MILLIS, 10_000, 60_000, 1000, 1000);
    Edge edge = TestEdges.plain("test", clock, limiter, directory, concurrency);
    Bulk bulk = new Bulk(edge);
    api =
        await(
            ApiServer.start(
                vertx,
                settings,
                1,
                edge,
                new BatchServer(bulk, new BatchSettings(10, 1000, 1000, 10), metrics, clock),
                new JobServer(
                    vertx,
                    "test",
                    bulk,
                    new FaultyJobs(
                        () -> {
                          save();
                          return true;
                        }),
                    1000,
                    clock),
                metrics,
                new Readiness(),
                new HealthPage(
                    "test",
                    () -> new io.openclaw.domain.Json.Obj(Map.of()),
                    0,
                    () -> 0,
                    () -> new io.openclaw.domain.Json.Obj(Map.of()),
                    () -> 0.25,
                    () -> false),
                new MetricsCache(vertx, metrics),
                clock));
    admin =
        await(
            AdminServer.start(
                vertx,
                settings,
                new KeyAdministration(keys, () -> directory, clock, random),
                new FaultyReleases(this::save),
                new FaultyChanges(this::save),
                () -> {
                  throw new IllegalStateException("planted");
                },
                new FaultyFallbacks(),
                new FaultyRegions(),
                adminKey.sha256(),
                clock));
  }

  private CompletionStage<Void> append() {
    return switch (disk) {
      case WRITES -> CompletableFuture.completedFuture(null);
      case REFUSES ->
          CompletableFuture.failedFuture(
              new NotDurableException("planted", new IOException("planted")));
      case HANGS -> {
        CompletableFuture<Void> written = new CompletableFuture<>();
        hanging.add(written);
        yield written;
      }
      case BREAKS -> throw new IllegalArgumentException("planted");
    };
  }

  private void save() throws IOException {
    switch (disk) {
      case WRITES -> {}
      case REFUSES -> throw new IOException("planted");
      case BREAKS -> throw new IllegalArgumentException("planted");
      case HANGS -> {
        hung.countDown();
        try {
          over.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  private static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  void disk(Disk behaviour) {
    disk = behaviour;
  }

  /** What hung is written after all. */
  void wakeUp() {
    disk = Disk.WRITES;
    hanging.forEach(written -> written.complete(null));
  }

  /** Waits until somebody waits for a disk that hangs. */
  void awaitHanging() throws InterruptedException {
    hung.await();
  }

  NodeMetrics metrics() {
    return metrics;
  }

  int port() {
    return api.port();
  }

  int adminPort() {
    return admin.port();
  }

  KeyText key() {
    return key;
  }

  KeyText adminKey() {
    return adminKey;
  }

  @Override
  public void close() {
    over.countDown();
    await(api.shutdown(0));
    await(admin.shutdown(0));
    await(vertx.close());
  }
}
