package io.openclaw.pmml;

import io.openclaw.rating.InputSchema;
import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compiles {@code MiningSchema}s: what a model takes, and what it predicts. */
final class MiningFields {
  private MiningFields() {}

  /** An input of the whole model. */
  record Input(Field field, Treatment treatment, XmlNode data) {}

  /** The inputs of the whole model, which become fields of the scope. */
  static List<Input> inputs(XmlNode model, Scope scope) throws ModelException {
    List<Input> inputs = new ArrayList<>();
    for (XmlNode mining : model.requireChild("MiningSchema").children("MiningField")) {
      if (!isActive(mining)) {
        continue;
      }
      String name = mining.require("name");
      XmlNode data = scope.build.dictionary(name);
      if (data == null) {
        throw mining.wrong("MiningField " + XmlNode.shown(name), "a field of the DataDictionary");
      }
      if (inputs.size() == InputSchema.FIELDS_MAX) {
        throw mining.wrong(
            "more than " + InputSchema.FIELDS_MAX + " active fields", "at most as many");
      }
      inputs.add(input(mining, data, name, scope));
    }
    return inputs;
  }

  private static Input input(XmlNode mining, XmlNode data, String name, Scope scope)
      throws ModelException {
    DataType type = DataType.of(data, absentType(data));
    Treatment treatment = Treatment.of(mining, data, type, scope.build);
    optype(mining, data);
    int slot = scope.build.slot(mining, name);
    BitSet needs = new BitSet();
    if (Double.isNaN(treatment.missingAs())) {
      needs.set(slot);
    }
    List<Double> values = new ArrayList<>();
    for (double value : treatment.valid()) {
      values.add(value);
    }
    Field field = new Field(name, slot, type, values, needs, slot);
    if (scope.find(mining, name) != null) {
      throw mining.wrong("MiningField " + XmlNode.shown(name), "each once");
    }
    scope.add(field);
    return new Input(field, treatment, data);
  }

  /** The type of a field that does not say it, as in documents of PMML before 4. */
  private static DataType absentType(XmlNode data) {
    return data.get("optype", "").equals("continuous") ? DataType.DOUBLE : DataType.STRING;
  }

  private static void optype(XmlNode mining, XmlNode data) {
    data.get("optype");
    data.get("displayName");
    data.get("isCyclic");
    mining.get("optype");
  }

  /**
   * The fields of a model inside another: those that it treats once more get places of their own.
   */
  static void nested(XmlNode model, Scope scope, Scope outer) throws ModelException {
    XmlNode schema = model.child("MiningSchema");
    if (schema == null) {
      return;
    }
    for (XmlNode mining : schema.children("MiningField")) {
      if (!isActive(mining)) {
        continue;
      }
      String name = mining.require("name");
      mining.get("optype");
      Field given = outer.find(mining, name);
      if (given == null) {
        // Some exporters list fields that nothing uses; what does is refused where it is used.
        mining.ignore();
        continue;
      }
      Treatment treatment =
          Treatment.of(mining, scope.build.dictionary(name), given.type(), scope.build);
      if (treatment.refusesMissing()) {
        throw mining.wrong("missingValueTreatment returnInvalid in a segment", "asIs");
      }
      if (treatment.changes()) {
        int slot = scope.build.slot(mining, name);
        scope.build.factor(slot, given.factor());
        int from = given.slot();
        scope.add((Step) f -> f.x[slot] = treatment.apply(f.x[from]));
        BitSet needs = Double.isNaN(treatment.missingAs()) ? given.needs() : Field.NOTHING;
        scope.add(new Field(name, slot, given.type(), given.values(), needs, given.factor()));
      }
    }
  }

  /** Whether a model inside another treats no field once more. */
  static boolean trivial(XmlNode model) throws ModelException {
    XmlNode schema = model.child("MiningSchema");
    if (schema == null) {
      return true;
    }
    for (XmlNode mining : schema.children("MiningField")) {
      mining.get("name");
      mining.get("optype");
      String invalid = mining.get("invalidValueTreatment", "returnInvalid");
      boolean plain =
          mining.get("missingValueReplacement") == null
              && mining.get("outliers", "asIs").equals("asIs")
              && !mining.get("missingValueTreatment", "asIs").equals("returnInvalid")
              && (invalid.equals("returnInvalid") || invalid.equals("asIs"));
      if (isActive(mining) && !plain) {
        return false;
      }
    }
    return true;
  }

  private static boolean isActive(XmlNode mining) throws ModelException {
    String usage = mining.get("usageType", "active");
    return switch (usage) {
      case "active" -> true;
      case "predicted",
          "target",
          "supplementary",
          "group",
          "order",
          "frequencyWeight",
          "analysisWeight" -> {
        mining.ignore();
        yield false;
      }
      default -> throw mining.wrong("usageType " + XmlNode.shown(usage), "one that PMML has");
    };
  }

  /** What the model predicts. */
  static Target target(XmlNode model, Scope scope, boolean asFloat) throws ModelException {
    String function = model.require("functionName");
    boolean classification =
        switch (function) {
          case "classification" -> true;
          case "regression", "clustering" -> false;
          default ->
              throw model.wrong(
                  "functionName " + XmlNode.shown(function),
                  "regression, classification or clustering");
        };
    String name = targetName(model);
    XmlNode data = name == null ? null : scope.build.dictionary(name);
    Target around = scope.around();
    if (name == null && classification && around != null && around.classification()) {
      return new Target(null, around.type(), around.values(), true, asFloat);
    }
    if (data == null) {
      return new Target(
          name,
          classification || function.equals("clustering") ? DataType.STRING : DataType.DOUBLE,
          List.of(),
          classification,
          asFloat);
    }
    DataType type = DataType.of(data, classification ? DataType.STRING : DataType.DOUBLE);
    List<Double> values = new ArrayList<>();
    for (XmlNode each : data.children("Value")) {
      each.get("displayValue");
      if (each.get("property", "valid").equals("valid")) {
        values.add(scope.build.encode(each, each.require("value"), type));
      }
    }
    data.get("optype");
    data.children("Interval").forEach(XmlNode::ignore);
    return new Target(
        name,
        !classification && type == DataType.STRING ? DataType.DOUBLE : type,
        values,
        classification,
        asFloat);
  }

  private static @Nullable String targetName(XmlNode model) throws ModelException {
    XmlNode schema = model.child("MiningSchema");
    String name = null;
    if (schema != null) {
      for (XmlNode mining : schema.children("MiningField")) {
        String usage = mining.get("usageType", "active");
        if (usage.equals("predicted") || usage.equals("target")) {
          if (name != null) {
            throw mining.wrong("a second target", "one");
          }
          name = mining.require("name");
        }
      }
    }
    return name;
  }
}
