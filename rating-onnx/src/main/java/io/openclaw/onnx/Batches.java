package io.openclaw.onnx;

import io.openclaw.domain.Rating;
import io.openclaw.rating.ModelBusyException;
import io.openclaw.rating.ModelTrapException;
import java.lang.ref.Reference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The ratings of one model that wait for a thread: as many as its settings allow are run as one.
 * Nobody waits for others to come, so an idle model rates each by itself; runs grow as ratings come
 * faster than they are done. Thread-safe.
 *
 * <p>Where a run of several fails, each whose answer is still waited for is run again by itself, so
 * that one input's failure is not the others'.
 */
final class Batches {
  /** Full runs that wait, beyond which a rating is refused. */
  private static final int RUNS_WAITING_MAX = 4;

  /** What a rating makes of its part of a run's answer. */
  @FunctionalInterface
  interface Reading {
    Rating rating(Evaluator.Answer answer) throws ModelTrapException;
  }

  /** A rating that was asked for. */
  static final class Asked {
    final Supplier<Columns.Row[]> rows;
    final Reading reading;
    final CompletableFuture<Rating> done = new CompletableFuture<>();
    private @Nullable Together run;

    Asked(Supplier<Columns.Row[]> rows, Reading reading) {
      this.rows = rows;
      this.reading = reading;
    }

    private synchronized void in(Together started) {
      run = started;
    }

    synchronized void late() {
      if (run != null) {
        run.stopIfNobodyWaits();
      }
    }
  }

  /** A run of some ratings. */
  private record Together(OnnxSession.SlotRun run, List<Asked> asked) {
    void stopIfNobodyWaits() {
      if (asked.stream().allMatch(each -> each.done.isDone())) {
        run.stop();
      }
    }
  }

  private final OnnxSession session;
  private final OnnxSettings settings;
  private final int waitingMax;
  private final Lane lane = new Lane();
  private final Deque<Asked> waiting = new ArrayDeque<>();
  private int threads;
  private int runs;

  Batches(OnnxSession session, OnnxSettings settings) {
    this.session = session;
    this.settings = settings;
    this.waitingMax = RUNS_WAITING_MAX * settings.batchMax();
  }

  /**
   * Rates, within the settings' deadline from now.
   *
   * @param rows of the input, made on the thread that runs them
   */
  CompletionStage<Rating> rate(Supplier<Columns.Row[]> rows, Reading reading) {
    Asked asked = new Asked(rows, reading);
    synchronized (this) {
      if (waiting.size() >= waitingMax) {
        return CompletableFuture.failedFuture(
            new ModelBusyException("onnx: " + waitingMax + " ratings wait (expected: fewer)"));
      }
      waiting.add(asked);
      if (threads < Lane.RUNNING_MAX) {
        threads++;
        lane.execute(this::next);
      }
    }
    Future<?> deadline = Workers.deadline(asked.done, settings.deadlineMillis(), asked::late);
    return asked.done.whenComplete((rating, failure) -> deadline.cancel(false));
  }

  /** One run; another one after it, behind the other models' runs that wait by then. */
  private void next() {
    List<Asked> taken = take();
    if (taken.isEmpty()) {
      return;
    }
    try {
      run(taken);
    } finally {
      Reference.reachabilityFence(taken); // until here the model's session must stay open
      lane.execute(this::next);
    }
  }

  /** Those that still want an answer; where there are none the thread is given up. */
  private synchronized List<Asked> take() {
    List<Asked> taken = new ArrayList<>();
    while (taken.size() < settings.batchMax() && !waiting.isEmpty()) {
      Asked asked = waiting.remove();
      if (!asked.done.isDone()) {
        taken.add(asked);
      }
    }
    if (taken.isEmpty()) {
      threads--;
    } else {
      runs++;
    }
    return taken;
  }

  /** Runs so far, those that repeated a failed one not counted. */
  synchronized int runs() {
    return runs;
  }

  private void run(List<Asked> taken) {
    try {
      together(taken);
    } catch (ModelTrapException | RuntimeException e) {
      if (taken.size() == 1) {
        taken.getFirst().done.completeExceptionally(e);
      } else {
        for (Asked each : taken) {
          if (!each.done.isDone()) { // what was stopped since nobody waits stays so
            run(List.of(each));
          }
        }
      }
    } catch (ModelBusyException e) {
      taken.forEach(each -> each.done.completeExceptionally(e));
    }
  }

  /** One run of these; stopped as soon as nobody waits for any of them. */
  void together(List<Asked> taken) throws ModelTrapException, ModelBusyException {
    OnnxSession.SlotRun run = session.begin(taken.size());
    try {
      Together all = new Together(run, taken);
      taken.forEach(each -> each.in(all));
      all.stopIfNobodyWaits(); // deadlines that passed before found no run to stop
      Columns.Row[][] rows = new Columns.Row[taken.size()][];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = taken.get(i).rows.get();
      }
      OnnxAnswer answer =
          run.answer(Arrays.stream(rows).flatMap(Arrays::stream).toArray(Columns.Row[]::new));
      for (int i = 0; i < rows.length; i++) {
        read(taken.get(i), answer, i * rows[i].length, rows[i].length);
      }
    } finally {
      run.close();
    }
  }

  private void read(Asked asked, OnnxAnswer answer, int first, int count) {
    try {
      asked.done.complete(asked.reading.rating(answer.part(settings, first, count)));
    } catch (ModelTrapException | RuntimeException e) {
      asked.done.completeExceptionally(e);
    }
  }
}
