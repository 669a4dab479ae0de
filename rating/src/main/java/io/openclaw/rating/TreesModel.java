package io.openclaw.rating;

import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Decision trees, one, boosted or bagged: the sum or the average of what they answer and a base,
 * through a {@link Link}, along a {@link ScoreScale}.
 *
 * <p>Reasons follow the path through each tree: a step from a node to a child adds the child's mean
 * less the node's to the node's field (Saabas, Interpreting random forests, 2014), summed over all
 * trees; the fields whose sum lowered the rating are told. A mean that is not given is the average
 * of the children's, weighted by the leaves' weights, which are 1 where not given.
 *
 * <p>Immutable and thread-safe; checking and rating are without side effects.
 */
public final class TreesModel extends DocumentModel {
  /** Trees of one model. */
  public static final int TREES_MAX = 10_000;

  /** Steps from a root to a leaf. */
  public static final int DEPTH_MAX = 50;

  private final TreeEnsemble trees;
  private final double base;
  private final boolean average;
  private final boolean floats;
  private final PointsLine line;
  private final FieldReasons reasons;
  private final Features features;

  TreesModel(ModelSource source, TreesReader.Read read) {
    super(source, "trees", read.schema());
    trees = read.trees();
    base = read.base();
    average = read.average();
    floats = read.floats();
    line = read.line();
    reasons = read.reasons();
    features = new Features(read.schema());
  }

  /**
   * Loads a model.
   *
   * @throws ModelException naming what is wrong, unknown or contradictory: the first of every tree
   */
  public static TreesModel load(ModelSource source) throws ModelException {
    return new TreesModel(source, TreesReader.read(source.bytes()));
  }

  @Override
  protected Checked ready(Json.Obj input) {
    double[] x = features.of(input);
    if (floats) {
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) x[i];
      }
    }
    return new Vector(x);
  }

  private final class Vector implements Checked.Ready {
    private final double[] x;

    Vector(double[] x) {
      this.x = x;
    }

    @Override
    public CompletionStage<Rating> rate(Attempt attempt) {
      double sum = sum();
      try {
        return CompletableFuture.completedFuture(
            new Rating(
                line.rate(sum),
                reasons.areWanted() ? reasons.of(line, sum, parts()) : List.of(),
                null));
      } catch (ModelTrapException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    private double sum() {
      if (floats) {
        return average
            ? (float) base + trees.floatSum(0, x) / trees.trees()
            : trees.floatSum((float) base, x);
      }
      return base + (average ? trees.sum(x) / trees.trees() : trees.sum(x));
    }

    private double[] parts() {
      double[] parts = new double[x.length];
      for (int tree = 0; tree < trees.trees(); tree++) {
        int node = trees.root(tree);
        while (!trees.isLeaf(node)) {
          int child = trees.child(node, x);
          parts[trees.feature(node)] += trees.value(child) - trees.value(node);
          node = child;
        }
      }
      if (average) {
        for (int i = 0; i < parts.length; i++) {
          parts[i] /= trees.trees();
        }
      }
      return parts;
    }
  }
}
