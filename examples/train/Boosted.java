import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Boosted trees for a yes or no, by second-order gradients (Friedman, Greedy function
 * approximation, 2001; Chen and Guestrin, XGBoost, 2016): each node asks whether a number is less
 * than a threshold, or a string is one value.
 *
 * <p>What leaves answer are multiples of 2^-16, so that sums of floats and of doubles are the same.
 */
class Boosted {
  static final int TREES = 100;
  static final int DEPTH = 4;
  static final double RATE = 0.06;
  static final double LAMBDA = 5;
  static final double HESSIAN_MIN = 4;
  static final double UNIT = 65_536;

  /** A node: a leaf where it has no children; {@code operand} a threshold or a value's place. */
  static class Node {
    int field = -1;
    double operand;
    Node yes;
    Node no;
    double leaf;
    int rows;

    boolean isLeaf() {
      return yes == null;
    }
  }

  final Credit credit;
  final List<Node> trees = new ArrayList<>();
  double base;

  private final double[] sums;
  private final double[] gradients;
  private final double[] hessians;

  private Boosted(Credit credit) {
    this.credit = credit;
    sums = new double[credit.rows()];
    gradients = new double[sums.length];
    hessians = new double[sums.length];
  }

  static Boosted train(Credit credit) {
    Boosted boosted = new Boosted(credit);
    List<Integer> rows = credit.training();
    int good = 0;
    for (int row : rows) {
      good += credit.good[row] ? 1 : 0;
    }
    boosted.base = inUnits(StrictMath.log((double) good / (rows.size() - good)));
    java.util.Arrays.fill(boosted.sums, boosted.base);
    for (int tree = 0; tree < TREES; tree++) {
      boosted.derive();
      Node root = boosted.grow(rows, DEPTH);
      boosted.trees.add(root);
      for (int row = 0; row < credit.rows(); row++) {
        boosted.sums[row] += boosted.answer(root, row);
      }
    }
    return boosted;
  }

  static double inUnits(double value) {
    return Math.rint(value * UNIT) / UNIT;
  }

  double probability(int row) {
    return Train.logistic(sums[row]);
  }

  double answer(Node node, int row) {
    Node at = node;
    while (!at.isLeaf()) {
      at = passes(at, row) ? at.yes : at.no;
    }
    return at.leaf;
  }

  private boolean passes(Node node, int row) {
    double x = credit.x[row][node.field];
    return credit.fields.get(node.field).isString() ? x == node.operand : x < node.operand;
  }

  private void derive() {
    for (int row = 0; row < sums.length; row++) {
      double p = Train.logistic(sums[row]);
      gradients[row] = (credit.good[row] ? 1 : 0) - p;
      hessians[row] = p * (1 - p);
    }
  }

  private Node grow(List<Integer> rows, int depth) {
    double g = 0;
    double h = 0;
    for (int row : rows) {
      g += gradients[row];
      h += hessians[row];
    }
    Node node = new Node();
    node.rows = rows.size();
    node.leaf = inUnits(RATE * g / (h + LAMBDA));
    double best = 1e-6;
    for (int field = 0; field < credit.fields.size() && depth > 0; field++) {
      for (double operand : operands(field, rows)) {
        double gain = gain(rows, field, operand, g, h);
        if (gain > best) {
          best = gain;
          node.field = field;
          node.operand = operand;
        }
      }
    }
    if (node.field >= 0) {
      List<Integer> yes = new ArrayList<>();
      List<Integer> no = new ArrayList<>();
      rows.forEach(row -> (passes(node, row) ? yes : no).add(row));
      Node yesChild = grow(yes, depth - 1);
      node.no = grow(no, depth - 1);
      node.yes = yesChild;
    }
    return node;
  }

  /** Values of a string, or the middles between neighbouring numbers, 32 of them at most. */
  private List<Double> operands(int field, List<Integer> rows) {
    TreeSet<Double> values = new TreeSet<>();
    rows.forEach(row -> values.add(credit.x[row][field]));
    List<Double> operands = new ArrayList<>(values);
    if (credit.fields.get(field).isString() || operands.size() < 2) {
      return operands.size() < 2 ? List.of() : operands;
    }
    List<Double> middles = new ArrayList<>();
    int every = Math.max(1, (operands.size() - 1) / 32);
    for (int i = every; i < operands.size(); i += every) {
      middles.add((operands.get(i - 1) + operands.get(i)) / 2);
    }
    return middles;
  }

  private double gain(List<Integer> rows, int field, double operand, double g, double h) {
    boolean string = credit.fields.get(field).isString();
    double yesG = 0;
    double yesH = 0;
    for (int row : rows) {
      double x = credit.x[row][field];
      if (string ? x == operand : x < operand) {
        yesG += gradients[row];
        yesH += hessians[row];
      }
    }
    double noH = h - yesH;
    double noG = g - yesG;
    return yesH < HESSIAN_MIN || noH < HESSIAN_MIN
        ? 0
        : yesG * yesG / (yesH + LAMBDA) + noG * noG / (noH + LAMBDA) - g * g / (h + LAMBDA);
  }
}
