package io.openclaw.router;

import io.vertx.core.http.HttpConnection;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection and the time by which something must happen on it.
 *
 * <p>Used on its event loop only. Deadlines are looked at by a periodic sweep rather than by a
 * timer each: they need no precision, and every request would set and cancel several.
 */
final class ClientConnection {
  private final HttpConnection connection;
  private @Nullable Runnable whenLate;
  private long deadlineNanos;

  ClientConnection(HttpConnection connection) {
    this.connection = connection;
  }

  /** Runs {@code action} when the deadline passes before the next watch or unwatch. */
  void watch(long deadline, Runnable action) {
    deadlineNanos = deadline;
    whenLate = action;
  }

  /** Closes the connection when the deadline passes before the next watch or unwatch. */
  void closeAt(long deadline) {
    watch(deadline, this::close);
  }

  void unwatch() {
    whenLate = null;
  }

  void sweep(long nowNanos) {
    Runnable action = whenLate;
    if (action != null && nowNanos - deadlineNanos >= 0) {
      whenLate = null;
      action.run();
    }
  }

  void close() {
    var _ = connection.close();
  }
}
