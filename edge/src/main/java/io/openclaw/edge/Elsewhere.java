package io.openclaw.edge;

import io.openclaw.domain.LimitSpec;
import io.openclaw.limit.Limit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a router may try a refused request again, and prefer to send the caller's next ones: {@code
 * <region>;for=<millis>}. A refused request spent no token, so that trying it again is safe.
 *
 * @param region the other region's name, or {@link #ANY}
 * @param millis for how long to prefer it; 0 for this request only
 */
public record Elsewhere(String region, int millis) {
  /** Any region but the one that says so. */
  public static final String ANY = "*";

  /**
   * Short, for all of a caller's requests follow the preference: after 200 ms of them the next
   * region is exhausted too, and far more is denied than with no preference at all (measured).
   */
  static final int MILLIS = 20;

  /** A region is named where its part of the rate is at least so much of an equal part. */
  private static final double PART_MIN = 0.5;

  /** An overload is no matter of one caller: only this request should go elsewhere. */
  static final Elsewhere ANYWHERE = new Elsewhere(ANY, 0);

  /**
   * The region with the largest part of a limit that is exhausted here; null where no other has a
   * part worth the way. Among equals it is the next in the order of names after this one, so that
   * regions which name each other's neighbours reach all.
   *
   * @param holdings each region's part of the limit's rate, 0 to 1
   */
  static @Nullable Elsewhere of(Limit limit, String here, Map<String, Double> holdings) {
    if (limit.spec().mode() == LimitSpec.Mode.GOSSIP) {
      return null; // every region counts against the whole limit
    }
    TreeMap<String, Double> parts = new TreeMap<>(holdings);
    List<String> others = new ArrayList<>(parts.tailMap(here, false).keySet());
    others.addAll(parts.headMap(here, false).keySet());
    String most = null;
    double part = PART_MIN / Math.max(1, parts.size());
    for (String region : others) {
      double held = parts.getOrDefault(region, 0.0);
      if (most == null ? held >= part : held > part) {
        most = region;
        part = held;
      }
    }
    return most == null ? null : new Elsewhere(most, MILLIS);
  }

  /** The header's value. */
  public String text() {
    return region + ";for=" + millis;
  }
}
