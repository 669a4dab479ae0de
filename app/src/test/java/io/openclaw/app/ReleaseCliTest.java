package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.Validator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code openclaw release} as typed, against a running node that is started again and again. */
final class ReleaseCliTest {
  private static final byte[] APPLICANT = "{\"income\":45000,\"years_employed\":3}".getBytes(UTF_8);

  @TempDir Path folder = Path.of("");
  private TestNode node;
  private Path directory = Path.of("");

  @BeforeEach
  void begin() throws Exception {
    node = start();
    directory = folder.resolve("release");
    assertThat(run("init", directory.toString()).code()).isZero();
  }

  @AfterEach
  void end() throws IOException {
    node.close();
  }

  private TestNode start() throws Exception {
    return TestNode.start(Map.of(Setting.DATA, folder.resolve("data").toString()), "");
  }

  private void restart() throws Exception {
    node.close();
    node = start();
  }

  private Ran run(String command, String... more) {
    List<String> arguments = new ArrayList<>(List.of("release", command));
    arguments.addAll(List.of("--admin-url", node.node().adminUrl()));
    arguments.addAll(List.of("--admin-key-file", node.node().adminKeyFile().toString()));
    arguments.addAll(List.of(more));
    return execute(arguments);
  }

  private static Ran execute(List<String> arguments) {
    return Ran.command(arguments);
  }

  private Ran apply(String... more) {
    List<String> arguments = new ArrayList<>(List.of("-f", directory.toString(), "-m", "why"));
    arguments.addAll(List.of(more));
    return run("apply", arguments.toArray(new String[0]));
  }

  private void edit(String file, String from, String to) throws IOException {
    String text = Files.readString(directory.resolve(file));
    assertThat(text).contains(from);
    Files.writeString(directory.resolve(file), text.replace(from, to));
  }

  private void first() {
    Ran ran = apply("--allow-mass-delete");
    assertThat(ran.code()).as(ran.err()).isZero();
  }

  private String bankKey() {
    Ran made =
        execute(
            List.of(
                "key",
                "create",
                "--tenant=bank",
                "--admin-url=" + node.node().adminUrl(),
                "--admin-key-file=" + node.node().adminKeyFile()));
    assertThat(made.code()).as(made.err()).isZero();
    return made.out();
  }

  /** The answer to a rating; a node that is started again begins with empty buckets. */
  private JsonObject rate(String key) throws IOException {
    byte[] request =
        RawHttp.request(
            "POST",
            "/v1/rate",
            APPLICANT,
            "Content-Type: application/json",
            "Authorization: Bearer " + key);
    RawHttp.Reply reply = RawHttp.ask(node.port(), request);
    for (int i = 0; i < 1000 && reply.status() == 429; i++) {
      reply = RawHttp.ask(node.port(), request);
    }
    return new JsonObject(reply.text());
  }

  private JsonObject ready() throws IOException {
    return new JsonObject(
        RawHttp.ask(node.port(), RawHttp.request("GET", "/readyz?verbose", new byte[0])).text());
  }

  @Test
  void releases_change_what_is_served_and_survive_a_restart() throws Exception {
    assertThat(ready().getInteger("release")).isZero();
    first();
    String key = bankKey();
    assertThat(rate(key).getInteger("threshold")).isEqualTo(650);
    assertThat(rate(key).getString("decision")).isEqualTo("approve");

    edit("release.yaml", "threshold: 650", "threshold: 700");
    Ran diff = run("diff", "-f", directory.toString());
    assertThat(diff.code()).isEqualTo(2);
    assertThat(diff.out())
        .isEqualTo("~ tenant bank  threshold: 650 -> 700\n0 to add, 1 to change, 0 to remove");
    Ran plan = run("plan", "-f", directory.toString());
    assertThat(plan.code()).as(plan.err()).isEqualTo(2);
    assertThat(plan.out()).endsWith("would be version 2");
    assertThat(rate(key).getInteger("threshold")).as("a plan changes nothing").isEqualTo(650);
    Ran applied = apply("--author=ops");
    assertThat(applied.out()).endsWith("version 2, 0 blobs uploaded");
    assertThat(run("plan", "-f", directory.toString()).code()).isZero();
    assertThat(run("diff", "-f", directory.toString()).out()).isEqualTo("no changes");
    assertThat(rate(key).getString("decision")).isEqualTo("decline");

    restart();
    assertThat(ready().getInteger("release")).isEqualTo(2);
    assertThat(ready().getBoolean("stale")).isFalse();
    assertThat(rate(key).getInteger("threshold"))
        .as("with the key made at run time")
        .isEqualTo(700);
    assertThat(node.metrics())
        .contains("openclaw_release_version{region=\"local\"} 2.0")
        .contains("model=\"loan\"")
        .doesNotContain("model=\"credit-g\"");

    Ran back = run("rollback");
    assertThat(back.out()).startsWith("version 3, with the content of version 1");
    assertThat(rate(key).getInteger("threshold")).isEqualTo(650);
    assertThat(run("history").out().lines().map(line -> line.split(" +", -1)[0]))
        .containsExactly("VERSION", "3", "2", "1");
    assertThat(run("show", "2").out()).contains("\"author\":\"ops\"", "\"threshold\":\"700\"");
    Ran first = run("rollback", "--to=0", "--allow-mass-delete", "--output=json");
    assertThat(new JsonObject(first.out()).getInteger("version")).isEqualTo(4);
    assertThat(rate(key).getString("title")).isEqualTo("A valid key is needed");
    assertThat(rate(node.node().newKeys().isEmpty() ? key : node.key("credit"))).isNotNull();
  }

