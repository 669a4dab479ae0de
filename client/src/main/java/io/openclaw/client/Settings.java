package io.openclaw.client;

import io.openclaw.steer.Steering;
import java.net.URI;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a {@link ClientBuilder} was told, checked; times in nanoseconds. */
record Settings(
    Map<String, URI> regions,
    Supplier<String> apiKey,
    @Nullable String tenant,
    Steering steering,
    long timeoutNanos,
    long attemptNanos,
    int retriesMax,
    Hedge hedge,
    boolean pacing,
    boolean idempotencyKeys,
    boolean repeatBatches,
    long probeNanos,
    String userAgent) {

  /** No API key. */
  @Override
  public String toString() {
    return "Settings[regions=" + regions + ", timeoutNanos=" + timeoutNanos + "]";
  }
}
