package io.openclaw.app;

import io.openclaw.router.DnsServer;
import io.openclaw.router.Rehearsal;
import io.openclaw.router.RouterServer;
import io.openclaw.router.RouterSettings;
import io.openclaw.router.RouterTls;
import io.openclaw.steer.HealthRules;
import io.openclaw.tls.CertificateFiles;
import io.openclaw.tls.CertificateWatch;
import io.openclaw.tls.Certificates;
import io.openclaw.tls.ServerTls;
import io.openclaw.tls.TlsEvents;
import io.openclaw.yaml.ConfigException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code openclaw router}: the front door, which sends every request to a healthy region. */
@Command(
    name = "router",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    sortOptions = false,
    description =
        "Runs the front door: sends each request to a healthy region, and tries another where one fails.",
    footer = {
      "",
      "Example: openclaw router --port 8080 --region eu=http://10.0.0.1:8080 --region us=http://10.1.0.1:8080"
    })
final class RouterCommand implements Callable<Integer> {
  private static final long START_SECONDS_MAX = 30;
  private static final int SLOW_START_SECONDS_MAX = 600;
  private static final int WARM_UP_MILLIS_MAX = 60_000;
  private static final long STOP_SECONDS_MAX = 15;

  @Option(
      names = "--region",
      required = true,
      paramLabel = "NAME=URL",
      description = "A region and its address; repeatable.")
  Map<String, URI> regions = new LinkedHashMap<>();

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Address to listen on, 0.0.0.0 by default.")
  String host = "0.0.0.0";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Port to listen on, 8080 by default.")
  int port = 8080;

  @Mixin SteeringOptions steering = new SteeringOptions();

  @Option(
      names = "--affinity",
      paramLabel = "FIELD",
      description =
          "A header field by whose value requests come back to the same region; requests with an"
              + " Idempotency-Key always do.")
  String affinity = "";

  @Option(
      names = "--hedge",
      description =
          "Send a request that takes twice as long as 95 of 100 to a second region too, within the"
              + " retry budget; the first answer counts.")
  boolean hedge;

  @Option(
      names = "--slow-start",
      paramLabel = "SECONDS",
      description =
          "How long the traffic of a region that comes back grows from nothing to all, 0 to 600; 5 by"
              + " default.")
  int slowStartSeconds = 5;

  @Option(
      names = "--warm-up",
      paramLabel = "MILLIS",
      description =
          "How long failover is rehearsed before the router listens, so that the first real one is as"
              + " quick as the next, 0 to 60000; 1500 by default.")
  int warmUpMillis = 1_500;

  @Mixin BoundsOptions bounds = new BoundsOptions();

  @Option(
      names = "--reuse-port",
      description =
          "Share the port with another router on this machine that says so too: docs/router.md.")
  boolean reusePort;

  @Option(
      names = "--admin-port",
      paramLabel = "PORT",
      description =
          "Answer GET /admin/v1/steer/explain on this port of 127.0.0.1; not at all by default.")
  int adminPort = -1;

