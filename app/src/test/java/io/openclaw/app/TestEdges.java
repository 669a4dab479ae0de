package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.edge.Directory;
import io.openclaw.edge.Edge;
import io.openclaw.edge.RatingCache;
import io.openclaw.edge.Tries;
import io.openclaw.limit.ConcurrencyLimit;
import io.openclaw.limit.Limiter;
import java.util.Map;

/** Edges without a node around them. */
final class TestEdges {
  private TestEdges() {}

  /** One that keeps nothing of what it answers, of a region that is alone. */
  static Edge plain(
      String region,
      Clock clock,
      Limiter limiter,
      Directory directory,
      ConcurrencyLimit concurrency) {
    return new Edge(
        region,
        clock,
        limiter,
        limit -> Map.of(),
        () -> directory,
        concurrency,
        new RatingCache(0, null, clock),
        null,
        new Tries(clock));
  }
}
