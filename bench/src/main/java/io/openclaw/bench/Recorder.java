package io.openclaw.bench;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Everything a run has seen so far, from the end of the warm-up. Used on the event loop only. */
final class Recorder {
  /** The first line of a record file. */
  static final String CSV_HEADER = "sent_nanos,completed_nanos,url,outcome,due_nanos,body";

  private static final int DETAILS_MAX = 5;
  private static final int DETAIL_LENGTH_MAX = 300;

  private final LoadPlan plan;
  private final long startNanos;
  private final long originEpochNanos;
  private final long originRecordNanos;
  private final List<Tally> tallies = new ArrayList<>();
  private final Histogram late = new Histogram(3);
  private final Timeline timeline = new Timeline();
  private final List<String> details = new ArrayList<>();
  private final @Nullable BufferedWriter csv;
  private long ok;
  private long failed;
  private long queued;
  private long unsent;
  private long lastEndNanos;
  private long recentMaxNanos;

  /**
   * A recorder of a run.
   *
   * @param startNanos when recording begins, on the clock of {@link Exchange}
   * @param originEpochNanos what that clock's zero is since the Unix epoch
   * @param originMonotonicNanos what that clock's zero is on the machine's monotonic clock
   * @throws IOException if the record file cannot be written
   */
  Recorder(LoadPlan plan, long startNanos, long originEpochNanos, long originMonotonicNanos)
      throws IOException {
    this.plan = plan;
    this.startNanos = startNanos;
    this.originEpochNanos = originEpochNanos;
    this.originRecordNanos = plan.monotonic() ? originMonotonicNanos : originEpochNanos;
    late.setAutoResize(true);
    plan.targets().forEach(target -> tallies.add(new Tally()));
    csv =
        plan.record() == null
            ? null
            : Files.newBufferedWriter(plan.record(), StandardCharsets.US_ASCII);
    if (csv != null) {
      csv.write(CSV_HEADER + "\n");
      csv.flush(); // who waits for the load to begin sees it by this
    }
  }

  void ended(Exchange exchange, Outcome outcome, long nowNanos) {
    if (!exchange.recorded) {
      return;
    }
    boolean good =
        outcome instanceof Outcome.Answered(int status) && plan.expected().contains(status);
    long latencyNanos = Math.max(0, nowNanos - exchange.dueNanos);
    tallies.get(exchange.target).ended(exchange, outcome, good, latencyNanos);
    write(exchange, outcome, nowNanos);
    if (outcome instanceof Outcome.Aborted) {
      return;
    }
    ok += good ? 1 : 0;
    failed += good ? 0 : 1;
    lastEndNanos = Math.max(lastEndNanos, nowNanos);
    recentMaxNanos = Math.max(recentMaxNanos, latencyNanos);
    if (plan.timeline()) {
      timeline.ended(exchange.dueNanos - startNanos, good, latencyNanos);
    }
  }

  private void write(Exchange exchange, Outcome outcome, long nowNanos) {
    if (csv == null) {
      return;
    }
    String end =
        switch (outcome) {
          case Outcome.Answered(int status) -> Integer.toString(status);
          case Outcome.Failed(ErrorKind kind) -> kind.label();
          case Outcome.Aborted() -> "aborted";
        };
    String sent =
        exchange.sentNanos < 0 ? "" : Long.toString(originRecordNanos + exchange.sentNanos);
    try {
      csv.write(
          sent
              + ","
              + (originRecordNanos + nowNanos)
              + ","
              + exchange.target
              + ","
              + end
              + ","
              + (originRecordNanos + exchange.dueNanos)
              + ","
              + exchange.body
              + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void late(Exchange exchange, long nanos) {
    if (exchange.recorded) {
      late.recordValue(Math.max(0, nanos));
    }
  }

  void queued(Exchange exchange) {
    queued += exchange.recorded ? 1 : 0;
  }

  void unsent(long dueNanos) {
    unsent++;
    if (plan.timeline()) {
      timeline.unsent(dueNanos - startNanos);
    }
  }

  void explain(String detail) {
    String shown = detail.substring(0, Math.min(detail.length(), DETAIL_LENGTH_MAX));
    if (details.size() < DETAILS_MAX && !details.contains(shown)) {
      details.add(shown);
    }
  }

  Progress progress(long nowNanos, int inFlight) {
    Progress progress =
        new Progress(nowNanos - startNanos, ok, failed, unsent, inFlight, recentMaxNanos);
    recentMaxNanos = 0;
    return progress;
  }

  /** Closes the record file; to be called once, in the end. */
  void close() throws IOException {
    if (csv != null) {
      csv.close();
    }
  }

  /**
   * The report; {@code dueUntilNanos} is when the last request of an open loop was due or the run
   * was stopped.
   */
  LoadReport report(long dueUntilNanos, boolean interrupted) {
    Tally total = new Tally();
    List<LoadReport.UrlCounts> urls = new ArrayList<>();
    for (int i = 0; i < tallies.size(); i++) {
      total.add(tallies.get(i));
      urls.add(new LoadReport.UrlCounts(plan.targets().get(i).url(), tallies.get(i).counts()));
    }
    long untilNanos =
        switch (plan.pace()) {
          case Pace.Closed c -> lastEndNanos;
          case Pace.Open o -> dueUntilNanos;
        };
    return new LoadReport(
        plan.pace(),
        Math.floorDiv(originEpochNanos + startNanos, 1_000_000L),
        Math.max(0, untilNanos - startNanos),
        interrupted,
        total.counts(),
        urls,
        Latency.of(late),
        queued,
        unsent,
        List.copyOf(details),
        timeline.buckets());
  }
}
