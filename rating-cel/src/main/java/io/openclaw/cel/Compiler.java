package io.openclaw.cel;

import com.google.re2j.Pattern;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.extensions.CelStringExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeBuilder;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import io.openclaw.rating.ModelException.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the expressions of one document: parses and checks them against the variables declared
 * so far, bounds what they cost, and collects what is wrong with them. Standard CEL without dates,
 * {@code dyn} and messages; with its {@code math} extension, most of {@code strings}, and
 * arithmetic between whole numbers and doubles. Not thread-safe; what it compiles is.
 */
final class Compiler {
  /** Characters of one expression. */
  static final int LENGTH_MAX = 4_000;

  /** Nodes of one expression, and how deep they may be nested. */
  static final int NODES_MAX = 1_000;

  static final int DEPTH_MAX = 32;

  /** Steps that all expressions of a document may cost together: about a millisecond. */
  static final long STEPS_MAX = 50_000;

  private static final int NAMES_SHOWN_MAX = 20;

  private static final CelOptions OPTIONS =
      CelOptions.current()
          .enableHeterogeneousNumericComparisons(true)
          .maxExpressionCodePointSize(LENGTH_MAX)
          .maxParseExpressionNodeCount(NODES_MAX)
          .maxParseRecursionDepth(DEPTH_MAX)
          .maxParseErrorRecoveryLimit(5)
          .enableHiddenAccumulatorVar(true)
          .comprehensionMaxIterations((int) STEPS_MAX)
          .build();

  private static final CelStringExtensions.Function[] STRINGS = {
    CelStringExtensions.Function.CHAR_AT,
    CelStringExtensions.Function.INDEX_OF,
    CelStringExtensions.Function.LAST_INDEX_OF,
    CelStringExtensions.Function.LOWER_ASCII,
    CelStringExtensions.Function.UPPER_ASCII,
    CelStringExtensions.Function.REPLACE,
    CelStringExtensions.Function.REVERSE,
    CelStringExtensions.Function.SUBSTRING,
    CelStringExtensions.Function.TRIM
  };

  private final Map<String, CelType> variables = new LinkedHashMap<>();
  private final Map<String, Pattern> patterns = new ConcurrentHashMap<>();
  private final Costs costs = new Costs(new HashMap<>(), patterns);
  private final CelRuntime runtime = runtime(patterns);
  private final List<Problem> problems = new ArrayList<>();
  private CelCompilerBuilder environment = environment();
  private @Nullable CelCompiler built;

  /** Declares a variable of the expressions to come. */
  void declare(String name, CelType type, Costs.Size size) {
    variables.put(name, type);
    environment = environment.addVar(name, type);
    built = null;
    costs.declare(name, size);
  }

  /** Everything that is wrong so far. */
  List<Problem> problems() {
    return problems;
  }

  /** Steps that all expressions so far cost at most. */
  long steps() {
    return costs.steps();
  }

  /** An expression with how large its value is at most. */
  record Compiled(Expression expression, Costs.Size size) {}

  /**
   * Compiles an expression.
   *
   * @param types what it may say; empty for any of number, string, boolean
   * @param expected the same in words
   * @return null where something is wrong, which {@link #problems} then tells
   */
  @Nullable Compiled compile(String pointer, String text, List<CelType> types, String expected) {
    try {
      CelAbstractSyntaxTree ast = compiler().compile(text).getAst();
      if (types.stream().noneMatch(type -> type.isAssignableFrom(ast.getResultType()))) {
        problems.add(
            new Problem(pointer, "a value of type " + shown(ast.getResultType()), expected));
        return null;
      }
      return bounded(pointer, ast);
    } catch (CelValidationException e) {
      for (CelIssue issue : e.getErrors()) {
        problems.add(problem(pointer, issue));
      }
    } catch (CelEvaluationException e) {
      problems.add(new Problem(pointer, String.valueOf(e.getMessage()), "an expression of CEL"));
    }
    return null;
  }

  /** The compiler for the variables so far: making one takes longer than an expression. */
  private CelCompiler compiler() {
    CelCompiler made = built == null ? environment.build() : built;
    built = made;
    return made;
  }

  private @Nullable Compiled bounded(String pointer, CelAbstractSyntaxTree ast)
      throws CelEvaluationException {
    try {
      Costs.Size size = costs.add(ast);
      return new Compiled(new Expression(pointer, ast, runtime.createProgram(ast)), size);
    } catch (Costs.Unbounded e) {
      Integer offset = ast.getSource().getPositionsMap().get(e.expression());
      String place =
          offset == null
              ? ""
              : ast.getSource()
                  .getOffsetLocation(offset)
                  .map(at -> Expression.shown(at) + ": ")
                  .orElse("");
      problems.add(new Problem(pointer, place + e.getMessage(), e.expected()));
      return null;
    }
  }

