package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import io.openclaw.domain.KeyText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that lay a content on the one in force, while that changes or something soaks. */
final class ReleaseClientTest {
  @TempDir Path folder = Path.of("");

  private static Ran run(String url, Path key, String... words) {
    List<String> arguments = new ArrayList<>(List.of(words));
    arguments.addAll(List.of("--admin-url", url, "--admin-key-file", key.toString()));
    return Ran.command(arguments);
  }

  private Path document() throws IOException {
    byte[] card = Files.readAllBytes(Path.of("..", "examples/credit-g/credit-g.scorecard.json"));
    return Files.writeString(
        folder.resolve("kv.json"),
        "{\"ratingModels\":{\"v1\":\"%s\"},\"tenantConfigs\":{\"bank\":{\"model\":\"v1\"}}}"
            .formatted(Base64.getEncoder().encodeToString(card)));
  }

  /** Passes a request on to a node. */
  private static void pass(HttpExchange exchange, String to) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(to + exchange.getRequestURI()))
            .header("authorization", exchange.getRequestHeaders().getFirst("authorization"))
            .header("content-type", exchange.getRequestHeaders().getFirst("content-type"))
            .method(
                exchange.getRequestMethod(),
                body.length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
      WebFolder.give(exchange, answer.statusCode(), answer.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void a_release_that_comes_between_is_not_undone() throws Exception {
    try (TestNode node =
        TestNode.start(Map.of(Setting.DATA, folder.resolve("data").toString()), "")) {
      String url = node.node().adminUrl();
      Path key = node.node().adminKeyFile();
      AtomicBoolean changed = new AtomicBoolean();
      try (WebFolder web =
          WebFolder.of(
              exchange -> {
                if (exchange.getRequestURI().getPath().contains("/blobs/")
                    && !changed.getAndSet(true)) {
                  Ran between =
                      run(url, key, "limit set --all --rate 9 --burst 9 -m new".split(" ", -1));
                  assertThat(between.code()).as(between.err()).isZero();
                }
                pass(exchange, url);
              })) {
        Ran ran =
            run(
                web.url(),
                key,
                "release",
                "import",
                document().toString(),
                "-m",
                "m",
                "--allow-mass-delete");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("stage stale");
      }
      assertThat(run(url, key, "limit", "list").out()).contains("9/s, burst 9");
    }
  }

  @Test
  void nothing_is_laid_on_a_release_that_soaks() throws Exception {
    String list =
        "{\"serving\":{\"version\":2,\"id\":\"b\",\"content\":\"c\"},\"head\":{\"version\":2,\"id\":\"a\"},\"releases\":[]}";
    Path key = folder.resolve("admin.key");
    Files.writeString(key, KeyText.generate(new Random(1)).reveal());
    try (WebFolder web = WebFolder.of(x -> WebFolder.give(x, 200, list.getBytes(UTF_8)))) {
      for (String command :
          List.of(
              "canary abort --tenant a --model b",
              "canary promote --tenant a --model b",
              "canary weight --tenant a --model b --weight 5",
              "canary start --tenant a --model b --version v2 --weight 5",
              "release import " + document() + " -m m")) {
        Ran ran = run(web.url(), key, command.split(" ", -1));
        assertThat(ran.code()).as(command).isEqualTo(1);
        assertThat(ran.err()).as(command).contains("version 2, which is not in force");
      }
    }
  }
}
