package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@code RuleSetModel}: the first rule that holds, or the category with the highest weight or sum
 * of weights. The probability of the category is the rule's confidence, or its share of the
 * weights.
 */
final class RuleSetBody extends Body {
  @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
  private record Rule(Predicate[] all, int category, double weight, double confidence, double id) {}

  private final Rule[] rules;
  private final String criterion;
  private final int absent;
  private final double absentConfidence;

  private RuleSetBody(
      Outcome outcome, Rule[] rules, String criterion, int absent, double absentConfidence) {
    super(outcome);
    this.rules = rules;
    this.criterion = criterion;
    this.absent = absent;
    this.absentConfidence = absentConfidence;
  }

  /** A rule as read, with its score not yet a number of a category. */
  private record Draft(
      List<Predicate> all, double score, double weight, double confidence, double id) {}

  static RuleSetBody compile(XmlNode model, Scope scope, Target target) throws ModelException {
    if (!target.classification()) {
      throw model.wrong("functionName of a RuleSetModel", "classification");
    }
    XmlNode set = model.requireChild("RuleSet");
    List<XmlNode> methods = set.children("RuleSelectionMethod");
    if (methods.isEmpty()) {
      throw set.wrong("no RuleSelectionMethod", "one");
    }
    String criterion = methods.getFirst().require("criterion");
    methods.forEach(XmlNode::ignore); // the first is the default
    if (!List.of("firstHit", "weightedSum", "weightedMax").contains(criterion)) {
      throw set.wrong(
          "criterion " + XmlNode.shown(criterion), "firstHit, weightedSum or weightedMax");
    }
    List<Draft> drafts = new ArrayList<>();
    rules(set, scope, target, List.of(), drafts);
    String written = set.get("defaultScore");
    double absent = written == null ? Double.NaN : scope.build.encode(set, written, target.type());
    List<Double> scores = new ArrayList<>(drafts.stream().map(Draft::score).toList());
    if (written != null) {
      scores.add(absent);
    }
    Outcome outcome =
        Outcome.category(
            model, scope.build, target.type(), Outcome.classes(target.values(), scores));
    Rule[] rules = new Rule[drafts.size()];
    for (int i = 0; i < rules.length; i++) {
      Draft draft = drafts.get(i);
      rules[i] =
          new Rule(
              draft.all.toArray(new Predicate[0]),
              outcome.indexOf(draft.score),
              draft.weight,
              draft.confidence,
              draft.id);
    }
    return new RuleSetBody(
        outcome.withEntity(scope.build.slot(set, "rule"), -1),
        rules,
        criterion,
        outcome.indexOf(absent),
        set.number("defaultConfidence", 1));
  }

  private static void rules(
      XmlNode owner, Scope scope, Target target, List<Predicate> outer, List<Draft> into)
      throws ModelException {
    for (XmlNode each : owner.children()) {
      if (!each.name.equals("SimpleRule") && !each.name.equals("CompoundRule")) {
        continue;
      }
      List<Predicate> all = new ArrayList<>(outer);
      all.add(Predicates.of(each, scope));
      if (each.name.equals("CompoundRule")) {
        rules(each, scope, target, all, into);
        continue;
      }
      each.children("ScoreDistribution").forEach(XmlNode::ignore);
      String id = each.get("id", "");
      into.add(
          new Draft(
              all,
              scope.build.encode(each, each.require("score"), target.type()),
              each.number("weight", 1),
              each.number("confidence", 1),
              id.isEmpty() ? Double.NaN : scope.build.symbols.add(id)));
    }
  }

  @Override
  public void run(Frame f) {
    outcome.clear(f);
    f.x[outcome.entity()] = Double.NaN;
    if (criterion.equals("weightedSum")) {
      sum(f);
      return;
    }
    Rule found = null;
    for (Rule each : rules) {
      if ((found == null || each.weight > found.weight) && holds(each, f)) {
        found = each;
        if (criterion.equals("firstHit")) {
          break;
        }
      }
    }
    answer(f, found == null ? absent : found.category, confidence(found));
    f.x[outcome.entity()] = found == null ? Double.NaN : found.id;
  }

  private double confidence(@Nullable Rule rule) {
    return rule == null ? absentConfidence : rule.confidence;
  }

  private void answer(Frame f, int category, double confidence) {
    if (category >= 0) {
      f.x[outcome.value()] = outcome.classes()[category];
      f.x[outcome.first() + category] = confidence;
    }
  }

  private void sum(Frame f) {
    double[] sums = new double[outcome.classes().length];
    double total = 0;
    int best = -1;
    for (Rule each : rules) {
      if (holds(each, f)) {
        sums[each.category] += each.weight;
        total += each.weight;
      }
    }
    for (int i = 0; i < sums.length; i++) {
      best = sums[i] > 0 && (best < 0 || sums[i] > sums[best]) ? i : best;
    }
    if (best < 0) {
      answer(f, absent, absentConfidence);
    } else {
      answer(f, best, sums[best] / total);
    }
  }

  private static boolean holds(Rule rule, Frame f) {
    for (Predicate each : rule.all) {
      if (!each.holds(f.x)) {
        return false;
      }
    }
    return true;
  }
}
