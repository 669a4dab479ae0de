package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Compiles {@code Output}: named results of a model. For one thread. */
final class Outputs {
  private final Scope scope;
  private final Target target;
  private final Body body;
  private final Targets.Rescaling rescaling;
  private final List<Compiled.Answer> answers = new ArrayList<>();
  private final Map<String, Field> visible = new LinkedHashMap<>();

  Outputs(Scope model, Target target, Body body, Targets.Rescaling rescaling) {
    this.scope = new Scope(model.build, model);
    this.target = target;
    this.body = body;
    this.rescaling = rescaling;
  }

  Scope scope() {
    return scope;
  }

  List<Compiled.Answer> answers() {
    return answers;
  }

  Map<String, Field> visible() {
    return visible;
  }

  void compile(XmlNode model) throws ModelException {
    XmlNode output = model.child("Output");
    String name = target.name();
    if (name != null) {
      scope.add(new Field(name, body.outcome.value(), body.outcome.type()));
    }
    scope.build.producers.put(body.outcome.value(), new Producer(body, -1, rescaling.factor()));
    if (output == null) {
      return;
    }
    for (XmlNode each : output.children("OutputField")) {
      Field field = field(each, each.require("name"));
      each.get("optype");
      each.get("dataType");
      each.get("displayName");
      each.children("Value").forEach(XmlNode::ignore);
      scope.add(field);
      visible.put(field.name(), field);
      if (each.flag("isFinalResult", true)) {
        answers.add(new Compiled.Answer(field.name(), field.slot(), field.type()));
      }
    }
  }

  private Field field(XmlNode node, String name) throws ModelException {
    String feature = node.get("feature", "predictedValue");
    String segment = node.get("segmentId");
    Body of = body;
    double factor = rescaling.factor();
    if (segment != null) {
      Compiled found = body instanceof MiningBody mining ? mining.segment(segment) : null;
      if (found == null) {
        throw node.wrong("segmentId " + XmlNode.shown(segment), "one of the segments");
      }
      of = found.body();
      // The last of a chain leaves its number where the whole model rescales it once more.
      boolean again = of.outcome.value() == body.outcome.value();
      factor = again ? factor * found.factor() : found.factor();
    }
    Outcome outcome = of.outcome;
    return switch (feature) {
      case "predictedValue" -> predicted(node, name, of, factor);
      case "predictedDisplayValue" -> displayed(node, name);
      case "probability" -> probability(node, name, of);
      case "transformedValue", "decision" -> transformed(node, name);
      case "entityId", "clusterId", "nodeId" ->
          at(node, name, outcome.entity(), DataType.STRING, "an entity");
      case "affinity", "entityAffinity", "clusterAffinity" -> affinity(node, name, outcome);
      case "reasonCode" -> {
        int rank = node.integer("rank", 1, 1, 1000);
        int slot =
            rank <= outcome.reasons().length
                ? outcome.reasons()[rank - 1]
                : scope.build.slot(node, name);
        yield at(node, name, outcome.reasons().length == 0 ? -1 : slot, DataType.STRING, "reasons");
      }
      default -> throw node.wrong("feature " + XmlNode.shown(feature), "one that is supported");
    };
  }

  private Field at(XmlNode node, String name, int slot, DataType type, String what)
      throws ModelException {
    node.get("rank");
    if (slot < 0) {
      throw node.wrong("feature " + node.get("feature"), "a model that has " + what);
    }
    return new Field(name, slot, type);
  }

  private Field affinity(XmlNode node, String name, Outcome outcome) throws ModelException {
    String value = node.get("value");
    int slot =
        value == null
            ? outcome.affinity()
            : body instanceof ClusteringBody clusters
                ? clusters.affinity(scope.build.symbols.add(value))
                : -1;
    return at(node, name, slot, DataType.DOUBLE, "affinities");
  }

