package io.openclaw.app;

import io.vertx.core.Future;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waiting, on a thread that may block, for what event loops do. */
final class Waiting {
  private Waiting() {}

  /**
   * What comes of it.
   *
   * @throws IOException with the message of what went wrong, or where nothing came in time
   */
  static <T> T await(Future<T> future, long seconds) throws IOException {
    try {
      return future.toCompletionStage().toCompletableFuture().get(seconds, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause() == null ? e.toString() : e.getCause().getMessage(), e);
    } catch (TimeoutException e) {
      throw new IOException("nothing happened for " + seconds + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
