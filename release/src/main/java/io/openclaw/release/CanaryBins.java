package io.openclaw.release;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The classes into which a canary's ratings and reasons are counted. They are fixed when the canary
 * starts and are a part of it: all regions count alike, and counts of different times add up.
 *
 * <p>A rating falls into the class above the largest edge that is not greater than it. Of a
 * rating's reasons the first, most important one counts, so that every rating counts once.
 *
 * @param edges where one class of ratings ends and the next begins, growing; 1 to {@link
 *     #EDGES_MAX}
 * @param reasonCodes the codes that are told apart, at most {@link #REASON_CODES_MAX}; all others
 *     are one
 */
public record CanaryBins(List<Decimal> edges, List<String> reasonCodes) {
  /** Edges between classes of ratings. */
  public static final int EDGES_MAX = 19;

  /** Reason codes that are told apart. */
  public static final int REASON_CODES_MAX = 32;

  /** The classes that {@link #ofSample} makes at most, as is usual for this index. */
  public static final int QUANTILES = 10;

  private static final double[] POWERS_OF_TEN = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

  public CanaryBins {
    edges = List.copyOf(edges);
    reasonCodes = List.copyOf(reasonCodes);
    if (edges.isEmpty() || edges.size() > EDGES_MAX) {
      throw new IllegalArgumentException(
          "edges: " + edges.size() + " (expected: 1 to " + EDGES_MAX + ")");
    }
    for (int i = 1; i < edges.size(); i++) {
      if (edges.get(i).compareTo(edges.get(i - 1)) <= 0) {
        throw new IllegalArgumentException(
            "edges: " + edges.get(i) + " (expected: more than " + edges.get(i - 1) + ")");
      }
    }
    if (reasonCodes.size() > REASON_CODES_MAX
        || new TreeSet<>(reasonCodes).size() < reasonCodes.size()) {
      throw new IllegalArgumentException(
          "reasonCodes: "
              + reasonCodes.size()
              + " (expected: at most "
              + REASON_CODES_MAX
              + ", each once)");
    }
  }

  /**
   * The deciles of what the stable version says of recorded samples, and its most frequent reasons.
   * Fewer classes where ratings repeat.
   *
   * @param ratings one or more
   */
  public static CanaryBins ofSample(List<Rating> ratings) {
    if (ratings.isEmpty()) {
      throw new IllegalArgumentException("ratings: 0 (expected: 1 or more)");
    }
    List<Decimal> sorted = ratings.stream().map(Rating::value).sorted().toList();
    TreeSet<Decimal> edges = new TreeSet<>();
    for (int i = 1; i < QUANTILES; i++) {
      edges.add(sorted.get((int) (1L * i * sorted.size() / QUANTILES)));
    }
    Map<String, Long> codes = new TreeMap<>();
    for (Rating rating : ratings) {
      if (!rating.reasons().isEmpty()) {
        codes.merge(rating.reasons().getFirst().code(), 1L, Long::sum);
      }
    }
    List<String> frequent = new ArrayList<>(codes.keySet());
    frequent.sort((a, b) -> Long.compare(codes.getOrDefault(b, 0L), codes.getOrDefault(a, 0L)));
    return new CanaryBins(
        new ArrayList<>(edges), frequent.subList(0, Math.min(REASON_CODES_MAX, frequent.size())));
  }

  /** Classes of ratings. */
  public int ratingClasses() {
    return edges.size() + 1;
  }

  /** Classes of reasons: none, each code, any other. */
  public int reasonClasses() {
    return reasonCodes.size() + 2;
  }

  /** The class of a rating, 0 to {@link #ratingClasses} - 1. */
  int ratingClass(Decimal rating) {
    double value = number(rating);
    int low = 0;
    int high = edges.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (number(edges.get(middle)) <= value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The nearest double, without making an object: this is on every request's path. */
  private static double number(Decimal decimal) {
    return decimal.unscaled() / POWERS_OF_TEN[decimal.scale()];
  }

  /** The class of a rating's first reason, 0 to {@link #reasonClasses} - 1. */
  int reasonClass(List<Reason> reasons) {
    if (reasons.isEmpty()) {
      return 0;
    }
    int index = reasonCodes.indexOf(reasons.getFirst().code());
    return index < 0 ? reasonCodes.size() + 1 : index + 1;
  }
}
