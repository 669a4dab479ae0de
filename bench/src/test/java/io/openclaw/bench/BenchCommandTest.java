package io.openclaw.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class BenchCommandTest {
  private record Result(int exitCode, String out, String err) {}

  @Test
  void json_output_is_one_document_with_the_names_of_the_manual() throws Exception {
    try (TestServer server = TestServer.answering(200)) {
      Result result =
          bench(
              Map.of(),
              "--url=" + server.url(),
              "--url=" + server.url() + "?again",
              "--rate=200/s",
              "--duration=500ms",
              "--output=json",
              "--timeline",
              "--max-failures=0");
      assertThat(result.exitCode()).isZero();
      assertThat(result.err()).isEmpty();
      Json.Obj report = (Json.Obj) JsonReader.read(bytes(result.out()));
      assertThat(report.get("mode")).isEqualTo(new Json.Str("open"));
      assertThat(report.get("ok")).isEqualTo(new Json.Num(100));
      assertThat(report.get("unsent")).isEqualTo(new Json.Num(0));
      assertThat(report.members())
          .containsKeys(
              "started_at_epoch_ms",
              "elapsed_seconds",
              "interrupted",
              "queued",
              "success_ratio",
              "fell_behind",
              "requests",
              "failed",
              "aborted",
              "rate_per_second",
              "latency_ms",
              "failed_latency_ms",
              "late_ms",
              "statuses",
              "errors",
              "bytes",
              "error_details",
              "urls",
              "timeline",
              "connections",
              "max_in_flight",
              "target_rate_per_second");
      Json.Obj latency = (Json.Obj) member(report, "latency_ms");
      assertThat(latency.members().keySet())
          .containsExactly("count", "mean", "p50", "p90", "p99", "p99_9", "max");
      assertThat(((Json.Arr) member(report, "urls")).elements()).hasSize(2);
      assertThat(((Json.Arr) member(report, "timeline")).elements()).hasSize(5);
    }
  }

  @Test
  void the_longest_timeline_allowed_is_a_document_that_can_be_read() throws Exception {
    Timeline timeline = new Timeline();
    timeline.ended(Timeline.DURATION_NANOS_MAX - 1, true, 1);
    List<LoadReport.UrlCounts> urls = new ArrayList<>();
    for (int i = 0; i < LoadPlan.TARGETS_MAX; i++) {
      urls.add(new LoadReport.UrlCounts("http://h/", new Tally().counts()));
    }
    LoadReport report =
        new LoadReport(
            new Pace.Closed(1),
            0,
            1,
            false,
            new Tally().counts(),
            urls,
            new Latency(0, 0, 0, 0, 0, 0, 0),
            0,
            0,
            List.of(),
            timeline.buckets());
    assertThat(JsonReader.read(ReportJson.write(report))).isInstanceOf(Json.Obj.class);
  }

  @Test
  void body_lines_are_used_in_turn_and_every_request_is_recorded(@TempDir Path directory)
      throws Exception {
    Path bodies = Files.writeString(directory.resolve("bodies.ndjson"), "{\"n\":1}\n\n{\"n\":2}\n");
    Path csv = directory.resolve("record.csv");
    try (TestServer server = TestServer.answering(201)) {
      Result result =
          bench(
              Map.of(),
              "--url=" + server.url(),
              "--connections=1",
              "--requests=5",
              "--body-lines=" + bodies,
              "--record=" + csv,
              "--progress=never");
      assertThat(result.exitCode()).isZero();
      assertThat(result.out()).contains("201: 5");
      assertThat(server.bodies)
          .containsExactly("{\"n\":1}", "{\"n\":2}", "{\"n\":1}", "{\"n\":2}", "{\"n\":1}");
      List<String> lines = Files.readAllLines(csv);
      assertThat(lines).hasSize(6);
      assertThat(lines.getFirst())
          .isEqualTo("sent_nanos,completed_nanos,url,outcome,due_nanos,body");
      assertThat(lines.get(1)).matches("\\d{19},\\d{19},0,201,\\d{19},0");
      assertThat(lines.get(2)).matches("\\d{19},\\d{19},0,201,\\d{19},1");
    }
  }

  @Test
  void the_key_is_sent_and_shown_nowhere(@TempDir Path directory) throws Exception {
    List<String> seen = new ArrayList<>();
    try (TestServer server =
        TestServer.http(
            request -> {
              seen.add(String.valueOf(request.getHeader("authorization")));
              request.response().setStatusCode(401).end();
            })) {
      Path file = Files.writeString(directory.resolve("key"), "ock_file\n");
      List<String> shown = new ArrayList<>();
      for (String[] more : new String[][] {{"--key-file=" + file}, {}}) {
        List<String> options =
            new ArrayList<>(List.of("--url=" + server.url(), "--connections=1", "--requests=1"));
        options.addAll(List.of(more));
        Result result = bench(Map.of("OPENCLAW_KEY", "ock_env"), options.toArray(String[]::new));
        shown.add(result.out() + result.err());
      }
      assertThat(seen).containsExactly("Bearer ock_file", "Bearer ock_env");
      assertThat(shown).allSatisfy(text -> assertThat(text).doesNotContain("ock_"));
    }
  }

  @Test
  void the_exit_code_is_1_if_too_much_failed() throws Exception {
    try (TestServer server = TestServer.answering(503)) {
      String[] load = {"--url=" + server.url(), "--connections=1", "--requests=3"};
      assertThat(bench(Map.of(), load).exitCode()).isZero();
      assertThat(bench(Map.of(), with(load, "--max-failures=3")).exitCode()).isZero();
      Result failures = bench(Map.of(), with(load, "--max-failures=2"));
      assertThat(failures.exitCode()).isEqualTo(1);
      assertThat(failures.err()).contains("3 failures (allowed: 2)");
      Result ratio = bench(Map.of(), with(load, "--min-success-ratio=0.5"));
      assertThat(ratio.exitCode()).isEqualTo(1);
      assertThat(ratio.err()).contains("success ratio 0.000000 (at least: 0.5)");
      assertThat(bench(Map.of(), with(load, "--expect=2xx,503", "--max-failures=0")).exitCode())
          .isZero();
    }
  }

  @Test
  void bad_options_are_refused_with_value_and_range() throws Exception {
    String url = "--url=http://127.0.0.1:1/";
    refused("--url: 0 given (expected: 1 to 64)");
    refused("--url: ftp://x/ (expected: http://host:port/path", "--url=ftp://x/");
    refused("--url: a URL with a user or password", "--url=http://u:secret@h/");
    refused("--rate: 0 (expected: 0.01 to 1,000,000, per second)", url, "--rate=0");
    refused("--rate: fast (expected", url, "--rate=fast");
    refused("--connections: 0 (expected: a whole number, 1 to 10000)", url, "--connections=0");
    refused("--connections: 1 (expected: a whole number, 2", url, url + "2", "--connections=1");
    refused("--max-in-flight: 99999 (expected", url, "--max-in-flight=99999");
    refused("--duration: 10 s (expected: 1ms to 24h", url, "--duration=10 s");
    refused("--duration: 25h (expected", url, "--duration=25h");
    refused("--duration (with --timeline): 1h (expected", url, "--duration=1h", "--timeline");
    refused("--timeline: needs --duration", url, "--requests=5", "--timeline");
    refused("--requests: 0 (expected", url, "--requests=0");
    refused("--warmup: -1s (expected: 0s to 1h", url, "--warmup=-1s");
    refused("--timeout: 1h (expected: 1ms to 5m", url, "--timeout=1h");
    refused("--method: P T (expected", url, "--method=P T");
    refused("--header: no colon", url, "--header=secret");
    refused("--header: authorization (expected: --key-file", url, "--header=Authorization: x");
    refused("--header: host is set by the load generator", url, "--header=host: x");
    refused("--key-file: cannot read /nonexistent", url, "--key-file=/nonexistent");
    refused("--body and --body-file (expected: one of them)", url, "--body=x", "--body-file=y");
    refused("--expect: 2000 (expected: statuses such as 200,429 or 2xx)", url, "--expect=2000");
    refused("--output: yaml (expected: text or json)", url, "--output=yaml");
    refused("--progress: maybe (expected: auto, always or never)", url, "--progress=maybe");
    refused("--max-failures: -1 (expected", url, "--max-failures=-1");
    refused("--min-success-ratio: 2 (expected: 0 to 1", url, "--min-success-ratio=2");
  }

  @Test
  void a_record_can_count_the_clock_that_all_processes_of_a_machine_share(@TempDir Path directory)
      throws Exception {
    Path csv = directory.resolve("record.csv");
    try (TestServer server = TestServer.answering(200)) {
      long beforeNanos = System.nanoTime();
      Result result =
          bench(
              Map.of(),
              "--url=" + server.url(),
              "--requests=1",
              "--record=" + csv,
              "--record-clock=monotonic");
      long afterNanos = System.nanoTime();
      assertThat(result.exitCode()).isZero();
      String[] times = Files.readAllLines(csv).get(1).split(",", -1);
      assertThat(Long.parseLong(times[0])).isBetween(beforeNanos, Long.parseLong(times[1]));
      assertThat(Long.parseLong(times[1])).isBetween(beforeNanos, afterNanos);
      refused("--record-clock: sun (expected", "--url=" + server.url(), "--record-clock=sun");
    }
  }

  @Test
  void a_record_file_that_cannot_be_written_ends_the_command() throws Exception {
    Result result =
        bench(Map.of(), "--url=http://127.0.0.1:1/", "--requests=1", "--record=/nonexistent/x");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).contains("/nonexistent/x");
  }

  private static Json member(Json.Obj object, String name) {
    return Objects.requireNonNull(object.get(name));
  }

  private static void refused(String message, String... options) {
    Result result = bench(Map.of(), options);
    assertThat(result.exitCode()).as(message).isEqualTo(2);
    assertThat(result.err()).contains(message).doesNotContain("secret");
    assertThat(result.out()).isEmpty();
  }

  private static String[] with(String[] options, String... more) {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static Result bench(Map<String, String> environment, String... options) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        new CommandLine(new BenchCommand(environment))
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(options);
    return new Result(exitCode, out.toString(), err.toString());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
