package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compiles one model element of any kind that is supported; others are refused by name. */
final class ModelCompiler {
  /** The models this compiles. */
  static final Set<String> NAMES =
      Set.of(
          "TreeModel",
          "RegressionModel",
          "MiningModel",
          "Scorecard",
          "GeneralRegressionModel",
          "SupportVectorMachineModel",
          "NaiveBayesModel",
          "NeuralNetwork",
          "RuleSetModel",
          "ClusteringModel");

  private ModelCompiler() {}

  /**
   * Compiles a model.
   *
   * @param outer the fields around it; those of the whole model's schema, where it is the whole
   */
  static Compiled compile(XmlNode model, Scope outer, boolean whole) throws ModelException {
    if (!model.get("isScorable", "true").equals("true")) {
      throw model.wrong("isScorable false", "a model for scoring");
    }
    boolean asFloat =
        switch (model.get("x-mathContext", "double")) {
          case "float" -> true;
          case "double" -> false;
          default -> throw model.wrong("x-mathContext", "float or double");
        };
    Scope scope = new Scope(outer.build, outer);
    if (!whole) {
      MiningFields.nested(model, scope, outer);
    }
    scope.derive(model.child("LocalTransformations"));
    Target target = MiningFields.target(model, scope, asFloat);
    List<Compiled.Answer> nested = new ArrayList<>();
    Body body = body(model, scope, target, nested);
    Outcome outcome = body.outcome;
    Targets.Rescaling rescaling = Targets.compile(model, target, outcome, scope);
    Outputs outputs = new Outputs(scope, target, body, rescaling);
    outputs.compile(model);
    Scope outputScope = outputs.scope();
    Step[] before = scope.steps();
    Step[] after = outputScope.steps();
    Step rescale = rescaling.before();
    scope.ignoreUnused();
    outputScope.ignoreUnused();
    nested.addAll(outputs.answers());
    BitSet needs = rescale == null ? body.needs() : Field.NOTHING;
    return new Compiled(
        body,
        outcome,
        target,
        program(before, body, rescale, after),
        nested,
        outputs.visible(),
        needs,
        rescaling.factor());
  }

  private static Step program(Step[] before, Body body, @Nullable Step rescale, Step[] after) {
    if (before.length == 0 && rescale == null && after.length == 0) {
      return body;
    }
    return f -> {
      Step.runAll(before, f);
      body.run(f);
      if (rescale != null) {
        rescale.run(f);
      }
      Step.runAll(after, f);
    };
  }

  private static Body body(XmlNode model, Scope scope, Target target, List<Compiled.Answer> nested)
      throws ModelException {
    return switch (model.name) {
      case "TreeModel" -> TreeBody.compile(model, scope, target);
      case "RegressionModel" -> RegressionBody.compile(model, scope, target);
      case "MiningModel" -> MiningBody.compile(model, scope, target, nested);
      case "Scorecard" -> ScorecardBody.compile(model, scope, target);
      case "GeneralRegressionModel" -> GeneralRegressionBody.compile(model, scope, target);
      case "SupportVectorMachineModel" -> VectorMachineBody.compile(model, scope, target);
      case "NaiveBayesModel" -> NaiveBayesBody.compile(model, scope, target);
      case "NeuralNetwork" -> NeuralNetworkBody.compile(model, scope, target);
      case "RuleSetModel" -> RuleSetBody.compile(model, scope, target);
      case "ClusteringModel" -> ClusteringBody.compile(model, scope, target);
      default -> throw model.unsupported();
    };
  }

  /** The name of what it predicts, for results. */
  static String targetName(Target target) {
    String name = target.name();
    return name == null ? "_target" : name;
  }
}
