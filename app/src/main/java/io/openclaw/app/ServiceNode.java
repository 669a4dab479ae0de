package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.KeyText;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which node or router a command speaks to through its service port, and with which key. */
final class ServiceNode {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  /** Until an answer begins, where nothing is handed in: an upload lasts as long as it needs. */
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);

  private static final String KEY = "OPENCLAW_KEY";
  private static final int ANSWER_BYTES_MAX = 16 << 20;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The service port of a router or a node, http://127.0.0.1:8080 by default.")
  URI url = URI.create("http://127.0.0.1:8080");

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description = "File with the key; the variable OPENCLAW_KEY by default.")
  @Nullable Path keyFile;

  @Option(
      names = "--tenant",
      paramLabel = "T",
      description = "For which tenant, with a key of the scope tenants:any.")
  @Nullable String tenant;

  @Option(names = "--output", paramLabel = "text|json", description = "text, or one JSON line.")
  Output output = Output.TEXT;

  private @Nullable HttpClient client;

  /** Asks; the answer, where it is an object and the status is 2xx. */
  Json.Obj call(
      String method, String path, HttpRequest.BodyPublisher body, Map<String, String> headers)
      throws IOException, ConfigException, InterruptedException {
    try (InputStream in = open(method, path, body, headers)) {
      return object(in.readNBytes(ANSWER_BYTES_MAX));
    }
  }

  Json.Obj get(String path) throws IOException, ConfigException, InterruptedException {
    return call("GET", path, HttpRequest.BodyPublishers.noBody(), Map.of());
  }

  /** Asks; the answer's body as it comes, where the status is 2xx. */
  InputStream open(
      String method, String path, HttpRequest.BodyPublisher body, Map<String, String> headers)
      throws IOException, ConfigException, InterruptedException {
    requireUrl(url);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url.resolve(path))
            .header("Authorization", "Bearer " + key(keyFile).reveal())
            .method(method, body);
    if (body.contentLength() == 0) {
      request.timeout(ANSWER_TIMEOUT);
    }
    headers.forEach(request::header);
    if (tenant != null) {
      request.header("x-tenant-id", tenant);
    }
    HttpResponse<InputStream> response;
    try {
      response = client().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (ConnectException e) {
      throw new IOException(
          "nobody listens on " + url + " (start a node, or name its service port with --url)", e);
    } catch (HttpTimeoutException e) {
      throw new IOException(url + " did not answer within " + ANSWER_TIMEOUT.toSeconds() + " s", e);
    }
    if (response.statusCode() / 100 == 2) {
      return response.body();
    }
    try (InputStream in = response.body()) {
      throw new IOException(
          AdminNode.explain(response.statusCode(), object(in.readNBytes(ANSWER_BYTES_MAX))));
    }
  }

  private HttpClient client() {
    HttpClient made = client;
    if (made == null) {
      made =
          HttpClient.newBuilder()
              .connectTimeout(CONNECT_TIMEOUT)
              .version(HttpClient.Version.HTTP_1_1)
              .build();
      client = made;
    }
    return made;
  }

  private static Json.Obj object(byte[] body) throws IOException {
    try {
      if (JsonReader.read(body) instanceof Json.Obj object) {
        return object;
      }
    } catch (JsonSyntaxException e) {
      // the same answer
    }
    throw new IOException("the answer is no JSON object; is that a service port?");
  }

  /**
   * Looks at the address of a service port.
   *
   * @throws ConfigException where it is none
   */
  static void requireUrl(URI url) throws ConfigException {
    if (url.getHost() == null || !Set.of("http", "https").contains(url.getScheme())) {
      throw new ConfigException(
          List.of("--url: " + url + " (expected: like http://127.0.0.1:8080)"));
    }
  }

  /**
   * The key of that file, else of the environment.
   *
   * @throws ConfigException where there is none
   */
  static KeyText key(@Nullable Path keyFile) throws IOException, ConfigException {
    String text = keyFile == null ? System.getenv(KEY) : Files.readString(keyFile);
    if (text == null) {
      throw new ConfigException(List.of("no key (expected: " + KEY + ", or --key-file FILE)"));
    }
    KeyText key = KeyText.parse(text.strip());
    if (key == null) {
      throw new ConfigException(
          List.of(
              (keyFile == null ? KEY : keyFile.toString())
                  + " holds no API key (expected: ock_…, whole)"));
    }
    return key;
  }
}
