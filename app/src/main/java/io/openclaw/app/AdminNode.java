package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.KeyText;
import io.openclaw.release.ContentJson;
import io.openclaw.tls.ClientTls;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which node a command speaks to through its admin port, who asks, and how it answers. */
final class AdminNode {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** For the help of commands. */
  static final String KEY_SOURCES =
      "The administrator key comes from --admin-key-file, else from OPENCLAW_ADMIN_KEY, else from ./data/admin.key.";

  @Option(
      names = "--admin-url",
      paramLabel = "URL",
      description = "The node's admin port, http://127.0.0.1:9101 by default.")
  URI adminUrl = URI.create("http://127.0.0.1:9101");

  @Option(
      names = "--admin-key-file",
      paramLabel = "FILE",
      description =
          "File with the administrator key; by default the variable OPENCLAW_ADMIN_KEY, else the"
              + " file data/admin.key.")
  @Nullable Path adminKeyFile;

  @Option(
      names = "--admin-ca",
      paramLabel = "FILE",
      description = "With https: authorities that are believed (PEM); this machine's by default.")
  @Nullable Path adminCa;

  @Option(
      names = "--admin-cert",
      paramLabel = "FILE",
      description = "With https: certificate that the admin port is shown (PEM).")
  @Nullable Path adminCert;

  @Option(
      names = "--admin-cert-key",
      paramLabel = "FILE",
      description = "With --admin-cert: its private key.")
  @Nullable Path adminCertKey;

  @Option(names = "--output", paramLabel = "text|json", description = "text, or one JSON line.")
  Output output = Output.TEXT;

  /** Asks the node; its answer, where it is an object with status 200. */
  Json.Obj call(String method, String path, @Nullable Json body)
      throws IOException, ConfigException, InterruptedException {
    HttpResponse<byte[]> response =
        send(method, path, body == null ? null : JsonWriter.write(body), "application/json");
    Json answer = read(response.body());
    if (response.statusCode() == 200 && answer instanceof Json.Obj object) {
      return object;
    }
    throw new IOException(explain(response.statusCode(), answer));
  }

  /** Gets a document as it is. */
  byte[] get(String path) throws IOException, ConfigException, InterruptedException {
    HttpResponse<byte[]> response = send("GET", path, null, "application/json");
    if (response.statusCode() == 200) {
      return response.body();
    }
    throw new IOException(explain(response.statusCode(), read(response.body())));
  }

  /** Whether the node has a document. */
  boolean has(String path) throws IOException, ConfigException, InterruptedException {
    int status = send("HEAD", path, null, "application/json").statusCode();
    if (status == 200 || status == 404) {
      return status == 200;
    }
    throw new IOException("the node answered " + status);
  }

  /** Puts bytes as they are. */
  void put(String path, byte[] bytes) throws IOException, ConfigException, InterruptedException {
    HttpResponse<byte[]> response = send("PUT", path, bytes, "application/octet-stream");
    if (response.statusCode() != 200) {
      throw new IOException(explain(response.statusCode(), read(response.body())));
    }
  }

  private HttpResponse<byte[]> send(String method, String path, byte @Nullable [] body, String type)
      throws IOException, ConfigException, InterruptedException {
    if (adminUrl.getHost() == null || !Set.of("http", "https").contains(adminUrl.getScheme())) {
      throw new ConfigException(
          List.of("--admin-url: " + adminUrl + " (expected: like http://127.0.0.1:9101)"));
    }
    HttpRequest request =
        HttpRequest.newBuilder(adminUrl.resolve(path))
            .timeout(TIMEOUT)
            .header("Authorization", "Bearer " + adminKey().reveal())
            .header("Content-Type", type)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_TIMEOUT)
            .version(HttpClient.Version.HTTP_1_1);
    if (adminCa != null || adminCert != null) {
      builder.sslContext(ClientTls.context(adminCa, adminCert, adminCertKey));
    }
    try (HttpClient client = builder.build()) {
      return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    } catch (ConnectException e) {
      throw new IOException(
          "no node listens on "
              + adminUrl
              + " (start one, or name its admin port with --admin-url)",
          e);
    }
  }

  /** What the command line names goes before the environment: the key may be another node's. */
  private KeyText adminKey() throws IOException, ConfigException {
    KeyText given = adminKeyFile == null ? ServeCommand.adminKey(System.getenv()) : null;
    if (given != null) {
      return given;
    }
    Path file = adminKeyFile == null ? Path.of("data", "admin.key") : adminKeyFile;
    if (!Files.isReadable(file)) {
      throw new IOException(
          file
              + " cannot be read (set OPENCLAW_ADMIN_KEY, or name the file with --admin-key-file)");
    }
    KeyText key = KeyText.parse(Files.readString(file).strip());
    if (key == null) {
      throw new IOException(file + " holds no key");
    }
    return key;
  }

  private static Json read(byte[] body) throws IOException {
    try {
      return JsonReader.read(body, ContentJson.VALUES_MAX);
    } catch (JsonSyntaxException e) {
      throw new IOException("the node's answer is not JSON; is that its admin port?", e);
    }
  }

  static String explain(int status, Json answer) {
    if (!(answer instanceof Json.Obj problem)) {
      return "the node answered " + status;
    }
    StringBuilder text = new StringBuilder();
    text.append(text(problem, "stage").isEmpty() ? "" : "refused, ")
        .append(text(problem, "detail"));
    if (problem.get("errors") instanceof Json.Arr errors) {
      for (Json error : errors.elements()) {
        if (error instanceof Json.Obj each) {
          String pointer = text(each, "pointer");
          text.append(System.lineSeparator())
              .append("  ")
              .append(pointer.isEmpty() ? "" : pointer + ": ")
              .append(text(each, "detail"));
        }
      }
    }
    return text + " (" + status + ")";
  }

  /** Prints the answer as JSON, or lets the text be printed. */
  void print(Json answer, Runnable text) {
    print(output, answer, text);
  }

  static void print(Output output, Json answer, Runnable text) {
    switch (output) {
      case JSON -> System.out.println(new String(JsonWriter.write(answer), StandardCharsets.UTF_8));
      case TEXT -> text.run();
    }
  }

  /** The member as text; empty where it has none. */
  static String text(Json.Obj object, String name) {
    return switch (object.get(name)) {
      case Json.Str s -> s.value();
      case Json.Num n -> n.text();
      case Json.Bool b -> b == Json.Bool.TRUE ? "true" : "false";
      case null, default -> "";
    };
  }
}
