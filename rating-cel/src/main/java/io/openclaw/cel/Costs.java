package io.openclaw.cel;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelExpr;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a checked expression costs at most, in steps of at most about 20 ns, and how large its value
 * can be: known before it ever runs, since no input is a list, every string has a greatest length
 * and CEL has no loops but those over lists. So no clock is needed while it runs. Not thread-safe.
 */
final class Costs {
  /** UTF-16 units of a string that an expression may build. */
  static final long STRING_MAX = 65_536;

  /** Elements of a list or map that an expression may build. */
  static final long LIST_MAX = 1_000;

  /** Instructions of a compiled regular expression. */
  static final int REGEX_INSTRUCTIONS_MAX = 200;

  /** UTF-16 units that the JVM moves or compares in one step. */
  private static final long UNITS_PER_STEP = 16;

  /** Where an expression cannot be bounded, or calls what it must not. */
  static final class Unbounded extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient long expression;
    private final String expected;

    Unbounded(CelExpr at, String found, String expected) {
      super(found);
      expression = at.id();
      this.expected = expected;
    }

    /** The number of the expression's node. */
    long expression() {
      return expression;
    }

    String expected() {
      return expected;
    }
  }

  /**
   * How large a value is at most.
   *
   * @param length units of a string, elements of a list or entries of a map; 1 for anything else
   * @param element of a list or a map's values; null for anything else
   */
  record Size(long length, @Nullable Size element) {
    static final Size ONE = new Size(1, null);

    static Size larger(Size a, Size b) {
      Size x = a.element;
      Size y = b.element;
      return new Size(Math.max(a.length, b.length), x == null ? y : y == null ? x : larger(x, y));
    }

    /** Steps to look at all of it. */
    long steps() {
      Size each = element;
      return each == null ? 1 + length / UNITS_PER_STEP : 1 + length * each.steps();
    }
  }

  private final Map<String, Size> variables = new HashMap<>();
  private final Map<String, Pattern> patterns;
  private long steps;

  /**
   * Costs of expressions over these variables.
   *
   * @param patterns where the compiled regular expressions go, by their text
   */
  Costs(Map<String, Size> variables, Map<String, Pattern> patterns) {
    this.variables.putAll(variables);
    this.patterns = patterns;
  }

  /** Steps of all expressions so far. */
  long steps() {
    return steps;
  }

  /**
   * Adds an expression.
   *
   * @return how large its value is at most
   * @throws Unbounded where it calls what it must not, or builds what is too large
   */
  Size add(CelAbstractSyntaxTree ast) throws Unbounded {
    return size(ast.getExpr());
  }

  /** Tells the size of a variable of the expressions to come. */
  void declare(String name, Size size) {
    variables.put(name, size);
  }

  private Size size(CelExpr e) throws Unbounded {
    pay(1);
    return switch (e.getKind()) {
      case CONSTANT -> constant(e);
      case IDENT -> variables.getOrDefault(e.ident().name(), Size.ONE);
      case SELECT -> elementOf(size(e.select().operand()));
      case LIST -> all(e, e.list().elements());
      case MAP -> {
        Size values = Size.ONE;
        for (CelExpr.CelMap.Entry entry : e.map().entries()) {
          pay(size(entry.key()).steps());
          values = Size.larger(values, size(entry.value()));
        }
        yield bounded(e, new Size(e.map().entries().size(), values));
      }
      case CALL -> call(e);
      case COMPREHENSION -> comprehension(e);
      case STRUCT, NOT_SET ->
          throw new Unbounded(e, "a message", "a number, string, boolean, list or map");
    };
  }

  private static Size constant(CelExpr e) throws Unbounded {
    return switch (e.constant().getKind()) {
      case NULL_VALUE, BOOLEAN_VALUE, INT64_VALUE, DOUBLE_VALUE -> Size.ONE;
      case STRING_VALUE -> new Size(e.constant().stringValue().length(), null);
      default ->
          throw new Unbounded(
              e, "a literal of another type", "a number, string, true, false or null");
    };
  }

  private Size all(CelExpr list, List<CelExpr> elements) throws Unbounded {
    Size element = null;
    for (CelExpr each : elements) {
      Size size = size(each);
      element = element == null ? size : Size.larger(element, size);
    }
    return bounded(list, new Size(elements.size(), element == null ? Size.ONE : element));
  }

  private Size call(CelExpr e) throws Unbounded {
    List<CelExpr> arguments = new java.util.ArrayList<>(e.call().args());
    e.call().target().ifPresent(target -> arguments.add(0, target));
    Size[] sizes = new Size[arguments.size()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = size(arguments.get(i));
    }
    Size first = sizes.length > 0 ? sizes[0] : Size.ONE;
    Size second = sizes.length > 1 ? sizes[1] : Size.ONE;
    return switch (e.call().function()) {
      case "_&&_", "_||_", "!_", "-_", "_-_", "_*_", "_/_", "_%_", "@not_strictly_false", "bool" ->
          Size.ONE;
      case "_?_:_" -> Size.larger(second, sizes[2]);
      case "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_" -> paid(first.steps() + second.steps());
      case "_+_" -> sum(e, arguments.get(0), first, second);
      case "@in" -> paid(second.steps() + second.length());
      case "_[_]" -> {
        pay(second.steps());
        yield elementOf(first);
      }
      case "size", "int", "double" -> paid(first.length());
      case "string" -> new Size(Math.max(32, first.length()), null);
      default -> function(e, arguments, first, second, sizes);
    };
  }

  private Size function(CelExpr e, List<CelExpr> arguments, Size first, Size second, Size[] sizes)
      throws Unbounded {
    String name = e.call().function();
    return switch (name) {
      case "startsWith", "endsWith" -> paid(second.steps());
      case "contains", "indexOf", "lastIndexOf" ->
          paid(first.length() * (1 + second.length() / UNITS_PER_STEP));
      case "charAt" -> paid(first.length());
      case "lowerAscii", "upperAscii", "trim", "reverse", "substring" -> {
        pay(first.length());
        yield first;
      }
      case "replace" -> {
        long length = (first.length() + 1) * (sizes[2].length() + 1);
        pay(length + first.length() * (1 + second.length() / UNITS_PER_STEP));
        yield bounded(e, new Size(length, null));
      }
      case "matches" -> matches(arguments.get(1), first);
      default -> {
        if (!name.startsWith("math.")) {
          throw new Unbounded(e, "the function " + name, "one that expressions may call");
        }
        yield paid(first.steps() + second.steps());
      }
    };
  }

  /** Linear in the text and in the pattern: RE2's promise. */
  private Size matches(CelExpr pattern, Size text) throws Unbounded {
    if (pattern.getKind() != CelExpr.ExprKind.Kind.CONSTANT) {
      throw new Unbounded(pattern, "a pattern that is computed", "a pattern that is a literal");
    }
    String literal = pattern.constant().stringValue();
    try {
      Pattern compiled = Pattern.compile(literal);
      if (compiled.programSize() > REGEX_INSTRUCTIONS_MAX) {
        throw new Unbounded(
            pattern,
            "a pattern of " + compiled.programSize() + " instructions",
            "at most " + REGEX_INSTRUCTIONS_MAX);
      }
      patterns.put(literal, compiled);
      return paid(10 + text.length() * compiled.programSize());
    } catch (PatternSyntaxException x) {
      throw new Unbounded(pattern, String.valueOf(x.getMessage()), "a pattern of RE2");
    }
  }

  private Size sum(CelExpr e, CelExpr left, Size first, Size second) throws Unbounded {
    Size x = first.element();
    Size y = second.element();
    if (x == null && y == null) {
      pay((first.length() + second.length()) / UNITS_PER_STEP);
      return bounded(e, new Size(first.length() + second.length(), null));
    }
    // A list that a comprehension grows is grown in place.
    boolean grows =
        left.getKind() == CelExpr.ExprKind.Kind.IDENT && left.ident().name().startsWith("@");
    pay(second.length() + (grows ? 0 : first.length()));
    Size element = x == null ? y : y == null ? x : Size.larger(x, y);
    return bounded(e, new Size(first.length() + second.length(), element));
  }

  private Size comprehension(CelExpr e) throws Unbounded {
    CelExpr.CelComprehension loop = e.comprehension();
    Size range = size(loop.iterRange());
    Size start = size(loop.accuInit());
    Map<String, Size> outer = Map.copyOf(variables);
    variables.put(loop.iterVar(), elementOf(range));
    variables.put(loop.accuVar(), start);
    long before = steps;
    steps = 0;
    Size step = size(loop.loopStep());
    pay(size(loop.loopCondition()).length());
    long once = steps;
    steps = before;
    pay(range.length() * once);
    Size grown =
        step.element() == null ? step : bounded(e, new Size(range.length(), step.element()));
    variables.put(loop.accuVar(), grown);
    Size result = size(loop.result());
    variables.clear();
    variables.putAll(outer);
    return result;
  }

  private static Size elementOf(Size list) {
    Size element = list.element();
    return element == null ? Size.ONE : element;
  }

  private Size bounded(CelExpr at, Size size) throws Unbounded {
    long most = size.element() == null ? STRING_MAX : LIST_MAX;
    if (size.length() > most || size.steps() > STRING_MAX) {
      throw new Unbounded(
          at,
          size.element() == null
              ? "a string of up to " + size.length() + " characters"
              : "a list or map of up to " + size.length() + " elements",
          "at most " + most);
    }
    return size;
  }

  private Size paid(long more) {
    pay(more);
    return Size.ONE;
  }

  /** Saturates: an expression that is too dear is told so, whatever the product. */
  private void pay(long more) {
    steps = Math.min(Long.MAX_VALUE / 1_000_000, steps + more);
  }
}
