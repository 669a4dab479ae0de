package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A {@code GeneralRegressionModel}; Cox's is refused. */
final class GeneralRegressionBody extends Body {
  /** What one predictor gives to a parameter: a power of a number, or 1 for a value. */
  private record Cell(int slot, boolean factor, double value) {
    double of(double[] x) {
      double found = x[slot];
      if (Double.isNaN(found)) {
        return found;
      }
      return factor ? (found == value ? 1 : 0) : value == 1 ? found : Math.pow(found, value);
    }
  }

  /** A product of cells times a coefficient. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
  private record Term(Cell[] cells, double beta) {}

  private final String type;
  private final Term[][] rows;
  private final String link;
  private final double linkParameter;
  private final double offset;
  private final int offsetSlot;
  private final double trials;
  private final int trialsSlot;
  private final BitSet needs;

  private GeneralRegressionBody(
      Outcome outcome, XmlNode model, Term[][] rows, Scope scope, BitSet needs)
      throws ModelException {
    super(outcome);
    this.type = model.require("modelType");
    this.rows = rows;
    String attribute = type.equals("ordinalMultinomial") ? "cumulativeLink" : "linkFunction";
    this.link = model.get(attribute, type.equals("ordinalMultinomial") ? "logit" : "identity");
    this.linkParameter = model.number("linkParameter", 1);
    this.offset = model.number("offsetValue", 0);
    this.offsetSlot = slot(model, "offsetVariable", scope);
    this.trials = model.number("trialsValue", 1);
    this.trialsSlot = slot(model, "trialsVariable", scope);
    this.needs = needs;
  }

  private static int slot(XmlNode model, String attribute, Scope scope) throws ModelException {
    String name = model.get(attribute);
    return name == null ? -1 : scope.require(model, name).slot();
  }

  static GeneralRegressionBody compile(XmlNode model, Scope scope, Target target)
      throws ModelException {
    String type = model.require("modelType");
    if (!List.of(
            "regression",
            "generalLinear",
            "generalizedLinear",
            "multinomialLogistic",
            "ordinalMultinomial")
        .contains(type)) {
      throw model.wrong(
          "modelType " + XmlNode.shown(type),
          "regression, generalLinear, generalizedLinear, multinomialLogistic, ordinalMultinomial");
    }
    model.get("distribution");
    checkLink(model, type);
    BitSet needs = new BitSet();
    Map<String, Map<String, List<Cell>>> parameters = parameters(model, scope, needs);
    List<XmlNode> cells = model.requireChild("ParamMatrix").children("PCell");
    if (!target.classification()) {
      if (type.equals("multinomialLogistic") || type.equals("ordinalMultinomial")) {
        throw model.wrong("functionName regression", "classification");
      }
      Outcome outcome = Outcome.number(model, scope.build, target.type());
      Term[][] rows = {terms(scope.build, cells, null, parameters)};
      return new GeneralRegressionBody(outcome, model, rows, scope, needs);
    }
    return classification(model, scope, target, type, parameters, cells, needs);
  }

  private static GeneralRegressionBody classification(
      XmlNode model,
      Scope scope,
      Target target,
      String type,
      Map<String, Map<String, List<Cell>>> parameters,
      List<XmlNode> cells,
      BitSet needs)
      throws ModelException {
    Set<String> named = new LinkedHashSet<>();
    for (XmlNode each : cells) {
      String category = each.get("targetCategory");
      if (category != null) {
        named.add(category);
      }
    }
    String reference = model.get("targetReferenceCategory");
    List<Double> all = new ArrayList<>();
    for (String each : named) {
      all.add(scope.build.encode(model, each, target.type()));
    }
    if (reference != null) {
      all.add(scope.build.encode(model, reference, target.type()));
    }
    boolean complete = reference != null && !type.equals("ordinalMultinomial") && !named.isEmpty();
    List<Double> dictionary =
        complete ? target.values().stream().filter(all::contains).toList() : target.values();
    double[] classes = Outcome.classes(dictionary, all);
    Outcome outcome = Outcome.category(model, scope.build, target.type(), classes);
    boolean binary = type.equals("generalizedLinear");
    if (named.isEmpty() && classes.length == 2 && reference != null) {
      // One row of parameters that name no category speaks of the one that is no reference.
      double other = scope.build.encode(model, reference, target.type());
      for (double each : classes) {
        if (each != other) {
          named.add(scope.build.text(each, target.type()));
        }
      }
    }
    if (classes.length < 2
        || (binary && classes.length != 2)
        || !(type.equals("multinomialLogistic") || binary || type.equals("ordinalMultinomial"))
        || named.size() != classes.length - 1) {
      throw model.wrong(
          type + " of " + classes.length + " categories, " + named.size() + " with parameters",
          "parameters for all categories but one");
    }
    Term[][] rows = new Term[classes.length][];
    for (String each : named) {
      int at = outcome.indexOf(scope.build.encode(model, each, target.type()));
      rows[at] = terms(scope.build, cells, each, parameters);
    }
    if (type.equals("ordinalMultinomial") && rows[classes.length - 1] != null) {
      throw model.wrong("parameters of the last category", "none: it is the rest");
    }
    return new GeneralRegressionBody(outcome, model, rows, scope, needs);
  }

  private static void checkLink(XmlNode model, String type) throws ModelException {
    String link = model.get("linkFunction", "identity");
    String cumulative = model.get("cumulativeLink", "logit");
    boolean known =
        type.equals("ordinalMultinomial")
            ? List.of("logit", "probit", "cloglog", "loglog", "cauchit").contains(cumulative)
            : List.of(
                    "identity",
                    "log",
                    "logit",
                    "probit",
                    "cloglog",
                    "loglog",
                    "cauchit",
                    "logc",
                    "power",
                    "negbin",
                    "oddspower")
                .contains(link);
    if (!known) {
      throw model.wrong("link " + XmlNode.shown(link) + ", " + XmlNode.shown(cumulative), "known");
    }
  }

  /** The cells of each parameter, by category; those of any under the empty name. */
  private static Map<String, Map<String, List<Cell>>> parameters(
      XmlNode model, Scope scope, BitSet needs) throws ModelException {
    Set<String> factors = new LinkedHashSet<>();
    for (String list : List.of("FactorList", "CovariateList")) {
      XmlNode written = model.child(list);
      if (written != null) {
        for (XmlNode each : written.children("Predictor")) {
          if (each.child("Matrix") != null) {
            throw each.wrong("a contrast <Matrix>", "none");
          }
          each.child("Categories");
          each.ignore();
          if (list.equals("FactorList")) {
            factors.add(each.require("name"));
          }
        }
      }
    }
    Map<String, Map<String, List<Cell>>> parameters = new LinkedHashMap<>();
    for (XmlNode each : model.requireChild("ParameterList").children("Parameter")) {
      each.get("referencePoint");
      parameters.put(each.require("name"), new LinkedHashMap<>());
    }
    XmlNode matrix = model.child("PPMatrix");
    if (matrix != null) {
      for (XmlNode each : matrix.children("PPCell")) {
        Map<String, List<Cell>> known = parameters.get(each.require("parameterName"));
        if (known == null) {
          throw each.wrong("parameterName " + each.get("parameterName"), "a known parameter");
        }
        Field field = scope.require(each, each.require("predictorName"));
        boolean factor = factors.contains(field.name());
        if (!factor && field.type() == DataType.STRING) {
          throw each.wrong("a covariate that is a string", "a number");
        }
        needs.or(field.needs());
        double value =
            factor
                ? scope.build.encode(each, each.require("value"), field.type())
                : each.parse(each.require("value"), "value");
        known
            .computeIfAbsent(each.get("targetCategory", ""), k -> new ArrayList<>())
            .add(new Cell(field.slot(), factor, value));
      }
    }
    return parameters;
  }

