package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code openclaw canary} as typed, against a running node. */
final class CanaryCliTest {
  private static final String[] WHOSE = {"--tenant=credit", "--model=credit-g"};
  private static final String UNLIMITED =
      "tenants: {credit: {model: credit-g, limit: {rate: 100000, burst: 100000}}}";

  @TempDir Path folder = Path.of("");
  private TestNode node;
  private String key = "";

  @BeforeEach
  void begin() throws Exception {
    node = start();
    key = node.key("credit");
    StringBuilder samples = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      samples.append(application(i)).append('\n');
    }
    Files.writeString(folder.resolve("samples.ndjson"), samples);
    String card =
        Files.readString(Path.of("..", "examples", "credit-g", "credit-g.scorecard.json"));
    Files.writeString(folder.resolve("same.json"), card);
    Files.writeString(
        folder.resolve("broken.json"),
        "{\"kind\":\"scorecard\",\"initialScore\":1,\"characteristics\":[{\"name\":\"a\","
            + "\"field\":\"age\",\"attributes\":[{\"when\":{\"in\":[\"old\"]},\"points\":1}]}]}");
  }

  @AfterEach
  void end() throws IOException {
    node.close();
  }

  private TestNode start() throws Exception {
    return TestNode.start(Map.of(Setting.DATA, folder.resolve("data").toString()), UNLIMITED);
  }

  private Ran canary(String command, String... more) {
    List<String> arguments = new ArrayList<>(List.of("canary", command));
    if (!command.equals("status")) {
      arguments.addAll(List.of(WHOSE));
    }
    arguments.addAll(List.of(more));
    return run(arguments);
  }

  private Ran begin(String version, String file, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--version=" + version, "--file=" + folder.resolve(file), "--sticky=/customer"));
    arguments.addAll(List.of(more));
    return canary("start", arguments.toArray(new String[0]));
  }

  private String samples() {
    return "--samples=" + folder.resolve("samples.ndjson");
  }

  private Ran run(List<String> command) {
    List<String> arguments = new ArrayList<>(command);
    arguments.addAll(List.of("--admin-url", node.node().adminUrl()));
    arguments.addAll(List.of("--admin-key-file", node.node().adminKeyFile().toString()));
    return Ran.command(arguments);
  }

  private static String application(int customer) {
    return "{\"customer\":"
        + customer
        + ",\"checking_status\":\"<0\",\"duration\":"
        + (4 + customer % 60)
        + ",\"credit_history\":\"existing paid\",\"purpose\":\"radio/tv\",\"credit_amount\":"
        + (500 + customer * 37)
        + ",\"savings_status\":\"<100\",\"employment\":\">=7\",\"installment_commitment\":4,"
        + "\"other_parties\":\"none\",\"property_magnitude\":\"real estate\",\"age\":30,"
        + "\"other_payment_plans\":\"none\",\"housing\":\"own\",\"existing_credits\":1}";
  }

  private JsonObject rate(int customer) throws IOException {
    RawHttp.Reply reply =
        RawHttp.ask(
            node.port(),
            RawHttp.request(
                "POST",
                "/v1/rate",
                application(customer).getBytes(UTF_8),
                "Content-Type: application/json",
                "Authorization: Bearer " + key));
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    return new JsonObject(reply.text());
  }

  /** Which version rated each customer, as {@code v2 canary}. */
  private Map<Integer, String> rateAll(int customers) throws IOException {
    Map<Integer, String> by = new TreeMap<>();
    for (int i = 0; i < customers; i++) {
      JsonObject answer = rate(i);
      by.put(i, answer.getString("version") + " " + answer.getString("variant"));
    }
    return by;
  }

  private JsonArray status() {
    return new JsonObject(canary("status", "--output=json").out()).getJsonArray("canaries");
  }

  @Test
  void a_split_is_sticky_over_a_restart_and_a_promotion_changes_the_version() throws Exception {
    Ran ran = begin("v2", "same.json", "--weight=30", samples());
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).contains("+ canary credit/credit-g v1 -> v2 30 %", "+ model credit-g@v2");
    Map<Integer, String> before = rateAll(200);
    assertThat(before.values()).containsOnly("v1 stable", "v2 canary");
    Ran release = run(List.of("release", "show", "1", "--output=json"));
    JsonObject document = new JsonObject(release.out()).getJsonObject("document");
    assertThat(ReleaseCliTest.isValid("release-content", document)).isTrue();
    document.getJsonArray("canaries").getJsonObject(0).put("weight", 5);
    assertThat(ReleaseCliTest.isValid("release-content", document)).as("a number").isFalse();
    assertThat(before.values().stream().filter("v2 canary"::equals).count()).isBetween(35L, 85L);
    assertThat(node.metrics())
        .contains("openclaw_canary_requests_total{model=\"credit-g\",region=\"local\",")
        .contains("openclaw_canary_state{", "variant=\"canary\"");
    JsonObject shown = status().getJsonObject(0);
    for (int i = 0; i < 500 && !shown.getString("state").equals("running"); i++) {
      Thread.sleep(10);
      shown = status().getJsonObject(0);
    }
    assertThat(shown.getJsonObject("requests").getInteger("stable")).isGreaterThan(100);
    assertThat(shown.getString("verdict")).contains("insufficient");
    assertThat(canary("status").out()).contains("credit/credit-g", "v1 -> v2", "running");

    node.close();
    node = start();
    assertThat(rateAll(200)).as("after a restart").isEqualTo(before);
    Map<Integer, String> more = new TreeMap<>(before);
    assertThat(canary("weight", "--weight=60").out()).contains("weight: 30 -> 60");
    rateAll(200)
        .forEach(
            (customer, by) -> {
              if (before.getOrDefault(customer, "").equals("v2 canary")) {
                assertThat(by).as("more weight takes nobody back").isEqualTo("v2 canary");
              }
              more.put(customer, by);
            });
    assertThat(more).isNotEqualTo(before);

    Ran promoted = canary("promote", "-m", "looks good");
    assertThat(promoted.out())
        .contains("- canary credit/credit-g")
        .contains("~ tenant credit  models: [credit-g] -> [credit-g@v2]"); // others rate with v1
    assertThat(rateAll(20).values()).containsOnly("v2 stable");
    assertThat(canary("status").out()).isEqualTo("no canaries");
    assertThat(run(List.of("release", "history")).out()).contains("looks good", "write");
  }

  @Test
  void a_canary_that_fails_costs_no_answer_and_is_gone_within_seconds() throws Exception {
    try (LogCapture log = LogCapture.asANodeLogs()) {
      assertThat(begin("v2", "broken.json", "--weight=50", samples()).code()).isZero();
      long requests = 0;
      for (; requests < 20_000 && !status().isEmpty(); requests += 100) {
        assertThat(rateAll(100).values()).containsOnly("v1 stable");
      }
      assertThat(status()).isEmpty();
      assertThat(run(List.of("release", "history")).out())
          .contains("canary", "rolled back credit/credit-g v1 -> v2: error rate, canary minus");
      assertThat(log.text())
          .contains("\"logger\":\"io.openclaw.canary\"", "\"state\":\"stopped\"")
          .contains("refuses an input that the stable version takes")
          .doesNotContain("radio/tv");
    }
    assertThat(Files.readString(folder.resolve("data").resolve("canary-stops.json")))
        .contains("error rate");
    Ran again = run(List.of("release", "rollback", "--to=1"));
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(rateAll(20).values()).as("stopped it stays").containsOnly("v1 stable");
  }

  @Test
  void a_shadow_answers_nothing_and_is_aborted_by_a_person() throws Exception {
    Ran ran = begin("v2", "same.json", "--shadow", samples(), "--threshold", "sampleMin=100");
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(rateAll(150).values()).containsOnly("v1 stable");
    JsonObject shown = status().getJsonObject(0);
    for (int i = 0; i < 500 && shown.getInteger("decisions") < 150; i++) {
      Thread.sleep(10);
      shown = status().getJsonObject(0);
    }
    assertThat(shown.getInteger("decisions")).isEqualTo(150);
    assertThat(shown.getInteger("decisions_that_differ")).isZero();
    assertThat(shown.getString("weight")).isEqualTo("shadow");
    assertThat(canary("abort").out()).contains("- canary credit/credit-g v1 -> v2 shadow");
    assertThat(canary("abort").err()).contains("credit/credit-g has no canary");
  }

  @Test
  void what_cannot_be_started_is_explained() throws Exception {
    assertThat(begin("v2", "same.json", "--weight=5").err())
        .contains("0 samples that credit-g v1 rates (expected: at least 20", "--samples");
    assertThat(begin("v2", "same.json").err()).contains("--weight or --shadow");
    assertThat(begin("v2", "same.json", "--weight=5", "--shadow").err())
        .contains("--weight or --shadow");
    assertThat(begin("v2", "none.json", "--weight=5", samples()).err()).contains("cannot be read");
    assertThat(begin("v1", "same.json", "--weight=5", samples()).err())
        .contains("expected: another version");
    assertThat(begin("v2", "same.json", "--weight=5", samples(), "--threshold=x=1").err())
        .contains("threshold: \"x\"");
    assertThat(canary("start", "--version=v2", "--weight=5").err()).contains("--file: missing");
    assertThat(
            run(List.of(
                    "canary",
                    "start",
                    "--tenant=items",
                    "--model=items",
                    "--version=v2",
                    "--weight=5",
                    "--file=" + folder.resolve("same.json")))
                .err())
        .contains("keeps no state");
    assertThat(begin("v2", "same.json", "--weight=5", samples()).code()).isZero();
    assertThat(begin("v3", "same.json", "--weight=5", samples()).err())
        .contains("has a canary already");
  }

  @Test
  void the_commands_of_the_manual_are_understood() throws Exception {
    String manual = Files.readString(Path.of("..", "docs", "canary.md"));
    int from = manual.indexOf("```sh\n") + "```sh\n".length();
    List<String> commands = manual.substring(from, manual.indexOf("```", from)).lines().toList();
    assertThat(commands).hasSize(5);
    for (String command : commands) {
      String[] words = command.replace("\"", "").split(" ", -1);
      assertThat(words[0]).isEqualTo("./openclaw");
      CommandLine.ParseResult parsed =
          Main.commandLine()
              .parseArgs(List.of(words).subList(1, words.length).toArray(new String[0]));
      assertThat(parsed.subcommand().subcommand().unmatched()).as(command).isEmpty();
    }
  }
}
