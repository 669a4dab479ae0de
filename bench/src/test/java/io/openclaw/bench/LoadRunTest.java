package io.openclaw.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LoadRunTest {
  private static final long MILLIS = 1_000_000;
  private static final long STALL_NANOS = 500 * MILLIS;

  @TempDir @Nullable Path directory;

  @Test
  void a_closed_loop_counts_what_the_server_counts() throws Exception {
    try (TestServer server = TestServer.answering(200)) {
      LoadReport report =
          run(plan(new Pace.Closed(8), LoadPlan.UNLIMITED, 2_000, 60_000, server.url()));
      assertThat(report.total().ok()).isEqualTo(2_000);
      assertThat(server.requests).hasValue(2_000);
      assertThat(report.total().statuses()).containsOnly(Map.entry(200, 2_000L));
      assertThat(report.total().latency().count()).isEqualTo(2_000);
      assertThat(report.failures()).isZero();
    }
  }

  @Test
  void an_open_loop_of_500_per_second_sends_1000_in_2_seconds_and_half_to_each_url()
      throws Exception {
    try (TestServer one = TestServer.answering(200);
        TestServer two = TestServer.answering(429)) {
      LoadReport report =
          run(plan(open(500, 10_000), 2_000, LoadPlan.UNLIMITED, 60_000, one.url(), two.url()));
      assertThat(report.total().requests() + report.unsent()).isBetween(990L, 1_010L);
      assertThat(one.requests).hasValue(500);
      assertThat(two.requests).hasValue(500);
      assertThat(report.total().statuses()).containsEntry(200, 500L).containsEntry(429, 500L);
      assertThat(report.total().failed()).as("429 is not expected").isEqualTo(500);
      assertThat(report.urls().get(1).counts().failed()).isEqualTo(500);
      assertThat(report.timeline()).hasSize(20);
      assertThat(report.timeline().stream().mapToLong(Timeline.Bucket::ok).sum()).isEqualTo(500);
      assertThat(report.late().count()).isEqualTo(1_000);
    }
  }

  /**
   * The server stops answering for 500 ms in 2 s; the load goes over 4 connections. The naive
   * latency, from when a request was really sent, sees only 4 slow requests: 0.4 %. Counted from
   * when they were due, a quarter waited.
   */
  @Test
  void a_stall_shows_in_p99_where_a_naive_recorder_misses_it() throws Exception {
    AtomicLong stalledUntil = new AtomicLong();
    AtomicLong seen = new AtomicLong();
    Path csv = file("stall.csv");
    try (TestServer server = stalling(seen, stalledUntil)) {
      LoadPlan plan =
          plan(new Pace.Open(500, 4, 10_000), 2_000, LoadPlan.UNLIMITED, 60_000, csv, server.url());
      LoadReport report = run(plan);
      assertThat(report.total().ok()).isEqualTo(1_000);
      assertThat(report.total().latency().p99()).isGreaterThan(STALL_NANOS * 8 / 10);
      assertThat(report.total().latency().max()).isGreaterThan(STALL_NANOS);
      assertThat(report.queued()).as("waited for one of 4 connections").isGreaterThan(200);
    }
    Histogram naive = new Histogram(3);
    Histogram corrected = new Histogram(3);
    for (String line : recordsOf(csv)) {
      String[] field = line.split(",", -1);
      naive.recordValue(Long.parseLong(field[1]) - Long.parseLong(field[0]));
      corrected.recordValue(Long.parseLong(field[1]) - Long.parseLong(field[4]));
    }
    assertThat(corrected.getValueAtPercentile(99)).isGreaterThan(STALL_NANOS * 8 / 10);
    assertThat(naive.getValueAtPercentile(99)).as("the planted bug").isLessThan(STALL_NANOS / 2);
  }

  /** Answers at once, but from the 250th request on not for {@link #STALL_NANOS}. */
  private static TestServer stalling(AtomicLong seen, AtomicLong stalledUntil) throws Exception {
    TestServer[] self = new TestServer[1];
    self[0] =
        TestServer.http(
            request -> {
              long now = System.nanoTime();
              if (seen.incrementAndGet() == 250) {
                stalledUntil.set(now + STALL_NANOS);
              }
              long waitMillis = (stalledUntil.get() - now) / MILLIS + 1;
              if (seen.get() >= 250 && waitMillis > 1) {
                self[0].vertx().setTimer(waitMillis, id -> request.response().end("{}"));
              } else {
                request.response().end("{}");
              }
            });
    return self[0];
  }

  @Test
  void nothing_listening_is_refused() throws Exception {
    LoadReport report =
        run(plan(new Pace.Closed(2), LoadPlan.UNLIMITED, 10, 30_000, TestServer.unusedUrl()));
    assertThat(report.total().errors()).containsEntry(ErrorKind.REFUSED, 10L);
    assertThat(report.total().failed()).isEqualTo(10);
  }

  @Test
  void a_connection_closed_or_reset_before_the_answer_is_reset() throws Exception {
    AtomicBoolean half = new AtomicBoolean();
    try (TestServer server =
        TestServer.tcp(
            socket ->
                socket.handler(
                    request -> {
                      if (half.getAndSet(!half.get())) {
                        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
                      }
                      socket.close();
                    }))) {
      LoadReport report =
          run(plan(new Pace.Closed(2), LoadPlan.UNLIMITED, 10, 30_000, server.url()));
      assertThat(report.total().errors()).containsEntry(ErrorKind.RESET, 10L);
    }
  }

  @Test
  void no_answer_within_the_time_is_a_timeout() throws Exception {
    try (TestServer server = TestServer.http(request -> {})) {
      LoadReport report = run(plan(new Pace.Closed(2), LoadPlan.UNLIMITED, 4, 100, server.url()));
      assertThat(report.total().errors()).containsEntry(ErrorKind.TIMEOUT, 4L);
      assertThat(report.total().failedLatency().p50()).isGreaterThan(99 * MILLIS);
    }
  }

  @Test
  void a_handshake_with_a_server_without_tls_is_a_tls_error() throws Exception {
    try (TestServer server = TestServer.answering(200)) {
      String url = server.url().replace("http:", "https:");
      LoadReport report = run(plan(new Pace.Closed(1), LoadPlan.UNLIMITED, 2, 30_000, url));
      assertThat(report.total().errors()).containsEntry(ErrorKind.TLS, 2L);
      assertThat(report.details()).isNotEmpty();
    }
  }

  @Test
  void bytes_that_are_not_http_are_another_error() throws Exception {
    try (TestServer server = TestServer.tcp(socket -> socket.write("SSH-2.0-x\r\n"))) {
      LoadReport report = run(plan(new Pace.Closed(1), LoadPlan.UNLIMITED, 2, 300, server.url()));
      // The banner may come before the request: then the connection is closed, and that is a reset.
      assertThat(report.total().ok()).isZero();
      assertThat(report.total().failed()).isEqualTo(2);
    }
  }

  @Test
  void an_open_loop_that_cannot_send_says_so() throws Exception {
    try (TestServer server = TestServer.http(request -> {})) {
      LoadReport report =
          run(plan(open(200, 10), 500, LoadPlan.UNLIMITED, 10_000, server.url()), 1_000);
      assertThat(report.interrupted()).isTrue();
      assertThat(report.unsent()).isEqualTo(90);
      assertThat(report.total().aborted()).isEqualTo(10);
      assertThat(report.fellBehind()).isTrue();
      assertThat(report.failures()).isEqualTo(90);
      assertThat(ReportText.write(report)).contains("90 requests were due and could not be sent");
    }
  }

  @Test
  void the_warm_up_is_sent_and_not_recorded() throws Exception {
    try (TestServer server = TestServer.answering(200)) {
      LoadPlan plan = plan(open(200, 100), 500, LoadPlan.UNLIMITED, 60_000, server.url());
      LoadReport report =
          run(
              new LoadPlan(
                  plan.targets(),
                  plan.pace(),
                  plan.durationNanos(),
                  plan.requestsMax(),
                  500 * MILLIS,
                  plan.timeoutNanos(),
                  plan.template(),
                  plan.expected(),
                  true,
                  null,
                  false));
      assertThat(report.total().ok()).isEqualTo(100);
      assertThat(server.requests).hasValue(200);
    }
  }

  private Path file(String name) {
    Path known = directory;
    assertThat(known).isNotNull();
    return known == null ? Path.of(name) : known.resolve(name);
  }

  private static List<String> recordsOf(Path csv) throws Exception {
    List<String> lines = new ArrayList<>(Files.readAllLines(csv));
    assertThat(lines.removeFirst()).isEqualTo(Recorder.CSV_HEADER);
    assertThat(lines).hasSize(1_000);
    return lines;
  }

  private static Pace open(double perSecond, int inFlightMax) {
    return new Pace.Open(perSecond, 2 * inFlightMax, inFlightMax);
  }

  private static LoadPlan plan(
      Pace pace, long durationMillis, long requests, long timeoutMillis, String... urls) {
    return plan(pace, durationMillis, requests, timeoutMillis, null, urls);
  }

  private static LoadPlan plan(
      Pace pace,
      long durationMillis,
      long requests,
      long timeoutMillis,
      @Nullable Path record,
      String... urls) {
    return new LoadPlan(
        List.of(urls).stream().map(Target::of).toList(),
        pace,
        durationMillis == LoadPlan.UNLIMITED ? LoadPlan.UNLIMITED : durationMillis * MILLIS,
        requests,
        0,
        timeoutMillis * MILLIS,
        new RequestTemplate("GET", List.of(), List.of()),
        Statuses.SUCCESSFUL,
        true,
        record,
        false);
  }

  private static LoadReport run(LoadPlan plan) throws Exception {
    try (LoadRun run = LoadRun.start(plan, progress -> {})) {
      return run.await();
    }
  }

  /** Stops the run after a while. */
  private static LoadReport run(LoadPlan plan, long stopMillis) throws Exception {
    try (TestServer clock = TestServer.answering(200);
        LoadRun run = LoadRun.start(plan, progress -> {})) {
      clock.vertx().setTimer(stopMillis, id -> run.stop());
      return run.await();
    }
  }
}