  @Option(
      names = "--dns",
      paramLabel = "FILE",
      description = "Answers DNS queries, too, from the same health checks: docs/dns.md.")
  @Nullable Path dns;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = "Certificate that clients are shown (PEM); then they are served over TLS.")
  @Nullable Path tlsCert;

  @Option(names = "--tls-key", paramLabel = "FILE", description = "With --tls-cert: its key.")
  @Nullable Path tlsKey;

  @Mixin RegionTlsOptions regionTls = new RegionTlsOptions();

  @Override
  public Integer call() throws IOException, ConfigException, InterruptedException {
    JsonLog.install("router");
    if (slowStartSeconds < 0 || slowStartSeconds > SLOW_START_SECONDS_MAX) {
      throw new ConfigException(
          List.of(
              "--slow-start: "
                  + slowStartSeconds
                  + " (expected: 0 to "
                  + SLOW_START_SECONDS_MAX
                  + ")"));
    }
    if (warmUpMillis < 0 || warmUpMillis > WARM_UP_MILLIS_MAX) {
      throw new ConfigException(
          List.of("--warm-up: " + warmUpMillis + " (expected: 0 to " + WARM_UP_MILLIS_MAX + ")"));
    }
    RouterSettings settings;
    try {
      settings =
          RouterSettings.of(host, port, regions)
              .withSteering(steering.steering(regions.keySet()))
              .withAffinity(affinity)
              .withHedge(hedge)
              .withReusePort(reusePort)
              .withBounds(bounds.bounds())
              .withHealth(
                  HealthRules.defaults().withSlowStartNanos(slowStartSeconds * 1_000_000_000L))
              .withAdminPort(adminPort);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(List.of(String.valueOf(e.getMessage())));
    }
    if (reusePort) {
      warnOfResets();
    }
    DnsConfig names = dns == null ? null : DnsCommand.besideRouter(dns);
    TlsFiles tls = tls();
    try (Running router = start(settings, tls, warmUpMillis);
        DnsServer answering =
            names == null
                ? null
                : DnsCommand.start(names, router.server().view(), router.metrics())) {
      CountDownLatch stopped = new CountDownLatch(1);
      Runtime.getRuntime().addShutdownHook(new Thread(router::close, "stop"));
      System.out.println(
          "OpenClaw routes "
              + (tls.listener() == null ? "http://" : "https://")
              + (host.equals("0.0.0.0") ? "127.0.0.1" : host)
              + ":"
              + router.port()
              + " to "
              + regions.keySet()
              + (names == null || answering == null
                  ? ""
                  : " and answers for " + names.zone().name() + " on port " + answering.port()));
      System.out.flush();
      stopped.await();
      return 0;
    }
  }

  /** Without it, Linux resets connections that wait in the queue of a socket that is closed. */
  private static void warnOfResets() throws IOException {
    Path setting = Path.of("/proc/sys/net/ipv4/tcp_migrate_req");
    if (Files.isReadable(setting) && Files.readString(setting).strip().equals("0")) {
      System.getLogger("io.openclaw.app")
          .log(
              System.Logger.Level.WARNING,
              "--reuse-port: connections that wait when the other router stops are reset; sysctl"
                  + " net.ipv4.tcp_migrate_req=1 lets this one have them");
    }
  }

  /** The certificates' files, as the options name them. */
  record TlsFiles(@Nullable CertificateFiles listener, @Nullable CertificateFiles regions) {
    static final TlsFiles NONE = new TlsFiles(null, null);
  }

  private TlsFiles tls() throws ConfigException {
    CertificateFiles.Pair shown = RegionTlsOptions.pair("--tls-cert", tlsCert, "--tls-key", tlsKey);
    return new TlsFiles(
        shown == null ? null : new CertificateFiles("http", shown, null, null, List.of()),
        regionTls.files());
  }

  /** A router that runs. */
  static final class Running implements AutoCloseable {
    private final Vertx vertx;
    private final CertificateWatch watch;
    private final RouterServer server;
    private final NodeMetrics metrics;

    Running(Vertx vertx, CertificateWatch watch, RouterServer server, NodeMetrics metrics) {
      this.vertx = vertx;
      this.watch = watch;
      this.server = server;
      this.metrics = metrics;
    }

    int port() {
      return server.port();
    }

    RouterServer server() {
      return server;
    }

    NodeMetrics metrics() {
      return metrics;
    }

    @Override
    public void close() {
      watch.close();
      try {
        Waiting.await(server.close(), STOP_SECONDS_MAX);
        Waiting.await(vertx.close(), STOP_SECONDS_MAX);
      } catch (IOException e) {
        System.getLogger("io.openclaw.app")
            .log(System.Logger.Level.WARNING, "while stopping the router", e);
      }
    }
  }

  /** Without TLS, and without a rehearsal. */
  static Running start(RouterSettings given) throws IOException, ConfigException {
    return start(given, TlsFiles.NONE, 0);
  }

  private static Running start(RouterSettings given, TlsFiles files, int warmUpMillis)
      throws IOException, ConfigException {
    TlsEvents events = new TlsEvents(SystemClock.INSTANCE::nanoTime);
    List<Certificates> all = new ArrayList<>();
    Certificates listener = RegionTlsOptions.open(files.listener(), events, all);
    Certificates upstream = RegionTlsOptions.open(files.regions(), events, all);
    RegionTlsOptions.requireCa(given.regions(), upstream);
    RouterTls tls =
        new RouterTls(listener == null ? null : new ServerTls(listener, true), upstream);
    NodeMetrics metrics = new NodeMetrics("router", Version.TEXT);
    TlsGauges.register(metrics, "router", events, all);
    AtomicReference<RouterServer> started = new AtomicReference<>();
    RouterGauges gauges = new RouterGauges(metrics, started::get, SystemClock.INSTANCE);
    RouterSettings settings = given.withMetricsText(metrics::text);
    Vertx vertx = Vertx.vertx(new io.vertx.core.VertxOptions().setPreferNativeTransport(true));
    try {
      if (warmUpMillis > 0) {
        rehearse(vertx, warmUpMillis);
      }
      RouterServer server =
          Waiting.await(
              RouterServer.start(vertx, settings, tls, SystemClock.INSTANCE, gauges),
              START_SECONDS_MAX);
      started.set(server);
      return new Running(vertx, CertificateWatch.start(all), server, metrics);
    } catch (IOException e) {
      vertx.close();
      throw e;
    }
  }

  /** A router that could not rehearse is only slower at first. */
  static long rehearse(Vertx vertx, long millis) {
    try {
      return Waiting.await(
          Rehearsal.run(vertx, SystemClock.INSTANCE, millis), START_SECONDS_MAX + millis / 1_000);
    } catch (IOException e) {
      System.getLogger("io.openclaw.app")
          .log(System.Logger.Level.WARNING, "failover was not rehearsed", e);
      return 0;
    }
  }
}
