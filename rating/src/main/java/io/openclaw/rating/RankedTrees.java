package io.openclaw.rating;

import java.util.Arrays;

/**
 * The trees of a {@link TreeEnsemble} laid out for speed: four trees are gone down side by side,
 * without a branch that could be mispredicted.
 *
 * <p>Each feature is replaced once by its rank among the thresholds its nodes have (a category by
 * its index), so that every test is of integers: {@code rank < threshold's rank}, or a bit of a
 * mask. The children of a node stand side by side, so that the test's outcome, 1 or 0, is added to
 * where they begin; a leaf is its own child. Ranks leave out 63, 127, … so that bit 63 of a mask
 * can say where a missing value goes.
 *
 * <p>Immutable and thread-safe.
 */
final class RankedTrees {
  /** Features of one vector. */
  static final int FEATURES_MAX = 1 << 14;

  /** Nodes of all trees together. */
  static final int NODES_MAX = 1 << 22;

  /** The bit of a mask that says where a missing value goes. */
  static final int MISSING_BIT = 63;

  /** Categories from this on are all the same: in no mask. */
  static final int OTHER_CATEGORY = 62;

  /** Trees that are gone down side by side. */
  static final int WIDTH = 4;

  private static final int FEATURE_SHIFT = 22;
  private static final int RANK_SHIFT = 36;

  /** A missing value's rank: beyond all others, and on bit 63. */
  private static final int MISSING = (1 << 27) | MISSING_BIT;

  /**
   * The trees as arrays.
   *
   * @param categories whether the feature's rank is its value, an index
   * @param thresholds of each feature, in ascending order, each once
   * @param nodes two longs a node: {@link #test}, and the mask of ranks that pass
   * @param values of leaves
   * @param roots of each tree, filled up with leaves of 0 to a multiple of {@link #WIDTH}
   * @param depths the most steps of each {@link #WIDTH} trees
   */
  @SuppressWarnings("ArrayRecordComponent") // read once, never compared
  record Layout(
      boolean[] categories,
      double[][] thresholds,
      long[] nodes,
      double[] values,
      int[] roots,
      int[] depths) {}

  private final boolean[] categories;
  private final double[][] thresholds;
  private final long[] nodes;
  private final double[] values;
  private final int[] roots;
  private final int[] depths;

  RankedTrees(Layout layout) {
    categories = layout.categories;
    thresholds = layout.thresholds;
    nodes = layout.nodes;
    values = layout.values;
    roots = layout.roots;
    depths = layout.depths;
  }

  /** A node's test as one long. */
  static long test(int rank, int feature, int firstChild) {
    return (long) rank << RANK_SHIFT | (long) feature << FEATURE_SHIFT | firstChild;
  }

  /** The sum of what all trees answer, added in the order of the trees. */
  double sum(double[] x) {
    int[] ranks = ranks(x);
    double sum = 0;
    for (int tree = 0; tree < roots.length; tree += WIDTH) {
      int a = roots[tree];
      int b = roots[tree + 1];
      int c = roots[tree + 2];
      int d = roots[tree + 3];
      for (int depth = depths[tree / WIDTH]; depth > 0; depth--) {
        a = child(a, ranks);
        b = child(b, ranks);
        c = child(c, ranks);
        d = child(d, ranks);
      }
      sum = sum + values[a] + values[b] + values[c] + values[d];
    }
    return sum;
  }

  /** The sum of what all trees answer, added as floats to {@code start}. */
  float floatSum(float start, double[] x) {
    int[] ranks = ranks(x);
    float sum = start;
    for (int tree = 0; tree < roots.length; tree += WIDTH) {
      int a = roots[tree];
      int b = roots[tree + 1];
      int c = roots[tree + 2];
      int d = roots[tree + 3];
      for (int depth = depths[tree / WIDTH]; depth > 0; depth--) {
        a = child(a, ranks);
        b = child(b, ranks);
        c = child(c, ranks);
        d = child(d, ranks);
      }
      sum = sum + (float) values[a] + (float) values[b] + (float) values[c] + (float) values[d];
    }
    return sum;
  }

  private int child(int node, int[] ranks) {
    long test = nodes[2 * node];
    int rank = ranks[(int) (test >>> FEATURE_SHIFT) & (FEATURES_MAX - 1)];
    int less = (rank - (int) (test >>> RANK_SHIFT)) >>> 31;
    int inMask = (int) (nodes[2 * node + 1] >>> rank) & 1;
    return ((int) test & (NODES_MAX - 1)) + (less | inMask);
  }

  private int[] ranks(double[] x) {
    int[] ranks = new int[thresholds.length];
    for (int i = 0; i < ranks.length; i++) {
      double value = x[i];
      if (Double.isNaN(value)) {
        ranks[i] = MISSING;
      } else if (categories[i]) {
        int index = (int) value;
        ranks[i] = index == value && index >= 0 && index < OTHER_CATEGORY ? index : OTHER_CATEGORY;
      } else if (thresholds[i].length > 0) {
        ranks[i] = spread(rank(thresholds[i], value));
      }
    }
    return ranks;
  }

  /** How many of the thresholds are not greater than the value. */
  private static int rank(double[] sorted, double value) {
    int from = 0;
    int length = sorted.length;
    while (length > 1) {
      int half = length >>> 1;
      from += sorted[from + half - 1] <= value ? half : 0;
      length -= half;
    }
    return from + (sorted[from] <= value ? 1 : 0);
  }

  /** The rank of a node whose feature must be less than one of the thresholds. */
  static int rankOf(double[] sorted, double threshold) {
    return spread(Arrays.binarySearch(sorted, threshold) + 1);
  }

  /** A rank without those that bit 63 stands for. */
  private static int spread(int rank) {
    return rank + rank / MISSING_BIT;
  }
}
