package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Json;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.edge.Answered;
import io.openclaw.edge.Bulk;
import io.openclaw.edge.EdgeMetrics;
import io.openclaw.edge.ItemLine;
import io.openclaw.edge.ItemSplitter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * One run of a job, on a thread of its own: reads inputs, rates them in chunks after single
 * requests, writes their lines in order, and keeps a checkpoint on disk each second. A row that is
 * denied waits for tokens; one that fails for want of room is tried again a few times.
 */
final class JobRun {
  /** Rows of one chunk. */
  static final int CHUNK_ROWS = 64;

  private static final long CHECKPOINT_NANOS = 1_000_000_000L;
  private static final int TRIES_MAX = 5;
  private static final long SLOT_MILLIS = 5;
  private static final long PAUSE_MILLIS_MIN = 5;
  private static final long PAUSE_MILLIS_MAX = 1_000;

  /** Tokens that are waited for at once, where a limit gives them one by one. */
  private static final double PAUSE_TOKENS = 8;

  private static final double MILLIS_PER_SECOND = 1000.0;

  /** Ends a run that was cancelled. */
  static final class StoppedException extends Exception {
    private static final long serialVersionUID = 1;
  }

  /** Ends a run for good. */
  static final class FailedException extends Exception {
    private static final long serialVersionUID = 1;

    FailedException(String why) {
      super(why);
    }
  }

  /**
   * What runs share.
   *
   * @param turns for a chunk's time on a processor
   * @param room throws where results may not grow
   * @param stop at 0 when runs are to end at their chunks
   */
  record Shared(
      Bulk bulk,
      JobSettings settings,
      EdgeMetrics metrics,
      Clock clock,
      Semaphore turns,
      Room room,
      CountDownLatch stop,
      LongAdder rated,
      LongAdder failed) {}

  /** Whether results may grow. */
  @FunctionalInterface
  interface Room {
    void require() throws FailedException;
  }

  private final Job job;
  private final Shared shared;
  private long row;
  private long failures;
  private long checkpointNanos;

  JobRun(Job job, Shared shared) {
    this.job = job;
    this.shared = shared;
  }

  /** Rows of the input, and where in it each ends. */
  @SuppressWarnings("ArrayRecordComponent") // filled once
  private record Chunk(List<ItemSplitter.Item> items, long[] ends) {}

  /**
   * Runs the job from its checkpoint; false where the node stops before its end, and what was rated
   * is behind a checkpoint.
   *
   * @throws FailedException where it cannot go on, whatever is done
   * @throws StoppedException where it was cancelled
   * @throws InterruptedException where the node cannot wait; the last checkpoint is on disk
   */
  boolean run() throws IOException, FailedException, StoppedException, InterruptedException {
    JobState from = job.state();
    row = from.done();
    failures = from.failed();
    checkpointNanos = shared.clock.nanoTime();
    try (JobInput.Reader input = new JobInput.Reader(job.input(), from.inputAt());
        JobResults results =
            JobResults.open(job.results(), from.resultsBytes(), from.resultsCrc())) {
      long inputAt = from.inputAt();
      for (Chunk chunk = next(input); !chunk.items.isEmpty(); chunk = next(input)) {
        List<Answered> answers = answers(chunk.items);
        for (Answered answer : answers) {
          results.add(ItemLine.write(row, answer, idOf(row)));
          count(answer);
          row++;
        }
        inputAt = answers.isEmpty() ? inputAt : chunk.ends[answers.size() - 1];
        boolean stops = isStopping();
        if (stops || shared.clock.nanoTime() - checkpointNanos >= CHECKPOINT_NANOS) {
          checkpoint(inputAt, results);
        }
        if (stops) {
          return false;
        }
      }
      checkpoint(inputAt, results);
    }
    if (row != job.order().rows()) {
      throw new FailedException(
          row + " rows were found (expected: " + job.order().rows() + ", as were taken)");
    }
    return true;
  }

  private boolean isStopping() {
    return shared.stop.getCount() == 0;
  }

  private void count(Answered answer) {
    boolean isRating = answer.problem() == null;
    failures += isRating ? 0 : 1;
    (isRating ? shared.rated : shared.failed).increment();
  }

  private void checkpoint(long inputAt, JobResults results) throws IOException, FailedException {
    shared.room.require();
    results.sync();
    job.save(job.state().at(row, inputAt, results.bytes(), results.crc(), failures));
    checkpointNanos = shared.clock.nanoTime();
  }

  private static Chunk next(JobInput.Reader input) throws IOException {
    Chunk chunk = new Chunk(new ArrayList<>(CHUNK_ROWS), new long[CHUNK_ROWS]);
    while (chunk.items.size() < CHUNK_ROWS) {
      ItemSplitter.Item item = input.next();
      if (item == null) {
        return chunk;
      }
      chunk.ends[chunk.items.size()] = input.at();
      chunk.items.add(item);
    }
    return chunk;
  }

