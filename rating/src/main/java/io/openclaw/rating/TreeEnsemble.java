package io.openclaw.rating;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Binary decision trees as flat arrays: a vector of {@link Features} goes down each tree to a leaf.
 *
 * <p>A node asks whether its feature passes its test; where the feature is missing (NaN) it goes
 * where the node says. Every node may carry the mean of what its subtree answers, from which the
 * contribution of each step of a path follows. Immutable and thread-safe; going down allocates
 * nothing, a sum at most an int for each feature.
 */
public final class TreeEnsemble {
  /** Nodes of all trees of one ensemble. */
  public static final int NODES_MAX = 4_000_000;

  private static final byte LEAF = 0;
  private static final byte LESS = 1;
  private static final byte LESS_OR_EQUAL = 2;
  private static final byte EQUAL = 3;
  private static final byte IN = 4;

  private final byte[] tests;
  private final int[] features;
  private final double[] operands;
  private final double[] values;
  private final int[] yes;
  private final int[] no;
  private final int[] missing;
  private final int[] roots;
  private final long[][] sets;
  private final @Nullable RankedTrees ranked;

  @SuppressWarnings("ThisEscape") // read only, and complete but for this field
  private TreeEnsemble(Builder builder) {
    int size = builder.size;
    tests = Arrays.copyOf(builder.tests, size);
    features = Arrays.copyOf(builder.features, size);
    operands = Arrays.copyOf(builder.operands, size);
    values = Arrays.copyOf(builder.values, size);
    yes = Arrays.copyOf(builder.yes, size);
    no = Arrays.copyOf(builder.no, size);
    missing = Arrays.copyOf(builder.missing, size);
    roots = builder.roots.stream().mapToInt(Integer::intValue).toArray();
    sets = builder.sets.toArray(new long[0][]);
    ranked = TreeRanker.ranked(this);
  }

  /** How many trees there are. */
  public int trees() {
    return roots.length;
  }

  /** How many nodes all trees have. */
  public int nodes() {
    return tests.length;
  }

  /** The root of a tree. */
  public int root(int tree) {
    return roots[tree];
  }

  /** Whether the node has no children. */
  public boolean isLeaf(int node) {
    return tests[node] == LEAF;
  }

  /** The feature that a node with children asks for. */
  public int feature(int node) {
    return features[node];
  }

  /**
   * What a leaf answers, or the mean of what a node's subtree answers; NaN where none was given.
   */
  public double value(int node) {
    return values[node];
  }

  /** The child that a vector goes to from a node with children. */
  public int child(int node, double[] x) {
    double feature = x[features[node]];
    if (Double.isNaN(feature)) {
      return missing[node];
    }
    boolean passes =
        switch (tests[node]) {
          case LESS -> feature < operands[node];
          case LESS_OR_EQUAL -> feature <= operands[node];
          case EQUAL -> feature == operands[node];
          default -> contains(sets[(int) operands[node]], feature);
        };
    return passes ? yes[node] : no[node];
  }

  private static boolean contains(long[] set, double feature) {
    int index = (int) feature;
    return index == feature
        && index >= 0
        && index >> 6 < set.length
        && (set[index >> 6] & (1L << index)) != 0;
  }

  int yes(int node) {
    return yes[node];
  }

  int no(int node) {
    return no[node];
  }

  int missing(int node) {
    return missing[node];
  }

  /** Whether a node with children asks for a number below one. */
  boolean isLess(int node) {
    return tests[node] == LESS || tests[node] == LESS_OR_EQUAL;
  }

  /** The number that the feature must be less than; not finite where there is none. */
  double lessThan(int node) {
    double operand = operands[node];
    return tests[node] == LESS || !Double.isFinite(operand) ? operand : Math.nextUp(operand);
  }

  /**
   * The small whole numbers that a node that asks for some passes, as bits; 0 where not all fit.
   */
  long mask(int node) {
    long mask;
    if (tests[node] == EQUAL) {
      double operand = operands[node];
      boolean fits = operand == Math.rint(operand) && operand >= 0 && operand < Long.SIZE;
      mask = fits ? 1L << (int) operand : 0;
    } else {
      long[] set = sets[(int) operands[node]];
      mask = set.length == 1 ? set[0] : 0;
    }
    return mask >>> RankedTrees.OTHER_CATEGORY == 0 ? mask : 0;
  }

  /** Whether the sums go down several trees at once ({@link RankedTrees}). */
  boolean isRanked() {
    return ranked != null;
  }

