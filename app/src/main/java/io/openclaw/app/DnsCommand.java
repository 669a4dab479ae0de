package io.openclaw.app;

import io.openclaw.dns.DnsCounters;
import io.openclaw.dns.NameServer;
import io.openclaw.dns.Responder;
import io.openclaw.dns.ResponseRate;
import io.openclaw.dns.ZoneSettings;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import io.openclaw.net.ApiSettings;
import io.openclaw.net.GuardedServer;
import io.openclaw.net.MetricsCache;
import io.openclaw.net.MetricsServer;
import io.openclaw.router.DnsServer;
import io.openclaw.router.RegionWatch;
import io.openclaw.router.RouterMetrics;
import io.openclaw.router.RouterSettings;
import io.openclaw.router.RouterTls;
import io.openclaw.steer.HealthView;
import io.openclaw.steer.RegionState;
import io.openclaw.tls.CertificateWatch;
import io.openclaw.tls.Certificates;
import io.openclaw.tls.TlsEvents;
import io.openclaw.yaml.ConfigException;
import io.openclaw.yaml.YamlTree;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code openclaw dns}: the authoritative name server alone, with health checks of its own. */
@Command(
    name = "dns",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    sortOptions = false,
    description =
        "Answers DNS queries for one zone with the addresses of the regions that are healthy.",
    footer = {
      "",
      "Example: openclaw dns --zone rate.example.com --listen 0.0.0.0:5353 --region eu=http://10.0.0.1:8080,192.0.2.1 --region us=http://10.1.0.1:8080,192.0.2.2"
    })
final class DnsCommand implements Callable<Integer> {
  private static final long START_SECONDS_MAX = 30;

  /** How long a start waits for the regions' first answers, so that no dead one is named. */
  private static final int HEALTH_MILLIS_MAX = 2_000;

  private static final int POLL_MILLIS = 10;
  private static final int COOKIE_KEY_BYTES = 16;

  @Mixin DnsOptions options = new DnsOptions();
  @Mixin RegionTlsOptions regionTls = new RegionTlsOptions();

  @Option(
      names = "--output",
      paramLabel = "text|json",
      description = "json: one JSON line when it answers.")
  Output output = Output.TEXT;

  @Override
  public Integer call() throws IOException, ConfigException, InterruptedException {
    JsonLog.install("dns");
    DnsConfig config = options.read();
    NodeMetrics metrics = new NodeMetrics("dns", Version.TEXT);
    Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    TlsEvents events = new TlsEvents(SystemClock.INSTANCE::nanoTime);
    List<Certificates> all = new ArrayList<>();
    Certificates upstream = RegionTlsOptions.open(regionTls.files(), events, all);
    RegionTlsOptions.requireCa(config.urls(), upstream);
    TlsGauges.register(metrics, "dns", events, all);
    RegionWatch watch = watch(vertx, config, new RouterTls(null, upstream));
    DnsGauges.health(metrics, watch.view());
    var _ = CertificateWatch.start(all); // until the process ends
    try (DnsServer server = start(config, watch.view(), metrics)) {
      GuardedServer page =
          Waiting.await(
              MetricsServer.start(
                  vertx,
                  metricsPort(config),
                  new MetricsCache(vertx, metrics),
                  SystemClock.INSTANCE),
              START_SECONDS_MAX);
      print(config, server, page);
      new CountDownLatch(1).await();
      return 0;
    }
  }

  private static RegionWatch watch(Vertx vertx, DnsConfig config, RouterTls tls)
      throws IOException, ConfigException {
    RouterSettings settings;
    try {
      settings = RouterSettings.of("127.0.0.1", 0, config.urls());
    } catch (IllegalArgumentException e) {
      throw new ConfigException(List.of(String.valueOf(e.getMessage())));
    }
    return Waiting.await(
        RegionWatch.start(vertx, settings, tls, SystemClock.INSTANCE, RouterMetrics.NONE),
        START_SECONDS_MAX);
  }

  private static void awaitHealth(HealthView view) throws InterruptedException {
    for (int waited = 0; waited < HEALTH_MILLIS_MAX; waited += POLL_MILLIS) {
      boolean known =
          IntStream.range(0, view.size())
              .noneMatch(i -> view.health(i).state() == RegionState.UNKNOWN);
      if (known) {
        return;
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  /** What a router's {@code --dns} file says. */
  static DnsConfig besideRouter(Path file) throws ConfigException {
    return DnsConfigReader.read(YamlTree.read(file), false);
  }

  /** Starts to answer from what is known of the regions, once something is. */
  static DnsServer start(DnsConfig config, HealthView view, NodeMetrics metrics)
      throws IOException, ConfigException, InterruptedException {
    SecureRandom random = new SecureRandom();
    byte[] cookieKey = new byte[COOKIE_KEY_BYTES];
    random.nextBytes(cookieKey);
    DnsCounters counters = new DnsCounters();
    Responder responder;
    try {
      responder =
          new Responder(
              config.zone(),
              view,
              new ResponseRate(
                  config.perSecond(),
                  random.nextLong(),
                  random.nextLong(),
                  SystemClock.INSTANCE.nanoTime()),
              config.slip(),
              cookieKey,
              counters,
              SystemClock.INSTANCE.wallMillis());
    } catch (IllegalArgumentException e) {
      throw new ConfigException(List.of(String.valueOf(e.getMessage())));
    }
    warnOfNameServers(config.zone());
    awaitHealth(view);
    DnsServer server = DnsServer.start(config.server(), responder, SystemClock.INSTANCE);
    DnsGauges.register(metrics, counters, server);
    return server;
  }

  /** A name inside the zone that the zone does not have: resolvers could not find the way back. */
  private static void warnOfNameServers(ZoneSettings zone) {
    for (NameServer server : zone.servers()) {
      if (server.addresses().isEmpty() && server.name().isWithin(zone.name())) {
        System.getLogger("io.openclaw.dns")
            .log(
                System.Logger.Level.WARNING,
                "name server {0} has no address (expected: one, as --ns or nameServers says it)",
                server.name());
      }
    }
  }

  private static ApiSettings metricsPort(DnsConfig config) {
    return new ApiSettings(
        config.metricsHost(), config.metricsPort(), 1024, 2000, 5000, 5000, 30_000, 64, 256);
  }

  private void print(DnsConfig config, DnsServer server, GuardedServer page) {
    String metrics = "http://" + config.metricsHost() + ":" + page.port();
    switch (output) {
      case JSON -> {
        Map<String, Json> ready = new LinkedHashMap<>();
        ready.put("zone", new Json.Str(config.zone().name().toString()));
        ready.put("port", new Json.Num(server.port()));
        ready.put("metrics", new Json.Str(metrics));
        ready.put("pid", new Json.Num((double) ProcessHandle.current().pid()));
        System.out.println(
            new String(JsonWriter.write(new Json.Obj(ready)), StandardCharsets.UTF_8));
      }
      case TEXT ->
          System.out.println(
              "OpenClaw answers for "
                  + config.zone().name()
                  + " on "
                  + config.server().listen().stream()
                      .map(address -> address.toString().replaceFirst("^/", ""))
                      .toList()
                  + " with "
                  + config.urls().keySet()
                  + "; metrics on "
                  + metrics);
    }
    System.out.flush();
  }
}
