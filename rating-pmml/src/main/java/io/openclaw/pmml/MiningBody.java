package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A {@code MiningModel}: several models, one after the other, one of them, or all together. */
final class MiningBody extends Body {
  private static final Set<String> METHODS =
      Set.of(
          "modelChain",
          "selectFirst",
          "sum",
          "average",
          "weightedAverage",
          "weightedSum",
          "x-weightedSum",
          "median",
          "weightedMedian",
          "x-weightedMedian",
          "max",
          "majorityVote",
          "weightedMajorityVote");

  /**
   * One segment.
   *
   * @param classes where its categories are among the whole model's; -1 for none
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
  private record Segment(
      String id, Predicate predicate, Compiled model, double weight, int[] classes) {}

  private final String method;
  private final Segment[] segments;
  private final boolean asFloat;
  private final String missing;
  private final double threshold;
  private final Map<String, Compiled> byId = new HashMap<>();

  private MiningBody(
      Outcome outcome,
      String method,
      Segment[] segments,
      boolean asFloat,
      String missing,
      double threshold) {
    super(outcome);
    this.method = method;
    this.segments = segments;
    this.asFloat = asFloat;
    this.missing = missing;
    this.threshold = threshold;
    for (Segment each : segments) {
      byId.putIfAbsent(each.id, each.model);
    }
  }

  static Body compile(XmlNode model, Scope scope, Target target, List<Compiled.Answer> nested)
      throws ModelException {
    XmlNode segmentation = model.requireChild("Segmentation");
    String method = segmentation.require("multipleModelMethod");
    String missing = segmentation.get("missingPredictionTreatment", "continue");
    double threshold = segmentation.number("missingThreshold", 1);
    if (!METHODS.contains(method)) {
      throw segmentation.wrong("multipleModelMethod " + XmlNode.shown(method), "one of " + METHODS);
    }
    if (!List.of("continue", "skipSegment", "returnMissing").contains(missing)) {
      throw segmentation.wrong(
          "missingPredictionTreatment " + XmlNode.shown(missing),
          "continue, skipSegment or returnMissing");
    }
    ForestBody forest = ForestBody.compile(segmentation, scope, target);
    if (forest != null) {
      return forest;
    }
    List<Compiled> models = new ArrayList<>();
    List<XmlNode> written = segmentation.children("Segment");
    List<Predicate> predicates = new ArrayList<>();
    scope.segments = method.equals("modelChain") ? null : target;
    boolean exposes = method.equals("modelChain") || method.equals("selectFirst");
    for (XmlNode each : written) {
      predicates.add(Predicates.of(each, scope));
      Compiled compiled = segmentModel(each, scope);
      models.add(compiled);
      if (exposes) {
        nested.addAll(compiled.outputs());
      }
      for (Field field : compiled.visible().values()) {
        scope.add(field);
        scope.build.late.put(field.slot(), scope);
      }
    }
    if (models.isEmpty()) {
      throw segmentation.wrong("no Segment", "at least one");
    }
    Outcome outcome = outcome(segmentation, method, predicates, models, target, scope);
    Segment[] segments = new Segment[models.size()];
    for (int i = 0; i < segments.length; i++) {
      Compiled each = models.get(i);
      int[] classes = Arrays.stream(each.outcome().classes()).mapToInt(outcome::indexOf).toArray();
      String id = written.get(i).get("id", String.valueOf(i + 1));
      double weight = written.get(i).number("weight", 1);
      segments[i] = new Segment(id, predicates.get(i), each, weight, classes);
    }
    return new MiningBody(outcome, method, segments, target.asFloat(), missing, threshold);
  }

  private static Compiled segmentModel(XmlNode segment, Scope scope) throws ModelException {
    Compiled found = null;
    for (XmlNode child : segment.children()) {
      if (Predicates.NAMES.contains(child.name)) {
        continue;
      }
      if (found != null) {
        throw child.wrong("a second model", "one in a segment");
      }
      if (!ModelCompiler.NAMES.contains(child.name)) {
        throw child.unsupported();
      }
      found = ModelCompiler.compile(child, scope, false);
    }
    if (found == null) {
      throw segment.wrong("no model", "one");
    }
    return found;
  }

  private static Outcome outcome(
      XmlNode node,
      String method,
      List<Predicate> predicates,
      List<Compiled> models,
      Target target,
      Scope scope)
      throws ModelException {
    if (method.equals("modelChain")
        && predicates.getLast() instanceof Predicate.Always(boolean yes)
        && yes) {
      return models.getLast().outcome();
    }
    boolean chain = method.equals("modelChain");
    boolean select = chain || method.equals("selectFirst");
    Outcome last = models.getLast().outcome();
    boolean categories = last.isCategory();
    for (Compiled each : models) {
      if (!chain && each.outcome().isCategory() != categories) {
        throw node.wrong("segments that predict numbers and categories", "one of the two");
      }
    }
    boolean votes = method.equals("majorityVote") || method.equals("weightedMajorityVote");
    boolean means = method.equals("average") || method.equals("weightedAverage");
    if (!select && categories != (votes || (means && categories))) {
      throw node.wrong(
          "multipleModelMethod " + method,
          categories ? "a vote or an average of categories" : "one for numbers");
    }
    if (!categories) {
      return Outcome.number(node, scope.build, chain ? last.type() : target.type());
    }
    List<Double> classes = new ArrayList<>();
    for (Compiled each : models) {
      Arrays.stream(each.outcome().classes()).forEach(classes::add);
    }
    DataType type = target.classification() ? target.type() : last.type();
    for (Compiled each : models) {
      if (each.outcome().isCategory() && each.outcome().type() != type) {
        throw node.wrong("categories of types " + type + " and " + each.outcome().type(), "one");
      }
    }
    return Outcome.category(node, scope.build, type, Outcome.classes(target.values(), classes));
  }

  @Nullable Compiled segment(String id) {
    return byId.get(id);
  }

  @Override
  public void run(Frame f) {
    switch (method) {
      case "modelChain" -> chain(f);
      case "selectFirst" -> selectFirst(f);
      default -> {
        if (outcome.isCategory()) {
          if (method.equals("majorityVote") || method.equals("weightedMajorityVote")) {
            vote(f);
          } else {
            meanProbabilities(f);
          }
        } else {
          combine(f);
        }
      }
    }
  }

  private void chain(Frame f) {
    Segment last = null;
    for (Segment each : segments) {
      if (each.predicate.holds(f.x)) {
        each.model.program().run(f);
        last = each;
      }
    }
    copy(last, f);
  }

  private void selectFirst(Frame f) {
    for (Segment each : segments) {
      if (each.predicate.holds(f.x)) {
        each.model.program().run(f);
        copy(each, f);
        return;
      }
    }
    outcome.clear(f);
  }

  private void copy(@Nullable Segment from, Frame f) {
    if (from == null) {
      outcome.clear(f);
      return;
    }
    Outcome its = from.model.outcome();
    if (its.value() == outcome.value()) {
      return;
    }
    f.x[outcome.value()] = f.x[its.value()];
    for (int i = 0; i < outcome.classes().length; i++) {
      f.x[outcome.first() + i] = Double.isNaN(f.x[its.value()]) ? Double.NaN : 0;
    }
    for (int i = 0; i < from.classes.length; i++) {
      if (its.first() >= 0 && from.classes[i] >= 0) {
        f.x[outcome.first() + from.classes[i]] = f.x[its.first() + i];
      }
    }
  }

  /** Whether the segment takes part and has an answer; NaN in its value where it has none. */
  private double answer(Segment segment, Frame f) {
    segment.model.program().run(f);
    return f.x[segment.model.outcome().value()];
  }

