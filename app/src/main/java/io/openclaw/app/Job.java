package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import io.openclaw.release.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One job: its folder, what was ordered, and how far it has come. The state is one immutable value;
 * whoever changes it writes it to disk first. Thread-safe.
 */
final class Job {
  static final String ORDER = "job.json";
  private static final String STATE = "state.json";
  private static final double MILLIS_PER_SECOND = 1000.0;

  private final Path folder;
  private final JobOrder order;
  private volatile JobState state;
  private volatile boolean cancelled;
  private volatile long runMillis; // when this run of it began
  private volatile long runDone; // rows that were done then

  Job(Path folder, JobOrder order, JobState state) {
    this.folder = folder;
    this.order = order;
    this.state = state;
  }

  /**
   * The job of a folder.
   *
   * @throws IOException where its files cannot be read
   * @throws IllegalArgumentException where they are no job's
   */
  static Job load(Path folder) throws IOException {
    JobOrder order = JobOrder.read(Files.readAllBytes(folder.resolve(ORDER)));
    Path file = folder.resolve(STATE);
    return new Job(
        folder, order, Files.exists(file) ? JobState.read(Files.readAllBytes(file)) : JobState.NEW);
  }

  JobOrder order() {
    return order;
  }

  JobState state() {
    return state;
  }

  Path input() {
    return folder.resolve("input");
  }

  Path results() {
    return folder.resolve("results");
  }

  boolean belongsTo(String tenant) {
    return order.caller().tenant().equals(tenant);
  }

  /** Bytes on disk that count against the cap on all jobs. */
  long bytes() {
    JobState now = state;
    return switch (now.phase()) {
      case QUEUED, RUNNING -> order.bytes() + now.resultsBytes();
      case DONE, FAILED -> now.resultsBytes();
      case CANCELLED -> 0;
    };
  }

  /** Asks whoever runs it to stop. */
  void cancel() {
    cancelled = true;
  }

  boolean isCancelled() {
    return cancelled;
  }

  /** A run begins at the checkpoint. */
  void runs(long wallMillis) {
    runDone = state.done();
    runMillis = wallMillis;
  }

  /** The next state, on disk when this returns. */
  synchronized void save(JobState next) throws IOException {
    DurableFile.replace(folder.resolve(STATE), next.write(), false);
    state = next;
  }

  /** The next state, also where the disk does not take it. */
  synchronized void end(JobState next) throws IOException {
    state = next;
    DurableFile.replace(folder.resolve(STATE), next.write(), false);
  }

  /** Removes what it was given and what it wrote; the job itself stays. */
  void removeRows() throws IOException {
    Files.deleteIfExists(input());
    Files.deleteIfExists(results());
  }

  /** Removes all of it. */
  void remove() throws IOException {
    remove(folder);
  }

  /** Removes a folder, first what makes it a job. */
  static void remove(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve(ORDER));
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> all = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : all) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** The job as the HTTP contract shows it. */
  Json.Obj json(String region, long wallMillis) {
    JobState now = state;
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("id", new Json.Str(order.id()));
    members.put("state", new Json.Str(now.phase().text()));
    members.put("region", new Json.Str(region));
    members.put("rows", new Json.Num((double) order.rows()));
    members.put("done", new Json.Num((double) now.done()));
    members.put("failed", new Json.Num((double) now.failed()));
    members.put("submitted", instant(order.submittedMillis()));
    if (now.startedMillis() > 0) {
      members.put("started", instant(now.startedMillis()));
    }
    if (now.endedMillis() > 0) {
      members.put("ended", instant(now.endedMillis()));
    }
    if (!now.detail().isEmpty()) {
      members.put("detail", new Json.Str(now.detail()));
    }
    double seconds = (double) (wallMillis - runMillis) / MILLIS_PER_SECOND;
    if (now.phase() == JobState.Phase.RUNNING && now.done() > runDone && seconds > 0) {
      double rate = (double) (now.done() - runDone) / seconds;
      members.put("rows_per_second", new Json.Num((double) Math.round(rate * 10) / 10.0));
      members.put(
          "eta_seconds", new Json.Num(Math.ceil((double) (order.rows() - now.done()) / rate)));
    }
    if (order.webhook() != null && now.phase().isEnd() && now.phase() != JobState.Phase.CANCELLED) {
      members.put("webhook", new Json.Str(hook(now)));
    }
    return new Json.Obj(members);
  }

  private static String hook(JobState now) {
    return now.hookMillis() > 0 ? "pending" : now.hookMillis() == 0 ? "delivered" : "given up";
  }

  private static Json instant(long millis) {
    return new Json.Str(Instant.ofEpochMilli(millis).toString());
  }

  byte[] document(String region, long wallMillis) {
    return JsonWriter.write(json(region, wallMillis));
  }
}
