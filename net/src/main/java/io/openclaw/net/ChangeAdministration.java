package io.openclaw.net;

import io.openclaw.edge.Answered;

/**
 * Small changes of what is served, at once or gathered into one release, as the admin API offers
 * them; a port. Thread-safe; reads and writes the disk, so not for an event loop.
 */
public interface ChangeAdministration {
  /** What waits to be published, and why it was refused where it was. */
  Answered pending();

  /** Publishes changes, or lets them wait. */
  Answered write(byte[] body);

  /** Forgets what waits. */
  Answered drop();
}
