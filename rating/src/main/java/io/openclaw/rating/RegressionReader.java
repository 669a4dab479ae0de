package io.openclaw.rating;

import io.openclaw.domain.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a regression's JSON into flat arrays; one use. */
final class RegressionReader {
  /** The magnitude of a coefficient, an intercept, a baseline. */
  static final double COEFFICIENT_MAX = 1e12;

  /** Everything that rating needs. */
  record Read(
      InputSchema schema,
      double intercept,
      RegressionModel.Terms terms,
      PointsLine line,
      FieldReasons reasons) {}

  /** One term. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Term(
      int field,
      double coefficient,
      int power,
      double missing,
      double baseline,
      double[] levels,
      int[] factors) {}

  private final ModelObject root;
  private final InputSchema schema;
  private final Map<String, Integer> indexes = new HashMap<>();
  private final FieldReasons reasons;

  private RegressionReader(ModelObject root) throws ModelException {
    this.root = root;
    root.allowOnly(
        List.of(
            "kind",
            "name",
            "description",
            "inputs",
            "link",
            "intercept",
            "terms",
            "scale",
            "reasons",
            Samples.MEMBER));
    root.title();
    var _ = Samples.read(root);
    schema = InputFields.read(root, "inputs");
    for (InputSchema.Field field : schema.fields()) {
      indexes.put(field.name(), indexes.size());
    }
    reasons = FieldReasons.read(root, schema);
  }

  static Read read(byte[] json) throws ModelException {
    return new RegressionReader(ModelObject.document(json, "regression")).read();
  }

  private Read read() throws ModelException {
    double intercept = number(root, "intercept");
    PointsLine line = PointsLine.read(root);
    List<Json> written = root.list("terms", RegressionModel.TERMS_MAX);
    List<Term> terms = new ArrayList<>();
    List<ModelException.Problem> problems = new ArrayList<>();
    Set<Integer> used = new HashSet<>();
    for (int i = 0; i < written.size(); i++) {
      try {
        terms.add(term(ModelObject.of(written.get(i), root.at("terms") + "/" + i), used));
      } catch (ModelException e) {
        problems.addAll(e.problems());
      }
    }
    if (!problems.isEmpty()) {
      throw new ModelException(problems);
    }
    requireUse(used);
    if (reasons.areWanted() && terms.stream().allMatch(t -> Double.isNaN(t.baseline))) {
      throw new ModelException(root.at("reasons"), "no term with a baseline", "one at least");
    }
    return new Read(schema, intercept, flat(terms), line, reasons);
  }

  private void requireUse(Set<Integer> used) throws ModelException {
    for (InputSchema.Field field : schema.fields()) {
      if (!used.contains(index(field.name()))) {
        throw new ModelException(
            root.object("inputs").at(field.name()),
            "an input of no term",
            "only inputs that a term names");
      }
    }
  }

  private int index(String field) {
    return indexes.getOrDefault(field, -1);
  }

  private Term term(ModelObject written, Set<Integer> used) throws ModelException {
    if (written.has("fields")) {
      return product(written, used);
    }
    InputSchema.Field field =
        field(written, written.text("field", ScorecardReader.NAME_LENGTH_MAX));
    used.add(index(field.name()));
    return written.has("values") ? levels(written, field) : power(written, field);
  }

  private InputSchema.Field field(ModelObject written, String name) throws ModelException {
    int index = index(name);
    if (index < 0) {
      throw written.wrong("field", "one of the inputs");
    }
    return schema.fields().get(index);
  }

  private static boolean isNumber(InputSchema.Field field) {
    return switch (field.type()) {
      case NUMBER, INTEGER, BOOLEAN -> true;
      case STRING, SCALAR, ANY -> false;
    };
  }

  private Term power(ModelObject written, InputSchema.Field field) throws ModelException {
    written.allowOnly(List.of("field", "coefficient", "power", "missing", "baseline"));
    if (!isNumber(field)) {
      throw written.wrong("field", "a number or a boolean, or `values` for its values");
    }
    double coefficient = number(written, "coefficient");
    int power = written.has("power") ? written.integer("power", 1, RegressionModel.POWER_MAX) : 1;
    double missing = missing(written, field);
    double baseline = Double.NaN;
    if (hasBaseline(written)) {
      baseline = coefficient * RegressionModel.power(number(written, "baseline"), power);
    }
    return new Term(
        index(field.name()), coefficient, power, missing, baseline, new double[0], new int[0]);
  }

  private Term levels(ModelObject written, InputSchema.Field field) throws ModelException {
    written.allowOnly(List.of("field", "values", "otherwise", "missing", "baseline"));
    if (field.type() != InputSchema.Type.STRING || field.allowed().isEmpty()) {
      throw written.wrong("field", "a string whose `values` the input lists");
    }
    ModelObject values = written.object("values");
    double otherwise = written.has("otherwise") ? number(written, "otherwise") : Double.NaN;
    Map<String, Double> byValue = new HashMap<>();
    double[] levels = new double[field.allowed().size()];
    int used = 0;
    for (int i = 0; i < levels.length; i++) {
      String value = ((Json.Str) field.allowed().get(i)).value();
      if (values.has(value)) {
        levels[i] = number(values, value);
        used++;
      } else if (written.has("otherwise")) {
        levels[i] = otherwise;
      } else {
        throw new ModelException(values.at(value), "absent", "a number, or `otherwise`");
      }
      byValue.put(value, levels[i]);
    }
    for (String value : values.members().keySet()) {
      if (!byValue.containsKey(value)) {
        throw new ModelException(
            values.at(value), "a value the input has not", "one of its values");
      }
    }
    if (written.has("otherwise") && used == levels.length) {
      throw written.wrong("otherwise", "none, since every value has its number");
    }
    double baseline = hasBaseline(written) ? baseline(written, byValue) : Double.NaN;
    return new Term(
        index(field.name()), 0, 1, missing(written, field), baseline, levels, new int[0]);
  }

  /** One of the values, or what the term adds on average. */
  private static double baseline(ModelObject written, Map<String, Double> byValue)
      throws ModelException {
    if (written.required("baseline") instanceof Json.Num) {
      return number(written, "baseline");
    }
    if (written.required("baseline") instanceof Json.Str value) {
      Double found = byValue.get(value.value());
      if (found != null) {
        return found;
      }
    }
    throw written.wrong("baseline", "one of the input's values, or a number");
  }

