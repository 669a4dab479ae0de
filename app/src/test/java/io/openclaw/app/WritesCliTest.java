package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code openclaw tenant}, {@code limit} and {@code release pending} as typed, and drift. */
final class WritesCliTest {

  @TempDir Path folder = Path.of("");
  private TestNode node;

  @BeforeEach
  void begin() throws Exception {
    node = TestNode.start(Map.of(Setting.DATA, folder.resolve("data").toString()), "");
    Path release = folder.resolve("release");
    run("release init " + release);
    Ran applied = run("release apply -m first --allow-mass-delete -f " + release);
    assertThat(applied.code()).as(applied.err()).isZero();
  }

  @AfterEach
  void end() throws IOException {
    node.close();
  }

  private Ran run(String words) {
    List<String> arguments = new ArrayList<>(List.of(words.split(" ", -1)));
    arguments.addAll(List.of("--admin-url", node.node().adminUrl()));
    arguments.addAll(List.of("--admin-key-file", node.node().adminKeyFile().toString()));
    return Ran.command(arguments);
  }

  private void shows(String words, String... texts) {
    Ran ran = run(words);
    assertThat(ran.code()).as(words + ": " + ran.err()).isZero();
    assertThat(ran.out()).as(words).contains(texts);
  }

  private void fails(int code, String words, String... texts) {
    Ran ran = run(words);
    assertThat(ran.code()).as(words + ": " + ran.out()).isEqualTo(code);
    assertThat(ran.err()).as(words).contains(texts);
  }

  @Test
  void tenants_are_shown_made_changed_and_removed() {
    shows("tenant list", "bank", "650", "loan");
    shows("tenant show bank", "threshold: \"650\"", "models: [\"loan\"]");
    shows(
        "tenant set bank --threshold 700 -m stricter",
        "~ tenant bank  threshold: 650 -> 700",
        "version 2");
    shows("tenant set shop --model loan --cost 2 -m new", "+ tenant shop", "version 3");
    shows("tenant set shop --threshold none --cost 3 -m dearer", "cost: 2 -> 3");
    shows("tenant remove shop -m gone --output json", "\"op\":\"remove\"", "\"version\":5");
    shows("release history", "stricter", "write");
    fails(1, "tenant show shop", "tenant shop is not there (openclaw tenant list)");
    fails(1, "tenant set shop --cost 2 -m x", "tenant shop: is not there (expected: one of [bank]");
    fails(1, "tenant set bank --threshold 700 -m x", "tenant bank: nothing changes");
    fails(1, "tenant remove bank -m x", "no tenant is configured");
    fails(2, "tenant set bank -m x", "nothing to change");
    fails(2, "tenant set bank --threshold lots -m x", "--threshold: lots (expected: a number");
    fails(2, "tenant set bank --cost 2", "--message");
  }

  @Test
  void limits_and_quotas_are_shown_set_and_removed() {
    shows("limit list", "tenant   bank", "50/s, burst 100");
    shows("limit set --tenant bank --rate 70.5 -m more", "limit.rate: 50 -> 70.5");
    shows("limit set --all --rate 1000 --burst 2000 -m all", "+ limit");
    shows(
        "limit set --model loan --rate 9 --burst 9 --quota 1000 --per day -m model",
        "limit.rate: none -> 9",
        "quota.per: none -> day");
    shows(
        "limit set --tenant bank --mode bounded --overdraft 10 --dry-run true -m mode",
        "limit.mode: none -> bounded");
    shows("limit list", "70.5/s, burst 100, bounded 10, dry run", "1000 per day", "1000/s");
    shows("limit remove --model loan --quota -m x", "quota.per: day -> none");
    shows("limit remove --all -m x", "- limit");
    fails(1, "limit remove --all -m x", "all tenants: has no limit");
    fails(1, "limit set --tenant bonk --rate 1 --burst 1 -m x", "tenant bonk: is not there");
    fails(1, "limit set --key abcdef --rate 1 --burst 1 -m x", "key abcdef: is not there");
    fails(1, "limit set --tenant bank --mode loose -m x", "limit.mode: loose (expected: one of");
    fails(2, "limit set --tenant bank --model loan --rate 1 -m x", "mutually exclusive");
    fails(2, "limit set --rate 1 -m x", "--all");
    fails(2, "limit set --all -m x", "nothing to change");
  }

  @Test
  void writes_with_a_batch_wait_and_become_one_release() {
    shows("release pending", "0 waiting");
    shows("tenant set bank --threshold 700 -m one --batch 5m", "waits with 1 in all");
    shows("limit set --tenant bank --burst 90 -m two --batch 1h", "waits with 2 in all");
    shows("release pending", "one", "\"threshold\":\"700\"", "2 waiting, to be published at");
    shows("tenant list", "650");
    shows("release pending --publish", "threshold: 650 -> 700", "burst: 100 -> 90", "version 2");
    shows("release history", "2 changes: one; two");
    shows("tenant set bank --threshold 800 -m three --batch 5m", "waits with 1");
    shows("release pending --drop", "1 dropped");
    shows("release pending", "0 waiting");
    fails(2, "tenant set bank --threshold 800 -m x --batch 2days", "--batch: 2days (expected:");
    fails(2, "release pending --drop --publish", "one of them");
    fails(1, "release pending --publish", "nothing waits to be published");
  }

