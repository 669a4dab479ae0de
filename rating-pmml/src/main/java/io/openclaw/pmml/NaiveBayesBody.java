package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A {@code NaiveBayesModel}, in logarithms; inputs that are missing or unheard of say nothing. */
final class NaiveBayesBody extends Body {
  /** What an input's value says of each category: logarithms of probabilities. */
  private interface Evidence {
    /** Adds to the logarithms of all categories. */
    void add(double value, double[] x, int first);
  }

  private final int[] slots;
  private final Evidence[] evidence;
  private final double[] priors;

  private NaiveBayesBody(Outcome outcome, int[] slots, Evidence[] evidence, double[] priors) {
    super(outcome);
    this.slots = slots;
    this.evidence = evidence;
    this.priors = priors;
  }

  static NaiveBayesBody compile(XmlNode model, Scope scope, Target target) throws ModelException {
    double threshold = model.parse(model.require("threshold"), "threshold");
    XmlNode output = model.requireChild("BayesOutput");
    output.get("fieldName");
    Map<Double, Double> counts = counts(output.requireChild("TargetValueCounts"), scope, target);
    double[] classes = Outcome.classes(List.of(), new ArrayList<>(counts.keySet()));
    Outcome outcome = Outcome.category(model, scope.build, target.type(), classes);
    XmlNode written = model.requireChild("BayesInputs");
    List<XmlNode> inputs = new ArrayList<>(written.children("BayesInput"));
    for (XmlNode extension : written.children("Extension")) {
      // where exporters of PMML before 4.2 put inputs with distributions
      inputs.addAll(extension.children("BayesInput"));
    }
    List<Integer> slots = new ArrayList<>();
    List<Evidence> evidence = new ArrayList<>();
    for (XmlNode input : inputs) {
      Field field = field(input, scope);
      slots.add(field.slot());
      XmlNode stats = input.child("TargetValueStats");
      evidence.add(
          stats != null
              ? gaussian(stats, classes, scope, target, threshold)
              : discrete(input, field, classes, scope, target, threshold));
    }
    double[] priors = new double[classes.length];
    for (int i = 0; i < priors.length; i++) {
      Double count = counts.get(classes[i]);
      priors[i] = Math.log(count == null ? 0 : count);
    }
    return new NaiveBayesBody(
        outcome,
        slots.stream().mapToInt(Integer::intValue).toArray(),
        evidence.toArray(new Evidence[0]),
        priors);
  }

  /** The input's field, cut into bins where the document says so. */
  private static Field field(XmlNode input, Scope scope) throws ModelException {
    String name = input.require("fieldName");
    XmlNode derived = input.child("DerivedField");
    if (derived == null) {
      return scope.require(input, name);
    }
    derived.get("name");
    derived.get("optype");
    XmlNode bins = derived.requireChild("Discretize");
    Expr expr = Expressions.compile(bins, scope);
    DataType type = DataType.of(derived, expr.type);
    return DerivedFields.define(
        derived, name, Expressions.as(expr, type, derived, scope), List.of(), scope);
  }

  private static Map<Double, Double> counts(XmlNode written, Scope scope, Target target)
      throws ModelException {
    Map<Double, Double> counts = new java.util.LinkedHashMap<>();
    for (XmlNode each : written.children("TargetValueCount")) {
      counts.put(
          scope.build.encode(each, each.require("value"), target.type()),
          each.parse(each.require("count"), "count"));
    }
    return counts;
  }

  private static Evidence discrete(
      XmlNode input, Field field, double[] classes, Scope scope, Target target, double threshold)
      throws ModelException {
    Map<Double, double[]> pairs = new HashMap<>();
    double[] sums = new double[classes.length];
    for (XmlNode pair : input.children("PairCounts")) {
      double value = scope.build.encode(pair, pair.require("value"), field.type());
      Map<Double, Double> counts = counts(pair.requireChild("TargetValueCounts"), scope, target);
      scope.build.countNumbers(pair, classes.length);
      double[] row = new double[classes.length];
      for (int i = 0; i < row.length; i++) {
        Double count = counts.get(classes[i]);
        row[i] = count == null ? 0 : count;
        sums[i] += row[i];
      }
      pairs.put(value, row);
    }
    for (double[] row : pairs.values()) {
      for (int i = 0; i < row.length; i++) {
        row[i] = Math.log(row[i] > 0 && sums[i] > 0 ? row[i] / sums[i] : threshold);
      }
    }
    return (value, x, first) -> {
      double[] row = pairs.get(value + 0.0);
      if (row != null) {
        for (int i = 0; i < row.length; i++) {
          x[first + i] += row[i];
        }
      }
    };
  }

  private static Evidence gaussian(
      XmlNode stats, double[] classes, Scope scope, Target target, double threshold)
      throws ModelException {
    double[] means = new double[classes.length];
    double[] variances = new double[classes.length];
    Arrays.fill(means, Double.NaN);
    for (XmlNode each : stats.children("TargetValueStat")) {
      double category = scope.build.encode(each, each.require("value"), target.type());
      XmlNode gaussian = each.requireChild("GaussianDistribution");
      for (int i = 0; i < classes.length; i++) {
        if (classes[i] == category) {
          means[i] = gaussian.parse(gaussian.require("mean"), "mean");
          variances[i] = gaussian.parse(gaussian.require("variance"), "variance");
        }
      }
    }
    return (value, x, first) -> {
      for (int i = 0; i < means.length; i++) {
        double off = value - means[i];
        double density =
            Math.exp(-off * off / (2 * variances[i])) / Math.sqrt(2 * Math.PI * variances[i]);
        x[first + i] += Math.log(Double.isNaN(density) ? threshold : Math.max(density, threshold));
      }
    };
  }

  @Override
  public void run(Frame f) {
    int first = outcome.first();
    System.arraycopy(priors, 0, f.x, first, priors.length);
    for (int i = 0; i < slots.length; i++) {
      double value = f.x[slots[i]];
      if (!Double.isNaN(value)) {
        evidence[i].add(value, f.x, first);
      }
    }
    Links.softmax(f.x, first, priors.length);
    outcome.pickHighest(f);
  }
}
