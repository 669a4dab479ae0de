package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@code Scorecard}: an initial score plus the points of each characteristic's first attribute
 * that holds, with the reason codes that lost most (PMML 4.4). What one code loses in several
 * characteristics is added up; only what is lost is a reason.
 */
final class ScorecardBody extends Body {
  /** One attribute; its points are a number or computed. */
  private record Attribute(Predicate predicate, double points, @Nullable Expr complex, int code) {}

  @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
  private record Characteristic(Attribute[] attributes, double baseline) {}

  private final double initial;
  private final Characteristic[] characteristics;
  private final boolean below;
  private final int codes;
  private final int[] symbols;
  private final int pointsFirst;

  private ScorecardBody(
      Outcome outcome,
      double initial,
      Characteristic[] characteristics,
      boolean below,
      int[] symbols,
      int pointsFirst) {
    super(outcome);
    this.initial = initial;
    this.characteristics = characteristics;
    this.below = below;
    this.codes = symbols.length;
    this.symbols = symbols;
    this.pointsFirst = pointsFirst;
  }

  static ScorecardBody compile(XmlNode model, Scope scope, Target target) throws ModelException {
    boolean useReasons = model.flag("useReasonCodes", true);
    String algorithm = model.get("reasonCodeAlgorithm", "pointsBelow");
    if (!algorithm.equals("pointsBelow") && !algorithm.equals("pointsAbove")) {
      throw model.wrong(
          "reasonCodeAlgorithm " + XmlNode.shown(algorithm), "pointsBelow or pointsAbove");
    }
    double baseline = model.number("baselineScore");
    List<String> names = new ArrayList<>();
    List<Characteristic> found = new ArrayList<>();
    for (XmlNode each : model.requireChild("Characteristics").children("Characteristic")) {
      found.add(characteristic(each, scope, useReasons, baseline, names));
    }
    int[] symbols = names.stream().mapToInt(scope.build.symbols::add).toArray();
    int first = scope.build.slots(model, "reason", Math.max(1, symbols.length));
    int points = scope.build.slots(model, "reason points", Math.max(1, symbols.length));
    int[] slots = new int[symbols.length];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = first + i;
    }
    return new ScorecardBody(
        Outcome.number(model, scope.build, target.type()).withReasons(slots),
        model.number("initialScore", 0),
        found.toArray(new Characteristic[0]),
        algorithm.equals("pointsBelow"),
        symbols,
        points);
  }

  private static Characteristic characteristic(
      XmlNode node, Scope scope, boolean useReasons, double baseline, List<String> names)
      throws ModelException {
    double own = node.number("baselineScore", baseline);
    String reason = node.get("reasonCode");
    node.get("name");
    List<Attribute> attributes = new ArrayList<>();
    for (XmlNode each : node.children("Attribute")) {
      String code = each.get("reasonCode", reason == null ? "" : reason);
      int at = -1;
      if (useReasons && !code.isEmpty()) {
        if (Double.isNaN(own)) {
          throw node.wrong("no baselineScore", "one, since reason codes are used");
        }
        at = names.indexOf(code);
        if (at < 0) {
          at = names.size();
          names.add(code);
        }
      }
      XmlNode complex = each.child("ComplexPartialScore");
      Expr computed = null;
      if (complex != null) {
        List<XmlNode> parts = complex.children();
        if (parts.size() != 1) {
          throw complex.wrong(parts.size() + " expressions", "one");
        }
        computed = Expressions.compile(parts.getFirst(), scope);
      }
      double points = each.number("partialScore");
      if (Double.isNaN(points) && computed == null) {
        throw each.wrong("no partialScore", "it, or ComplexPartialScore");
      }
      attributes.add(new Attribute(Predicates.of(each, scope), points, computed, at));
    }
    if (attributes.isEmpty()) {
      throw node.wrong("no Attribute", "at least one");
    }
    return new Characteristic(attributes.toArray(new Attribute[0]), own);
  }

  @Override
  public void run(Frame f) {
    double score = initial;
    double[] lost = codes == 0 ? Outcome.NO_CLASSES : new double[codes];
    for (Characteristic each : characteristics) {
      Attribute attribute = find(each, f);
      if (attribute == null) {
        score = Double.NaN;
        continue;
      }
      Expr complex = attribute.complex;
      double points = complex == null ? attribute.points : complex.eval(f);
      score += points;
      if (attribute.code >= 0) {
        lost[attribute.code] += below ? each.baseline - points : points - each.baseline;
      }
    }
    f.x[outcome.value()] = score;
    rank(lost, f);
  }

  private static @Nullable Attribute find(Characteristic characteristic, Frame f) {
    for (Attribute each : characteristic.attributes) {
      if (each.predicate.holds(f.x)) {
        return each;
      }
    }
    return null;
  }

  /** Sorts the codes that lost something by insertion, most first, ties in their order. */
  private void rank(double[] lost, Frame f) {
    int size = 0;
    int first = codes == 0 ? 0 : outcome.reasons()[0];
    for (int i = 0; i < codes; i++) {
      f.x[first + i] = Double.NaN;
      if (!(lost[i] > 0)) {
        continue;
      }
      int place = size++;
      while (place > 0 && f.x[pointsFirst + place - 1] < lost[i]) {
        f.x[first + place] = f.x[first + place - 1];
        f.x[pointsFirst + place] = f.x[pointsFirst + place - 1];
        place--;
      }
      f.x[first + place] = symbols[i];
      f.x[pointsFirst + place] = lost[i];
    }
  }

  /** Points that the reason of this rank lost. */
  double points(Frame f, int rank) {
    return f.x[pointsFirst + rank];
  }

  @Override
  boolean explains() {
    return codes > 0;
  }
}
