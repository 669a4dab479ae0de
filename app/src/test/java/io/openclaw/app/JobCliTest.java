package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
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
import picocli.CommandLine;

/** {@code openclaw job} as typed, against a running node. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class JobCliTest {
  private static final int REFUSED = 2;
  private static final int FAILED = 1;
  private static final int ROWS = 3_000;

  /** What a command said and how it ended. */
  private record Ran(int code, String out, String err) {}

  @TempDir Path folder = Path.of("");
  private TestNode node;
  private Path keyFile = Path.of("");

  @BeforeAll
  void begin(@TempDir Path keys) throws Exception {
    node = TestNode.start(Map.of(), "tenants: {open: {model: credit-g}}");
    keyFile = keys.resolve("key");
    Files.writeString(keyFile, node.key("open") + "\n");
  }

  @AfterAll
  void end() throws IOException {
    node.close();
  }

  private static Ran run(List<String> arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    StringWriter err = new StringWriter();
    PrintStream before = System.out;
    System.setOut(new PrintStream(out, true, UTF_8));
    try {
      CommandLine line = Main.commandLine();
      line.setErr(new PrintWriter(err, true));
      int code = line.execute(arguments.toArray(new String[0]));
      return new Ran(code, out.toString(UTF_8).strip(), err.toString().strip());
    } finally {
      System.setOut(before);
    }
  }

  private Ran job(String command, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of("job", command, "--url", node.node().url(), "--key-file", keyFile.toString()));
    arguments.addAll(List.of(more));
    return run(arguments);
  }

  private Path inputs(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, text);
    return file;
  }

  @Test
  void a_file_is_handed_in_waited_for_fetched_listed_and_let_go() throws Exception {
    Path file = inputs("lines.ndjson", "{\"duration\":6}\n".repeat(ROWS));
    Ran submitted = job("submit", file.toString());
    assertThat(submitted.code()).as(submitted.err()).isZero();
    String id = submitted.out();
    assertThat(id).matches("local\\.[0-9a-f]{32}");

    Ran followed = job("results", id, "--follow");
    assertThat(RowChecker.faults(followed.out() + "\n", ROWS)).isEmpty();
    Ran status = job("status", id, "--wait", "--output", "json");
    assertThat(status.code()).as(status.err()).isZero();
    assertThat(status.err()).as("no progress in a pipe").isEmpty();
    assertThat(new JsonObject(status.out()).getString("state")).isEqualTo("done");
    Path to = folder.resolve("results");
    assertThat(job("results", id, "--from", "2999", "--to", to.toString()).code()).isZero();
    assertThat(Files.readString(to)).startsWith("{\"index\":2999,\"status\":200,").hasLineCount(1);
    assertThat(job("list").out()).contains(id, "done", "3000 of 3000 rows");
    assertThat(job("cancel", id).code()).isZero();
    Ran gone = job("status", id);
    assertThat(gone.code()).isEqualTo(FAILED);
    assertThat(gone.err()).isEqualTo("openclaw: the tenant has no such job (404)");
  }

  @Test
  void an_array_is_taken_too_and_a_refusal_is_explained() throws Exception {
    Path array = inputs("inputs.json", "[{\"duration\":6},{}]");
    Ran whole = job("submit", array.toString(), "--wait");
    assertThat(whole.code()).as(whole.err()).isZero();
    assertThat(whole.out()).contains("done", "2 of 2 rows");
    Ran broken = job("submit", inputs("broken.json", "{\"duration\":6}").toString());
    assertThat(broken.code()).isEqualTo(FAILED);
    assertThat(broken.err()).contains("the body is no array of inputs").contains("(400)");
    Ran hook = job("submit", array.toString(), "--webhook", "https://example.com/");
    assertThat(hook.err()).contains("signs no webhooks").contains("(422)");
  }

  @Test
  void bad_usage_says_what_was_expected() {
    assertThat(job("status", "../x").code()).isEqualTo(REFUSED);
    assertThat(job("submit", folder.resolve("none").toString()).err()).contains("cannot be read");
    assertThat(job("results", "local." + "0".repeat(32), "--from", "-1").err())
        .contains("--from: -1 (expected: >= 0)");
    assertThat(
            run(List.of("job", "list", "--url", "nowhere", "--key-file", keyFile.toString())).err())
        .contains("--url: nowhere (expected: like http://127.0.0.1:8080)");
    assertThat(run(List.of("job", "--help")).out()).contains("submit", "status", "results");
  }
}
