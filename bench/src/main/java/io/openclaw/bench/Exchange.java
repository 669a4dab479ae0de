package io.openclaw.bench;

import org.jspecify.annotations.Nullable;

/**
 * One request on its way; times are nanoseconds since the run began. Used on the event loop only.
 */
final class Exchange {
  final int target;
  final int body;

  /** When it should have been sent: latency counts from here. */
  final long dueNanos;

  /** False during the warm-up. */
  final boolean recorded;

  /** When its bytes were written, -1 as long as they were not. */
  long sentNanos = -1;

  long bytesSent;
  long bytesReceived;
  boolean done;
  @Nullable Connection connection;

  Exchange(int target, int body, long dueNanos, boolean recorded) {
    this.target = target;
    this.body = body;
    this.dueNanos = dueNanos;
    this.recorded = recorded;
  }
}
