package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import io.openclaw.rating.TreeEnsemble;
import java.util.ArrayList;
import java.util.List;

/** One {@code TreeModel}: the leaf that a frame reaches, with its score and distribution. */
final class TreeBody extends Body {
  private final TreeEnsemble tree;
  private final TreeBuilder.Entry[] entries;
  private final int[] factors;

  private TreeBody(Outcome outcome, TreeEnsemble tree, TreeBuilder.Entry[] entries, int[] factors) {
    super(outcome);
    this.tree = tree;
    this.entries = entries;
    this.factors = factors;
  }

  static TreeBody compile(XmlNode model, Scope scope, Target target) throws ModelException {
    double[] classes = Outcome.NO_CLASSES;
    if (target.classification()) {
      List<Double> found = new ArrayList<>();
      collect(model.requireChild("Node"), scope.build, target, found);
      classes = Outcome.classes(target.values(), found);
    }
    Outcome outcome =
        target.classification()
            ? Outcome.category(model, scope.build, target.type(), classes)
            : Outcome.number(model, scope.build, target.type());
    TreeEnsemble.Builder builder = new TreeEnsemble.Builder();
    List<TreeBuilder.Entry> entries = new ArrayList<>();
    new TreeBuilder(
            model, scope, target, builder, false, classes, entries, new LeafChanges.Parents())
        .add(model);
    return new TreeBody(
        outcome.withEntity(scope.build.slot(model, "entity"), -1),
        builder.build(),
        entries.toArray(new TreeBuilder.Entry[0]),
        scope.build.factors());
  }

  /** The categories that scores and distributions name. */
  private static void collect(XmlNode node, Build build, Target target, List<Double> into)
      throws ModelException {
    for (XmlNode each : node.children("ScoreDistribution")) {
      into.add(build.encode(each, each.require("value"), target.type()));
    }
    String score = node.get("score");
    if (score != null) {
      into.add(build.encode(node, score, target.type()));
    }
    for (XmlNode child : node.children("Node")) {
      collect(child, build, target, into);
    }
  }

  @Override
  public void run(Frame f) {
    double at = tree.value(tree.leaf(0, f.x));
    if (Double.isNaN(at)) {
      outcome.clear(f);
      f.x[outcome.entity()] = Double.NaN;
      return;
    }
    TreeBuilder.Entry entry = entries[(int) at];
    f.x[outcome.value()] = entry.score();
    f.x[outcome.entity()] = entry.id();
    double[] probabilities = entry.probabilities();
    if (probabilities != null) {
      System.arraycopy(probabilities, 0, f.x, outcome.first(), probabilities.length);
    }
  }

  @Override
  boolean explains() {
    return true;
  }

  @Override
  void contribute(Frame f, int category, double weight, double[] into) {
    int node = tree.root(0);
    double before = mean(node, category);
    while (!tree.isLeaf(node)) {
      int child = tree.child(node, f.x);
      double after = mean(child, category);
      if (!Double.isNaN(after)) {
        if (!Double.isNaN(before)) {
          into[factors[tree.feature(node)]] += weight * (after - before);
        }
        before = after;
      }
      node = child;
    }
  }

  private double mean(int node, int category) {
    double at = tree.value(node);
    if (Double.isNaN(at)) {
      return at;
    }
    TreeBuilder.Entry entry = entries[(int) at];
    double[] probabilities = entry.probabilities();
    return category < 0
        ? outcome.isCategory() ? Double.NaN : entry.score()
        : probabilities == null ? Double.NaN : probabilities[category];
  }
}
