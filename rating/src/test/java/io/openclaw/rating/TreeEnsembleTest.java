package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The quick way down the trees answers what the plain way does. */
class TreeEnsembleTest {
  private static final int NUMBERS = 5;
  private static final int FEATURES = 8;

  /** Features 0 to 4 are numbers, 5 to 7 categories. */
  private static int grow(TreeEnsemble.Builder trees, Random random, int depth) {
    if (depth == 0 || random.nextInt(6) == 0) {
      return trees.leaf(random.nextGaussian());
    }
    int yes = grow(trees, random, depth - 1);
    int no = grow(trees, random, depth - 1);
    int missing = random.nextBoolean() ? yes : no;
    int feature = random.nextInt(FEATURES);
    if (feature >= NUMBERS) {
      return random.nextBoolean()
          ? trees.equal(feature, random.nextInt(62), 0, yes, no, missing)
          : trees.in(
              feature, random.ints(1 + random.nextInt(9), 0, 62).toArray(), 0, yes, no, missing);
    }
    double operand = threshold(random, feature);
    return random.nextBoolean()
        ? trees.less(feature, operand, 0, yes, no, missing)
        : trees.lessOrEqual(feature, operand, 0, yes, no, missing);
  }

  private static double threshold(Random random, int feature) {
    return switch (feature) {
      case 0 -> random.nextInt(5) - 2; // hit often
      case 1 -> random.nextBoolean() ? 0.0 : -0.0;
      case 2 -> random.nextGaussian() * 1e300;
      default -> random.nextInt(2_000) / 7.0;
    };
  }

  private static double[] vector(Random random) {
    double[] x = new double[FEATURES];
    for (int i = 0; i < FEATURES; i++) {
      double value = i < NUMBERS ? threshold(random, i) : random.nextInt(200) - 5;
      x[i] =
          switch (random.nextInt(8)) {
            case 0 -> Double.NaN;
            case 1 -> value + 0.5;
            case 2 -> i < NUMBERS ? Math.nextUp(value) : value;
            default -> value;
          };
    }
    return x;
  }

  @Test
  void going_down_four_trees_at_once_ends_in_the_leaves_of_the_plain_way() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      TreeEnsemble.Builder builder = new TreeEnsemble.Builder();
      int count = 1 + random.nextInt(30);
      for (int tree = 0; tree < count; tree++) {
        builder.tree(grow(builder, random, random.nextInt(9)));
      }
      TreeEnsemble trees = builder.build();
      assertThat(trees.isRanked()).as("seed " + seed).isTrue();
      for (int i = 0; i < 50; i++) {
        double[] x = vector(random);
        assertThat(trees.sum(x)).as("seed " + seed).isEqualTo(trees.plainSum(x));
        assertThat(trees.floatSum(1.5f, x))
            .as("seed " + seed)
            .isEqualTo(trees.plainFloatSum(1.5f, x));
      }
    }
  }

  @Test
  void many_thresholds_of_one_feature_keep_their_order() {
    TreeEnsemble.Builder builder = new TreeEnsemble.Builder();
    for (int i = 0; i < 1_000; i++) {
      int yes = builder.leaf(1);
      int no = builder.leaf(0);
      builder.tree(builder.less(0, i, 0, yes, no, i % 2 == 0 ? yes : no));
    }
    TreeEnsemble trees = builder.build();
    for (int i = -1; i <= 1_000; i++) {
      assertThat(trees.sum(new double[] {i})).isEqualTo(i < 0 ? 1_000 : 999 - Math.min(i, 999));
    }
    assertThat(trees.sum(new double[] {Double.NaN})).isEqualTo(500);
  }

  @Test
  void what_does_not_fit_the_quick_way_goes_the_plain_way() {
    List<TreeEnsemble> unusual = new ArrayList<>();
    TreeEnsemble.Builder third = new TreeEnsemble.Builder();
    third.tree(third.less(0, 1, 0, third.leaf(1), third.leaf(2), third.leaf(3)));
    unusual.add(third.build());
    TreeEnsemble.Builder category = new TreeEnsemble.Builder();
    int one = category.leaf(1);
    int two = category.leaf(2);
    category.tree(category.in(0, new int[] {62}, 0, one, two, two));
    unusual.add(category.build());
    TreeEnsemble.Builder shared = new TreeEnsemble.Builder();
    int leaf = shared.leaf(1);
    int below = shared.less(0, 2, 0, leaf, leaf, leaf);
    int root = shared.less(0, 1, 0, below, below, below);
    shared.tree(root);
    shared.tree(below);
    unusual.add(shared.build());
    TreeEnsemble.Builder infinite = new TreeEnsemble.Builder();
    int yes = infinite.leaf(1);
    int no = infinite.leaf(2);
    infinite.tree(infinite.lessOrEqual(0, Double.POSITIVE_INFINITY, 0, yes, no, no));
    unusual.add(infinite.build());
    for (TreeEnsemble trees : unusual) {
      assertThat(trees.isRanked()).isFalse();
      for (double x : new double[] {0, 1, 2, 62, Double.NaN, Double.POSITIVE_INFINITY}) {
        assertThat(trees.sum(new double[] {x})).isEqualTo(trees.plainSum(new double[] {x}));
      }
    }
  }

  @Test
  void a_planted_wrong_threshold_is_noticed() {
    TreeEnsemble.Builder right = new TreeEnsemble.Builder();
    int yes = right.leaf(1);
    int no = right.leaf(2);
    right.tree(right.less(0, 1, 0, yes, no, no));
    TreeEnsemble.Builder wrong = new TreeEnsemble.Builder();
    yes = wrong.leaf(1);
    no = wrong.leaf(2);
    wrong.tree(wrong.lessOrEqual(0, 1, 0, yes, no, no));
    double[] at = {1};
    assertThat(right.build().sum(at)).isEqualTo(2);
    assertThat(wrong.build().sum(at)).isEqualTo(1);
  }
}
