package io.openclaw.limit;

import io.openclaw.domain.LimitSpec;
import java.util.List;

/** Small limits whose time stands still, to race for. In this package to reach its inside. */
final class RacedLimits {
  static final String ID = "tenant/t";

  private RacedLimits() {}

  /** The limiter of a region among two, with no floor: it has what it is given rights to. */
  static Limiter limiter() {
    return new Limiter(LeaseSettings.of("a", List.of("a", "b")).withFloorPpm(0), "a#1", true, 0);
  }

  /** One token in all of the 64 blocks, for ever. */
  static Limit full(Limiter limiter, long burst) {
    limiter.rights(ID, rights(9, new Lease(0, Limiter.FAR_NANOS), 64), 0);
    return limiter.limit(new LimitSpec(ID, LimitSpec.Level.TENANT, 1000, burst), 1, 0);
  }

  static Rights rights(long version, Lease lease, int blocks) {
    return Rights.of(version, true, List.of(new Rights.Part(lease, blocks)));
  }
}
