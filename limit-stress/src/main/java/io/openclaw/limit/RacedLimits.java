package io.openclaw.limit;

import io.openclaw.domain.LimitSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Small limits whose time stands still, to race for. In this package to reach its inside. */
final class RacedLimits {
  static final String ID = "tenant/t";

  static final long FAR_NANOS = Long.MAX_VALUE / 4;

  private RacedLimits() {}

  /** The limiter of a region among two, with no floor: it has what it is given rights to. */
  static Limiter limiter() {
    return new Limiter(LeaseSettings.of("a", List.of("a", "b")).withFloorPpm(0), "a#1", true, 0);
  }

  /** Tokens in all of the 64 blocks, for ever. */
  static Limit full(Limiter limiter, long burst) {
    limiter.rights(ID, rights(9, new Lease(0, FAR_NANOS), 64), 0);
    return limiter.limit(new LimitSpec(ID, LimitSpec.Level.TENANT, 1000, burst), 1, 0);
  }

  /** What is left after a token was taken; -1 where there was none. */
  static long left(@Nullable TokenBucket after) {
    return after == null ? -1 : after.tokens();
  }

  /** Gives all limits that have no rights of their own so many blocks under a lease. */
  static void common(Limiter limiter, long version, Lease lease, int blocks) {
    Rights rights = Rights.of(version, false, List.of(new Rights.Part(lease, blocks)));
    limiter.common(new Rights[] {rights, rights});
  }

  static Rights rights(long version, Lease lease, int blocks) {
    return Rights.of(version, true, List.of(new Rights.Part(lease, blocks)));
  }
}
