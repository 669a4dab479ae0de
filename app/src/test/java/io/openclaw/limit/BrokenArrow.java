package io.openclaw.limit;

import io.openclaw.edge.Edge;
import org.jspecify.annotations.Nullable;

/**
 * A planted bug for {@code ArrowsTest}: the limiter looks up at the edge, and reads a clock of its
 * own.
 */
public final class BrokenArrow {
  private @Nullable Edge edge;

  /** Does what no pure module may. */
  public long nanos() {
    return edge == null ? System.nanoTime() : 0;
  }
}
