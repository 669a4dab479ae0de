package io.openclaw.net;

import org.jspecify.annotations.Nullable;

/** The metrics of a process as Prometheus reads them; a port. Thread-safe. */
@FunctionalInterface
public interface MetricsPage {
  /** A rendered page. */
  @SuppressWarnings("ArrayRecordComponent") // handed over
  record Page(String contentType, byte[] text) {}

  /** The page in the best format that the Accept header takes. */
  Page render(@Nullable String accept);
}
