package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.net.httpserver.HttpServer;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.KeyText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a drill makes of what it saw; that it does what it says is proofs/E-1-drill's to show. */
class DrillTest {
  private static final long MS = 1_000_000L;
  private static final long FAULT = 1_790_000_000_000_000_000L;

  @TempDir Path folder = Path.of("");

  /** A request each 10 ms from 2 s before the fault to 5 s after it, 2 ms each. */
  private static List<DrillRun.Sample> quiet() {
    List<DrillRun.Sample> samples = new ArrayList<>();
    for (int at = -2_000; at < 5_000; at += 10) {
      samples.add(new DrillRun.Sample(FAULT + at * MS, FAULT + (at + 2) * MS, true));
    }
    return samples;
  }

  private static DrillRun run(List<DrillRun.Sample> samples) {
    return new DrillRun(samples, FAULT, FAULT + 3_000 * MS, 42, 1, 0, 0);
  }

  private static void replace(List<DrillRun.Sample> samples, int at, long millis, boolean good) {
    samples.replaceAll(
        each ->
            each.dueNanos() == FAULT + at * MS
                ? new DrillRun.Sample(each.dueNanos(), each.dueNanos() + millis * MS, good)
                : each);
  }

  @Test
  void a_fault_that_nobody_noticed_cost_nothing() {
    DrillRun run = run(quiet());
    assertThat(run.failed()).isZero();
    assertThat(run.steadyMillis()).isZero();
    assertThat(run.worstMillis()).isCloseTo(2, within(0.01));
    assertThat(run.p99During()).isCloseTo(2, within(0.01));
  }

  @Test
  void steady_is_the_end_of_the_last_slow_request_before_a_quiet_second() {
    List<DrillRun.Sample> samples = quiet();
    replace(samples, -10, 120, true); // under way when it began
    replace(samples, 200, 90, true);
    replace(samples, 2_000, 50, true); // something else, later
    DrillRun run = run(samples);
    assertThat(run.worstMillis()).isCloseTo(120, within(0.01));
    assertThat(run.steadyMillis()).isCloseTo(290, within(0.01));
    replace(samples, 900, 5, false);
    assertThat(run(samples).steadyMillis()).as("a failure is slow").isCloseTo(905, within(0.01));
    assertThat(run(samples).failed()).isEqualTo(1);
  }

  @Test
  void a_record_is_read_by_when_requests_were_due() throws Exception {
    Path record = folder.resolve("record.csv");
    Files.writeString(
        record,
        """
        sent_nanos,completed_nanos,url,outcome,due_nanos,body
        30,45,0,200,20,0
        10,25,0,429,10,0
        40,50,0,timeout,30,0
        """);
    assertThat(DrillRun.read(record))
        .containsExactly(
            new DrillRun.Sample(10, 25, false),
            new DrillRun.Sample(20, 45, true),
            new DrillRun.Sample(30, 50, false));
  }

  @Test
  void tokens_over_the_limit_are_found_in_the_worst_interval() {
    List<DrillRun.Sample> limited = new ArrayList<>();
    for (int i = 0; i < 60; i++) { // of a burst of 50
      limited.add(new DrillRun.Sample(FAULT + i * MS, FAULT + (i + 1) * MS, true));
    }
    assertThat(DrillRun.over(limited)).isCloseTo(60 - (50 + 50 * 0.06), within(0.01));
    limited.add(new DrillRun.Sample(FAULT + 9_000 * MS, FAULT + 9_001 * MS, true));
    assertThat(DrillRun.over(limited)).as("a silence makes good nothing").isGreaterThan(6);
    assertThat(DrillRun.over(limited.subList(0, 50))).isZero();
    assertThat(DrillRun.over(List.of())).isZero();
  }

  @Test
  void a_fault_that_was_not_noticed_makes_no_detection_quicker() throws Exception {
    DrillRun unnoticed = new DrillRun(quiet(), FAULT, FAULT + 3_000 * MS, -1, 1, 0, 3);
    DrillReport report =
        new DrillReport(
            "router",
            new DrillRun.Plan(100, 2, 3, 2),
            Map.of(DrillFault.KILL, List.of(unnoticed, unnoticed, run(quiet()))));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    report.print(new PrintStream(out, true, StandardCharsets.UTF_8));
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("42 / 42", "kill: 6 requests that were due could not be sent");
    assertThat(report.html()).contains("detected within 42 ms in 1 of them");
  }

  @Test
  void a_page_has_points_in_its_numbers_wherever_it_is_made() {
    Locale before = Locale.getDefault(Locale.Category.FORMAT);
    Locale.setDefault(Locale.Category.FORMAT, Locale.GERMANY);
    try {
      String page =
          new DrillReport(
                  "router",
                  new DrillRun.Plan(100, 2, 3, 2),
                  Map.of(DrillFault.KILL, List.of(run(quiet()))))
              .html();
      assertThat(page).contains("cx='").doesNotContainPattern("c[xy]='[0-9]+,");
    } finally {
      Locale.setDefault(Locale.Category.FORMAT, before);
    }
  }

