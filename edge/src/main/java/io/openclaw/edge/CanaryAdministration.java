package io.openclaw.edge;

/** Showing canaries, as the admin API offers it; a port. Thread-safe. */
@FunctionalInterface
public interface CanaryAdministration {
  /** All canaries with what every region counted, and what is thought of them. */
  Answered list();
}
