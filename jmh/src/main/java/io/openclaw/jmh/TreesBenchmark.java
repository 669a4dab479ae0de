package io.openclaw.jmh;

import io.openclaw.rating.TreeEnsemble;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * 100 full trees of depth 4 over 13 numbers: the sum as {@link TreeEnsemble#sum} finds it, beside
 * going down each tree. Vectors are drawn, so that no branch can be foreseen.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class TreesBenchmark {
  private static final int TREES = 100;
  private static final int DEPTH = 4;
  private static final int FEATURES = 13;
  private static final int VECTORS = 4_096;

  private TreeEnsemble trees = new TreeEnsemble.Builder().build();
  private final double[][] vectors = new double[VECTORS][FEATURES];
  private int next;

  /** Draws trees and vectors. */
  @Setup
  public void draw() {
    Random random = new Random(1);
    TreeEnsemble.Builder builder = new TreeEnsemble.Builder();
    for (int tree = 0; tree < TREES; tree++) {
      builder.tree(grow(builder, random, DEPTH));
    }
    trees = builder.build();
    for (double[] vector : vectors) {
      for (int i = 0; i < FEATURES; i++) {
        vector[i] = random.nextInt(100);
      }
    }
  }

  private static int grow(TreeEnsemble.Builder builder, Random random, int depth) {
    if (depth == 0) {
      return builder.leaf(random.nextGaussian());
    }
    int yes = grow(builder, random, depth - 1);
    int no = grow(builder, random, depth - 1);
    return builder.less(random.nextInt(FEATURES), random.nextInt(100) + 0.5, 0, yes, no, no);
  }

  private double[] vector() {
    next = (next + 1) % VECTORS;
    return vectors[next];
  }

  /** As ratings do. */
  @Benchmark
  public double sum() {
    return trees.sum(vector());
  }

  /** Leaf by leaf, as the paths of reasons are found. */
  @Benchmark
  public double leafByLeaf() {
    double[] x = vector();
    double sum = 0;
    for (int tree = 0; tree < trees.trees(); tree++) {
      sum += trees.value(trees.leaf(tree, x));
    }
    return sum;
  }
}
