package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** {@code openclaw key} as typed, against a running node. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KeyCliTest {
  private static final int REFUSED = 2;
  private static final int FAILED = 1;
  private static final byte[] APPLICATION = "{\"checking_status\":\"<0\"}".getBytes(UTF_8);

  private TestNode node;

  @BeforeAll
  void begin() throws Exception {
    node = TestNode.start(Map.of(), "");
  }

  @AfterAll
  void end() throws IOException {
    node.close();
  }

  private static Ran run(List<String> arguments) {
    return Ran.command(arguments);
  }

  private Ran key(String command, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "key",
                command,
                "--admin-url",
                node.node().adminUrl(),
                "--admin-key-file",
                node.node().adminKeyFile().toString()));
    arguments.addAll(List.of(more));
    return run(arguments);
  }

  private int rate(String key) throws IOException {
    return RawHttp.ask(
            node.port(),
            RawHttp.request(
                "POST",
                "/v1/rate",
                APPLICATION,
                "Content-Type: application/json",
                "Authorization: Bearer " + key))
        .status();
  }

  private static String idOf(String key) {
    return key.split("_", 3)[1];
  }

  private static String secretOf(String key) {
    return key.split("_", 3)[2];
  }

  @Test
  void a_key_works_at_once_and_a_revoked_one_is_refused_at_once() throws IOException {
    Ran made = key("create", "--tenant", "credit");
    assertThat(made.code()).as(made.err()).isZero();
    assertThat(made.out()).matches("ock_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}");
    assertThat(rate(made.out())).isEqualTo(200);

    Ran revoked = key("revoke", idOf(made.out()));
    assertThat(revoked.code()).as(revoked.err()).isZero();
    assertThat(revoked.out()).isEqualTo("revoked " + idOf(made.out()));
    assertThat(rate(made.out())).isEqualTo(401);
    assertThat(key("revoke", idOf(made.out())).code()).as("again").isZero();
  }

  @Test
  void a_rotated_key_works_beside_its_successor_until_the_overlap_is_over() throws Exception {
    String old = key("create", "--tenant=credit", "--rate=1000", "--burst=2000").out();
    Ran rotated = key("rotate", idOf(old), "--overlap=2s");
    assertThat(rotated.code()).as(rotated.err()).isZero();
    String next = rotated.out();
    assertThat(rate(old)).isEqualTo(200);
    assertThat(rate(next)).isEqualTo(200);
    assertThat(new JsonObject(key("list", "--output=json").out()).getJsonArray("keys").stream())
        .filteredOn(each -> ((JsonObject) each).getString("id").equals(idOf(next)))
        .singleElement()
        .satisfies(
            each ->
                assertThat(((JsonObject) each).getJsonObject("limit"))
                    .isEqualTo(new JsonObject().put("rate", 1000).put("burst", 2000)));
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (rate(old) != 401 && System.nanoTime() < deadline) {
      Thread.sleep(100);
    }
    assertThat(rate(old)).isEqualTo(401);
    assertThat(rate(next)).isEqualTo(200);
  }

  @Test
  void list_shows_every_key_and_no_secret() {
    String made =
        key(
                "create",
                "--tenant=credit",
                "--scope=read",
                "--scope=rate",
                "--expires-in=90d",
                "--label=the checkout")
            .out();
    Ran text = key("list");
    assertThat(text.code()).as(text.err()).isZero();
    assertThat(text.out().lines().filter(line -> line.startsWith(idOf(made))))
        .singleElement()
        .asString()
        .matches(idOf(made) + " +credit +rate,read +active +20[0-9T:Z-]+ +the checkout");
    Ran json = key("list", "--output=json");
    List<String> secrets = new ArrayList<>(List.of(secretOf(made)));
    node.node().newKeys().values().forEach(key -> secrets.add(secretOf(key.reveal())));
    secrets.add(secretOf(node.node().adminKey().reveal()));
    for (String secret : secrets) {
      assertThat(text.out() + json.out()).doesNotContain(secret);
    }
    assertThat(json.out()).doesNotContain("sha256");
    assertThat(new JsonObject(json.out()).getJsonArray("keys").stream())
        .anyMatch(each -> ((JsonObject) each).getString("id").equals(idOf(made)));

    key("revoke", idOf(made));
    assertThat(key("list").out()).containsPattern(idOf(made) + ".* revoked ");
  }

  @Test
  void json_output_is_the_nodes_answer_on_one_line() {
    Ran made = key("create", "--output=json", "--rate=2.5", "--burst=5");
    assertThat(made.out().lines()).hasSize(1);
    JsonObject answer = new JsonObject(made.out());
    assertThat(answer.getString("key")).startsWith("ock_" + answer.getString("id") + "_");
    assertThat(answer.getString("tenant")).isEqualTo("default");
    assertThat(answer.getJsonObject("limit"))
        .isEqualTo(new JsonObject().put("rate", 2.5).put("burst", 5));
    assertThat(new JsonObject(key("list", "--output", "JSON").out()).getJsonArray("keys").encode())
        .contains("{\"rate\":2.5,\"burst\":5}");
  }

  @Test
  void a_key_of_limited_life_and_rate_is_held_to_both() throws IOException {
    String limited = key("create", "--tenant=credit", "--rate=0.001", "--burst=1").out();
    assertThat(rate(limited)).isEqualTo(200);
    assertThat(rate(limited)).isEqualTo(429);
    String brief = key("create", "--tenant=credit", "--expires-in=1s").out();
    long deadline = System.nanoTime() + 10_000_000_000L;
    int status = rate(brief);
    while (status == 200 && System.nanoTime() < deadline) {
      status = rate(brief);
    }
    assertThat(status).isEqualTo(401);
  }

  @Test
  void bad_options_are_refused_with_what_to_do() {
    String whole = node.key("credit");
    Map<List<String>, String> expected =
        Map.ofEntries(
            Map.entry(List.of("create", "--expires-in=soon"), "like 90d"),
            Map.entry(List.of("create", "--expires-in=-5d"), "like 90d"),
            Map.entry(List.of("create", "--rate=5"), "--rate and --burst belong together"),
            Map.entry(List.of("create", "--burst=5"), "--rate and --burst belong together"),
            Map.entry(List.of("create", "--rate=fast", "--burst=5"), "--rate"),
            Map.entry(List.of("create", "--scope=root"), "rate, read, tenants:any"),
            Map.entry(List.of("create", "--colour=red"), "--colour"),
            Map.entry(List.of("create", "--tenant"), "--tenant"),
            Map.entry(List.of("list", "--output=yaml"), "--output"),
            Map.entry(List.of("revoke"), "ID"),
            Map.entry(List.of("revoke", "no-id!"), "the part between ock_ and the next _"),
            Map.entry(List.of("revoke", whole), "never the whole key"),
            Map.entry(List.of("rotate"), "ID"),
            Map.entry(List.of("rotate", "abcdef123456", "--overlap=x"), "--overlap: x"),
            Map.entry(List.of("turn"), "turn"));
    expected.forEach(
        (arguments, hint) -> {
          Ran ran =
              key(
                  arguments.getFirst(),
                  arguments.subList(1, arguments.size()).toArray(new String[0]));
          assertThat(ran.code()).as(arguments + ": " + ran.err()).isEqualTo(REFUSED);
          assertThat(ran.err()).as(arguments.toString()).contains(hint);
          assertThat(ran.err() + ran.out()).doesNotContain(secretOf(whole));
        });
    for (String wrong : List.of("nonsense", "127.0.0.1:9101", "ftp://127.0.0.1/", "http://")) {
      Ran ran = run(List.of("key", "list", "--admin-url", wrong, "--admin-key-file", keyFile()));
      assertThat(ran.code()).as(wrong + ": " + ran.err()).isEqualTo(REFUSED);
      assertThat(ran.err()).contains("--admin-url");
    }
  }

  private String keyFile() {
    return node.node().adminKeyFile().toString();
  }

  @Test
  void what_the_node_refuses_is_explained() {
    Ran tenant = key("create", "--tenant=nobody");
    assertThat(tenant.code()).isEqualTo(FAILED);
    assertThat(tenant.err()).contains("/tenant: \"nobody\" (expected: the name of a tenant)");
    Ran rate = key("create", "--rate=0", "--burst=1");
    assertThat(rate.code()).isEqualTo(FAILED);
    assertThat(rate.err()).contains("/limit", "expected");
    Ran unknown = key("revoke", "abcdef123456");
    assertThat(unknown.code()).isEqualTo(FAILED);
    assertThat(unknown.err()).contains("there is no key of that id");
  }

  @Test
  void without_node_or_administrator_key_it_says_what_is_missing(@TempDir Path folder)
      throws IOException {
    Ran file =
        run(List.of("key", "list", "--admin-key-file", folder.resolve("none.key").toString()));
    assertThat(file.code()).isEqualTo(FAILED);
    assertThat(file.err()).contains("OPENCLAW_ADMIN_KEY", "--admin-key-file");

    Path garbage = Files.writeString(folder.resolve("garbage.key"), "ock_not_a_key");
    Ran none =
        run(
            List.of(
                "key",
                "list",
                "--admin-url",
                node.node().adminUrl(),
                "--admin-key-file",
                garbage + ""));
    assertThat(none.code()).isEqualTo(FAILED);
    assertThat(none.err()).contains("holds no key").doesNotContain("ock_not_a_key");

    Path other = Files.writeString(folder.resolve("other.key"), node.key("credit"));
    Ran refused =
        run(
            List.of(
                "key",
                "list",
                "--admin-url",
                node.node().adminUrl(),
                "--admin-key-file",
                other + ""));
    assertThat(refused.code()).isEqualTo(FAILED);
    assertThat(refused.err()).contains("administrator key", "401");

    Ran nobody =
        run(
            List.of(
                "key", "list", "--admin-url=http://127.0.0.1:1", "--admin-key-file", keyFile()));
    assertThat(nobody.code()).isEqualTo(FAILED);
    assertThat(nobody.err()).contains("no node listens on http://127.0.0.1:1", "--admin-url");

    Ran wrongPort =
        run(
            List.of(
                "key", "list", "--admin-url", node.node().url(), "--admin-key-file", keyFile()));
    assertThat(wrongPort.code()).isEqualTo(FAILED);
    assertThat(wrongPort.err()).contains("404");
  }
}
