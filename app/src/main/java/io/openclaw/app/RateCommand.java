package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code openclaw rate}: one rating by a running node or router. */
@Command(
    name = "rate",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    description = "Has a running node or router rate one input, and prints the answer.",
    footer = {
      "",
      "The key comes from OPENCLAW_KEY, or from --key-file.",
      "Exits 0 for a rating, 1 for any other answer, which is printed as well.",
      "openclaw model explain rates with a model's file, without a node."
    })
final class RateCommand implements Callable<Integer> {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  @Parameters(
      index = "0",
      paramLabel = "JSON|@FILE",
      description = "The input, or @ and a file with it.")
  String input = "";

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The node's or router's service port, http://127.0.0.1:8080 by default.")
  URI url = URI.create("http://127.0.0.1:8080");

  @Option(names = "--key-file", paramLabel = "FILE", description = "File with the API key.")
  @Nullable Path keyFile;

  @Option(
      names = "--tenant",
      paramLabel = "T",
      description = "The tenant, for a key that may name any.")
  @Nullable String tenant;

  @Override
  public Integer call() throws IOException, ConfigException, InterruptedException {
    ServiceNode.requireUrl(url);
    Json.Obj read = ModelCommand.input("the input", input);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url.resolve("/v1/rate"))
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .header("Authorization", "Bearer " + ServiceNode.key(keyFile).reveal())
            .POST(HttpRequest.BodyPublishers.ofByteArray(JsonWriter.write(read)));
    if (tenant != null) {
      request.header("x-tenant-id", tenant);
    }
    try (HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(TIMEOUT)
            .version(HttpClient.Version.HTTP_1_1)
            .build()) {
      HttpResponse<byte[]> answer =
          client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      System.out.println(new String(answer.body(), StandardCharsets.UTF_8));
      return answer.statusCode() == 200 ? 0 : 1;
    } catch (ConnectException e) {
      throw new IOException(
          "nobody listens on "
              + url
              + " (start a node with openclaw serve, or name one with --url)",
          e);
    }
  }
}
