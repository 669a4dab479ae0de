package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.Arrays;
import java.util.List;

/**
 * How far fields of a frame are from a point, or how similar to it: a {@code ComparisonMeasure}.
 * Fields that are missing are left out, and the rest weighs more instead. Immutable, thread-safe.
 */
final class Measure {
  private final String metric;
  private final boolean similarity;
  private final double power;
  private final int[] slots;
  private final String[] compare;
  private final double[] weights;
  private final double[] scales;
  private final double[] missing;
  private final double[] binary;

  private Measure(
      String metric,
      boolean similarity,
      double power,
      int[] slots,
      String[] compare,
      double[] weights,
      double[] scales,
      double[] missing,
      double[] binary) {
    this.metric = metric;
    this.similarity = similarity;
    this.power = power;
    this.slots = slots;
    this.compare = compare;
    this.weights = weights;
    this.scales = scales;
    this.missing = missing;
    this.binary = binary;
  }

  static Measure of(XmlNode node, List<Field> fields, List<XmlNode> nodes, double[] missingWeights)
      throws ModelException {
    String kind = node.get("kind", "distance");
    List<XmlNode> metrics = node.children();
    if (metrics.size() != 1) {
      throw node.wrong(metrics.size() + " metrics", "one");
    }
    XmlNode metric = metrics.getFirst();
    boolean similarity = kind.equals("similarity");
    List<String> known =
        similarity
            ? List.of("simpleMatching", "jaccard", "tanimoto", "binarySimilarity")
            : List.of("euclidean", "squaredEuclidean", "cityBlock", "chebychev", "minkowski");
    if (!known.contains(metric.name)) {
      throw metric.wrong("<" + metric.name + ">", "one of " + known);
    }
    int size = fields.size();
    int[] slots = new int[size];
    String[] compare = new String[size];
    double[] weights = new double[size];
    double[] scales = new double[size];
    String standard = node.get("compareFunction", "absDiff");
    for (int i = 0; i < size; i++) {
      slots[i] = fields.get(i).slot();
      compare[i] = nodes.get(i).get("compareFunction", standard);
      weights[i] = nodes.get(i).number("fieldWeight", 1);
      scales[i] = nodes.get(i).number("similarityScale");
      if (!List.of("absDiff", "gaussSim", "delta", "equal").contains(compare[i])) {
        throw nodes
            .get(i)
            .wrong("compareFunction " + compare[i], "absDiff, gaussSim, delta, equal");
      }
      if (compare[i].equals("gaussSim") && Double.isNaN(scales[i])) {
        throw nodes.get(i).wrong("gaussSim without similarityScale", "it");
      }
    }
    double[] missing = new double[size];
    Arrays.fill(missing, 1);
    System.arraycopy(missingWeights, 0, missing, 0, Math.min(size, missingWeights.length));
    double[] binary = new double[8];
    if (metric.name.equals("binarySimilarity")) {
      String[] names = {"c00", "c01", "c10", "c11", "d00", "d01", "d10", "d11"};
      for (int i = 0; i < 8; i++) {
        String parameter = names[i] + "-parameter";
        binary[i] = metric.parse(metric.require(parameter), parameter);
      }
    }
    return new Measure(
        metric.name,
        similarity,
        metric.number("p-parameter", 2),
        slots,
        compare,
        weights,
        scales,
        missing,
        binary);
  }

  boolean isSimilarity() {
    return similarity;
  }

  double between(double[] x, double[] point) {
    return similarity ? similar(x, point) : distance(x, point);
  }

  private double distance(double[] x, double[] point) {
    double sum = 0;
    double all = 0;
    double there = 0;
    for (int i = 0; i < slots.length; i++) {
      all += missing[i];
      double value = x[slots[i]];
      if (Double.isNaN(value) || Double.isNaN(point[i])) {
        continue;
      }
      there += missing[i];
      double c = compared(i, value, point[i]);
      switch (metric) {
        case "cityBlock" -> sum += weights[i] * c;
        case "chebychev" -> sum = Math.max(sum, weights[i] * c);
        case "minkowski" -> sum += weights[i] * Math.pow(c, power);
        default -> sum += weights[i] * c * c;
      }
    }
    if (there == 0) {
      return Double.NaN;
    }
    double adjusted = sum * all / there;
    return switch (metric) {
      case "euclidean" -> Math.sqrt(adjusted);
      case "minkowski" -> Math.pow(adjusted, 1 / power);
      default -> adjusted;
    };
  }

  private double compared(int i, double value, double point) {
    return switch (compare[i]) {
      case "absDiff" -> Math.abs(value - point);
      case "gaussSim" -> {
        double z = value - point;
        yield Math.exp(-Math.log(2) * z * z / (scales[i] * scales[i]));
      }
      case "delta" -> value == point ? 0 : 1;
      default -> value == point ? 1 : 0;
    };
  }

  private double similar(double[] x, double[] point) {
    double a11 = 0;
    double a10 = 0;
    double a01 = 0;
    double a00 = 0;
    for (int i = 0; i < slots.length; i++) {
      double value = x[slots[i]];
      if (Double.isNaN(value)) {
        return Double.NaN;
      }
      if (value == 1) {
        a11 += point[i] == 1 ? 1 : 0;
        a10 += point[i] == 1 ? 0 : 1;
      } else {
        a01 += point[i] == 1 ? 1 : 0;
        a00 += point[i] == 1 ? 0 : 1;
      }
    }
    return switch (metric) {
      case "simpleMatching" -> (a11 + a00) / (a11 + a10 + a01 + a00);
      case "jaccard" -> a11 / (a11 + a10 + a01);
      case "tanimoto" -> (a11 + a00) / (a11 + 2 * (a10 + a01) + a00);
      default ->
          (binary[3] * a11 + binary[2] * a10 + binary[1] * a01 + binary[0] * a00)
              / (binary[7] * a11 + binary[6] * a10 + binary[5] * a01 + binary[4] * a00);
    };
  }
}