  private String idOf(long index) {
    return job.order().id() + "." + index;
  }

  /**
   * The chunk's answers, in order, however long the tokens for them take; where the node stops
   * meanwhile, the first of them, as far as they are there.
   */
  private List<Answered> answers(List<ItemSplitter.Item> chunk)
      throws FailedException, StoppedException, InterruptedException {
    @Nullable Answered[] answers = new @Nullable Answered[chunk.size()];
    int[] tries = new int[chunk.size()];
    long pauseMillis = round(chunk, answers, tries);
    while (pauseMillis >= 0 && !shared.stop.await(pauseMillis, TimeUnit.MILLISECONDS)) {
      pauseMillis = round(chunk, answers, tries);
    }
    List<Answered> all = new ArrayList<>(chunk.size());
    for (Answered answer : answers) {
      if (answer == null) {
        break; // the node stops
      }
      all.add(answer);
    }
    return all;
  }

  /**
   * Rates what has no answer yet; how long to wait before the next round, -1 where all have, or
   * there was no slot before the node stops.
   */
  private long round(List<ItemSplitter.Item> chunk, @Nullable Answered[] answers, int[] tries)
      throws FailedException, StoppedException, InterruptedException {
    shared.turns.acquire();
    List<CompletableFuture<Answered>> under = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    Bulk.Chunk slot = slot();
    if (slot == null) {
      shared.turns.release();
      return -1;
    }
    long begunNanos = shared.clock.nanoTime();
    Problem denied = null;
    try {
      requirePermitted(slot);
      for (int i = 0; i < chunk.size() && denied == null; i++) {
        if (answers[i] == null) {
          CompletableFuture<Answered> answer = begin(chunk.get(i), slot, row + i);
          denied = deniedNow(answer);
          if (denied == null) {
            under.add(answer);
            places.add(i);
          }
        }
      }
    } finally {
      shared.turns.release();
    }
    long pauseMillis = denied == null ? -1 : pauseMillis(denied);
    try {
      for (int i = 0; i < places.size(); i++) {
        int place = places.get(i);
        Answered answer = under.get(i).join();
        if (isTriedAgain(answer) && ++tries[place] < TRIES_MAX) {
          pauseMillis = PAUSE_MILLIS_MAX;
        } else {
          answers[place] = answer;
          shared.metrics.answered(answer, shared.clock.nanoTime() - begunNanos);
        }
      }
    } finally {
      slot.end();
    }
    return pauseMillis;
  }

  private CompletableFuture<Answered> begin(ItemSplitter.Item item, Bulk.Chunk slot, long index) {
    return item.tooLarge()
        ? CompletableFuture.completedFuture(
            Bulk.refusal(
                job.order().caller(),
                Problem.of(
                    ProblemType.BODY_TOO_LARGE,
                    "the input is over " + shared.settings.itemBytesMax() + " bytes")))
        : slot.rate(item.bytes(), idOf(index)).toCompletableFuture();
  }

  private static @Nullable Problem deniedNow(CompletableFuture<Answered> answer) {
    Problem problem = answer.isDone() ? answer.join().problem() : null;
    return problem != null && problem.type() == ProblemType.LIMIT_EXCEEDED ? problem : null;
  }

  /** The disk or a pool of models may take it in a moment. */
  private static boolean isTriedAgain(Answered answer) {
    Problem problem = answer.problem();
    return problem != null
        && (problem.type() == ProblemType.OVERLOADED || problem.type() == ProblemType.UNAVAILABLE);
  }

  /** A slot of the limit on ratings under way, waited for; null where the node stops meanwhile. */
  private Bulk.@Nullable Chunk slot() throws StoppedException, InterruptedException {
    try {
      while (true) {
        if (job.isCancelled()) {
          throw new StoppedException();
        }
        Bulk.Chunk slot = shared.bulk.begin(job.order().caller(), true);
        if (slot != null || isStopping()) {
          return slot;
        }
        shared.turns.release(); // others need none of it meanwhile
        try {
          Thread.sleep(SLOT_MILLIS);
        } finally {
          shared.turns.acquireUninterruptibly();
        }
      }
    } catch (StoppedException | InterruptedException | RuntimeException e) {
      shared.turns.release();
      throw e;
    }
  }

  private void requirePermitted(Bulk.Chunk slot) throws FailedException {
    Problem refused = slot.refused();
    if (refused != null) {
      slot.end();
      throw new FailedException("the job's key may not rate any more: " + refused.detail());
    }
  }

  /** Until a few tokens have come; where a quota is exhausted, a second at a time. */
  static long pauseMillis(Problem denied) {
    double millis =
        denied.members().get("next_token_seconds") instanceof Json.Num seconds
            ? seconds.value() * MILLIS_PER_SECOND * PAUSE_TOKENS
            : PAUSE_MILLIS_MAX;
    return Math.clamp((long) millis, PAUSE_MILLIS_MIN, PAUSE_MILLIS_MAX);
  }
}
