package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A {@code NeuralNetwork} of layers, feed forward. */
final class NeuralNetworkBody extends Body {
  private static final List<String> FUNCTIONS =
      List.of(
          "threshold",
          "logistic",
          "tanh",
          "identity",
          "exponential",
          "reciprocal",
          "square",
          "Gauss",
          "sine",
          "cosine",
          "Elliott",
          "arctan",
          "rectifier",
          "radialBasis");

  /** One neuron with the places of what it is connected to. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
  private record Neuron(
      int slot, int[] from, double[] weights, double bias, double width, double altitude) {}

  @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
  private record Layer(Neuron[] neurons, String function, double threshold, String normalization) {}

  /** The target's own number for what the network says, on the line it falls on. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
  private record Line(double[] from, double[] to) {
    double of(double y) {
      boolean up = from[from.length - 1] > from[0];
      int at = 1;
      while (at < from.length - 1 && (up ? y > from[at] : y < from[at])) {
        at++;
      }
      return to[at - 1] + (y - from[at - 1]) / (from[at] - from[at - 1]) * (to[at] - to[at - 1]);
    }
  }

  private final Layer[] layers;
  private final int[] outputs;
  private final int[] categories;
  private final double[] ids;
  private final @Nullable Line line;
  private final BitSet needs;

  private NeuralNetworkBody(
      Outcome outcome,
      Layer[] layers,
      int[] outputs,
      int[] categories,
      double[] ids,
      @Nullable Line line,
      BitSet needs) {
    super(outcome);
    this.layers = layers;
    this.outputs = outputs;
    this.categories = categories;
    this.ids = ids;
    this.line = line;
    this.needs = needs;
  }

  static NeuralNetworkBody compile(XmlNode model, Scope scope, Target target)
      throws ModelException {
    Map<String, Integer> places = new HashMap<>();
    BitSet needs = new BitSet();
    for (XmlNode each : model.requireChild("NeuralInputs").children("NeuralInput")) {
      XmlNode derived = each.requireChild("DerivedField");
      String id = each.require("id");
      Expr expr = only(derived, scope);
      DataType type = DataType.of(derived, expr.type);
      derived.get("name");
      derived.get("optype");
      Field field =
          DerivedFields.define(
              derived,
              "neuron " + id,
              Expressions.as(expr, type.isNumber() ? type : DataType.DOUBLE, derived, scope),
              List.of(),
              scope);
      places.put(id, field.slot());
      needs.or(field.needs());
    }
    String function = model.require("activationFunction");
    String normalization = model.get("normalizationMethod", "none");
    double threshold = model.number("threshold", 0);
    double width = model.number("width");
    double altitude = model.number("altitude", 1);
    List<Layer> layers = new ArrayList<>();
    List<XmlNode> written = model.children("NeuralLayer");
    for (XmlNode each : written) {
      String own = each.get("activationFunction", function);
      String ownNormalization = each.get("normalizationMethod", normalization);
      if (!FUNCTIONS.contains(own)
          || !List.of("none", "simplemax", "softmax").contains(ownNormalization)) {
        throw each.wrong(
            "activationFunction " + own + ", normalizationMethod " + ownNormalization,
            "one of " + FUNCTIONS + ", and none, simplemax or softmax");
      }
      layers.add(
          new Layer(
              neurons(
                  each,
                  scope,
                  places,
                  each.number("width", width),
                  each.number("altitude", altitude)),
              own,
              each.number("threshold", threshold),
              ownNormalization));
    }
    return outputs(model, scope, target, places, layers.toArray(new Layer[0]), needs);
  }

  private static Expr only(XmlNode derived, Scope scope) throws ModelException {
    List<XmlNode> parts = derived.children();
    if (parts.size() != 1) {
      throw derived.wrong(parts.size() + " expressions", "one");
    }
    return Expressions.compile(parts.getFirst(), scope);
  }

  private static Neuron[] neurons(
      XmlNode layer, Scope scope, Map<String, Integer> places, double width, double altitude)
      throws ModelException {
    List<XmlNode> written = layer.children("Neuron");
    if (written.isEmpty()) {
      throw layer.wrong("no Neuron", "at least one");
    }
    Neuron[] neurons = new Neuron[written.size()];
    int first = scope.build.slots(layer, "neuron", neurons.length);
    for (int i = 0; i < neurons.length; i++) {
      XmlNode each = written.get(i);
      List<XmlNode> connections = each.children("Con");
      int[] from = new int[connections.size()];
      double[] weights = new double[from.length];
      for (int c = 0; c < from.length; c++) {
        Integer place = places.get(connections.get(c).require("from"));
        if (place == null) {
          throw connections
              .get(c)
              .wrong("from " + connections.get(c).get("from"), "an id of a layer before");
        }
        from[c] = place;
        weights[c] = connections.get(c).parse(connections.get(c).require("weight"), "weight");
      }
      neurons[i] =
          new Neuron(
              first + i,
              from,
              weights,
              each.number("bias", 0),
              each.number("width", width),
              each.number("altitude", altitude));
    }
    for (int i = 0; i < neurons.length; i++) {
      places.put(written.get(i).require("id"), first + i);
    }
    return neurons;
  }

  private static NeuralNetworkBody outputs(
      XmlNode model,
      Scope scope,
      Target target,
      Map<String, Integer> places,
      Layer[] layers,
      BitSet needs)
      throws ModelException {
    List<XmlNode> written = model.requireChild("NeuralOutputs").children("NeuralOutput");
    int[] outputs = new int[written.size()];
    List<Double> values = new ArrayList<>();
    Line line = null;
    for (int i = 0; i < outputs.length; i++) {
      XmlNode each = written.get(i);
      Integer place = places.get(each.require("outputNeuron"));
      if (place == null) {
        throw each.wrong("outputNeuron " + each.get("outputNeuron"), "the id of a neuron");
      }
      outputs[i] = place;
      XmlNode derived = each.requireChild("DerivedField");
      derived.ignore();
      List<XmlNode> parts = derived.children();
      XmlNode expression = scope.expression(parts.size() == 1 ? parts.getFirst() : derived);
      if (target.classification()) {
        if (!expression.name.equals("NormDiscrete")) {
          throw expression.wrong("<" + expression.name + ">", "<NormDiscrete>");
        }
        values.add(scope.build.encode(expression, expression.require("value"), target.type()));
      } else if (expression.name.equals("NormContinuous")) {
        line = line(expression);
      } else if (!expression.name.equals("FieldRef")) {
        throw expression.wrong("<" + expression.name + ">", "<NormContinuous> or <FieldRef>");
      }
    }
    if (outputs.length == 0 || (!target.classification() && outputs.length > 1)) {
      throw model.wrong(outputs.length + " NeuralOutput", "one for a number or each category");
    }
    Outcome outcome =
        target.classification()
            ? Outcome.category(
                model, scope.build, target.type(), Outcome.classes(List.of(), values))
            : Outcome.number(model, scope.build, target.type());
    int[] categories = values.stream().mapToInt(outcome::indexOf).toArray();
    double[] ids = new double[outputs.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = scope.build.symbols.add(written.get(i).require("outputNeuron"));
    }
    return new NeuralNetworkBody(
        outcome.withEntity(scope.build.slot(model, "neuron"), -1),
        layers,
        outputs,
        categories,
        ids,
        line,
        needs);
  }

  private static Line line(XmlNode norm) throws ModelException {
    List<XmlNode> points = norm.children("LinearNorm");
    double[] from = new double[points.size()];
    double[] to = new double[from.length];
    for (int i = 0; i < from.length; i++) {
      from[i] = points.get(i).parse(points.get(i).require("norm"), "norm");
      to[i] = points.get(i).parse(points.get(i).require("orig"), "orig");
    }
    if (from.length < 2) {
      throw norm.wrong(from.length + " LinearNorm", "at least 2");
    }
    return new Line(from, to);
  }

  @Override
  public void run(Frame f) {
    for (Layer layer : layers) {
      for (Neuron neuron : layer.neurons) {
        f.x[neuron.slot] = activation(layer, neuron, f.x);
      }
      int first = layer.neurons[0].slot;
      if (layer.normalization.equals("softmax")) {
        Links.softmax(f.x, first, layer.neurons.length);
      } else if (layer.normalization.equals("simplemax")) {
        Links.shares(f.x, first, layer.neurons.length);
      }
    }
    if (!outcome.isCategory()) {
      double y = f.x[outputs[0]];
      f.x[outcome.value()] = line == null ? y : line.of(y);
      f.x[outcome.entity()] = ids[0];
      return;
    }
    Arrays.fill(f.x, outcome.first(), outcome.first() + outcome.classes().length, Double.NaN);
    for (int i = 0; i < outputs.length; i++) {
      f.x[outcome.first() + categories[i]] = f.x[outputs[i]];
    }
    outcome.pickHighest(f);
    int best = outcome.indexOf(f.x[outcome.value()]);
    for (int i = 0; i < outputs.length; i++) {
      if (categories[i] == best) {
        f.x[outcome.entity()] = ids[i];
      }
    }
  }

  private static double activation(Layer layer, Neuron neuron, double[] x) {
    if (layer.function.equals("radialBasis")) {
      double distance = 0;
      for (int i = 0; i < neuron.from.length; i++) {
        double off = x[neuron.from[i]] - neuron.weights[i];
        distance += off * off;
      }
      double width = neuron.width;
      double altitude = neuron.altitude;
      return Math.exp(neuron.from.length * Math.log(altitude) - distance / (2 * width * width));
    }
    double z = neuron.bias;
    for (int i = 0; i < neuron.from.length; i++) {
      z += neuron.weights[i] * x[neuron.from[i]];
    }
    return switch (layer.function) {
      case "threshold" -> Double.isNaN(z) ? z : z > layer.threshold ? 1 : 0;
      case "logistic" -> Links.logistic(z);
      case "tanh" -> Math.tanh(z);
      case "exponential" -> Math.exp(z);
      case "reciprocal" -> 1 / z;
      case "square" -> z * z;
      case "Gauss" -> Math.exp(-z * z);
      case "sine" -> Math.sin(z);
      case "cosine" -> Math.cos(z);
      case "Elliott" -> z / (1 + Math.abs(z));
      case "arctan" -> 2 * Math.atan(z) / Math.PI;
      case "rectifier" -> Math.max(0, z);
      default -> z;
    };
  }

  @Override
  BitSet needs() {
    return needs;
  }
}