  /** The leaf of a tree that a vector reaches. */
  public int leaf(int tree, double[] x) {
    int node = roots[tree];
    while (tests[node] != LEAF) {
      node = child(node, x);
    }
    return node;
  }

  /** The sum of what all trees answer, added as doubles in the order of the trees. */
  public double sum(double[] x) {
    if (ranked != null) {
      return ranked.sum(x);
    }
    return plainSum(x);
  }

  /** {@link #sum} by going down each tree. */
  double plainSum(double[] x) {
    double sum = 0;
    for (int tree = 0; tree < roots.length; tree++) {
      sum += values[leaf(tree, x)];
    }
    return sum;
  }

  /** The sum of what all trees answer, added as floats to {@code start}, as XGBoost does. */
  public float floatSum(float start, double[] x) {
    if (ranked != null) {
      return ranked.floatSum(start, x);
    }
    return plainFloatSum(start, x);
  }

  /** {@link #floatSum} by going down each tree. */
  float plainFloatSum(float start, double[] x) {
    float sum = start;
    for (int tree = 0; tree < roots.length; tree++) {
      sum += (float) values[leaf(tree, x)];
    }
    return sum;
  }

  /** Builds an ensemble from the leaves up; not thread-safe. */
  public static final class Builder {
    private byte[] tests = new byte[64];
    private int[] features = new int[64];
    private double[] operands = new double[64];
    private double[] values = new double[64];
    private int[] yes = new int[64];
    private int[] no = new int[64];
    private int[] missing = new int[64];
    private int size;
    private final List<Integer> roots = new ArrayList<>();
    private final List<long[]> sets = new ArrayList<>();

    /** Adds a leaf; its number. */
    public int leaf(double value) {
      return node(LEAF, 0, 0, value, 0, 0, 0);
    }

    /** Adds a node that says yes where the feature is less than the operand; its number. */
    public int less(int feature, double operand, double mean, int yes, int no, int missing) {
      return node(LESS, feature, operand, mean, yes, no, missing);
    }

    /** Adds a node that says yes where the feature is at most the operand; its number. */
    public int lessOrEqual(int feature, double operand, double mean, int yes, int no, int missing) {
      return node(LESS_OR_EQUAL, feature, operand, mean, yes, no, missing);
    }

    /** Adds a node that says yes where the feature equals the operand; its number. */
    public int equal(int feature, double operand, double mean, int yes, int no, int missing) {
      return node(EQUAL, feature, operand, mean, yes, no, missing);
    }

    /**
     * Adds a node that says yes where the feature is one of these indexes; its number.
     *
     * @param indexes of categories, each 0 or more
     */
    public int in(int feature, int[] indexes, double mean, int yes, int no, int missing) {
      long[] set = new long[(Arrays.stream(indexes).max().orElse(0) >> 6) + 1];
      for (int index : indexes) {
        set[index >> 6] |= 1L << index;
      }
      sets.add(set);
      return node(IN, feature, sets.size() - 1, mean, yes, no, missing);
    }

    /** Ends a tree, of which this node is the root. */
    public void tree(int root) {
      requireKnown(root);
      roots.add(root);
    }

    /** How many nodes there are so far. */
    public int size() {
      return size;
    }

    /** The ensemble; the builder may go on after it. */
    public TreeEnsemble build() {
      return new TreeEnsemble(this);
    }

    private int node(
        byte test, int feature, double operand, double value, int yes, int no, int missing) {
      if (size == NODES_MAX) {
        throw new IllegalArgumentException("nodes: more than " + NODES_MAX);
      }
      if (test != LEAF) {
        requireKnown(yes);
        requireKnown(no);
        requireKnown(missing);
      }
      if (size == tests.length) {
        grow(size + (size >> 1));
      }
      tests[size] = test;
      features[size] = feature;
      operands[size] = operand;
      values[size] = value;
      this.yes[size] = yes;
      this.no[size] = no;
      this.missing[size] = missing;
      return size++;
    }

    /** A child stands before its parent, so no path goes in a circle. */
    private void requireKnown(int node) {
      if (node < 0 || node >= size) {
        throw new IllegalArgumentException(
            "node: " + node + " (expected: one added before, 0 to " + (size - 1) + ")");
      }
    }

    private void grow(int length) {
      tests = Arrays.copyOf(tests, length);
      features = Arrays.copyOf(features, length);
      operands = Arrays.copyOf(operands, length);
      values = Arrays.copyOf(values, length);
      yes = Arrays.copyOf(yes, length);
      no = Arrays.copyOf(no, length);
      missing = Arrays.copyOf(missing, length);
    }
  }
}
