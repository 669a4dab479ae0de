package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A {@code SupportVectorMachineModel}. A category's probability is its share of the machines'
 * votes.
 */
final class VectorMachineBody extends Body {
  /** One place of the vectors: a field, or 1 where a field has a value. */
  private record Axis(int slot, boolean indicator, double value) {
    double of(double[] x) {
      double found = x[slot];
      return !indicator || Double.isNaN(found) ? found : found == value ? 1 : 0;
    }
  }

  /** One machine; its vectors are numbers among all vectors, none where it is linear. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
  private record Machine(
      int[] vectors,
      double[] coefficients,
      double absolute,
      int category,
      int alternate,
      double threshold) {}

  private final Axis[] axes;
  private final int axisFirst;
  private final double[][] vectors;
  private final Machine[] machines;
  private final Kernel kernel;
  private final boolean linear;
  private final boolean oneAgainstAll;
  private final boolean maxWins;
  private final BitSet needs;

  private VectorMachineBody(
      Outcome outcome,
      Axis[] axes,
      int axisFirst,
      double[][] vectors,
      Machine[] machines,
      Kernel kernel,
      boolean linear,
      boolean oneAgainstAll,
      boolean maxWins,
      BitSet needs) {
    super(outcome);
    this.axes = axes;
    this.axisFirst = axisFirst;
    this.vectors = vectors;
    this.machines = machines;
    this.kernel = kernel;
    this.linear = linear;
    this.oneAgainstAll = oneAgainstAll;
    this.maxWins = maxWins;
    this.needs = needs;
  }

  /** How near two vectors are. */
  private record Kernel(String name, double gamma, double coef0, double degree) {
    double of(double[] x, int first, double[] y) {
      double dot = 0;
      double distance = 0;
      for (int i = 0; i < y.length; i++) {
        double a = x[first + i];
        dot += a * y[i];
        distance += (a - y[i]) * (a - y[i]);
      }
      return switch (name) {
        case "PolynomialKernelType" -> Math.pow(gamma * dot + coef0, degree);
        case "RadialBasisKernelType" -> Math.exp(-gamma * distance);
        case "SigmoidKernelType" -> Math.tanh(gamma * dot + coef0);
        default -> dot;
      };
    }
  }

  static VectorMachineBody compile(XmlNode model, Scope scope, Target target)
      throws ModelException {
    boolean linear =
        switch (model.get("svmRepresentation", "SupportVectors")) {
          case "SupportVectors" -> false;
          case "Coefficients" -> true;
          default -> throw model.wrong("svmRepresentation", "SupportVectors or Coefficients");
        };
    Kernel kernel = kernel(model);
    BitSet needs = new BitSet();
    XmlNode dictionary = model.requireChild("VectorDictionary");
    Axis[] axes = axes(dictionary.requireChild("VectorFields"), scope, needs);
    Map<String, Integer> ids = new HashMap<>();
    List<double[]> vectors = vectors(dictionary, axes.length, ids, scope.build);
    List<XmlNode> written = model.children("SupportVectorMachine");
    Outcome outcome =
        target.classification()
            ? Outcome.category(
                model, scope.build, target.type(), categories(written, scope, target))
            : Outcome.number(model, scope.build, target.type());
    Machine[] machines = new Machine[written.size()];
    double threshold = model.number("threshold", 0);
    for (int i = 0; i < machines.length; i++) {
      machines[i] = machine(written.get(i), scope, target, outcome, ids, linear, threshold);
      if (linear && machines[i].coefficients.length != axes.length) {
        throw written
            .get(i)
            .wrong(machines[i].coefficients.length + " coefficients", "" + axes.length);
      }
    }
    if (machines.length == 0 || (!target.classification() && machines.length != 1)) {
      throw model.wrong(machines.length + " SupportVectorMachine", "one for a number");
    }
    boolean all = target.classification() && oneAgainstAll(model, machines, outcome);
    return new VectorMachineBody(
        outcome,
        axes,
        scope.build.slots(model, "vector", Math.max(1, axes.length)),
        vectors.toArray(new double[0][]),
        machines,
        kernel,
        linear,
        all,
        model.flag("maxWins", false),
        needs);
  }

  /** The vectors, whose numbers by id go into a map. */
  private static List<double[]> vectors(
      XmlNode dictionary, int length, Map<String, Integer> ids, Build build) throws ModelException {
    List<double[]> vectors = new ArrayList<>();
    for (XmlNode each : dictionary.children("VectorInstance")) {
      build.countNumbers(each, length);
      ids.put(each.require("id"), vectors.size());
      XmlNode dense = each.child("Array");
      double[] vector =
          dense != null
              ? PmmlArrays.numbers(dense)
              : PmmlArrays.sparse(each.requireChild("REAL-SparseArray"), length);
      if (vector.length != length) {
        throw each.wrong(vector.length + " numbers", length + ", one for each field");
      }
      vectors.add(vector);
    }
    return vectors;
  }

  private static boolean oneAgainstAll(XmlNode model, Machine[] machines, Outcome outcome)
      throws ModelException {
    boolean alternates = Arrays.stream(machines).allMatch(m -> m.alternate >= 0);
    String method =
        model.get("classificationMethod", alternates ? "OneAgainstOne" : "OneAgainstAll");
    boolean all = method.equals("OneAgainstAll") && !(machines.length == 1 && alternates);
    if (all ? machines.length != outcome.classes().length : !alternates) {
      throw model.wrong(
          "classificationMethod "
              + XmlNode.shown(method)
              + " with "
              + machines.length
              + " machines",
          "one for each category, or an alternateTargetCategory in each");
    }
    return all;
  }

