package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.Tenant;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds {@code docs/configuration.md} to what the program takes. */
class ConfigurationDocTest {
  private static final Path DOC = Path.of("..", "docs", "configuration.md");

  @TempDir Path folder = Path.of("");

  /** The lines that the table must have; copied from the failure where a setting is new. */
  private static String table() {
    return Setting.ALL.stream().map(ConfigurationDocTest::row).collect(Collectors.joining("\n"));
  }

  private static String row(Setting setting) {
    return "| `%s` | `%s` | %s | %s | %s |"
        .formatted(
            setting.path(),
            setting.variable(),
            setting.fallback().isEmpty() ? "" : "`" + setting.fallback() + "`",
            setting.expected(),
            setting.meaning());
  }

  @Test
  void every_setting_stands_in_the_table_with_its_variable_default_and_range() throws Exception {
    List<String> lines = Files.readAllLines(DOC);
    int first = lines.indexOf("|---|---|---|---|---|") + 1;
    List<String> found =
        lines.subList(first, lines.indexOf("| Secret variable | What it is |") - 1);
    assertThat(String.join("\n", found)).isEqualTo(table());
  }

  @Test
  void the_example_is_a_configuration() throws Exception {
    String doc = Files.readString(DOC);
    int from = doc.indexOf("```yaml\n") + "```yaml\n".length();
    Path file = folder.resolve("example.yaml");
    Files.writeString(file, doc.substring(from, doc.indexOf("```", from)));
    NodeConfig config =
        ConfigLoader.load(
            false,
            List.of(file),
            Map.of(ConfigLoader.MESH_SECRET, "at-least-sixteen-characters"),
            Map.of());
    assertThat(config.region()).isEqualTo("eu-central-1");
    assertThat(config.peers()).containsOnlyKeys("us-east-1", "ap-southeast-2");
    assertThat(config.content().tenants().stream().map(Tenant::id)).containsExactly("bank", "shop");
    assertThat(config.content().keys().stream().map(ApiKey::id))
        .containsExactly("bank4mobile1", "operations");
  }

  @Test
  void every_variable_of_a_setting_is_different() {
    assertThat(Setting.ALL.stream().map(Setting::variable)).doesNotHaveDuplicates();
    assertThat(Setting.HTTP_BODY_BYTES_MAX.variable()).isEqualTo("OPENCLAW_HTTP_BODY_BYTES_MAX");
    assertThat(Setting.REGION.variable()).isEqualTo("OPENCLAW_REGION");
  }
}
