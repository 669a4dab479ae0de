package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Compiles {@code Targets}: what becomes of a prediction, and what stands for a missing one. */
final class Targets {
  private Targets() {}

  /**
   * The display texts of categories.
   *
   * @param displayed texts by category
   * @param before what is done to the frame after the model; null for nothing
   * @param factor what a difference in the value is multiplied by
   */
  record Rescaling(Map<Double, String> displayed, @Nullable Step before, double factor) {}

  static Rescaling compile(XmlNode model, Target target, Outcome outcome, Scope scope)
      throws ModelException {
    XmlNode written = model.child("Targets");
    if (written == null) {
      return new Rescaling(Map.of(), null, 1);
    }
    Map<Double, String> displayed = new HashMap<>();
    Step step = null;
    double factor = 1;
    for (XmlNode each : written.children("Target")) {
      String field = each.get("field");
      each.get("optype");
      if (field != null && target.name() != null && !field.equals(target.name())) {
        throw each.wrong("Target of " + XmlNode.shown(field), target.name());
      }
      if (step != null) {
        throw each.wrong("a second Target", "one");
      }
      step =
          outcome.isCategory()
              ? categories(each, target, outcome, scope, displayed)
              : number(each, outcome, target.asFloat());
      factor = outcome.isCategory() ? 1 : each.number("rescaleFactor", 1);
    }
    return new Rescaling(displayed, step, factor);
  }

  private static Step number(XmlNode node, Outcome outcome, boolean asFloat) throws ModelException {
    double min = node.number("min", Double.NEGATIVE_INFINITY);
    double max = node.number("max", Double.POSITIVE_INFINITY);
    double factor = node.number("rescaleFactor", 1);
    double constant = node.number("rescaleConstant", 0);
    String cast = node.get("castInteger", "");
    if (!List.of("", "round", "ceiling", "floor").contains(cast)) {
      throw node.wrong("castInteger " + XmlNode.shown(cast), "round, ceiling or floor");
    }
    double absent = Double.NaN;
    for (XmlNode value : node.children("TargetValue")) {
      absent = value.number("defaultValue");
    }
    double instead = absent;
    int slot = outcome.value();
    return f -> {
      double y = f.x[slot];
      if (Double.isNaN(y)) {
        f.x[slot] = instead;
        return;
      }
      y = Math.min(Math.max(y, min), max);
      y =
          asFloat
              ? (double) ((float) y * (float) factor + (float) constant)
              : y * factor + constant;
      f.x[slot] =
          switch (cast) {
            case "round" -> Math.floor(y + 0.5);
            case "ceiling" -> Math.ceil(y);
            case "floor" -> Math.floor(y);
            default -> y;
          };
    };
  }

  private static Step categories(
      XmlNode node, Target target, Outcome outcome, Scope scope, Map<Double, String> displayed)
      throws ModelException {
    double[] priors = new double[outcome.classes().length];
    boolean given = false;
    for (XmlNode each : node.children("TargetValue")) {
      String value = each.require("value");
      double category = scope.build.encode(each, value, target.type());
      displayed.put(category, each.get("displayValue", value));
      int at = outcome.indexOf(category);
      double prior = each.number("priorProbability");
      if (at >= 0 && !Double.isNaN(prior)) {
        priors[at] = prior;
        given = true;
      }
    }
    boolean priorsGiven = given;
    return f -> {
      if (priorsGiven && Double.isNaN(f.x[outcome.value()])) {
        System.arraycopy(priors, 0, f.x, outcome.first(), priors.length);
        outcome.pickHighest(f);
      }
    };
  }
}