  private Term product(ModelObject written, Set<Integer> used) throws ModelException {
    written.allowOnly(List.of("fields", "coefficient", "baseline"));
    List<Json> names = written.list("fields", RegressionModel.FACTORS_MAX);
    int[] factors = new int[names.size()];
    for (int i = 0; i < factors.length; i++) {
      int index = names.get(i) instanceof Json.Str name ? index(name.value()) : -1;
      if (index < 0
          || !isNumber(schema.fields().get(index))
          || !schema.fields().get(index).required()) {
        throw new ModelException(
            written.at("fields") + "/" + i,
            io.openclaw.domain.Violation.shown(names.get(i)),
            "an input that is a number or a boolean, and required");
      }
      factors[i] = index;
      used.add(index);
    }
    double baseline = hasBaseline(written) ? number(written, "baseline") : Double.NaN;
    double coefficient = number(written, "coefficient");
    return new Term(factors[0], coefficient, 1, 0, coefficient * baseline, new double[0], factors);
  }

  /** What stands for an absent field: needed where it may be absent, and only there. */
  private static double missing(ModelObject written, InputSchema.Field field)
      throws ModelException {
    if (field.required()) {
      if (written.has("missing")) {
        throw written.wrong("missing", "none, since the input is required");
      }
      return Double.NaN;
    }
    return number(written, "missing");
  }

  private boolean hasBaseline(ModelObject written) throws ModelException {
    if (written.has("baseline") && !reasons.areWanted()) {
      throw written.wrong("baseline", "none, since there are no reasons");
    }
    return written.has("baseline");
  }

  private static double number(ModelObject owner, String name) throws ModelException {
    double value = owner.number(name);
    if (Math.abs(value) > COEFFICIENT_MAX) {
      throw owner.wrong(name, "-1e12 to 1e12");
    }
    return value;
  }

  private static RegressionModel.Terms flat(List<Term> terms) {
    return new RegressionModel.Terms(
        terms.stream().mapToInt(Term::field).toArray(),
        terms.stream().mapToDouble(Term::coefficient).toArray(),
        terms.stream().mapToInt(Term::power).toArray(),
        terms.stream().mapToDouble(Term::missing).toArray(),
        terms.stream().mapToDouble(Term::baseline).toArray(),
        terms.stream().map(Term::levels).toArray(double[][]::new),
        terms.stream().map(Term::factors).toArray(int[][]::new));
  }
}
