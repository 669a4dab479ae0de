package io.openclaw.limit;

import io.openclaw.domain.LimitSpec;
import java.util.List;

/**
 * The part of a limit that one region may spend: {@code numerator/denominator} of its rate, and a
 * whole number of its burst's tokens.
 *
 * <p>The shares of all configured regions add up to the limit, never to more; that is what holds
 * the limit without a message on the request's path. A share with {@code numerator} 0 may spend
 * nothing.
 *
 * @param capTokens the most tokens held at once
 * @param holder the one region that holds everything, where the burst is too small to be split;
 *     otherwise empty
 */
record Share(int numerator, int denominator, long capTokens, String holder) {

  /**
   * The fixed share of {@code region}: 1/N of the rate for each of the N configured regions, and
   * the burst in whole tokens, the remainder to the first regions in an order that depends on the
   * limit. Where that would leave any region too few tokens for the largest cost, one region holds
   * everything.
   *
   * @param regions the configured regions, the same set on every node
   */
  static Share fixed(LimitSpec limit, String region, List<String> regions, long largestCost) {
    List<String> sorted = regions.stream().sorted().distinct().toList();
    int n = sorted.size();
    int index = sorted.indexOf(region);
    if (index < 0) {
      throw new IllegalArgumentException(
          "region: " + region + " (expected: one of " + sorted + ")");
    }
    if (largestCost > limit.burst()) {
      throw new IllegalArgumentException(
          "burst: " + limit.burst() + " (expected: >= the largest cost, " + largestCost + ")");
    }
    int first = Math.floorMod(limit.id().hashCode(), n);
    int position = Math.floorMod(index - first, n);
    if (limit.burst() / n < largestCost) {
      return position == 0
          ? new Share(1, 1, limit.burst(), n == 1 ? "" : region)
          : new Share(0, 1, 0, sorted.get(first));
    }
    long extra = position < limit.burst() % n ? 1 : 0;
    return new Share(1, n, limit.burst() / n + extra, "");
  }

  boolean isNothing() {
    return numerator == 0;
  }
}
