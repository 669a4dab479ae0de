package io.openclaw.onnx;

import io.openclaw.rating.ModelException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A thread with a deep stack for opening sessions. ONNX Runtime 1.29 recurses while it starts, the
 * deeper the longer the process's command line: with a class path of 6 KB on it, it went over the 1
 * MB of a usual thread, and native code that does so ends the process.
 */
final class DeepStack {
  private static final long STACK_BYTES = 64L << 20;

  private DeepStack() {}

  /** What the task returns. */
  static <T> T call(Callable<T> task) throws ModelException {
    FutureTask<T> done = new FutureTask<>(task);
    Thread thread = new Thread(null, done, "onnx-open", STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
    try {
      return done.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case ModelException refused -> throw refused;
        case RuntimeException wrong -> throw wrong;
        case Error error -> throw error;
        case null, default -> throw new IllegalStateException(e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ModelException("", "loading was interrupted", "its end");
    }
  }
}