  /** Version, threshold and label change together: a mixture of two releases would show. */
  @Test
  void no_request_sees_two_releases_and_none_fails_while_releases_go_through() throws Exception {
    edit("release.yaml", "rate: 50, burst: 100", "rate: 100000, burst: 100000");
    first();
    String key = bankKey();
    Set<String> seen = ConcurrentHashMap.newKeySet();
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger rated = new AtomicInteger();
    Thread rater =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!over.get()) {
                    try {
                      JsonObject answer = rate(key);
                      seen.add(answer.getString("version") + " " + answer.getValue("threshold"));
                      rated.incrementAndGet();
                    } catch (IOException e) {
                      seen.add(e.toString());
                    }
                  }
                });
    for (int i = 0; i < 20; i++) {
      boolean even = i % 2 == 0;
      edit(
          "release.yaml",
          even ? "version: v1" : "version: v2",
          even ? "version: v2" : "version: v1");
      edit(
          "release.yaml",
          even ? "threshold: 650" : "threshold: 700",
          even ? "threshold: 700" : "threshold: 650");
      Ran ran = apply();
      assertThat(ran.code()).as(ran.err()).isZero();
    }
    over.set(true);
    rater.join();
    assertThat(seen).as(rated + " ratings").containsExactlyInAnyOrder("v1 650", "v2 700");
  }

  /** What a bad release looks like, and where it is stopped with which words. */
  private record Bad(String file, String from, String to, String stage, String message) {}

  @Test
  void bad_releases_are_stopped_and_none_is_served() throws Exception {
    first();
    String key = bankKey();
    List<Bad> table =
        List.of(
            new Bad("loan.scorecard.json", "\"kind\"", "kind", "model", "models.loan: "),
            new Bad("loan.scorecard.json", "500,", "\"500\",", "model", "/initialScore"),
            new Bad(
                "loan.scorecard.json",
                "{\"income\": 90000}",
                "{\"income\": true}",
                "samples",
                "/samples/2"),
            new Bad(
                "loan.scorecard.json", "\"samples\": [", "\"samples\": [7,", "model", "/samples/0"),
            new Bad("release.yaml", "threshold: 650", "treshold: 650", "", "treshold: unknown"),
            new Bad(
                "release.yaml",
                "models: [loan]",
                "models: [lean]",
                "",
                "lean (expected: one of [loan])"),
            new Bad("release.yaml", "loan.scorecard.json", "none.json", "", "cannot be read"),
            new Bad("release.yaml", "  bank:", "  bank:\n  bank:", "", "twice"),
            new Bad("release.yaml", "  bank:", "  \"\":", "", "tenant: \"\""),
            new Bad("release.yaml", "tenants:", "http: {port: 1}\ntenants:", "", "http: unknown"),
            new Bad("release.yaml", "# All", "# all", "empty", "nothing changes"),
            new Bad("release.yaml", "  bank:", "  bonk:", "mass-delete", "1 of 1 tenants vanish"));
    for (Bad bad : table) {
      String before = Files.readString(directory.resolve(bad.file()));
      edit(bad.file(), bad.from(), bad.to());
      Ran ran = apply();
      assertThat(ran.code()).as(bad.toString()).isNotZero();
      assertThat(ran.err()).as(bad.toString()).contains(bad.message());
      if (!bad.stage().isEmpty()) {
        assertThat(ran.err()).contains("refused, stage " + bad.stage());
      }
      assertThat(run("plan", "-f", directory.toString()).code())
          .as("the plan of " + bad)
          .isEqualTo(bad.stage().equals("empty") ? 0 : 1);
      Files.writeString(directory.resolve(bad.file()), before);
    }
    assertThat(ready().getInteger("release")).isEqualTo(1);
    assertThat(rate(key).getInteger("threshold")).isEqualTo(650);
    assertThat(node.metrics())
        .contains("openclaw_release_refused_total{region=\"local\",stage=\"samples\"} 1.0")
        .contains("openclaw_release_refused_total{region=\"local\",stage=\"mass-delete\"} 1.0");
  }

  @Test
  void a_corrupt_release_is_not_served_but_the_one_before_it_and_says_so() throws Exception {
    first();
    edit("release.yaml", "threshold: 650", "threshold: 700");
    assertThat(apply().code()).isZero();
    String key = bankKey();
    Path manifest = folder.resolve("data/releases/0000000002.json");
    byte[] good = Files.readAllBytes(manifest);
    byte[] bad = good.clone();
    bad[bad.length / 2] ^= 1;
    Files.write(manifest, bad);
    try (LogCapture log = LogCapture.asANodeLogs()) {
      restart();
      assertThat(log.text()).contains("serving release 1").contains("release 2 is corrupt");
    }
    assertThat(ready().getInteger("release")).isEqualTo(1);
    assertThat(ready().getBoolean("stale")).isTrue();
    assertThat(rate(key).getInteger("threshold")).isEqualTo(650);
    Ran next = apply();
    assertThat(next.out()).as(next.err()).endsWith("version 3, 0 blobs uploaded");
    assertThat(ready().getBoolean("stale")).isFalse();
    assertThat(rate(key).getInteger("threshold")).isEqualTo(700);
    assertThat(run("history").out()).contains("release 2 is corrupt");
  }

  @Test
  void the_document_of_a_key_value_store_is_imported() throws Exception {
    String model =
        Base64.getEncoder()
            .encodeToString(Files.readAllBytes(directory.resolve("loan.scorecard.json")));
    Path kv = folder.resolve("kv.json");
    Files.writeString(
        kv,
        new JsonObject()
            .put("ratingModels", new JsonObject().put("v1", model))
            .put(
                "tenantConfigs",
                new JsonObject()
                    .put("bank", new JsonObject().put("model", "v1").put("threshold", 600)))
            .encode());
    Ran ran = run("import", kv.toString(), "-m", "from the store", "--allow-mass-delete");
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(rate(bankKey()).getInteger("threshold")).isEqualTo(600);
    Files.writeString(kv, "{\"ratingModels\":{},\"tenantConfigs\":{\"a\":{\"model\":\"v9\"}}}");
    Ran bad = run("import", kv.toString(), "-m", "m");
    assertThat(bad.code()).isNotZero();
    assertThat(bad.err()).contains("/tenantConfigs/a/model: \"v9\"");
  }

  @Test
  void the_published_schemas_hold_real_documents_and_no_broken_ones() throws Exception {
    first();
    JsonObject shown = new JsonObject(run("show", "1", "--output=json").out());
    JsonObject signed = shown.getJsonObject("signed");
    JsonObject content = shown.getJsonObject("document");
    assertThat(isValid("release-manifest", signed)).isTrue();
    assertThat(isValid("release-content", content)).isTrue();
    JsonObject samples =
        new JsonObject(run("show", "0", "--output=json").out()).getJsonObject("document");
    assertThat(isValid("release-content", samples)).isTrue();

    JsonObject manifest = signed.getJsonObject("manifest");
    for (String member : List.copyOf(manifest.fieldNames())) {
      JsonObject without = signed.copy();
      without.getJsonObject("manifest").remove(member);
      assertThat(isValid("release-manifest", without)).as("without " + member).isFalse();
    }
    assertThat(isValid("release-manifest", signed.copy().put("signature", "none"))).isFalse();
    JsonObject bank = content.getJsonObject("tenants").getJsonObject("bank");
    assertThat(isValid("release-content", content.copy().put("http", 1))).isFalse();
    assertThat(isValid("release-content", content.copy().put("keys", new JsonArray().add(7))))
        .isFalse();
    JsonObject fallback =
        new JsonObject().put("url", "http://h/x").put("authorization", "env:TOKEN");
    bank.put("fallback", fallback);
    assertThat(isValid("release-content", content)).isTrue();
    for (String member : List.of("url", "authorization")) {
      bank.put("fallback", fallback.copy().put(member, "s3cret"));
      assertThat(isValid("release-content", content)).as(member).isFalse();
    }
    bank.remove("fallback");
    bank.put("threshold", 650);
    assertThat(isValid("release-content", content)).as("a number").isFalse();
  }

  static boolean isValid(String schema, JsonObject document) throws IOException {
    JsonObject json =
        new JsonObject(Files.readString(Path.of("..", "docs", "schemas", schema + ".schema.json")));
    return Boolean.TRUE.equals(
        Validator.create(
                JsonSchema.of(json),
                new JsonSchemaOptions().setDraft(Draft.DRAFT202012).setBaseUri("https://test/"))
            .validate(document)
            .getValid());
  }

  @Test
  void the_commands_of_the_manual_work_as_written() throws Exception {
    String manual = Files.readString(Path.of("..", "docs", "releases.md"));
    int from = manual.indexOf("```sh\n") + "```sh\n".length();
    List<String> commands = manual.substring(from, manual.indexOf("```", from)).lines().toList();
    assertThat(commands).hasSizeGreaterThan(3);
    for (String command : commands) {
      String plain = command.replaceAll("-m \"[^\"]*\"", "-m why");
      List<String> words =
          List.of(
              plain.replace("my-release", folder.resolve("my-release").toString()).split(" ", -1));
      assertThat(words.subList(0, 2)).containsExactly("./openclaw", "release");
      Ran ran = run(words.get(2), words.subList(3, words.size()).toArray(new String[0]));
      assertThat(ran.code())
          .as(command + ": " + ran.err())
          .isEqualTo(words.get(2).equals("plan") ? 2 : 0);
    }
    assertThat(ready().getInteger("release")).isEqualTo(2);
  }

  @Test
  void what_cannot_be_done_is_explained() throws Exception {
    assertThat(run("rollback").err()).contains("there is no release to roll back");
    assertThat(run("show", "9").err()).contains("no such release");
    assertThat(run("init", directory.toString()).err()).contains("is not empty");
    assertThat(run("diff", "-f", folder.resolve("none").toString()).code()).isEqualTo(1);
    assertThat(run("diff").code()).as("bad usage of diff").isEqualTo(1);
    assertThat(run("apply", "-f", directory.toString()).code()).isEqualTo(2);
    Ran deleting = apply();
    assertThat(deleting.code()).isEqualTo(1);
    assertThat(deleting.err())
        .contains("refused, stage mass-delete", "5 of 5 tenants vanish", "--allow-mass-delete");
  }

  @Test
  void an_export_holds_every_release_whole_and_is_not_written_twice() throws IOException {
    first();
    Path out = folder.resolve("export");
    Ran ran = run("export", out.toString());
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).contains("1 releases, of which 1 were written now");
    Path data = folder.resolve("data");
    Path manifest = out.resolve("releases/0000000001.json");
    assertThat(manifest).hasSameBinaryContentAs(data.resolve("releases/0000000001.json"));
    List<Path> blobs;
    try (var all = Files.walk(out.resolve("blobs"))) {
      blobs = all.filter(Files::isRegularFile).toList();
    }
    assertThat(blobs).isNotEmpty();
    for (Path blob : blobs) {
      assertThat(blob).hasSameBinaryContentAs(data.resolve(out.relativize(blob).toString()));
    }
    assertThat(run("export", out.toString()).out())
        .contains("1 releases, of which 0 were written now, with 0 blobs");
    Files.writeString(blobs.getFirst(), "damaged");
    assertThat(run("export", out.toString(), "--output=json").out())
        .contains("\"blobsWritten\":1")
        .contains("\"manifestsWritten\":0");
    assertThat(blobs.getFirst())
        .hasSameBinaryContentAs(data.resolve(out.relativize(blobs.getFirst()).toString()));
  }
}
