package io.openclaw.edge;

/**
 * Showing, draining and restoring regions, as the admin API offers it; a port. Thread-safe; may
 * block.
 */
public interface RegionAdministration {
  /** All regions, and what was ordered of them. */
  Answered list();

  /** Drains one or takes it back, for all regions. */
  Answered order(byte[] body);
}
