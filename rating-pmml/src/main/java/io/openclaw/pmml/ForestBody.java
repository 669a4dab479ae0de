package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import io.openclaw.rating.TreeEnsemble;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The sum or the mean of regression trees, as one flat ensemble. */
final class ForestBody extends Body {
  private final TreeEnsemble trees;
  private final boolean asFloat;
  private final boolean mean;
  private final int[] factors;
  private final @Nullable LeafChanges changes;

  private ForestBody(
      Outcome outcome,
      TreeEnsemble trees,
      boolean asFloat,
      boolean mean,
      int[] factors,
      @Nullable LeafChanges changes) {
    super(outcome);
    this.trees = trees;
    this.asFloat = asFloat;
    this.mean = mean;
    this.factors = factors;
    this.changes = changes;
  }

  /** The ensemble; null where its segments are not all plain regression trees. */
  static @Nullable ForestBody compile(XmlNode segmentation, Scope scope, Target target)
      throws ModelException {
    String method = segmentation.require("multipleModelMethod");
    String missing = segmentation.get("missingPredictionTreatment", "continue");
    if (target.classification()
        || !(method.equals("sum") || method.equals("average"))
        || missing.equals("skipSegment")) {
      return null;
    }
    List<XmlNode> models = new ArrayList<>();
    for (XmlNode segment : segmentation.children("Segment")) {
      XmlNode model = plainTree(segment);
      if (model == null) {
        return null;
      }
      models.add(model);
    }
    TreeEnsemble.Builder builder = new TreeEnsemble.Builder();
    LeafChanges.Parents parents = new LeafChanges.Parents();
    for (XmlNode model : models) {
      String float0 = model.get("x-mathContext", target.asFloat() ? "float" : "double");
      model.get("functionName");
      Target own = new Target(null, DataType.DOUBLE, List.of(), false, float0.equals("float"));
      MiningFields.trivial(model);
      new TreeBuilder(
              model, scope, own, builder, true, Outcome.NO_CLASSES, new ArrayList<>(), parents)
          .add(model);
    }
    if (models.isEmpty()) {
      return null;
    }
    TreeEnsemble trees = builder.build();
    int[] factors = scope.build.factors();
    return new ForestBody(
        Outcome.number(segmentation, scope.build, target.type()),
        trees,
        target.asFloat(),
        method.equals("average"),
        factors,
        LeafChanges.of(trees, parents, factors));
  }

  /** The tree of a segment that always counts and has nothing but nodes; null for any other. */
  private static @Nullable XmlNode plainTree(XmlNode segment) throws ModelException {
    XmlNode model = segment.child("TreeModel");
    boolean always = segment.child("True") != null;
    if (model == null
        || !always
        || !model.get("functionName", "").equals("regression")
        || model.child("Output") != null
        || model.child("Targets") != null
        || model.child("LocalTransformations") != null
        || !model.get("isScorable", "true").equals("true")
        || !MiningFields.trivial(model)) {
      return null;
    }
    return model;
  }

  @Override
  public void run(Frame f) {
    int count = trees.trees();
    int[] leaves = f.leaves(this, count);
    if (asFloat) {
      float sum = 0;
      for (int tree = 0; tree < count; tree++) {
        leaves[tree] = trees.leaf(tree, f.x);
        sum += (float) trees.value(leaves[tree]);
      }
      f.x[outcome.value()] = mean ? sum / (float) count : sum;
    } else {
      double sum = 0;
      for (int tree = 0; tree < count; tree++) {
        leaves[tree] = trees.leaf(tree, f.x);
        sum += trees.value(leaves[tree]);
      }
      f.x[outcome.value()] = mean ? sum / count : sum;
    }
  }

  @Override
  boolean explains() {
    return true;
  }

  @Override
  void contribute(Frame f, int category, double weight, double[] into) {
    double each = mean ? weight / trees.trees() : weight;
    if (changes == null) {
      walk(f.x, each, into);
      return;
    }
    for (int leaf : f.leaves(this, trees.trees())) {
      changes.add(leaf, each, into);
    }
  }

  /** Adds what each step of each path changes, where leaves have no path of their own. */
  private void walk(double[] x, double weight, double[] into) {
    for (int tree = 0; tree < trees.trees(); tree++) {
      int node = trees.root(tree);
      double before = trees.value(node);
      while (!trees.isLeaf(node)) {
        int child = trees.child(node, x);
        double after = trees.value(child);
        if (!Double.isNaN(after)) {
          if (!Double.isNaN(before)) {
            into[factors[trees.feature(node)]] += weight * (after - before);
          }
          before = after;
        }
        node = child;
      }
    }
  }

  /** What {@link #contribute} adds, found by going down each tree: for tests. */
  void contributeByWalking(Frame f, double weight, double[] into) {
    walk(f.x, mean ? weight / trees.trees() : weight, into);
  }

  /** Whether every leaf has a path of its own. */
  boolean hasLeafChanges() {
    return changes != null;
  }
}
