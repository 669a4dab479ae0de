package io.openclaw.limit;

import io.openclaw.domain.LimitSpec;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The limits of one region, in {@code strict} mode with fixed shares: each of the N configured
 * regions may spend 1/N of every limit, whatever it hears or does not hear from the others.
 *
 * <p>So over any interval the cost admitted by all regions is at most burst + rate × time, with no
 * message on the request's path; what a dead region does not spend is lost until it returns.
 * Thread-safe; told the time.
 */
public final class Limiter {
  private final String region;
  private final List<String> regions;
  private final boolean startsFull;
  private final LimitFacts facts;
  private final ConcurrentMap<String, Limit> limits = new ConcurrentHashMap<>();

  /**
   * The limiter of one region.
   *
   * @param regions the configured regions, the same on every node, {@code region} among them
   * @param writer this node's name in facts, new at every start: {@code region#incarnation}
   * @param startsFull whether new buckets start full: only for a node that is alone and has never
   *     run before, since any other cannot know what was spent just before it started
   */
  public Limiter(String region, List<String> regions, String writer, boolean startsFull) {
    this.region = region;
    this.regions = List.copyOf(regions);
    this.startsFull = startsFull;
    this.facts = new LimitFacts(writer);
  }

  /**
   * This region's side of a limit, made when it is first asked for.
   *
   * @param largestCost the most tokens one request may cost, at most the burst
   */
  public Limit limit(LimitSpec spec, long largestCost, long nowNanos) {
    Limit limit =
        limits.computeIfAbsent(
            spec.id(),
            id ->
                new Limit(
                    spec, Share.fixed(spec, region, regions, largestCost), startsFull, nowNanos));
    if (!limit.spec().equals(spec)) {
      throw new IllegalArgumentException("limit " + spec.id() + " is already " + limit.spec());
    }
    return limit;
  }

  /** Forgets a limit that no request can reach any more. */
  public void forget(String id) {
    limits.remove(id);
  }

  /**
   * Spends {@code cost} tokens of every limit of the nest, or of none.
   *
   * @param nest from the outermost to the innermost; the first that says no is named
   */
  public Decision admit(Limit[] nest, long cost, long nowNanos) {
    long[] remaining = new long[nest.length];
    for (int i = 0; i < nest.length; i++) {
      remaining[i] = nest[i].take(cost, nowNanos);
      if (remaining[i] < 0) {
        for (int j = 0; j < i; j++) {
          nest[j].giveBack(cost);
        }
        return deny(nest[i], cost, nowNanos);
      }
    }
    for (Limit limit : nest) {
      limit.countSpent(cost);
      facts.changed(limit);
    }
    return new Decision.Admitted(remaining);
  }

  private Decision.Denied deny(Limit limit, long cost, long nowNanos) {
    limit.countDenied(cost);
    facts.changed(limit);
    return new Decision.Denied(
        limit, limit.tokens(nowNanos), Math.max(1, limit.nanosUntil(cost, nowNanos)));
  }

  /** What all regions have spent and been denied, as far as this one has heard. */
  public LimitFacts facts() {
    return facts;
  }
}
