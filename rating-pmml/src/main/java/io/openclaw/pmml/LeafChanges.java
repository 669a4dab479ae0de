package io.openclaw.pmml;

import io.openclaw.rating.TreeEnsemble;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * For every leaf of an ensemble, what the steps of the one path to it change in the mean, by
 * factor: contributions without going down a second time. Immutable and thread-safe.
 */
final class LeafChanges {
  /** Changes of one ensemble. */
  private static final int CHANGES_MAX = 4_000_000;

  private final int[] starts;
  private final int[] factors;
  private final double[] changes;

  private LeafChanges(int[] starts, int[] factors, double[] changes) {
    this.starts = starts;
    this.factors = factors;
    this.changes = changes;
  }

  /** The one node from which each node is reached, while an ensemble is built. For one thread. */
  static final class Parents {
    private int[] parents = new int[64];
    private final BitSet several = new BitSet();
    private int size;

    /** Tells that a node leads to these. */
    void of(int node, int... children) {
      for (int child : children) {
        if (child >= parents.length) {
          parents = Arrays.copyOf(parents, 2 * child);
        }
        size = Math.max(size, child + 1);
        if (parents[child] != 0 && parents[child] != node + 1) {
          several.set(child);
        }
        parents[child] = node + 1;
      }
    }

    /** The node before; -1 for a root, or where there are several. */
    int before(int node) {
      return node < size && !several.get(node) ? parents[node] - 1 : -1;
    }
  }

  /** The changes; null where a leaf with a value can be reached on several paths, or too many. */
  static @Nullable LeafChanges of(TreeEnsemble trees, Parents parents, int[] factors) {
    int nodes = trees.nodes();
    int[] starts = new int[nodes + 1];
    int[] factor = new int[64];
    double[] change = new double[64];
    int size = 0;
    for (int node = 0; node < nodes; node++) {
      starts[node] = size;
      if (!trees.isLeaf(node) || Double.isNaN(trees.value(node))) {
        continue;
      }
      int first = size;
      int at = node;
      double after = trees.value(node);
      while (true) {
        if (parents.several.get(at)) {
          return null;
        }
        int before = parents.before(at);
        if (before < 0) {
          break;
        }
        double mean = trees.value(before);
        if (!Double.isNaN(mean)) {
          int place = factors[trees.feature(before)];
          int same = first;
          while (same < size && factor[same] != place) {
            same++;
          }
          if (same == size) {
            if (size == CHANGES_MAX) {
              return null;
            }
            if (size == factor.length) {
              factor = Arrays.copyOf(factor, 2 * size);
              change = Arrays.copyOf(change, 2 * size);
            }
            factor[size] = place;
            change[size++] = 0;
          }
          change[same] += after - mean;
          after = mean;
        }
        at = before;
      }
    }
    starts[nodes] = size;
    return new LeafChanges(starts, Arrays.copyOf(factor, size), Arrays.copyOf(change, size));
  }

  /** Adds the changes of the path to a leaf, times a weight. */
  void add(int leaf, double weight, double[] into) {
    for (int i = starts[leaf]; i < starts[leaf + 1]; i++) {
      into[factors[i]] += weight * changes[i];
    }
  }
}
