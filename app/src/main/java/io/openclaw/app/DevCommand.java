package io.openclaw.app;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.KeyText;
import io.openclaw.domain.Tenant;
import io.openclaw.router.RouterSettings;
import io.openclaw.steer.HealthView;
import io.openclaw.steer.RegionHealth;
import io.openclaw.steer.RegionState;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code openclaw dev}: three regions and a router on this machine. */
@Command(
    name = "dev",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    sortOptions = false,
    description = {
      "Runs three regions, each a process of its own, and a router on this machine, until Ctrl-C.",
      "Sample tenants: credit (scorecard, approves at 650), items, content (texts), default (any), trial (60 requests/s)."
    },
    footer = {
      "",
      "Ports: the router has the base port P, the regions P+1 to P+3; their metrics P+11 to P+13, their admin",
      "ports P+21 to P+23, the mesh P+31 to P+33. A region that dies is started again."
    })
final class DevCommand implements Callable<Integer> {
  static final List<String> REGIONS = List.of("us-east-1", "eu-central-1", "ap-southeast-2");
  private static final long READY_SECONDS_MAX = 60;
  private static final long POLL_MILLIS = 20;

  @Option(
      names = "--port-base",
      paramLabel = "P",
      description = "The router's port, 8080 by default; all others follow.")
  int portBase = 8080;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file that adds tenants, models and limits; repeatable.")
  List<Path> files = new ArrayList<>();

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = "Folder of the regions' data and logs, ./data/dev by default.")
  Path data = Path.of("data", "dev");

  @Option(
      names = "--restart-after",
      paramLabel = "SECONDS",
      description = "When a region that died is started again, 3 by default; -1: never.")
  int restartAfterSeconds = 3;

  @Option(
      names = "--output",
      paramLabel = "text|json",
      description = "json: one JSON line when all are ready.")
  Output output = Output.TEXT;

  private final SecureRandom random = new SecureRandom();
  private final Map<String, KeyText> keys = new LinkedHashMap<>();
  private final List<DevRegion> regions = new ArrayList<>();
  private volatile boolean stopping;

  @Override
  public Integer call() throws IOException, ConfigException, InterruptedException {
    long startedNanos = System.nanoTime();
    Options.within("--port-base", portBase, DevPorts.BASE_MIN, DevPorts.BASE_MAX);
    JsonLog.install("dev");
    try (FolderLock _ = FolderLock.take(data)) {
      return run(startedNanos);
    }
  }

  private int run(long startedNanos) throws IOException, ConfigException, InterruptedException {
    DevKeys made = new DevKeys(data, random);
    prepare(made);
    KeyText adminKey = made.admin();
    RouterCommand.Running router =
        RouterCommand.start(RouterSettings.of("127.0.0.1", portBase, urls()));
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(router), "stop"));
    try {
      startAll();
      awaitRoutes(router);
    } catch (IOException e) {
      stop(router);
      throw e;
    }
    regions.forEach(this::supervise);
    print(System.out, adminKey, (System.nanoTime() - startedNanos) / 1e9);
    ended.await();
    return 0;
  }

  /** Writes what the nodes read: keys for tenants that have none, and each node's own settings. */
  private void prepare(DevKeys made) throws IOException, ConfigException {
    NodeConfig config = ConfigLoader.load(true, files, Map.of(), Map.of());
    Path keysFile = data.resolve("keys.yaml").toAbsolutePath();
    DataDirectory.replace(keysFile, keysYaml(config, made).getBytes(StandardCharsets.UTF_8), true);
    made.save();
    Map<String, String> secrets =
        Map.of(
            ConfigLoader.MESH_SECRET, KeyText.generate(random).reveal(),
            ConfigLoader.ADMIN_KEY, made.admin().reveal());
    for (int i = 0; i < REGIONS.size(); i++) {
      String name = REGIONS.get(i);
      Path folder = data.resolve(name).toAbsolutePath();
      Files.createDirectories(folder);
      Path nodeFile = folder.resolve("node.yaml");
      Files.writeString(nodeFile, nodeYaml(i, folder));
      List<String> arguments = new ArrayList<>(List.of("--samples"));
      files.forEach(
          file -> arguments.addAll(List.of("--config", file.toAbsolutePath().toString())));
      arguments.addAll(List.of("--config", keysFile.toString(), "--config", nodeFile.toString()));
      regions.add(new DevRegion(name, folder, new DevPorts(portBase, i + 1), arguments, secrets));
    }
  }

  private String keysYaml(NodeConfig config, DevKeys made) {
    StringBuilder yaml =
        new StringBuilder(
            "# Made by openclaw dev at every start: hashes of the keys in keys.json.\nkeys:\n");
    for (Tenant tenant : config.content().tenants()) {
      if (config.content().keys().stream().noneMatch(key -> tenant.id().equals(key.tenant()))) {
        KeyText text = made.of(tenant.id());
        keys.put(tenant.id(), text);
        ApiKey key = NodeServing.sampleKey(text, tenant.id());
        yaml.append(
            "  - {id: \"%s\", sha256: \"%s\", tenant: \"%s\", scopes: [rate, read], label: sample}\n"
                .formatted(key.id(), key.sha256(), tenant.id()));
      }
    }
    return keys.isEmpty() ? "# Every tenant has keys of its own.\n" : yaml.toString();
  }

  private String nodeYaml(int index, Path folder) {
    DevPorts ports = new DevPorts(portBase, index + 1);
    StringBuilder yaml = new StringBuilder();
    yaml.append("region: ").append(REGIONS.get(index)).append('\n');
    yaml.append("regions: ").append(REGIONS).append('\n');
    yaml.append("data: ").append(quoted(folder.resolve("data").toString())).append('\n');
    yaml.append("http: {host: 127.0.0.1, port: ").append(ports.service()).append("}\n");
    yaml.append("metrics: {host: 127.0.0.1, port: ").append(ports.metrics()).append("}\n");
    yaml.append("admin: {host: 127.0.0.1, port: ").append(ports.admin()).append("}\n");
    yaml.append("mesh:\n  kind: peers\n  host: 127.0.0.1\n  port: ")
        .append(ports.mesh())
        .append("\n  peers:\n");
    for (int i = 0; i < REGIONS.size(); i++) {
      if (i != index) {
        yaml.append("    ")
            .append(REGIONS.get(i))
            .append(": 127.0.0.1:")
            .append(new DevPorts(portBase, i + 1).mesh())
            .append('\n');
      }
    }
    return yaml.toString();
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private Map<String, URI> urls() {
    Map<String, URI> urls = new LinkedHashMap<>();
    regions.forEach(region -> urls.put(region.name(), URI.create(region.ports().url())));
    return urls;
  }

  private void startAll() throws IOException, InterruptedException {
    List<CompletableFuture<DevRegion>> starting = new ArrayList<>();
    for (DevRegion region : regions) {
      starting.add(region.start());
    }
    try {
      CompletableFuture.allOf(starting.toArray(CompletableFuture[]::new))
          .get(READY_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    } catch (TimeoutException e) {
      throw new IOException(
          "the regions are not ready after "
              + READY_SECONDS_MAX
              + " s (logs: "
              + data
              + "/*/node.log)",
          e);
    }
  }

  private void awaitRoutes(RouterCommand.Running router) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS_MAX);
    HealthView view = router.server().view();
    while (!allUp(view)) {
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(
            "the router does not find all regions up after " + READY_SECONDS_MAX + " s");
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private static boolean allUp(HealthView view) {
    for (int i = 0; i < view.size(); i++) {
      RegionHealth health = view.health(i);
      if (health.state() != RegionState.UP && !health.draining()) { // drained by an order of before
        return false;
      }
    }
    return true;
  }

  private void supervise(DevRegion region) {
    var _ =
        region
            .onExit()
            .thenAccept(
                code -> {
                  if (stopping || restartAfterSeconds < 0) {
                    say("region " + region.name() + " ended (exit code " + code + ")");
                    return;
                  }
                  say(
                      "region "
                          + region.name()
                          + " died (exit code "
                          + code
                          + "); starting it again in "
                          + restartAfterSeconds
                          + " s");
                  CompletableFuture.delayedExecutor(restartAfterSeconds, TimeUnit.SECONDS)
                      .execute(() -> restart(region));
                });
  }

  private void restart(DevRegion region) {
    if (stopping) {
      return;
    }
    try {
      var _ =
          region
              .start()
              .whenComplete(
                  (started, failure) ->
                      say(
                          failure == null
                              ? "region " + region.name() + " is back (pid " + region.pid() + ")"
                              : String.valueOf(failure.getMessage())));
      supervise(region);
    } catch (IOException e) {
      say("region " + region.name() + " cannot be started: " + e.getMessage());
    }
  }

  private void say(String line) {
    if (!stopping) {
      System.err.println("openclaw dev: " + line);
    }
  }

  private synchronized void stop(RouterCommand.@Nullable Running router) {
    if (stopping) {
      return;
    }
    stopping = true;
    regions.forEach(DevRegion::stop);
    if (router != null) {
      router.close();
    }
    regions.forEach(DevRegion::awaitEnd);
  }

  private void print(PrintStream out, KeyText adminKey, double seconds) {
    switch (output) {
      case JSON ->
          out.println(new String(JsonWriter.write(ready(adminKey)), StandardCharsets.UTF_8));
      case TEXT -> {
        String router = "http://127.0.0.1:" + portBase;
        out.println("OpenClaw dev: three regions behind " + router);
        out.printf("  %-16s %-24s %-32s %-24s %s%n", "REGION", "URL", "METRICS", "ADMIN", "PID");
        for (DevRegion region : regions) {
          DevPorts ports = region.ports();
          out.printf(
              "  %-16s %-24s %-32s %-24s %d%n",
              region.name(), ports.url(), ports.metricsUrl(), ports.adminUrl(), region.pid());
        }
        out.println("Keys, the same at each start (in " + data.resolve("keys.json") + "):");
        keys.forEach((tenant, key) -> out.printf("  %-10s %s%n", tenant, key.reveal()));
        out.println("  admin      in " + data.resolve("admin.key"));
        tries(out, router);
        out.printf(
            "Logs: %s. Ready in %.1f s; Ctrl-C stops all.%n", data + "/<region>/node.log", seconds);
      }
    }
    out.flush();
  }

  private void tries(PrintStream out, String router) {
    out.println("Try, in another terminal:");
    KeyText credit = keys.get("credit");
    if (credit != null) {
      out.println(
          curl(
              router,
              credit,
              "{\"checking_status\":\"<0\",\"duration\":6,\"credit_amount\":1169,\"purpose\":\"radio/tv\"}"));
    }
    KeyText items = keys.get("items");
    if (items != null) {
      out.println(curl(router, items, "{\"item\":\"product-123\",\"score\":5}"));
    }
    KeyText content = keys.get("content");
    if (content != null) {
      out.println(curl(router, content, "{\"content\":\"some text\"}"));
    }
    out.println(
        "  kill -9 " + regions.getFirst().pid() + "   # and rate again: the other regions answer");
  }

  private static String curl(String url, KeyText key, String body) {
    return "  curl -s "
        + url
        + "/v1/rate -H 'Content-Type: application/json' -H 'Authorization: Bearer "
        + key.reveal()
        + "' -d '"
        + body
        + "'";
  }

  private Json.Obj ready(KeyText adminKey) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("router", new Json.Str("http://127.0.0.1:" + portBase));
    members.put("regions", new Json.Arr(regions.stream().<Json>map(DevRegion::json).toList()));
    members.put(
        "keys",
        new Json.Obj(
            keys.entrySet().stream()
                .collect(
                    Collectors.toMap(
                        Map.Entry::getKey,
                        e -> new Json.Str(e.getValue().reveal()),
                        (a, b) -> a,
                        LinkedHashMap::new))));
    members.put("adminKey", new Json.Str(adminKey.reveal()));
    return new Json.Obj(members);
  }
}
