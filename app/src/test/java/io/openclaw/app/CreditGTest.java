package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.KeyText;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The 1,000 credit applications over real HTTP against one node, posted by the example program that
 * users are shown.
 */
class CreditGTest {
  private static final Path FOLDER = Path.of("..", "examples", "credit-g");
  private static final Path EXPECTED = FOLDER.resolve("credit-g.expected.csv");
  private static final long SECONDS_MAX = 120;

  @TempDir Path folder = Path.of("");

  private record Ended(int status, String said) {}

  @Test
  void all_applications_are_rated_as_expected_byte_for_byte() throws Exception {
    Path answers = folder.resolve("answers.csv");
    Path altered = folder.resolve("altered.csv");
    Files.writeString(altered, Files.readString(EXPECTED).replace("\n1,723,", "\n1,722,"));
    try (Node node = start()) {
      Ended good = rateAll(node, answers, EXPECTED);
      assertThat(good.status).as(good.said).isZero();
      assertThat(answers).hasSameBinaryContentAs(EXPECTED);
      assertThat(good.said).contains("1000 applications");

      Ended bad = rateAll(node, answers, altered);
      assertThat(bad.status).as(bad.said).isEqualTo(1);
      assertThat(bad.said).contains("(expected: 1,722,", ": 1 lines differ");
    }
  }

  private Node start() throws IOException, ConfigException {
    Map<Setting, String> flags = new LinkedHashMap<>();
    flags.put(Setting.HTTP_HOST, "127.0.0.1");
    flags.put(Setting.METRICS_HOST, "127.0.0.1");
    flags.put(Setting.DATA, folder.resolve("data").toString());
    for (Setting zero :
        List.of(
            Setting.HTTP_PORT,
            Setting.METRICS_PORT,
            Setting.ADMIN_PORT,
            Setting.HTTP_DRAIN_MILLIS)) {
      flags.put(zero, "0");
    }
    return Node.start(ConfigLoader.load(true, List.of(), Map.of(), flags), true, null);
  }

  private Ended rateAll(Node node, Path answers, Path expected)
      throws IOException, InterruptedException {
    KeyText key = Objects.requireNonNull(node.newKeys().get("credit"));
    Path said = folder.resolve("said");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            FOLDER.resolve("RateAll.java").toString(),
            "--url",
            node.url(),
            "--csv",
            FOLDER.resolve("credit-g.csv").toString(),
            "--out",
            answers.toString(),
            "--expected",
            expected.toString());
    builder.environment().put("OPENCLAW_KEY", key.reveal());
    builder.redirectErrorStream(true).redirectOutput(said.toFile());
    Process process = builder.start();
    try {
      assertThat(process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)).as("ended in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(said, StandardCharsets.UTF_8));
  }
}
