package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.KeyText;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code openclaw serve}: one node. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    sortOptions = false,
    description = {
      "Runs one node until it is stopped.",
      "Without --config it serves the sample tenants and prints a key for each, once."
    },
    footer = {
      "",
      "Settings come from the YAML files, then OPENCLAW_* variables, then these options; docs/configuration.md lists",
      "them all. Secrets come from the environment or from files, never from options."
    })
final class ServeCommand implements Callable<Integer> {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file; several are laid over one another.")
  List<Path> files = new ArrayList<>();

  @Option(
      names = "--samples",
      description = "Serve the sample tenants too, though there is a configuration.")
  boolean samples;

  @Option(
      names = "--region",
      paramLabel = "NAME",
      description = "This node's region (setting region).")
  @Nullable String region;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Address of the service port (http.host).")
  @Nullable String host;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Service port, 8080 by default (http.port).")
  @Nullable String port;

  @Option(
      names = "--metrics-port",
      paramLabel = "PORT",
      description = "Metrics port, 9100 by default (metrics.port).")
  @Nullable String metricsPort;

  @Option(
      names = "--admin-port",
      paramLabel = "PORT",
      description = "Admin port, 9101 by default (admin.port).")
  @Nullable String adminPort;

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = "Folder of what must survive a restart, ./data by default.")
  @Nullable String data;

  @Option(
      names = "--output",
      paramLabel = "text|json",
      description = "json: one JSON line when ready, with the keys made.")
  Output output = Output.TEXT;

  @Option(
      names = "--stop-with-stdin",
      hidden = true,
      description = "Stop when standard input ends: a parent died.")
  boolean stopWithStdin;

  @Override
  public Integer call() throws IOException, ConfigException, InterruptedException {
    long startedNanos = System.nanoTime();
    boolean sampleTenants = samples || files.isEmpty();
    NodeConfig config = ConfigLoader.load(sampleTenants, files, System.getenv(), flags());
    JsonLog.install(config.region());
    Node node = Node.start(config, sampleTenants, adminKey(System.getenv()));
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  node.close();
                  stopped.countDown();
                },
                "stop"));
    System.out.flush();
    print(System.out, node, startedNanos);
    if (stopWithStdin) {
      Thread.ofPlatform().daemon().name("stdin").start(ServeCommand::exitAtEndOfInput);
    }
    stopped.await();
    return 0;
  }

  static @Nullable KeyText adminKey(Map<String, String> environment) throws ConfigException {
    String text = environment.get(ConfigLoader.ADMIN_KEY);
    if (text == null) {
      return null;
    }
    KeyText key = KeyText.parse(text.strip());
    if (key == null) {
      throw new ConfigException(
          List.of(ConfigLoader.ADMIN_KEY + ": not a key (expected: ock_<id>_<secret><checksum>)"));
    }
    return key;
  }

  private static void exitAtEndOfInput() {
    try {
      while (System.in.read() >= 0) {
        // nobody speaks; the end is what is waited for
      }
    } catch (IOException e) {
      // as good as the end
    }
    System.exit(0);
  }

  private Map<Setting, String> flags() {
    Map<Setting, String> flags = new LinkedHashMap<>();
    put(flags, Setting.REGION, region);
    put(flags, Setting.HTTP_HOST, host);
    put(flags, Setting.HTTP_PORT, port);
    put(flags, Setting.METRICS_PORT, metricsPort);
    put(flags, Setting.ADMIN_PORT, adminPort);
    put(flags, Setting.DATA, data);
    return flags;
  }

  private static void put(Map<Setting, String> flags, Setting setting, @Nullable String value) {
    if (value != null) {
      flags.put(setting, value);
    }
  }

  private void print(PrintStream out, Node node, long startedNanos) {
    switch (output) {
      case JSON -> out.println(new String(JsonWriter.write(ready(node)), StandardCharsets.UTF_8));
      case TEXT -> {
        out.println(
            "OpenClaw serves "
                + node.url()
                + " (metrics "
                + node.metricsUrl()
                + ", admin "
                + node.adminUrl()
                + ")");
        node.newKeys()
            .forEach(
                (tenant, key) ->
                    out.println("  key of " + tenant + " (shown this once): " + key.reveal()));
        out.println("  administrator key: in " + node.adminKeyFile());
        KeyText items = node.newKeys().get("items");
        if (items != null) {
          out.println("Try:");
          out.println(
              "  curl -s "
                  + node.url()
                  + "/v1/rate -H 'Content-Type: application/json' -H 'Authorization: Bearer "
                  + items.reveal()
                  + "' -d '{\"item\":\"product-123\",\"score\":5}'");
        }
        out.printf("Ready in %.1f s; Ctrl-C stops.%n", (System.nanoTime() - startedNanos) / 1e9);
      }
    }
    out.flush();
  }

  private static Json.Obj ready(Node node) {
    Map<String, Json> keys = new LinkedHashMap<>();
    node.newKeys().forEach((tenant, key) -> keys.put(tenant, new Json.Str(key.reveal())));
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("url", new Json.Str(node.url()));
    members.put("metrics", new Json.Str(node.metricsUrl()));
    members.put("admin", new Json.Str(node.adminUrl()));
    members.put("pid", new Json.Num(ProcessHandle.current().pid()));
    members.put("keys", new Json.Obj(keys));
    members.put("adminKey", new Json.Str(node.adminKey().reveal()));
    return new Json.Obj(members);
  }
}