  @Test
  void fallbacks_are_set_shown_and_switched() throws Exception {
    Path secret = folder.resolve("secret");
    Files.writeString(secret, "Bearer s3cret-of-the-rates\n");
    shows(
        "tenant set bank --fallback http://127.0.0.1:9/rate --fallback-probe /health -m x",
        "~ tenant bank  fallback.url: none -> http://127.0.0.1:9/rate");
    shows("tenant fallback", "bank", "on", "local", "closed");
    shows("tenant fallback bank --off", "bank", "off");
    assertThat(run("release history").out().lines()).as("a switch is no release").hasSize(3);
    shows("tenant fallback --output json", "\"enabled\":false", "\"switched\":{\"region\"");
    shows("tenant fallback bank --on", "bank", "on");
    shows(
        "tenant set bank --fallback-authorization file:" + secret + " -m x",
        "fallback.authorization: none -> file:" + secret);
    fails(
        1,
        "tenant set bank --fallback-authorization env:NOT_SET_HERE -m x",
        "refused",
        "the variable NOT_SET_HERE is not set in this region");
    fails(
        1,
        "tenant set bank --fallback-authorization env:OPENCLAW_MESH_SECRET -m x",
        "is this program's own");
    fails(
        1,
        "tenant set bank --fallback-authorization file:"
            + node.node().adminKeyFile().toAbsolutePath()
            + " -m x",
        "is this program's own");
    Ran literal = run("tenant set bank --fallback-authorization s3cret -m x");
    assertThat(literal.err())
        .contains("not a reference (expected: env:NAME")
        .doesNotContain("s3cret");
    fails(1, "tenant fallback shop --off", "/tenant: (expected: one of [bank]");
    fails(2, "tenant fallback --off", "a tenant, with --off or --on");
    Ran shown = run("release show 3 --output json");
    assertThat(shown.out()).contains("file:" + secret).doesNotContain("s3cret");
    shows("tenant set bank --fallback none -m x", "fallback.url: http://127.0.0.1:9/rate -> none");
  }

  @Test
  void the_commands_of_the_manual_work_as_written() throws Exception {
    String manual = Files.readString(Path.of("..", "docs", "releases.md"));
    String part = manual.substring(manual.indexOf("## One thing at a time"));
    String block = part.substring(part.indexOf("```sh\n") + 6);
    List<String> commands = block.substring(0, block.indexOf("```")).lines().toList();
    assertThat(commands).hasSizeGreaterThan(5);
    for (String command : commands) {
      assertThat(command).startsWith("./openclaw ");
      shows(command.replace("./openclaw ", "").replaceAll("-m \"[^\"]*\"", "-m why"), "");
    }
    shows("limit list", "80/s", "1000/s");
  }

  @Test
  void a_model_whose_ratings_shift_needs_to_be_allowed() throws Exception {
    Path release = folder.resolve("release");
    JsonArray inputs = new JsonArray();
    for (int i = 0; i < 150; i++) {
      inputs.add(new JsonObject().put("income", 10_000 + 500 * i).put("years_employed", i % 4));
    }
    Files.writeString(release.resolve("bank.samples.json"), inputs.encode());
    Path yaml = release.resolve("release.yaml");
    Files.writeString(
        yaml,
        Files.readString(yaml)
            .replace("threshold: 650", "threshold: 650\n    samples: bank.samples.json"));
    String apply = "release apply -m m -f " + release;
    shows(apply, "tenant bank  samples: none -> ");
    Path card = release.resolve("loan.scorecard.json");
    String good = Files.readString(card);
    Files.writeString(card, good.replace("\"initialScore\": 500", "\"initialScore\": 620"));
    fails(
        1,
        apply,
        "refused, stage drift",
        "population stability index",
        "decisions of bank flip at its threshold, 650",
        "--allow-drift");
    assertThat(run("release plan -f " + release).code()).isEqualTo(1);
    shows(apply + " --allow-drift", "note: models.loan: its ratings of 153 samples shift");
    shows("release rollback", "note: models.loan: a rollback", "version 4");
    Files.writeString(release.resolve("bank.samples.json"), "[{\"income\":true}]");
    Files.writeString(card, good);
    fails(
        1, apply, "refused, stage samples", "tenants.bank.samples/0: none of the tenant's models");
    Files.writeString(release.resolve("bank.samples.json"), "[7]");
    fails(2, apply, "tenants.bank.samples: /0: a number (expected: an object)");
  }
}