  private static Kernel kernel(XmlNode model) throws ModelException {
    for (XmlNode each : model.children()) {
      if (each.name.endsWith("KernelType")) {
        if (!List.of(
                "LinearKernelType",
                "PolynomialKernelType",
                "RadialBasisKernelType",
                "SigmoidKernelType")
            .contains(each.name)) {
          throw each.unsupported();
        }
        return new Kernel(
            each.name,
            each.number("gamma", 1),
            each.number("coef0", each.name.equals("LinearKernelType") ? 0 : 1),
            each.number("degree", 1));
      }
    }
    return new Kernel("LinearKernelType", 1, 0, 1);
  }

  private static Axis[] axes(XmlNode written, Scope scope, BitSet needs) throws ModelException {
    List<Axis> axes = new ArrayList<>();
    for (XmlNode each : written.children()) {
      boolean indicator = each.name.equals("CategoricalPredictor");
      if (!indicator && !each.name.equals("FieldRef")) {
        throw each.unsupported();
      }
      Field field = scope.require(each, each.require(indicator ? "name" : "field"));
      needs.or(field.needs());
      if (!indicator && field.type() == DataType.STRING) {
        throw each.wrong("FieldRef of a string", "a number");
      }
      each.get("coefficient");
      double value = indicator ? scope.build.encode(each, each.require("value"), field.type()) : 0;
      axes.add(new Axis(field.slot(), indicator, value));
    }
    return axes.toArray(new Axis[0]);
  }

  private static double[] categories(List<XmlNode> machines, Scope scope, Target target)
      throws ModelException {
    List<Double> found = new ArrayList<>();
    for (XmlNode each : machines) {
      for (String attribute : List.of("targetCategory", "alternateTargetCategory")) {
        String category = each.get(attribute);
        if (category != null) {
          found.add(scope.build.encode(each, category, target.type()));
        }
      }
    }
    return Outcome.classes(target.values(), found);
  }

  private static Machine machine(
      XmlNode node,
      Scope scope,
      Target target,
      Outcome outcome,
      Map<String, Integer> ids,
      boolean linear,
      double threshold)
      throws ModelException {
    XmlNode written = node.requireChild("Coefficients");
    List<XmlNode> values = written.children("Coefficient");
    double[] coefficients = new double[values.size()];
    for (int i = 0; i < coefficients.length; i++) {
      coefficients[i] = values.get(i).number("value", 0);
    }
    int[] vectors = new int[0];
    if (!linear) {
      List<XmlNode> supports = node.requireChild("SupportVectors").children("SupportVector");
      vectors = new int[supports.size()];
      for (int i = 0; i < vectors.length; i++) {
        Integer found = ids.get(supports.get(i).require("vectorId"));
        if (found == null) {
          throw supports.get(i).wrong("vectorId " + supports.get(i).get("vectorId"), "a known id");
        }
        vectors[i] = found;
      }
      if (vectors.length != coefficients.length) {
        throw node.wrong(
            coefficients.length + " coefficients for " + vectors.length + " vectors", "as many");
      }
    }
    return new Machine(
        vectors,
        coefficients,
        written.number("absoluteValue", 0),
        category(node, "targetCategory", scope, target, outcome),
        category(node, "alternateTargetCategory", scope, target, outcome),
        node.number("threshold", threshold));
  }

  private static int category(
      XmlNode node, String attribute, Scope scope, Target target, Outcome outcome)
      throws ModelException {
    String written = node.get(attribute);
    return written == null || !target.classification()
        ? -1
        : outcome.indexOf(scope.build.encode(node, written, target.type()));
  }

  @Override
  public void run(Frame f) {
    for (int i = 0; i < axes.length; i++) {
      double value = axes[i].of(f.x);
      if (Double.isNaN(value)) {
        outcome.clear(f);
        return;
      }
      f.x[axisFirst + i] = value;
    }
    if (!outcome.isCategory()) {
      f.x[outcome.value()] = value(machines[0], f.x);
      return;
    }
    int first = outcome.first();
    Arrays.fill(f.x, first, first + outcome.classes().length, 0);
    if (oneAgainstAll) {
      int best = 0;
      double bestValue = Double.NaN;
      for (Machine each : machines) {
        double value = value(each, f.x);
        if (Double.isNaN(bestValue) || (maxWins ? value > bestValue : value < bestValue)) {
          best = each.category;
          bestValue = value;
        }
      }
      f.x[first + best] = 1;
      f.x[outcome.value()] = outcome.classes()[best];
      return;
    }
    for (Machine each : machines) {
      boolean below = value(each, f.x) < each.threshold;
      int voted = below != maxWins ? each.category : each.alternate;
      f.x[first + voted] += 1.0 / machines.length;
    }
    outcome.pickHighest(f);
  }

  private double value(Machine machine, double[] x) {
    double sum = machine.absolute;
    for (int i = 0; i < machine.coefficients.length; i++) {
      sum +=
          machine.coefficients[i]
              * (linear ? x[axisFirst + i] : kernel.of(x, axisFirst, vectors[machine.vectors[i]]));
    }
    return sum;
  }

  @Override
  BitSet needs() {
    return needs;
  }
}
