package io.openclaw.onnx;

import io.openclaw.rating.ModelException;
import io.openclaw.rating.TreeEnsemble;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Turns the parallel lists of a TreeEnsembleRegressor or -Classifier into a TreeEnsemble. */
final class Trees {
  private record Key(long tree, long node) {}

  private final long[] trees;
  private final long[] nodes;
  private final long[] features;
  private final double[] values;
  private final List<String> modes;
  private final long[] yes;
  private final long[] no;
  private final long[] tracksTrue;
  private final Map<Key, Integer> places = new HashMap<>();
  private final double[] weights;
  private final int width;
  private final int[] built;
  private final boolean[] entered;
  private final TreeEnsemble.Builder builder = new TreeEnsemble.Builder();

  private Trees(Attributes said, String leaf, int target, int width) throws ModelException {
    this.width = width;
    trees = said.integers("nodes_treeids");
    nodes = said.integers("nodes_nodeids");
    features = said.integers("nodes_featureids");
    values = said.floats("nodes_values");
    modes = said.texts("nodes_modes");
    yes = said.integers("nodes_truenodeids");
    no = said.integers("nodes_falsenodeids");
    tracksTrue = said.integers("nodes_missing_value_tracks_true");
    int size = trees.length;
    boolean same =
        nodes.length == size
            && features.length == size
            && values.length == size
            && modes.size() == size
            && yes.length == size
            && no.length == size
            && (tracksTrue.length == 0 || tracksTrue.length == size);
    if (!same || size == 0) {
      throw new ModelException("the trees", "lists of different lengths", "one entry a node");
    }
    for (int i = 0; i < size; i++) {
      if (places.put(new Key(trees[i], nodes[i]), i) != null) {
        throw wrong(i, "a second time", "each once");
      }
    }
    weights = weights(said, leaf, target);
    entered = new boolean[size];
    built = new int[size];
    Arrays.fill(built, -1);
  }

  /**
   * The ensemble of one target or class.
   *
   * @param leaf the prefix of the lists of weights, {@code target} or {@code class}
   * @param target whose weights
   * @param width how many features there are
   * @throws ModelException where the lists do not make trees
   */
  static TreeEnsemble read(Attributes said, String leaf, int target, int width)
      throws ModelException {
    Trees trees = new Trees(said, leaf, target, width);
    Map<Long, Integer> roots = new LinkedHashMap<>();
    for (int i = 0; i < trees.trees.length; i++) {
      roots.putIfAbsent(trees.trees[i], i);
    }
    for (int root : roots.values()) {
      trees.builder.tree(trees.build(root));
    }
    return trees.builder.build();
  }

  private double[] weights(Attributes said, String leaf, int target) throws ModelException {
    long[] ofTree = said.integers(leaf + "_treeids");
    long[] ofNode = said.integers(leaf + "_nodeids");
    long[] ids = said.integers(leaf + "_ids");
    double[] given = said.floats(leaf + "_weights");
    if (ofNode.length != ofTree.length
        || ids.length != ofTree.length
        || given.length != ofTree.length) {
      throw new ModelException(
          "the leaves", "lists of different lengths", "one entry a leaf and " + leaf);
    }
    double[] weights = new double[trees.length];
    for (int i = 0; i < ofTree.length; i++) {
      Integer place = places.get(new Key(ofTree[i], ofNode[i]));
      if (place == null) {
        throw new ModelException(
            "tree " + ofTree[i] + ", node " + ofNode[i], "a weight of no node", "one of a leaf");
      }
      if (ids[i] == target) {
        weights[place] = (float) (weights[place] + given[i]);
      }
    }
    return weights;
  }

  /** Builds a node after its children, without recursion: trees may be deep. */
  private int build(int root) throws ModelException {
    Deque<Integer> open = new ArrayDeque<>(List.of(root));
    while (!open.isEmpty()) {
      int i = open.element();
      if (modes.get(i).equals("LEAF")) {
        built[i] = builder.leaf(weights[i]);
        open.remove();
        continue;
      }
      int left = child(i, yes[i]);
      int right = child(i, no[i]);
      if (built[left] >= 0 && built[right] >= 0) {
        built[i] = split(i, built[left], built[right]);
        open.remove();
      } else if (entered[i]) {
        throw wrong(i, "its own ancestor", "a tree");
      } else {
        entered[i] = true;
        if (built[left] < 0) {
          open.push(left);
        }
        if (built[right] < 0 && right != left) {
          open.push(right);
        }
      }
    }
    return built[root];
  }

  private int child(int of, long node) throws ModelException {
    Integer place = places.get(new Key(trees[of], node));
    if (place == null) {
      throw wrong(of, "a child " + node, "a node of its tree");
    }
    return place;
  }

  private int split(int i, int left, int right) throws ModelException {
    if (features[i] < 0 || features[i] >= width) {
      throw wrong(i, "feature " + features[i], "0 to " + (width - 1));
    }
    int feature = (int) features[i];
    double value = values[i];
    int missing = tracksTrue.length > 0 && tracksTrue[i] != 0 ? left : right;
    return switch (modes.get(i)) {
      case "BRANCH_LEQ" -> builder.lessOrEqual(feature, value, Double.NaN, left, right, missing);
      case "BRANCH_LT" -> builder.less(feature, value, Double.NaN, left, right, missing);
      case "BRANCH_GTE" -> builder.less(feature, value, Double.NaN, right, left, missing);
      case "BRANCH_GT" -> builder.lessOrEqual(feature, value, Double.NaN, right, left, missing);
      case "BRANCH_EQ" -> builder.equal(feature, value, Double.NaN, left, right, missing);
      case "BRANCH_NEQ" -> // NaN is unequal to everything
          builder.equal(feature, value, Double.NaN, right, left, left);
      default ->
          throw wrong(i, "mode " + modes.get(i), "LEAF or BRANCH_ LEQ, LT, GTE, GT, EQ, NEQ");
    };
  }

  private ModelException wrong(int i, String found, String expected) {
    return new ModelException("tree " + trees[i] + ", node " + nodes[i], found, expected);
  }
}
