package io.openclaw.rating;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Lays the trees of a {@link TreeEnsemble} out as {@link RankedTrees}; one use. */
final class TreeRanker {
  private final TreeEnsemble trees;
  private final List<TreeSet<Double>> bounds = new ArrayList<>();
  private boolean[] categories = new boolean[0];
  private double[][] thresholds = new double[0][];

  private final long[] nodes;
  private final double[] values;
  private int size = 1; // node 0 is a leaf of 0, for trees that a group lacks

  private TreeRanker(TreeEnsemble trees) {
    this.trees = trees;
    nodes = new long[2 * (trees.nodes() + 1)];
    values = new double[trees.nodes() + 1];
  }

  /**
   * The layout; null where the trees do not fit it: a missing value with a child of its own, a
   * category beyond the mask's, a feature asked for as a number and as a category, a node with
   * several parents.
   */
  static @Nullable RankedTrees ranked(TreeEnsemble trees) {
    return trees.trees() == 0 || trees.nodes() >= RankedTrees.NODES_MAX
        ? null
        : new TreeRanker(trees).ranked();
  }

  private @Nullable RankedTrees ranked() {
    int features = 0;
    for (int node = 0; node < trees.nodes(); node++) {
      features = trees.isLeaf(node) ? features : Math.max(features, trees.feature(node) + 1);
    }
    if (features > RankedTrees.FEATURES_MAX) {
      return null;
    }
    categories = new boolean[features];
    for (int i = 0; i < features; i++) {
      bounds.add(new TreeSet<>());
    }
    for (int node = 0; node < trees.nodes(); node++) {
      if (!trees.isLeaf(node) && !fits(node)) {
        return null;
      }
    }
    thresholds = new double[features][];
    for (int i = 0; i < features; i++) {
      if (categories[i] && !bounds.get(i).isEmpty()) {
        return null;
      }
      thresholds[i] = bounds.get(i).stream().mapToDouble(Double::doubleValue).toArray();
    }
    return laidOut();
  }

  private boolean fits(int node) {
    int missing = trees.missing(node);
    if (missing != trees.yes(node) && missing != trees.no(node)) {
      return false;
    }
    if (trees.isLess(node)) {
      double bound = trees.lessThan(node);
      bounds.get(trees.feature(node)).add(bound);
      return Double.isFinite(bound);
    }
    categories[trees.feature(node)] = true;
    return trees.mask(node) != 0;
  }

  private @Nullable RankedTrees laidOut() {
    int groups = (trees.trees() + RankedTrees.WIDTH - 1) / RankedTrees.WIDTH;
    int[] roots = new int[groups * RankedTrees.WIDTH];
    int[] depths = new int[groups];
    for (int tree = 0; tree < trees.trees(); tree++) {
      if (size == values.length) {
        return null;
      }
      roots[tree] = size;
      int depth = layOut(trees.root(tree));
      if (depth < 0) {
        return null;
      }
      depths[tree / RankedTrees.WIDTH] = Math.max(depths[tree / RankedTrees.WIDTH], depth);
    }
    return new RankedTrees(
        new RankedTrees.Layout(categories, thresholds, nodes, values, roots, depths));
  }

  /** Lays a tree out, level by level; its depth, or -1 where there are more nodes than expected. */
  private int layOut(int root) {
    int[] level = {root};
    int first = size++;
    for (int depth = 0; ; depth++) {
      int[] next = new int[level.length * 2];
      int count = 0;
      int children = first + level.length;
      for (int i = 0; i < level.length; i++) {
        int node = level[i];
        int place = first + i;
        if (trees.isLeaf(node)) {
          values[place] = trees.value(node);
          nodes[2 * place] = RankedTrees.test(0, 0, place);
          continue;
        }
        if (children + count + 2 > values.length) {
          return -1;
        }
        put(place, node, children + count);
        next[count++] = trees.no(node);
        next[count++] = trees.yes(node);
      }
      if (count == 0) {
        return depth;
      }
      level = Arrays.copyOf(next, count);
      first = children;
      size = children + count;
    }
  }

  private void put(int place, int node, int children) {
    int feature = trees.feature(node);
    boolean less = trees.isLess(node);
    int rank = less ? RankedTrees.rankOf(thresholds[feature], trees.lessThan(node)) : 0;
    long missing = trees.missing(node) == trees.yes(node) ? 1L << RankedTrees.MISSING_BIT : 0;
    nodes[2 * place] = RankedTrees.test(rank, feature, children);
    nodes[2 * place + 1] = (less ? 0 : trees.mask(node)) | missing;
  }
}
