package io.openclaw.steer;

/** What one observation did to a region's state. */
public enum HealthChange {
  /** Nothing a caller must act on. */
  NONE,
  /** Unknown to up: the first good answer. */
  FOUND,
  /** Down to up: slow start begins. */
  RESTORED,
  /** Up to down by failures. */
  EJECTED,
  /** Up to down because the region said that it is draining. */
  DRAINED,
  /** Unknown to down: it never answered. */
  MISSING;

  static HealthChange between(RegionHealth before, RegionHealth after) {
    if (before.state() == after.state()) {
      return NONE;
    }
    return switch (after.state()) {
      case UP -> before.state() == RegionState.DOWN ? RESTORED : FOUND;
      case DOWN -> {
        if (before.state() == RegionState.UNKNOWN) {
          yield MISSING;
        }
        yield after.draining() ? DRAINED : EJECTED;
      }
      case UNKNOWN -> NONE;
    };
  }

  /** Whether the region has just left service. */
  public boolean leftService() {
    return this == EJECTED || this == DRAINED;
  }
}
