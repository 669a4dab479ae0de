package io.openclaw.app;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * A thread on which models are tried, each step for a limited time. What does not end is
 * interrupted and given up with its thread: that one is a daemon, ends when the model returns or
 * notices the interrupt, and a new one takes its place, up to {@link #GIVEN_UP_MAX} times.
 * Thread-safe; one trial at a time.
 */
final class TrialThread {
  /** How long one sample may take. */
  static final long STEP_NANOS_MAX = 1_000_000_000L;

  /** How long all samples of one model may take, loading it included. */
  static final long TRIAL_NANOS_MAX = 10_000_000_000L;

  /** Threads that may be given up and still run; then nothing is tried until one of them ends. */
  static final int GIVEN_UP_MAX = 4;

  /** How often it is looked which step is under way. */
  private static final long LOOK_NANOS = 10_000_000;

  /** The name of the first step. */
  static final String LOADING = "loading";

  private static final long IDLE_SECONDS_MAX = 10;
  private static final System.Logger LOG = System.getLogger("io.openclaw.app");

  private final long stepNanosMax;
  private final long trialNanosMax;
  private final List<Thread> givenUp = new ArrayList<>();
  private ThreadPoolExecutor executor;
  private volatile Thread thread = Thread.currentThread();

  TrialThread() {
    this(STEP_NANOS_MAX, TRIAL_NANOS_MAX);
  }

  TrialThread(long stepNanosMax, long trialNanosMax) {
    this.stepNanosMax = stepNanosMax;
    this.trialNanosMax = trialNanosMax;
    executor = executor();
  }

  /** Where a trial is. Written by the trial, read by who waits for it. */
  static final class Progress {
    private final long startNanos = System.nanoTime();
    private volatile Step step = new Step(LOADING, false, startNanos);

    /**
     * @param isTimed whether this step has a time of its own
     */
    private record Step(String name, boolean isTimed, long startNanos) {}

    /** The next sample begins. */
    void sample(String name) {
      step = new Step(name, true, System.nanoTime());
    }

    /** Something begins that has only the trial's time. */
    void untimed(String name) {
      step = new Step(name, false, System.nanoTime());
    }

    /** What is under way. */
    String name() {
      return step.name();
    }
  }

  /** How a trial ended. */
  sealed interface End<T> {
    /** It returned. */
    record Returned<T>(T value) implements End<T> {}

    /**
     * It threw.
     *
     * @param at the step that did
     */
    record Threw<T>(String at, Throwable what) implements End<T> {}

    /** It did not return, or could not begin. */
    record GivenUp<T>(String why) implements End<T> {}
  }

  /** Runs a trial to its end, or for as long as it may take. */
  synchronized <T> End<T> run(Function<Progress, T> trial) {
    givenUp.removeIf(each -> !each.isAlive());
    if (givenUp.size() >= GIVEN_UP_MAX) {
      return new End.GivenUp<>(
          givenUp.size()
              + " trials of other models have not ended (expected: fewer than "
              + GIVEN_UP_MAX
              + "; restart this node)");
    }
    Progress progress = new Progress();
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              thread = Thread.currentThread();
              return trial.apply(progress);
            });
    executor.execute(task);
    try {
      while (true) {
        long leftNanos = leftNanos(progress);
        if (leftNanos <= 0) {
          return giveUp(progress, task);
        }
        try {
          return new End.Returned<>(
              task.get(Math.min(leftNanos, LOOK_NANOS), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
          // Another step may have begun meanwhile, with a time of its own.
        }
      }
    } catch (ExecutionException e) {
      return new End.Threw<>(progress.name(), e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      task.cancel(true);
      return new End.GivenUp<>("interrupted");
    }
  }

  private long leftNanos(Progress progress) {
    long now = System.nanoTime();
    Progress.Step step = progress.step;
    long left = trialNanosMax - (now - progress.startNanos);
    return step.isTimed() ? Math.min(left, stepNanosMax - (now - step.startNanos())) : left;
  }

  private <T> End<T> giveUp(Progress progress, FutureTask<T> task) {
    boolean isTrial = System.nanoTime() - progress.startNanos >= trialNanosMax;
    String why =
        isTrial
            ? "all samples took more than " + seconds(trialNanosMax) + " s, at " + progress.name()
            : progress.name() + ": no rating within " + seconds(stepNanosMax) + " s";
    Thread stuck = thread;
    task.cancel(true);
    executor.shutdownNow();
    executor = executor();
    if (!stuck.equals(Thread.currentThread())) {
      givenUp.add(stuck);
    }
    LOG.log(
        Level.WARNING,
        () -> "a model on trial was given up, " + why + "; its thread is " + stuck.getName());
    return new End.GivenUp<>(why);
  }

  private static String seconds(long nanos) {
    return java.math.BigDecimal.valueOf(nanos, 9).stripTrailingZeros().toPlainString();
  }

  /** Threads that were given up and still run. */
  synchronized int givenUp() {
    givenUp.removeIf(each -> !each.isAlive());
    return givenUp.size();
  }

  private static ThreadPoolExecutor executor() {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS_MAX,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread made = new Thread(task, "model-trial");
              made.setDaemon(true);
              return made;
            });
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }
}