  private void combine(Frame f) {
    boolean middle = method.endsWith("edian");
    double[] values = middle ? new double[segments.length] : Outcome.NO_CLASSES;
    double[] shares = middle ? new double[segments.length] : Outcome.NO_CLASSES;
    double sum = 0;
    double weights = 0;
    double most = Double.NEGATIVE_INFINITY;
    int count = 0;
    double skipped = 0;
    for (Segment each : segments) {
      if (!each.predicate.holds(f.x)) {
        continue;
      }
      double value = answer(each, f);
      if (Double.isNaN(value) && missing.equals("skipSegment")) {
        skipped++;
        continue;
      }
      boolean weighted = method.startsWith("weighted") || method.startsWith("x-weighted");
      double weight = weighted ? each.weight : 1;
      sum = asFloat ? (float) sum + (float) weight * (float) value : sum + weight * value;
      weights += weight;
      most = Math.max(most, value);
      if (values.length > 0) {
        values[count] = value;
        shares[count] = weight;
      }
      count++;
    }
    boolean none = count == 0 || tooFew(skipped, count);
    f.x[outcome.value()] =
        none
            ? Double.NaN
            : switch (method) {
              case "sum", "weightedSum", "x-weightedSum" -> sum;
              case "average", "weightedAverage" ->
                  asFloat ? (float) sum / (float) weights : sum / weights;
              case "max" -> most;
              case "median" -> Double.isNaN(sum) ? sum : Arithmetic.median(values, count);
              default -> Double.isNaN(sum) ? sum : weightedMedian(values, shares, count);
            };
  }

  /** The least value up to which half of the weight lies. */
  private static double weightedMedian(double[] values, double[] weights, int count) {
    double[][] sorted = new double[count][];
    double total = 0;
    for (int i = 0; i < count; i++) {
      sorted[i] = new double[] {values[i], weights[i]};
      total += weights[i];
    }
    Arrays.sort(sorted, (a, b) -> Double.compare(a[0], b[0]));
    double upTo = 0;
    for (double[] each : sorted) {
      upTo += each[1];
      if (upTo >= 0.5 * total) {
        return each[0];
      }
    }
    return Double.NaN;
  }