  private Field predicted(XmlNode node, String name, Body of, double factor) throws ModelException {
    Outcome outcome = of.outcome;
    Field value = new Field(name, outcome.value(), outcome.type());
    DataType type = DataType.of(node, outcome.type());
    scope.build.producers.put(value.slot(), new Producer(of, -1, factor));
    node.get("rank");
    if (type == outcome.type()
        || (type == DataType.DOUBLE && outcome.type().isNumber())
        || (type == DataType.INTEGER && !outcome.isCategory())) {
      return value;
    }
    Expr cast = Expr.Cast.to(new Expr.Ref(value, Double.NaN), type);
    Field made = DerivedFields.define(node, name, cast, List.of(), scope);
    scope.build.producers.put(made.slot(), new Producer(of, -1, factor));
    return made;
  }

  private Field displayed(XmlNode node, String name) throws ModelException {
    Map<Double, Double> texts = new HashMap<>();
    Outcome outcome = body.outcome;
    for (double category : outcome.classes()) {
      String text = rescaling.displayed().get(category);
      String shown = text != null ? text : dictionaryText(category, outcome.type());
      texts.put(category, (double) scope.build.symbols.add(shown));
    }
    if (body instanceof ClusteringBody clusters) {
      clusters
          .names()
          .forEach((id, shown) -> texts.put(id, (double) scope.build.symbols.add(shown)));
    }
    if (texts.isEmpty()) {
      throw node.wrong("predictedDisplayValue", "a classification");
    }
    int slot = scope.build.slot(node, name);
    scope.add(
        (Step)
            f -> {
              Double found = texts.get(f.x[outcome.value()]);
              f.x[slot] = found == null ? Double.NaN : found;
            });
    return new Field(name, slot, DataType.STRING);
  }

  /** The display text of the dictionary, or the category's own. */
  private String dictionaryText(double category, DataType type) throws ModelException {
    String own = scope.build.text(category, type);
    String name = target.name();
    XmlNode data = name == null ? null : scope.build.dictionary(name);
    if (data != null) {
      for (XmlNode each : data.children("Value")) {
        if (own.equals(each.get("value"))) {
          return each.get("displayValue", own);
        }
      }
    }
    return own;
  }

  private Field probability(XmlNode node, String name, Body of) throws ModelException {
    Outcome outcome = of.outcome;
    String value = node.get("value");
    if (!outcome.isCategory()) {
      throw node.wrong("feature probability", "a classification");
    }
    int slot;
    if (value == null) {
      slot = scope.build.slot(node, name);
      scope.add(
          (Step)
              f -> {
                int at = outcome.indexOf(f.x[outcome.value()]);
                f.x[slot] = at < 0 ? Double.NaN : f.x[outcome.first() + at];
              });
    } else {
      Integer found = outcome.probability(scope.build.encode(node, value, outcome.type()));
      if (found == null) {
        throw node.wrong("probability of " + XmlNode.shown(value), "one of the categories");
      }
      slot = found;
      scope.build.producers.put(slot, new Producer(of, slot - outcome.first(), 1));
    }
    return new Field(name, slot, DataType.DOUBLE);
  }

  private Field transformed(XmlNode node, String name) throws ModelException {
    Expr expr = null;
    for (XmlNode part : node.children()) {
      if (!part.name.equals("Value")) {
        if (expr != null) {
          throw part.wrong("a second expression", "one");
        }
        expr = Expressions.compile(part, scope);
      }
    }
    if (expr == null) {
      throw node.wrong("no expression", "one");
    }
    DataType type = DataType.of(node, expr.type);
    Field made =
        DerivedFields.define(node, name, Expressions.as(expr, type, node, scope), List.of(), scope);
    Producer alias = alias(expr);
    if (alias != null) {
      scope.build.producers.put(made.slot(), alias);
    }
    return made;
  }

  /** Who produced what an output repeats; null where it computes something. */
  private @Nullable Producer alias(Expr expr) {
    return expr instanceof Expr.Ref ref ? scope.build.producers.get(ref.field.slot()) : null;
  }
}
