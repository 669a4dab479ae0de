package io.openclaw.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.NullableType;
import dev.cel.common.types.SimpleType;
import io.openclaw.domain.Json;
import io.openclaw.domain.Violation;
import io.openclaw.rating.InputFields;
import io.openclaw.rating.InputSchema;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelException.Problem;
import io.openclaw.rating.ModelObject;
import io.openclaw.rating.Samples;
import io.openclaw.rating.ScoreScale;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the document of an {@link ExpressionModel}. For one use. */
final class ExpressionReader {
  static final int DERIVED_MAX = 100;
  static final int RULES_MAX = 200;
  static final int REASONS_MAX = 100;
  static final int OUTPUTS_MAX = 50;
  private static final int TEXT_LENGTH_MAX = 1_000;
  private static final int CODE_LENGTH_MAX = 100;
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,99}");

  private static final List<CelType> NUMBERS = orNull(SimpleType.DOUBLE, SimpleType.INT);
  private static final List<CelType> CONDITIONS = orNull(SimpleType.BOOL);
  private static final List<CelType> SCALARS =
      orNull(SimpleType.DOUBLE, SimpleType.INT, SimpleType.BOOL, SimpleType.STRING);

  /** A rule that says why a rating is not higher. */
  record Rule(String code, String text, Expression when, Expression points) {}

  /** Everything that the document says. */
  record Parts(
      InputSchema schema,
      Map<String, Expression> derived,
      Expression rating,
      int reasonsMax,
      List<Rule> rules,
      Map<String, Expression> outputs,
      ScoreScale scale) {}

  private final ModelObject root;
  private final Compiler compiler = new Compiler();
  private final Map<String, Expression> derived = new LinkedHashMap<>();
  private final List<Rule> rules = new ArrayList<>();
  private final Map<String, Expression> outputs = new LinkedHashMap<>();
  private int reasonsMax;

  private ExpressionReader(ModelObject root) {
    this.root = root;
  }

  /**
   * Reads and compiles a document.
   *
   * @throws ModelException listing everything that is wrong with its expressions, or the first
   *     thing that is wrong with what is around them
   */
  static Parts read(byte[] json) throws ModelException {
    ModelObject root = ModelObject.document(json, CelKind.NAME);
    root.allowOnly(
        List.of(
            "kind",
            "name",
            "description",
            "inputs",
            "derived",
            "rating",
            "reasons",
            "outputs",
            "scale",
            "samples"));
    for (String text : List.of("name", "description")) {
      if (root.has(text)) {
        root.text(text, TEXT_LENGTH_MAX);
      }
    }
    Samples.read(root);
    return new ExpressionReader(root).parts();
  }

  private Parts parts() throws ModelException {
    InputSchema schema = InputFields.read(root, "inputs");
    schema.fields().forEach(this::declare);
    readDerived();
    Expression rating = number("/rating", root.text("rating", Compiler.LENGTH_MAX));
    readReasons();
    readOutputs();
    ScoreScale scale = root.has("scale") ? ScoreScale.read(root.object("scale")) : ScoreScale.PLAIN;
    if (compiler.problems().isEmpty() && compiler.steps() > Compiler.STEPS_MAX) {
      compiler
          .problems()
          .add(
              new Problem(
                  "",
                  "expressions that cost up to " + compiler.steps() + " steps",
                  "at most " + Compiler.STEPS_MAX + ": fewer, or over shorter strings and lists"));
    }
    if (!compiler.problems().isEmpty() || rating == null) {
      throw new ModelException(compiler.problems());
    }
    return new Parts(schema, derived, rating, reasonsMax, rules, outputs, scale);
  }

  private void declare(InputSchema.Field field) {
    String pointer = "/inputs" + Violation.pointerTo(field.name());
    CelType type =
        switch (field.type()) {
          case NUMBER -> SimpleType.DOUBLE;
          case INTEGER -> SimpleType.INT;
          case STRING -> SimpleType.STRING;
          case BOOLEAN -> SimpleType.BOOL;
          case SCALAR, ANY -> {
            String expected = "number, integer, string or boolean: expressions are typed";
            compiler.problems().add(new Problem(pointer + "/type", "any type", expected));
            yield SimpleType.DOUBLE;
          }
        };
    if (isName(pointer, field.name())) {
      compiler.declare(
          field.name(), field.required() ? type : NullableType.create(type), size(field));
    }
  }

  private static Costs.Size size(InputSchema.Field field) {
    if (field.type() != InputSchema.Type.STRING) {
      return Costs.Size.ONE;
    }
    int longest = field.allowed().isEmpty() ? ExpressionModel.STRING_LENGTH_MAX : 1;
    for (Json value : field.allowed()) {
      longest = Math.max(longest, value instanceof Json.Str(String text) ? text.length() : 0);
    }
    return new Costs.Size(longest, null);
  }

  private boolean isName(String pointer, String name) {
    if (IDENTIFIER.matcher(name).matches() && !RESERVED.contains(name)) {
      return true;
    }
    String expected = "a name of letters, digits and _ that CEL does not use itself";
    compiler.problems().add(new Problem(pointer, Violation.shown(new Json.Str(name)), expected));
    return false;
  }

  private static final List<String> RESERVED =
      List.of(
          "as",
          "break",
          "const",
          "continue",
          "else",
          "false",
          "for",
          "function",
          "if",
          "import",
          "in",
          "let",
          "loop",
          "package",
          "namespace",
          "null",
          "return",
          "true",
          "var",
          "void",
          "while");

  private void readDerived() throws ModelException {
    if (!root.has("derived")) {
      return;
    }
    ModelObject written = members("derived", DERIVED_MAX);
    for (String name : written.members().keySet()) {
      Compiler.Compiled made =
          compiler.compile(
              written.at(name),
              written.text(name, Compiler.LENGTH_MAX),
              SCALARS,
              "a number, a string, true or false");
      if (root.object("inputs").has(name)) {
        compiler.problems().add(new Problem(written.at(name), "also an input", "another name"));
      } else if (isName(written.at(name), name) && made != null) {
        compiler.declare(name, made.expression().type(), made.size());
        derived.put(name, made.expression());
      } else {
        compiler.declare(name, SimpleType.DYN, Costs.Size.ONE); // no second complaint where used
      }
    }
  }

  private void readReasons() throws ModelException {
    if (!root.has("reasons")) {
      return;
    }
    ModelObject reasons = root.object("reasons");
    reasons.allowOnly(List.of("limit", "rules"));
    reasonsMax = reasons.has("limit") ? reasons.integer("limit", 1, REASONS_MAX) : 4;
    List<Json> written = reasons.list("rules", RULES_MAX);
    for (int i = 0; i < written.size(); i++) {
      ModelObject rule = ModelObject.of(written.get(i), reasons.at("rules") + "/" + i);
      rule.allowOnly(List.of("code", "text", "when", "points"));
      Expression when =
          expression(
              rule.at("when"),
              rule.text("when", Compiler.LENGTH_MAX),
              CONDITIONS,
              "a condition, true or false");
      Expression points = number(rule.at("points"), rule.text("points", Compiler.LENGTH_MAX));
      String code = rule.text("code", CODE_LENGTH_MAX);
      String text = rule.text("text", TEXT_LENGTH_MAX);
      if (when != null && points != null) {
        rules.add(new Rule(code, text, when, points));
      }
    }
  }

  private void readOutputs() throws ModelException {
    if (!root.has("outputs")) {
      return;
    }
    ModelObject written = members("outputs", OUTPUTS_MAX);
    for (String name : written.members().keySet()) {
      Expression made =
          expression(
              written.at(name),
              written.text(name, Compiler.LENGTH_MAX),
              SCALARS,
              "a number, a string, true or false");
      if (made != null) {
        outputs.put(name, made);
      }
    }
  }

  private ModelObject members(String name, int sizeMax) throws ModelException {
    ModelObject written = root.object(name);
    int size = written.members().size();
    if (size > sizeMax) {
      throw new ModelException(root.at(name), size + " members", "at most " + sizeMax);
    }
    return written;
  }

  private @Nullable Expression number(String pointer, String text) {
    return expression(pointer, text, NUMBERS, "a number");
  }

  private @Nullable Expression expression(
      String pointer, String text, List<CelType> types, String expected) {
    Compiler.Compiled made = compiler.compile(pointer, text, types, expected);
    return made == null ? null : made.expression();
  }

  /** The types, and each with null. */
  private static List<CelType> orNull(CelType... types) {
    List<CelType> all = new ArrayList<>();
    for (CelType type : types) {
      all.add(type);
      all.add(NullableType.create(type));
    }
    return List.copyOf(all);
  }
}