  private boolean tooFew(double skipped, int counted) {
    return skipped / (skipped + counted) > threshold;
  }

  /** The first of the most voted for, in the order in which they were first voted for. */
  private void vote(Frame f) {
    double[] votes = new double[outcome.classes().length];
    int[] firsts = new int[votes.length];
    boolean absent = false;
    double total = 0;
    int skipped = 0;
    int voters = 0;
    for (Segment each : segments) {
      if (!each.predicate.holds(f.x)) {
        continue;
      }
      int at = outcome.indexOf(answer(each, f));
      if (at < 0) {
        skipped++;
        absent = true;
        continue;
      }
      double weight = method.startsWith("weighted") ? each.weight : 1;
      firsts[at] = firsts[at] == 0 ? ++voters : firsts[at];
      votes[at] += weight;
      total += weight;
    }
    boolean skips = missing.equals("skipSegment");
    if (voters == 0 || (absent && !skips) || tooFew(skipped, voters)) {
      outcome.clear(f);
      return;
    }
    int best = -1;
    for (int i = 0; i < votes.length; i++) {
      f.x[outcome.first() + i] = votes[i] / total;
      boolean better =
          firsts[i] > 0
              && (best < 0
                  || votes[i] > votes[best]
                  || (votes[i] == votes[best] && firsts[i] < firsts[best]));
      best = better ? i : best;
    }
    f.x[outcome.value()] = outcome.classes()[best];
  }

  private void meanProbabilities(Frame f) {
    int first = outcome.first();
    int count = outcome.classes().length;
    Arrays.fill(f.x, first, first + count, 0);
    double weights = 0;
    int skipped = 0;
    int counted = 0;
    boolean absent = false;
    for (Segment each : segments) {
      if (!each.predicate.holds(f.x)) {
        continue;
      }
      double value = answer(each, f);
      if (Double.isNaN(value)) {
        skipped++;
        absent = true;
        continue;
      }
      double weight = method.startsWith("weighted") ? each.weight : 1;
      Outcome its = each.model.outcome();
      for (int i = 0; i < each.classes.length; i++) {
        f.x[first + each.classes[i]] += weight * f.x[its.first() + i];
      }
      weights += weight;
      counted++;
    }
    if (counted == 0 || (absent && !missing.equals("skipSegment")) || tooFew(skipped, counted)) {
      outcome.clear(f);
      return;
    }
    for (int i = first; i < first + count; i++) {
      f.x[i] = asFloat ? (float) f.x[i] / (float) weights : f.x[i] / weights;
    }
    outcome.pickHighest(f);
  }

  @Override
  BitSet needs() {
    boolean all =
        !missing.equals("skipSegment")
            && !method.equals("selectFirst")
            && !method.equals("modelChain");
    BitSet needs = new BitSet();
    for (int i = 0; i < segments.length; i++) {
      boolean counts = all || (method.equals("modelChain") && i == segments.length - 1);
      if (counts && segments[i].predicate instanceof Predicate.Always(boolean yes) && yes) {
        needs.or(segments[i].model.needs());
      }
    }
    return needs;
  }

  @Override
  boolean explains() {
    return Arrays.stream(segments).anyMatch(s -> s.model.body().explains());
  }

  @Override
  void contribute(Frame f, int category, double weight, double[] into) {
    switch (method) {
      case "modelChain", "selectFirst" -> {
        Segment chosen = null;
        for (Segment each : segments) {
          if (each.predicate.holds(f.x)) {
            chosen = each;
            if (method.equals("selectFirst")) {
              break;
            }
          }
        }
        if (chosen != null) {
          contribute(chosen, f, category, weight, into);
        }
      }
      case "max",
          "median",
          "weightedMedian",
          "x-weightedMedian",
          "majorityVote",
          "weightedMajorityVote" -> {
        // what a vote or a choice goes by is no sum of contributions
      }
      default -> {
        boolean weighted = method.contains("weighted");
        double total = 0;
        for (Segment each : segments) {
          total += each.predicate.holds(f.x) ? (weighted ? each.weight : 1) : 0;
        }
        boolean mean = method.equals("average") || method.equals("weightedAverage");
        for (Segment each : segments) {
          if (each.predicate.holds(f.x)) {
            double share = weighted ? each.weight : 1;
            contribute(each, f, category, weight * (mean ? share / total : share), into);
          }
        }
      }
    }
  }

  private static void contribute(
      Segment segment, Frame f, int category, double weight, double[] into) {
    if (category < 0) {
      segment.model.producer().contribute(f, weight, into);
      return;
    }
    for (int i = 0; i < segment.classes.length; i++) {
      if (segment.classes[i] == category) {
        segment.model.body().contribute(f, i, weight, into);
      }
    }
  }
}
