package io.openclaw.app;

import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** A real node on free ports with a data folder of its own, and a key of every tenant. */
final class TestNode implements AutoCloseable {
  private final Node node;
  private final Path folder;

  private TestNode(Node node, Path folder) {
    this.node = node;
    this.folder = folder;
  }

  /**
   * Starts one with the sample tenants.
   *
   * @param more settings that differ from a test's
   * @param yaml configuration over the samples; may be empty
   */
  static TestNode start(Map<Setting, String> more, String yaml)
      throws IOException, ConfigException {
    Path folder = Files.createTempDirectory("openclaw-test");
    Map<Setting, String> flags = new LinkedHashMap<>();
    flags.put(Setting.DATA, folder.resolve("data").toString());
    for (Setting host : List.of(Setting.HTTP_HOST, Setting.METRICS_HOST, Setting.ADMIN_HOST)) {
      flags.put(host, "127.0.0.1");
    }
    for (Setting zero :
        List.of(
            Setting.HTTP_PORT,
            Setting.METRICS_PORT,
            Setting.ADMIN_PORT,
            Setting.HTTP_DRAIN_MILLIS)) {
      flags.put(zero, "0");
    }
    flags.putAll(more);
    Path file = folder.resolve("test.yaml");
    Files.writeString(file, yaml);
    List<Path> files = yaml.isEmpty() ? List.of() : List.of(file);
    return new TestNode(
        Node.start(ConfigLoader.load(true, files, Map.of(), flags), true, null), folder);
  }

  Node node() {
    return node;
  }

  int port() {
    return URI.create(node.url()).getPort();
  }

  int adminPort() {
    return URI.create(node.adminUrl()).getPort();
  }

  /** The metrics page as it is now. */
  String metrics() {
    return node.metrics().text();
  }

  /** The text of the key that was made for a tenant. */
  String key(String tenant) {
    return Objects.requireNonNull(node.newKeys().get(tenant), tenant).reveal();
  }

  @Override
  public void close() throws IOException {
    node.close();
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }
}