  @Test
  void a_report_is_a_table_a_document_and_a_page() throws Exception {
    List<DrillRun.Sample> samples = quiet();
    replace(samples, 100, 400, false);
    DrillReport report =
        new DrillReport(
            "a <router>",
            new DrillRun.Plan(100, 2, 3, 2),
            Map.of(DrillFault.KILL, List.of(run(samples), run(quiet()))));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    report.print(new PrintStream(out, true, StandardCharsets.UTF_8));
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("kill", "1400", "42 / 42", "500 / 500");
    assertThat(JsonReader.read(report.json()).toString()).contains("worst_ms", "failed");
    assertThat(report.html())
        .contains("<svg", "#cf222e", "a &lt;router&gt;", "2 runs, 1400 requests, 1 failed")
        .doesNotContain("http://", "https://");
  }

  @Test
  void what_makes_no_sense_is_refused_before_anything_is_started() {
    assertThat(Ran.command(List.of("drill", "storm")).err())
        .contains("storm (expected: one of [kill, freeze,");
    assertThat(Ran.command(List.of("drill", "--runs", "0")).err())
        .contains("--runs: 0 (expected: 1 to 100)");
    assertThat(Ran.command(List.of("drill", "router-restart", "--peer", "x")).err())
        .contains("router-restart: not with --peer");
  }

  @Test
  void a_live_drill_is_not_begun_where_it_could_not_be_undone_or_nobody_agreed() throws Exception {
    assertThat(Ran.command(List.of("drill", "live", "--url", "http://localhost:1")).err())
        .contains("no fault (expected: --drain, or --run and --undo)");
    assertThat(
            Ran.command(List.of("drill", "live", "--url", "http://localhost:1", "--run", "x"))
                .err())
        .contains("--run (expected: with --undo");
    List<String> whole =
        List.of(
            "drill",
            "live",
            "--url",
            "http://localhost:1",
            "--run",
            "touch " + folder.resolve("done"),
            "--undo",
            "true",
            "--key-file",
            key().toString());
    assertThat(Ran.command(whole).err()).contains("nobody can be asked (expected: --yes)");
    assertThat(folder.resolve("done")).doesNotExist();
  }

  private Path key() throws IOException {
    return Files.writeString(
        folder.resolve("key"), KeyText.generate(new java.util.Random(1)).reveal());
  }

  /** A drill of a server that is bad while a file is there: what it exits with. */
  private int live(String run, boolean badBefore) throws Exception {
    Path bad = folder.resolve("bad");
    if (badBefore) {
      Files.createFile(bad);
    }
    return live(run + " " + bad, "rm -f " + bad);
  }

  /** Such a server says nothing at all while another file is there. */
  private int live(String run, String undo) throws Exception {
    Path bad = folder.resolve("bad");
    Path silent = folder.resolve("silent");
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/rate",
        exchange -> {
          if (!Files.exists(silent)) {
            exchange.sendResponseHeaders(Files.exists(bad) ? 503 : 200, -1);
            exchange.close();
          }
        });
    server.start();
    try {
      DrillLiveCommand command = new DrillLiveCommand();
      command.url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
      command.keyFile = key();
      command.run = run;
      command.undo = undo;
      command.hold = 3;
      command.timeout = 1;
      command.rate = 100;
      command.beforeSeconds = 1;
      command.afterSeconds = 1;
      command.yes = true;
      return command.call();
    } finally {
      server.stop(0);
    }
  }

  @Test
  void a_live_drill_that_hurts_is_undone_before_its_time() throws Exception {
    long from = System.nanoTime();
    assertThat(live("touch", false)).isEqualTo(1);
    assertThat(folder.resolve("bad")).doesNotExist();
    assertThat(System.nanoTime() - from).as("nanoseconds").isLessThan(4_900 * MS);
  }

  @Test
  void requests_that_hang_use_the_budget_up_as_those_that_fail_do() throws Exception {
    Path silent = folder.resolve("silent");
    assertThat(live("touch " + silent, "rm -f " + silent)).isEqualTo(1);
    assertThat(silent).doesNotExist();
    assertThat(live("true", "true")).as("well again").isZero();
    Files.createFile(silent);
    assertThatThrownBy(() -> live("touch " + folder.resolve("done"), "true"))
        .hasMessageContaining("nothing was done");
    assertThat(folder.resolve("done")).doesNotExist();
  }

  @Test
  void what_does_the_fault_is_ended_before_it_is_undone() throws Exception {
    Path late = folder.resolve("late");
    assertThat(live("sleep 4; touch " + late, "true")).isZero();
    Thread.sleep(1_500); // it would have come by now
    assertThat(late).doesNotExist();
  }

  @Test
  void a_fault_that_could_not_be_undone_is_no_success() throws Exception {
    assertThat(live("true", "false")).isEqualTo(1);
  }

  @Test
  void a_fault_that_could_not_be_done_is_said_and_undone() {
    Path undone = folder.resolve("undone");
    assertThatThrownBy(() -> live("exit 3", "touch " + undone))
        .hasMessageContaining("ended with 3");
    assertThat(undone).exists();
  }

  @Test
  void a_live_drill_that_nobody_notices_goes_to_its_end() throws Exception {
    assertThat(live("test ! -e", false)).isZero();
  }

  @Test
  void a_live_drill_does_nothing_to_what_is_not_well() {
    assertThatThrownBy(() -> live("touch", true)).hasMessageContaining("nothing was done");
  }
}