  private static String shown(CelType type) {
    return type.name();
  }

  private Problem problem(String pointer, CelIssue issue) {
    CelSourceLocation place = issue.getSourceLocation();
    String message = issue.getMessage();
    int candidates = message.indexOf(" (candidates:");
    message = candidates < 0 ? message : message.substring(0, candidates);
    message = message.replace(" (in container '')", "").replaceAll("expecting \\{.*", "");
    return new Problem(pointer, Expression.shown(place) + ": " + message.strip(), fix(message));
  }

  /** What to write instead. */
  private String fix(String message) {
    if (message.contains("undeclared reference")) {
      List<String> names = variables.keySet().stream().limit(NAMES_SHOWN_MAX).toList();
      return "a function, or one of "
          + String.join(", ", names)
          + (names.size() < variables.size() ? ", …" : "");
    }
    if (message.contains("has() macro") || message.contains("field selection")) {
      return "an optional input x is tested with x == null";
    }
    if (message.contains("int") && message.contains("double")) {
      return "both whole numbers or both doubles: 2.0 for 2, double(x) for x";
    }
    return message.contains("overload") ? "operands of types that fit" : "an expression of CEL";
  }

  private static CelCompilerBuilder environment() {
    CelCompilerBuilder compiler =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(OPTIONS)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addLibraries(CelExtensions.math(), CelExtensions.strings(STRINGS));
    for (Mixed mixed : MIXED) {
      compiler.addFunctionDeclarations(
          CelFunctionDecl.newFunctionDeclaration(
              mixed.operator(),
              CelOverloadDecl.newGlobalOverload(
                  mixed.name() + "_double_int64", mixed.type(), SimpleType.DOUBLE, SimpleType.INT),
              CelOverloadDecl.newGlobalOverload(
                  mixed.name() + "_int64_double",
                  mixed.type(),
                  SimpleType.INT,
                  SimpleType.DOUBLE)));
    }
    return compiler;
  }

  /** An operator between a whole number and a double, in either order. */
  private record Mixed(String operator, String name, CelType type, DoubleBinaryOperator compute) {}

  private static final List<Mixed> MIXED =
      List.of(
          new Mixed("_+_", "add", SimpleType.DOUBLE, Double::sum),
          new Mixed("_-_", "subtract", SimpleType.DOUBLE, (a, b) -> a - b),
          new Mixed("_*_", "multiply", SimpleType.DOUBLE, (a, b) -> a * b),
          new Mixed("_/_", "divide", SimpleType.DOUBLE, (a, b) -> a / b),
          new Mixed("_==_", "equals", SimpleType.BOOL, (a, b) -> a == b ? 1 : 0),
          new Mixed("_!=_", "not_equals", SimpleType.BOOL, (a, b) -> a == b ? 0 : 1));

  @SuppressWarnings("Immutable") // the operators are stateless; patterns are only added to
  private static CelRuntime runtime(Map<String, Pattern> patterns) {
    CelRuntimeBuilder runtime =
        CelRuntimeFactory.plannerRuntimeBuilder()
            .setOptions(OPTIONS)
            .setStandardFunctions(
                CelStandardFunctions.newBuilder()
                    .excludeFunctions(CelStandardFunctions.StandardFunction.MATCHES)
                    .build())
            .addLibraries(CelExtensions.math(), CelExtensions.strings(STRINGS));
    for (Mixed mixed : MIXED) {
      if (mixed.type().equals(SimpleType.DOUBLE)) { // CEL compares any two numbers by itself
        DoubleBinaryOperator compute = mixed.compute();
        runtime.addFunctionBindings(
            CelFunctionBinding.from(
                mixed.name() + "_double_int64",
                Double.class,
                Long.class,
                (a, b) -> compute.applyAsDouble(a, b.doubleValue())),
            CelFunctionBinding.from(
                mixed.name() + "_int64_double",
                Long.class,
                Double.class,
                (a, b) -> compute.applyAsDouble(a.doubleValue(), b)));
      }
    }
    return runtime
        .addFunctionBindings(
            CelFunctionBinding.fromOverloads(
                "matches",
                CelFunctionBinding.from(
                    "matches", String.class, String.class, (s, p) -> matches(patterns, s, p)),
                CelFunctionBinding.from(
                    "matches_string",
                    String.class,
                    String.class,
                    (s, p) -> matches(patterns, s, p))))
        .build();
  }

  /** The pattern is a literal, compiled when its expression was. */
  private static boolean matches(Map<String, Pattern> patterns, String text, String pattern) {
    return java.util.Objects.requireNonNull(patterns.get(pattern)).matcher(text).find();
  }
}
