package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * How far a job has come, as the file {@code state.json} in its folder holds it: a checkpoint from
 * which the job goes on after a crash. Immutable.
 *
 * @param done rows whose results are on disk
 * @param inputAt where in {@code input} the next row begins
 * @param resultsBytes of {@code results} that count; what follows was written after the checkpoint
 * @param resultsCrc the CRC-32C of those bytes
 * @param failed rows among {@code done} whose result is a problem
 * @param startedMillis Unix time, 0 for not yet
 * @param endedMillis likewise
 * @param detail why it failed; empty where it did not
 * @param hookTries deliveries of the webhook that were begun
 * @param hookMillis when the next one is due; 0 for none, {@link #GIVEN_UP} after the last
 */
record JobState(
    Phase phase,
    long done,
    long inputAt,
    long resultsBytes,
    long resultsCrc,
    long failed,
    long startedMillis,
    long endedMillis,
    String detail,
    int hookTries,
    long hookMillis) {
  /** Where a job is. */
  enum Phase {
    QUEUED,
    RUNNING,
    DONE,
    FAILED,
    CANCELLED;

    /** As it is called on the wire and on disk. */
    String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    boolean isEnd() {
      return this == DONE || this == FAILED || this == CANCELLED;
    }
  }

  /** As {@code hookMillis}: the webhook was tried as often as it may be. */
  static final long GIVEN_UP = -1;

  static final JobState NEW = new JobState(Phase.QUEUED, 0, 0, 0, 0, 0, 0, 0, "", 0, 0);

  JobState running(long wallMillis) {
    return new JobState(
        Phase.RUNNING,
        done,
        inputAt,
        resultsBytes,
        resultsCrc,
        failed,
        startedMillis == 0 ? wallMillis : startedMillis,
        0,
        "",
        0,
        0);
  }

  JobState at(long rows, long input, long bytes, long crc, long failures) {
    return new JobState(phase, rows, input, bytes, crc, failures, startedMillis, 0, "", 0, 0);
  }

  /**
   * The end.
   *
   * @param hook whether somebody is to be told
   */
  JobState ended(Phase end, String why, long wallMillis, boolean hook) {
    return new JobState(
        end,
        done,
        inputAt,
        resultsBytes,
        resultsCrc,
        failed,
        startedMillis,
        wallMillis,
        why,
        0,
        hook ? wallMillis : 0);
  }

  /** A delivery of the webhook was begun; {@code nextMillis} is when there may be another. */
  JobState hook(int tries, long nextMillis) {
    return new JobState(
        phase,
        done,
        inputAt,
        resultsBytes,
        resultsCrc,
        failed,
        startedMillis,
        endedMillis,
        detail,
        tries,
        nextMillis);
  }

  byte[] write() {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("state", new Json.Str(phase.text()));
    members.put("done", new Json.Num((double) done));
    members.put("input_at", new Json.Num((double) inputAt));
    members.put("results_bytes", new Json.Num((double) resultsBytes));
    members.put("results_crc", new Json.Num((double) resultsCrc));
    members.put("failed", new Json.Num((double) failed));
    members.put("started_millis", new Json.Num((double) startedMillis));
    members.put("ended_millis", new Json.Num((double) endedMillis));
    members.put("detail", new Json.Str(detail));
    members.put("hook_tries", new Json.Num(hookTries));
    members.put("hook_millis", new Json.Num((double) hookMillis));
    return JsonWriter.write(new Json.Obj(members));
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException where it is anything else
   */
  static JobState read(byte[] document) {
    Json.Obj object = JobOrder.object(document);
    return new JobState(
        Phase.valueOf(JobOrder.text(object, "state").toUpperCase(Locale.ROOT)),
        JobOrder.number(object, "done"),
        JobOrder.number(object, "input_at"),
        JobOrder.number(object, "results_bytes"),
        JobOrder.number(object, "results_crc"),
        JobOrder.number(object, "failed"),
        JobOrder.number(object, "started_millis"),
        JobOrder.number(object, "ended_millis"),
        JobOrder.text(object, "detail"),
        (int) JobOrder.number(object, "hook_tries"),
        JobOrder.number(object, "hook_millis"));
  }
}
