package io.openclaw.domain;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A grow-only counter replicated without coordination: one cumulative count per writer, merged by
 * maximum.
 *
 * <p>A value: {@link #merge} is commutative, associative and idempotent, and equal counters have
 * equal members. Only the writer itself may {@link #add} to its count. Source: Shapiro et al.,
 * "Conflict-free Replicated Data Types", 2011; deltas after Almeida et al., "Delta State Replicated
 * Data Types", 2018.
 *
 * @param counts the cumulative count of each writer, greater than zero
 */
public record GCounter(SortedMap<String, Long> counts) {
  public static final GCounter ZERO = new GCounter(new TreeMap<>());

  public GCounter {
    for (long count : counts.values()) {
      if (count <= 0) {
        throw new IllegalArgumentException("count: " + count + " (expected: > 0)");
      }
    }
    counts = Collections.unmodifiableSortedMap(new TreeMap<>(counts));
  }

  /** The sum over all writers; {@link Long#MAX_VALUE} where it would overflow. */
  public long total() {
    long sum = 0;
    for (long count : counts.values()) {
      sum = sum > Long.MAX_VALUE - count ? Long.MAX_VALUE : sum + count;
    }
    return sum;
  }

  /** The count of one writer; zero where it never wrote. */
  public long of(String writer) {
    return counts.getOrDefault(writer, 0L);
  }

  /** This counter after {@code writer} counted {@code amount} more (0 or greater). */
  public GCounter add(String writer, long amount) {
    return amount == 0 ? this : merge(delta(writer, Math.addExact(of(writer), amount)));
  }

  /** The smallest counter that carries one writer's cumulative count. */
  public static GCounter delta(String writer, long count) {
    return count == 0 ? ZERO : new GCounter(new TreeMap<>(java.util.Map.of(writer, count)));
  }

  /** The least counter that is at least both. */
  public GCounter merge(GCounter other) {
    TreeMap<String, Long> merged = new TreeMap<>(counts);
    other.counts.forEach((writer, count) -> merged.merge(writer, count, Math::max));
    return merged.equals(counts) ? this : new GCounter(merged);
  }
}
