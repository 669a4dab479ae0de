package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RateCliTest {
  @TempDir Path folder = Path.of("");

  @Test
  void a_node_rates_one_input() throws Exception {
    try (TestNode node = TestNode.start(Map.of(), "")) {
      String url = "http://127.0.0.1:" + node.port();
      String item = "{\"item\":\"product-123\",\"score\":5}";
      Path key = Files.writeString(folder.resolve("key"), node.key("items") + "\n");
      Ran own = Ran.command(List.of("rate", item, "--url", url, "--key-file", key.toString()));
      assertThat(own.code()).as(own.out()).isZero();
      assertThat(own.out()).contains("\"rating\":5");
      Ran wrong =
          Ran.command(List.of("rate", "{\"item\":1}", "--url", url, "--key-file", key.toString()));
      assertThat(wrong.code()).isEqualTo(1);
      assertThat(wrong.out()).contains("\"status\":422");
      Path bad = Files.writeString(folder.resolve("bad"), "secret");
      Ran refused = Ran.command(List.of("rate", item, "--url", url, "--key-file", bad.toString()));
      assertThat(refused.err()).contains("no API key").doesNotContain("secret");
    }
    assertThat(Ran.command(List.of("rate", "{}")).err()).contains("no key (expected: ");
    assertThat(Ran.command(List.of("rate", "{}", "--url", "x")).err()).contains("--url: x");
  }
}
