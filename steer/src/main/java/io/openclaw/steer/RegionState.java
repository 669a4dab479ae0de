package io.openclaw.steer;

/**
 * What is known of a region's health. Three things, not two: a region nobody has heard of yet is
 * neither up nor down.
 */
public enum RegionState {
  /** Answers; takes traffic. */
  UP,
  /** Neither a good answer nor enough failures so far; used only when no region is up. */
  UNKNOWN,
  /**
   * Failed repeatedly or is draining; used only when nothing else is left, because a wrong health
   * check must not take everything down.
   */
  DOWN
}
