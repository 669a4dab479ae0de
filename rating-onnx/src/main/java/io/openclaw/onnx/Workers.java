package io.openclaw.onnx;

import io.openclaw.domain.Rating;
import io.openclaw.rating.ModelDeadlineException;
import io.openclaw.rating.ModelTrapException;
import java.lang.ref.Reference;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads for runs that are too long for an event loop: as many as processors, at most four,
 * and one that watches the deadlines. What waits for them is bounded by the models' slots.
 */
final class Workers {
  private static final int THREADS_MAX = 4;

  /** Runs that get a thread at a time. */
  static final int THREADS = Math.min(THREADS_MAX, Runtime.getRuntime().availableProcessors());

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private static final ExecutorService POOL =
      Executors.newFixedThreadPool(
          THREADS, task -> daemon(task, "onnx-" + NUMBER.incrementAndGet()));

  private static final ScheduledExecutorService DEADLINES =
      Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "onnx-deadlines"));

  private Workers() {}

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /** What a run computes. */
  @FunctionalInterface
  interface Work {
    Rating rating() throws ModelTrapException;
  }

  /**
   * Does the work in its model's turn, and closes the run after it. At the deadline, which counts
   * from now, the run is stopped and the stage fails with {@link ModelDeadlineException}.
   */
  static CompletionStage<Rating> run(Lane lane, Evaluator.Run run, Work work, int deadlineMillis) {
    CompletableFuture<Rating> done = new CompletableFuture<>();
    Future<?> deadline = deadline(done, deadlineMillis, run::stop);
    lane.execute(
        () -> {
          try {
            if (!done.isDone()) {
              done.complete(work.rating());
            }
          } catch (ModelTrapException | RuntimeException e) {
            done.completeExceptionally(e);
          } finally {
            deadline.cancel(false);
            run.close();
            Reference.reachabilityFence(work); // until here its model's session must stay open
          }
        });
    return done;
  }

  /**
   * Fails the stage with {@link ModelDeadlineException} after so long where it is not done before,
   * and has it stopped then. To be cancelled when it is done.
   */
  static Future<?> deadline(CompletableFuture<Rating> done, int millis, Runnable stop) {
    return DEADLINES.schedule(
        () -> {
          if (done.completeExceptionally(
              new ModelDeadlineException(
                  "onnx: no rating within " + millis + " ms (expected: one)"))) {
            stop.run();
          }
        },
        millis,
        TimeUnit.MILLISECONDS);
  }

  /** Has a thread do it; for {@link Lane}, which asks for no more than there are. */
  static void execute(Runnable task) {
    POOL.execute(task);
  }
}
