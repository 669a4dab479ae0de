package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A {@code RegressionModel}: linear scores, normalized. */
final class RegressionBody extends Body {
  private static final Set<String> METHODS =
      Set.of(
          "none", "simplemax", "softmax", "logit", "probit", "cloglog", "exp", "loglog", "cauchit");

  /** A product of places with a coefficient. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
  private record Term(int[] slots, double coefficient) {}

  /** One table of the document; the arrays of one kind go together. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
  private record Table(
      double intercept,
      int[] numeric,
      double[] coefficients,
      double[] exponents,
      double[] means,
      int[] categorical,
      double[] values,
      double[] steps,
      Term[] terms,
      @Nullable Producer[] producers) {}

  private final Table[] tables;
  private final int[] places;
  private final String method;
  private final boolean asFloat;
  private final boolean ordinal;
  private final int[] factors;
  private final BitSet needs = new BitSet();

  private RegressionBody(
      Outcome outcome,
      Table[] tables,
      int[] places,
      String method,
      Target target,
      boolean ordinal,
      int[] factors) {
    super(outcome);
    this.tables = tables;
    this.places = places;
    this.method = method;
    this.asFloat = target.asFloat();
    this.ordinal = ordinal;
    this.factors = factors;
  }

  static RegressionBody compile(XmlNode model, Scope scope, Target target) throws ModelException {
    String method = model.get("normalizationMethod", "none");
    if (!METHODS.contains(method)) {
      throw model.wrong("normalizationMethod " + XmlNode.shown(method), "one of " + METHODS);
    }
    List<XmlNode> written = model.children("RegressionTable");
    if (written.isEmpty() || (!target.classification() && written.size() != 1)) {
      throw model.wrong(
          written.size() + " RegressionTable",
          target.classification() ? "one for each category" : "one");
    }
    List<Double> categories = new ArrayList<>();
    BitSet needs = new BitSet();
    Table[] tables = new Table[written.size()];
    for (int i = 0; i < tables.length; i++) {
      if (target.classification()) {
        categories.add(
            scope.build.encode(
                written.get(i), written.get(i).require("targetCategory"), target.type()));
      } else {
        written.get(i).get("targetCategory");
      }
      tables[i] = table(written.get(i), scope, target.asFloat(), needs);
    }
    Outcome outcome =
        target.classification()
            ? Outcome.category(
                model, scope.build, target.type(), Outcome.classes(categories, categories))
            : Outcome.number(model, scope.build, target.type());
    int[] places = new int[tables.length];
    for (int i = 0; i < places.length; i++) {
      places[i] = target.classification() ? outcome.indexOf(categories.get(i)) : 0;
    }
    if (target.classification() && outcome.classes().length != tables.length) {
      throw model.wrong("a targetCategory twice", "each once");
    }
    boolean ordinal = ordinal(model, scope, target);
    boolean agreed = method.equals("softmax") || method.equals("simplemax") || ordinal;
    if (target.classification() && (tables.length < 2 || (tables.length > 2 && !agreed))) {
      throw model.wrong(
          tables.length + " RegressionTable, normalizationMethod " + method,
          "two, or softmax or simplemax: for others it is not agreed what they mean");
    }
    RegressionBody made =
        new RegressionBody(outcome, tables, places, method, target, ordinal, scope.build.factors());
    made.needs.or(needs);
    return made;
  }

  private static boolean ordinal(XmlNode model, Scope scope, Target target) throws ModelException {
    String name = target.name();
    XmlNode field = name == null ? null : scope.build.dictionary(name);
    boolean ordinal =
        field != null && field.get("optype", "").equals("ordinal") && target.classification();
    if (ordinal && !model.get("normalizationMethod", "none").equals("softmax")) {
      return true;
    }
    return false;
  }

  private static Table table(XmlNode node, Scope scope, boolean asFloat, BitSet needs)
      throws ModelException {
    List<XmlNode> numeric = node.children("NumericPredictor");
    int[] slots = new int[numeric.size()];
    double[] coefficients = new double[slots.length];
    double[] exponents = new double[slots.length];
    double[] means = new double[slots.length];
    @Nullable Producer[] producers = new Producer[slots.length];
    for (int i = 0; i < slots.length; i++) {
      XmlNode each = numeric.get(i);
      Field field = scope.require(each, each.require("name"));
      if (field.type() == DataType.STRING) {
        throw each.wrong("NumericPredictor of a string", "a number");
      }
      slots[i] = field.slot();
      coefficients[i] = rounded(each.parse(each.require("coefficient"), "coefficient"), asFloat);
      exponents[i] = each.number("exponent", 1);
      Double mean = scope.build.means.get(field.name());
      means[i] = mean == null ? 0 : mean;
      producers[i] = scope.build.producers.get(field.slot());
      needs.or(field.needs());
    }
    List<XmlNode> categorical = node.children("CategoricalPredictor");
    int[] at = new int[categorical.size()];
    double[] values = new double[at.length];
    double[] steps = new double[at.length];
    for (int i = 0; i < at.length; i++) {
      XmlNode each = categorical.get(i);
      Field field = scope.require(each, each.require("name"));
      at[i] = field.slot();
      values[i] = scope.build.encode(each, each.require("value"), field.type());
      steps[i] = rounded(each.parse(each.require("coefficient"), "coefficient"), asFloat);
    }
    return new Table(
        rounded(node.parse(node.get("intercept", "0"), "intercept"), asFloat),
        slots,
        coefficients,
        exponents,
        means,
        at,
        values,
        steps,
        terms(node, scope, asFloat, needs),
        producers);
  }

  private static Term[] terms(XmlNode node, Scope scope, boolean asFloat, BitSet needs)
      throws ModelException {
    List<Term> terms = new ArrayList<>();
    for (XmlNode each : node.children("PredictorTerm")) {
      List<XmlNode> refs = each.children("FieldRef");
      int[] product = new int[refs.size()];
      for (int i = 0; i < product.length; i++) {
        Field field = scope.require(refs.get(i), refs.get(i).require("field"));
        if (field.type() == DataType.STRING) {
          throw each.wrong("PredictorTerm of a string", "numbers");
        }
        product[i] = field.slot();
        needs.or(field.needs());
      }
      each.get("name");
      terms.add(
          new Term(
              product, rounded(each.parse(each.require("coefficient"), "coefficient"), asFloat)));
    }
    return terms.toArray(new Term[0]);
  }

  private static double rounded(double value, boolean asFloat) {
    return asFloat ? (float) value : value;
  }

  @Override
  public void run(Frame f) {
    double[] x = f.x;
    if (!outcome.isCategory()) {
      double y = asFloat ? floatScore(tables[0], x) : score(tables[0], x);
      x[outcome.value()] = rounded(normalized(y), asFloat);
      return;
    }
    int first = outcome.first();
    int count = tables.length;
    boolean missing = false;
    for (int i = 0; i < count; i++) {
      double y = asFloat ? floatScore(tables[i], x) : score(tables[i], x);
      missing |= Double.isNaN(y);
      x[first + places[i]] = y;
    }
    if (missing) {
      outcome.clear(f);
      return;
    }
    if (ordinal) {
      cumulate(x, first, count);
    } else if (method.equals("softmax")) {
      Links.softmax(x, first, count);
    } else if (method.equals("simplemax")) {
      Links.shares(x, first, count);
    } else {
      x[first] = rounded(normalized(x[first]), asFloat);
      x[first + 1] = 1 - x[first];
    }
    if (asFloat) {
      Links.round(x, first, count);
    }
    outcome.pickHighest(f);
  }

  /** Each score is a cumulative one: what is up to a category, less what was up to the last. */
  private void cumulate(double[] x, int first, int count) {
    double before = 0;
    for (int i = 0; i < count - 1; i++) {
      double upTo = normalized(x[first + i]);
      x[first + i] = upTo - before;
      before = upTo;
    }
    x[first + count - 1] = 1 - before;
  }

