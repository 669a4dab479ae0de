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
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private static final ExecutorService POOL =
      Executors.newFixedThreadPool(
          Math.min(THREADS_MAX, Runtime.getRuntime().availableProcessors()),
          task -> daemon(task, "onnx-" + NUMBER.incrementAndGet()));

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
   * Does the work, and closes the run after it. At the deadline, which counts from now, the run is
   * stopped and the stage fails with {@link ModelDeadlineException}.
   */
  static CompletionStage<Rating> run(Evaluator.Run run, Work work, int deadlineMillis) {
    CompletableFuture<Rating> done = new CompletableFuture<>();
    Future<?> deadline =
        DEADLINES.schedule(
            () -> {
              if (done.completeExceptionally(
                  new ModelDeadlineException(
                      "onnx: no rating within " + deadlineMillis + " ms (expected: one)"))) {
                run.stop();
              }
            },
            deadlineMillis,
            TimeUnit.MILLISECONDS);
    POOL.execute(
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
}
