package io.openclaw.edge;

/** Showing and switching fallbacks, as the admin API offers it; a port. Thread-safe; may block. */
public interface FallbackAdministration {
  /** All fallbacks, and how every region finds them. */
  Answered list();

  /** Switches one off or on, for all regions. */
  Answered order(byte[] body);
}
