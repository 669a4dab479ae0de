package io.openclaw.net;

import org.jspecify.annotations.Nullable;

/** The metrics of a process as Prometheus reads them; a port. Thread-safe. */
public interface MetricsPage {
  /** The media type of the best format that an Accept header takes. */
  String type(@Nullable String accept);

  /**
   * The page as it is now; may be large, so not for an event loop.
   *
   * @param type what {@link #type} gave
   */
  byte[] render(String type);
}