  private double normalized(double y) {
    return switch (method) {
      case "softmax", "logit" -> Links.logistic(y);
      case "probit" -> NormalCurve.below(y);
      case "cloglog" -> Links.cloglog(y);
      case "exp" -> Math.exp(y);
      case "loglog" -> Links.loglog(y);
      case "cauchit" -> Links.cauchit(y);
      default -> y;
    };
  }

  private static double score(Table t, double[] x) {
    double sum = t.intercept;
    for (int i = 0; i < t.numeric.length; i++) {
      double value = x[t.numeric[i]];
      sum += t.coefficients[i] * (t.exponents[i] == 1 ? value : Math.pow(value, t.exponents[i]));
    }
    for (int i = 0; i < t.categorical.length; i++) {
      sum += x[t.categorical[i]] == t.values[i] ? t.steps[i] : 0;
    }
    for (Term term : t.terms) {
      double product = term.coefficient;
      for (int slot : term.slots) {
        product *= x[slot];
      }
      sum += product;
    }
    return sum;
  }

  private static double floatScore(Table t, double[] x) {
    float sum = (float) t.intercept;
    for (int i = 0; i < t.numeric.length; i++) {
      float value = (float) x[t.numeric[i]];
      sum +=
          (float) t.coefficients[i]
              * (t.exponents[i] == 1 ? value : (float) Math.pow(value, t.exponents[i]));
    }
    for (int i = 0; i < t.categorical.length; i++) {
      sum += x[t.categorical[i]] == t.values[i] ? (float) t.steps[i] : 0;
    }
    for (Term term : t.terms) {
      float product = (float) term.coefficient;
      for (int slot : term.slots) {
        product *= (float) x[slot];
      }
      sum += product;
    }
    return sum;
  }

  @Override
  BitSet needs() {
    return needs;
  }

  @Override
  boolean explains() {
    return true;
  }

  /** Of the linear scores: a category's against the other's where there are two. */
  @Override
  void contribute(Frame f, int category, double weight, double[] into) {
    boolean shared = !ordinal && (method.equals("softmax") || method.equals("simplemax"));
    for (int i = 0; i < tables.length; i++) {
      double sign =
          category < 0
              ? 1
              : tables.length == 2 && !shared
                  ? (places[i] != 0 ? 0 : category == 0 ? 1 : -1)
                  : places[i] == category ? 1 : tables.length == 2 ? -1 : 0;
      if (sign != 0) {
        contribute(f, tables[i], sign * weight, into);
      }
    }
  }

  private void contribute(Frame f, Table t, double weight, double[] into) {
    for (int i = 0; i < t.numeric.length; i++) {
      Producer producer = t.producers[i];
      if (producer != null && t.exponents[i] == 1) {
        producer.contribute(f, weight * t.coefficients[i], into);
        continue;
      }
      double value = Math.pow(f.x[t.numeric[i]], t.exponents[i]);
      double mean = t.means[i] == 0 ? 0 : Math.pow(t.means[i], t.exponents[i]);
      into[factors[t.numeric[i]]] += weight * t.coefficients[i] * (value - mean);
    }
    for (int i = 0; i < t.categorical.length; i++) {
      if (f.x[t.categorical[i]] == t.values[i]) {
        into[factors[t.categorical[i]]] += weight * t.steps[i];
      }
    }
    for (Term term : t.terms) {
      double product = term.coefficient;
      for (int slot : term.slots) {
        product *= f.x[slot];
      }
      into[factors[term.slots[0]]] += weight * product;
    }
  }
}
