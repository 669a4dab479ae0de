package io.openclaw.app;

import io.openclaw.domain.Rating;
import io.openclaw.edge.Canary;
import java.lang.System.Logger.Level;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Rates what was answered once more, by versions that shadow the one that answered, on a thread of
 * its own: off the answer's path. Thread-safe.
 */
final class CanaryShadow implements AutoCloseable {
  /** Inputs that wait; more are dropped, and counted. */
  static final int WAITING_MAX = 1_000;

  private static final System.Logger LOG = System.getLogger("io.openclaw.app");

  /** A version that rates what another one has answered. */
  interface Version {
    /** Rates an input that was answered, and compares. */
    void shadow(Canary.Request request, Rating answered);
  }

  private record Job(Version version, Canary.Request request, Rating answered) {}

  private final BlockingQueue<Job> queue = new ArrayBlockingQueue<>(WAITING_MAX);
  private final Thread thread =
      Thread.ofPlatform().daemon().name("canary-shadow").unstarted(this::run);

  /** A queue that nothing works on yet. */
  CanaryShadow() {}

  static CanaryShadow start() {
    CanaryShadow shadow = new CanaryShadow();
    shadow.thread.start();
    return shadow;
  }

  /** Lets the version rate the input as soon as it can; false where too many wait already. */
  boolean offer(Version version, Canary.Request request, Rating answered) {
    return queue.offer(new Job(version, request, answered));
  }

  private void run() {
    try {
      while (true) {
        Job job = queue.take();
        try {
          job.version.shadow(job.request, job.answered);
        } catch (RuntimeException | StackOverflowError e) {
          LOG.log(Level.ERROR, "a shadow rating broke", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
