package io.openclaw.app;

import io.openclaw.domain.KeyText;
import io.openclaw.yaml.ConfigException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * {@code openclaw self-test}: starts a node on free ports with a folder of its own, rates over real
 * HTTP, fails over before regions of its own, and stops. The launcher also runs it once to record
 * which classes a start needs.
 */
@Command(
    name = "self-test",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    description =
        "Starts a node on free ports, rates a few inputs over HTTP, stops it, and exits 0 where all went well.")
final class SelfTestCommand implements Callable<Integer> {
  private static final int REQUESTS = 500;
  private static final int FAILOVER_MILLIS = 900;
  private static final long STOP_SECONDS_MAX = 15;

  @Override
  public Integer call() throws IOException, ConfigException, InterruptedException {
    JsonLog.install("self-test");
    Path folder = Files.createTempDirectory("openclaw-self-test");
    Map<Setting, String> flags = new LinkedHashMap<>();
    flags.put(Setting.HTTP_HOST, "127.0.0.1");
    flags.put(Setting.METRICS_HOST, "127.0.0.1");
    flags.put(Setting.DATA, folder.toString());
    for (Setting port :
        List.of(
            Setting.HTTP_PORT,
            Setting.METRICS_PORT,
            Setting.ADMIN_PORT,
            Setting.HTTP_DRAIN_MILLIS)) {
      flags.put(port, "0");
    }
    NodeConfig config = ConfigLoader.load(true, List.of(), Map.of(), flags);
    try (Node node = Node.start(config, true, null);
        HttpClient client = HttpClient.newHttpClient()) {
      int good = 0;
      good += rate(client, node, "credit", "{\"checking_status\":\"<0\",\"duration\":6}", REQUESTS);
      good += rate(client, node, "items", "{\"item\":\"product-123\",\"score\":5}", 10);
      good += get(client, node.url() + "/readyz?verbose");
      good += get(client, node.metricsUrl());
      boolean failedOver = failover();
      boolean all = good == REQUESTS + 12 && failedOver;
      System.out.println(
          all
              ? "self-test: " + good + " requests, all well"
              : "self-test failed: "
                  + good
                  + " of "
                  + (REQUESTS + 12)
                  + " requests well, and a region's failure was "
                  + (failedOver ? "survived" : "not survived"));
      return all ? 0 : 1;
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  /** Sends requests through a router while a region fails; whether any were answered. */
  private static boolean failover() throws IOException {
    Vertx vertx = Vertx.vertx(new io.vertx.core.VertxOptions().setPreferNativeTransport(true));
    try {
      return RouterCommand.rehearse(vertx, FAILOVER_MILLIS) > 0;
    } finally {
      Waiting.await(vertx.close(), STOP_SECONDS_MAX);
    }
  }

  private static int rate(HttpClient client, Node node, String tenant, String body, int times)
      throws IOException, InterruptedException {
    KeyText key = java.util.Objects.requireNonNull(node.newKeys().get(tenant));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(node.url() + "/v1/rate"))
            .version(HttpClient.Version.HTTP_1_1)
            .header("Authorization", "Bearer " + key.reveal())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    int good = 0;
    for (int i = 0; i < times; i++) {
      good +=
          client.send(request, HttpResponse.BodyHandlers.ofByteArray()).statusCode() == 200 ? 1 : 0;
    }
    return good;
  }

  private static int get(HttpClient client, String url) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
    return client.send(request, HttpResponse.BodyHandlers.ofByteArray()).statusCode() == 200
        ? 1
        : 0;
  }
}
