package io.openclaw.limit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What this region may use of one limit beside its floor: so many blocks under each of some leases.
 *
 * <p>Immutable but for the leases' ends. A later version replaces an earlier one, never the other
 * way round, whichever thread comes last.
 *
 * @param version greater for each newer one
 * @param own whether it is this limit's alone; otherwise it is what every limit with the same
 *     offset has, and the newest of these holds
 * @param sole the only lease, where there is just one: most have
 */
@SuppressWarnings("ArrayRecordComponent") // read on every request, never changed
record Rights(long version, boolean own, Part[] parts, int blocks, @Nullable Lease sole) {

  /** Blocks under one lease. */
  record Part(Lease lease, int blocks) {}

  /** The same parts under another version. */
  static Rights of(long version, boolean own, Part[] parts) {
    return of(version, own, List.of(parts));
  }

  static Rights of(long version, boolean own, List<Part> parts) {
    return new Rights(
        version,
        own,
        parts.toArray(new Part[0]),
        parts.stream().mapToInt(Part::blocks).sum(),
        parts.size() == 1 ? parts.getFirst().lease : null);
  }

  static Rights nothing(long version) {
    return of(version, false, List.of());
  }

  /** The blocks that may be used at that instant. */
  int blocks(long nowNanos) {
    int usable = 0;
    for (Part part : parts) {
      if (nowNanos - part.lease.endNanos() < 0) {
        usable += part.blocks;
      }
    }
    return usable;
  }

  /**
   * The first end of a lease that still runs at {@code nowNanos}; {@code limitNanos} where that is
   * earlier.
   */
  long firstEnd(long nowNanos, long limitNanos) {
    long first = limitNanos;
    for (Part part : parts) {
      long end = part.lease.endNanos();
      if (nowNanos - end < 0 && end - first < 0) {
        first = end;
      }
    }
    return first;
  }

  /** Whether every lease that ran at {@code sinceNanos} runs at {@code nowNanos}. */
  boolean held(long sinceNanos, long nowNanos) {
    if (sole != null) {
      long end = sole.endNanos();
      return nowNanos - end < 0 || sinceNanos - end >= 0;
    }
    for (Part part : parts) {
      long end = part.lease.endNanos();
      if (nowNanos - end >= 0 && sinceNanos - end < 0) {
        return false;
      }
    }
    return true;
  }

  boolean has(Lease lease) {
    for (Part part : parts) {
      if (part.lease == lease) {
        return true;
      }
    }
    return false;
  }
}
