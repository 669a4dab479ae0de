package io.openclaw.wasm;

import io.openclaw.domain.Rating;
import io.openclaw.rating.ModelDeadlineException;
import io.openclaw.rating.ModelTrapException;
import java.util.concurrent.CompletableFuture;

/**
 * One rating that wants a thread.
 *
 * @param lane whose it is
 * @param task what to do
 * @param untilNanos when it is refused if it has not begun
 * @param answer what comes of it
 */
record Call(Lane lane, Task task, long untilNanos, CompletableFuture<Rating> answer) {
  /** What a thread does for a model. */
  @FunctionalInterface
  interface Task {
    /** The rating, made under a lease of the calling thread. */
    Rating run(Lease lease) throws ModelTrapException, ModelDeadlineException;
  }
}