  /** The terms of a category, and those of all. */
  private static Term[] terms(
      Build build,
      List<XmlNode> cells,
      @Nullable String category,
      Map<String, Map<String, List<Cell>>> parameters)
      throws ModelException {
    List<Term> terms = new ArrayList<>();
    for (XmlNode each : cells) {
      String own = each.get("targetCategory");
      if (own != null && category != null && !own.equals(category)) {
        continue;
      }
      Map<String, List<Cell>> known = parameters.get(each.require("parameterName"));
      if (known == null) {
        throw each.wrong("parameterName " + each.get("parameterName"), "a known parameter");
      }
      List<Cell> product = new ArrayList<>(known.getOrDefault("", List.of()));
      if (category != null) {
        product.addAll(known.getOrDefault(category, List.of()));
      }
      each.get("df");
      build.countNumbers(each, 1L + product.size());
      terms.add(new Term(product.toArray(new Cell[0]), each.parse(each.require("beta"), "beta")));
    }
    return terms.toArray(new Term[0]);
  }

  private double score(Term[] terms, double[] x) {
    double sum = offset + (offsetSlot < 0 ? 0 : x[offsetSlot]);
    for (Term term : terms) {
      double product = term.beta;
      for (Cell cell : term.cells) {
        product *= cell.of(x);
      }
      sum += product;
    }
    return sum;
  }

  @Override
  public void run(Frame f) {
    double[] x = f.x;
    if (!outcome.isCategory()) {
      double y = score(rows[0], x);
      double mean = type.equals("generalizedLinear") ? inverse(y) : y;
      x[outcome.value()] = mean * (trialsSlot < 0 ? trials : x[trialsSlot]);
      return;
    }
    int first = outcome.first();
    int count = rows.length;
    double before = 0;
    boolean missing = false;
    for (int i = 0; i < count; i++) {
      Term[] row = rows[i];
      double y = row == null ? 0 : score(row, x);
      missing |= Double.isNaN(y);
      if (type.equals("ordinalMultinomial")) {
        double upTo = row == null ? 1 : inverse(y);
        x[first + i] = upTo - before;
        before = upTo;
      } else {
        x[first + i] = y;
      }
    }
    if (missing) {
      outcome.clear(f);
      return;
    }
    if (type.equals("multinomialLogistic")) {
      Links.softmax(x, first, count);
    } else if (type.equals("generalizedLinear")) {
      int told = rows[0] != null ? 0 : 1;
      x[first + told] = inverse(x[first + told]);
      x[first + 1 - told] = 1 - x[first + told];
    }
    outcome.pickHighest(f);
  }

  private double inverse(double y) {
    return switch (link) {
      case "log" -> Math.exp(y);
      case "logit" -> Links.logistic(y);
      case "probit" -> NormalCurve.below(y);
      case "cloglog" -> Links.cloglog(y);
      case "loglog" -> Links.loglog(y);
      case "cauchit" -> Links.cauchit(y);
      case "logc" -> 1 - Math.exp(y);
      case "power" -> linkParameter == 0 ? Math.exp(y) : Math.pow(y, 1 / linkParameter);
      case "negbin" -> 1 / (linkParameter * (Math.exp(-y) - 1));
      case "oddspower" ->
          linkParameter == 0
              ? Links.logistic(y)
              : 1 / (1 + Math.pow(1 + linkParameter * y, -1 / linkParameter));
      default -> y;
    };
  }

  @Override
  BitSet needs() {
    return needs;
  }
}
