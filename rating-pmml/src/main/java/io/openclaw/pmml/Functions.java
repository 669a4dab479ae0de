package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Compiles {@code Apply}: PMML's built-in functions and the document's own. */
final class Functions {
  private static final Set<String> COMPARISONS =
      Set.of("equal", "notEqual", "lessThan", "lessOrEqual", "greaterThan", "greaterOrEqual");

  private static final int[] NO_SLOTS = {};

  private Functions() {}

  static Expr apply(XmlNode node, Scope scope) throws ModelException {
    String function = node.require("function");
    List<Expr> arguments = new ArrayList<>();
    for (XmlNode part : node.children()) {
      arguments.add(Expressions.compile(part, scope));
    }
    String missing = node.get("mapMissingTo");
    int[] slots = missing == null ? NO_SLOTS : slots(node, arguments, scope);
    Expr made = call(node, function, held(arguments, slots), scope);
    String treatment = node.get("invalidValueTreatment", "returnInvalid");
    if (!treatment.equals("returnInvalid") && !treatment.equals("asMissing")) {
      throw node.wrong("invalidValueTreatment " + treatment, "returnInvalid or asMissing");
    }
    String absent = node.get("defaultValue");
    if (missing == null && absent == null) {
      return made;
    }
    return new Guarded(
        made,
        arguments.toArray(new Expr[0]),
        slots,
        missing == null ? Double.NaN : scope.build.encode(node, missing, made.type),
        absent == null ? Double.NaN : scope.build.encode(node, absent, made.type));
  }

  /** Places for the arguments that are looked at first and used then; -1 for what costs nothing. */
  private static int[] slots(XmlNode node, List<Expr> arguments, Scope scope)
      throws ModelException {
    int[] slots = new int[arguments.size()];
    for (int i = 0; i < slots.length; i++) {
      Expr each = arguments.get(i);
      boolean free = each instanceof Expr.Constant || each instanceof Expr.Ref;
      slots[i] = free ? -1 : scope.build.slot(node, "argument");
    }
    return slots;
  }

  private static List<Expr> held(List<Expr> arguments, int[] slots) {
    List<Expr> held = new ArrayList<>(arguments);
    for (int i = 0; i < slots.length; i++) {
      if (slots[i] >= 0) {
        held.set(i, new Held(arguments.get(i), slots[i]));
      }
    }
    return held;
  }

  private static Expr call(XmlNode at, String function, List<Expr> arguments, Scope scope)
      throws ModelException {
    XmlNode own = scope.build.functions.get(function);
    if (own != null) {
      return define(at, own, arguments, scope);
    }
    if (COMPARISONS.contains(function) || function.equals("isIn") || function.equals("isNotIn")) {
      return compare(at, function, arguments, scope);
    }
    Expr[] a = arguments.toArray(new Expr[0]);
    Expr found =
        switch (function) {
          case "if" -> choose(at, a, scope);
          case "and", "or", "not", "isMissing", "isNotMissing", "isValid", "isNotValid" ->
              new Logic(at, function, a);
          case "uppercase", "lowercase", "trimBlanks", "concat", "substring", "stringLength" ->
              new Texts(at, function, texts(at, function, a, scope));
          case "matches", "replace" -> regex(at, function, a, scope);
          default -> Arithmetic.of(at, function, a);
        };
    return found;
  }

  /** The strings that a function of strings takes; substring's last two are numbers. */
  private static Expr[] texts(XmlNode at, String function, Expr[] a, Scope scope)
      throws ModelException {
    Expr[] texts = a.clone();
    for (int i = 1; i < a.length && function.equals("substring"); i++) {
      if (!a[i].type.isNumber()) {
        throw at.wrong("substring from or to a " + a[i].type, "numbers");
      }
    }
    int count = function.equals("substring") ? 1 : a.length;
    for (int i = 0; i < Math.min(count, a.length); i++) {
      texts[i] = Expressions.as(a[i], DataType.STRING, at, scope);
    }
    return texts;
  }

  private static Expr regex(XmlNode at, String function, Expr[] a, Scope scope)
      throws ModelException {
    int count = function.equals("matches") ? 2 : 3;
    if (a.length != count || !(a[1] instanceof Expr.Constant expression)) {
      throw at.wrong(function + " of " + a.length, "a text and a constant expression");
    }
    Pattern pattern = TextTokens.bounded(expression.text);
    if (pattern == null) {
      throw at.wrong(
          "expression " + XmlNode.shown(expression.text),
          "one without groups and with one repetition or option at most");
    }
    scope.build.limitTexts(TextTokens.MATCHED_LENGTH_MAX);
    return new Regex(
        Expressions.as(a[0], DataType.STRING, at, scope),
        pattern,
        count == 2 ? null : Expressions.as(a[2], DataType.STRING, at, scope));
  }

  /** The document's own function, its body laid out with its parameters in places of their own. */
  private static Expr define(XmlNode at, XmlNode own, List<Expr> arguments, Scope scope)
      throws ModelException {
    List<XmlNode> parameters = own.children("ParameterField");
    if (parameters.size() != arguments.size()) {
      throw at.wrong(arguments.size() + " arguments", String.valueOf(parameters.size()));
    }
    scope.build.countExpression(at);
    if (scope.build.functionDepth > 50) {
      throw at.wrong("functions more than 50 deep", "no function that leads to itself");
    }
    Scope inside = new Scope(scope.build, null);
    inside.isFunction = true;
    int[] slots = new int[parameters.size()];
    Expr[] values = new Expr[slots.length];
    for (int i = 0; i < slots.length; i++) {
      XmlNode parameter = parameters.get(i);
      parameter.get("optype");
      DataType type = DataType.of(parameter, arguments.get(i).type);
      values[i] = Expressions.as(arguments.get(i), type, at, scope);
      slots[i] = scope.build.slot(parameter, parameter.require("name"));
      inside.add(
          new Field(
              parameter.require("name"), slots[i], type, List.of(), values[i].needs(), slots[i]));
    }
    own.get("optype");
    XmlNode body = null;
    for (XmlNode part : own.children()) {
      body = part.name.equals("ParameterField") ? body : part;
    }
    if (body == null) {
      throw own.wrong("no expression", "one");
    }
    scope.build.functionDepth++;
    Expr made = Expressions.compile(body, inside);
    scope.build.functionDepth--;
    DataType type = DataType.of(own, made.type);
    return new Call(slots, values, Expressions.as(made, type, own, scope));
  }

  private static Expr compare(XmlNode at, String function, List<Expr> arguments, Scope scope)
      throws ModelException {
    boolean set = function.equals("isIn") || function.equals("isNotIn");
    if (set ? arguments.size() < 2 : arguments.size() != 2) {
      throw at.wrong(function + " of " + arguments.size() + " arguments", "2");
    }
    DataType type = arguments.getFirst().type;
    for (Expr each : arguments) {
      type = meet(at, type, each.type, arguments);
    }
    Expr[] a = new Expr[arguments.size()];
    for (int i = 0; i < a.length; i++) {
      a[i] = Expressions.as(arguments.get(i), type, at, scope);
    }
    if (type == DataType.STRING && (function.startsWith("less") || function.startsWith("great"))) {
      throw at.wrong(function + " of strings", "numbers");
    }
    return new Comparison(function, a);
  }

  /** The type in which two can be compared: a constant follows the other. */
  private static DataType meet(XmlNode at, DataType a, DataType b, List<Expr> all)
      throws ModelException {
    if (a == b) {
      return a;
    }
    if (a.isNumber() && b.isNumber()) {
      return a.with(b);
    }
    for (Expr each : all) {
      if (!(each instanceof Expr.Constant)) {
        return each.type;
      }
    }
    throw at.wrong("constants of types " + a + " and " + b, "one type");
  }

  private static Expr choose(XmlNode at, Expr[] a, Scope scope) throws ModelException {
    if (a.length < 2 || a.length > 3) {
      throw at.wrong("if of " + a.length + " arguments", "2 or 3");
    }
    if (a.length == 2) {
      return new Choice(a[0], a[1], new Expr.Constant(a[1].type, Double.NaN, ""));
    }
    DataType type = a[1].type;
    if (type != a[2].type) {
      if (type.isNumber() && a[2].type.isNumber()) {
        type = type.with(a[2].type);
      } else if (a[1] instanceof Expr.Constant c && Double.isNaN(c.value)) {
        return new Choice(a[0], new Expr.Constant(a[2].type, Double.NaN, ""), a[2]);
      } else if (a[2] instanceof Expr.Constant c && Double.isNaN(c.value)) {
        return new Choice(a[0], a[1], new Expr.Constant(type, Double.NaN, ""));
      } else {
        type = a[1] instanceof Expr.Constant ? a[2].type : type;
      }
    }
    return new Choice(
        a[0], Expressions.as(a[1], type, at, scope), Expressions.as(a[2], type, at, scope));
  }

  /** One with what it answers in place of a missing argument or a missing result. */
  private static final class Guarded extends Many {
    private final Expr of;
    private final int[] slots;
    private final double missing;
    private final double absent;

    Guarded(Expr of, Expr[] arguments, int[] slots, double missing, double absent) {
      super(of.type, arguments);
      this.of = of;
      this.slots = slots;
      this.missing = missing;
      this.absent = absent;
    }

    @Override
    double eval(Frame f) {
      for (int i = 0; i < slots.length; i++) {
        double value = a[i].eval(f);
        if (Double.isNaN(value)) {
          return missing;
        }
        if (slots[i] >= 0) {
          f.x[slots[i]] = value;
        }
      }
      double value = of.eval(f);
      return Double.isNaN(value) ? absent : value;
    }
  }

  /** An argument that was computed a moment ago: twice at each level would be 2^depth times. */
  private static final class Held extends Expr {
    private final Expr of;
    private final int slot;

    Held(Expr of, int slot) {
      super(of.type);
      this.of = of;
      this.slot = slot;
    }

    @Override
    double eval(Frame f) {
      return f.x[slot];
    }

    @Override
    BitSet needs() {
      return of.needs();
    }

    @Override
    void factors(BitSet into) {
      of.factors(into);
    }
  }

  /** The document's own function with its arguments. */
  private static final class Call extends Many {
    private final int[] slots;
    private final Expr body;

    Call(int[] slots, Expr[] values, Expr body) {
      super(body.type, values);
      this.slots = slots;
      this.body = body;
    }

    @Override
    double eval(Frame f) {
      for (int i = 0; i < slots.length; i++) {
        f.x[slots[i]] = a[i].eval(f);
      }
      return body.eval(f);
    }

    @Override
    BitSet needs() {
      return body.needs();
    }
  }

  /** {@code if}: only what is chosen is computed. */
  private static final class Choice extends Many {
    Choice(Expr condition, Expr yes, Expr no) {
      super(yes.type, new Expr[] {condition, yes, no});
    }

    @Override
    double eval(Frame f) {
      double condition = a[0].eval(f);
      return Double.isNaN(condition) ? condition : a[condition != 0 ? 1 : 2].eval(f);
    }

    @Override
    BitSet needs() {
      return a[0].needs();
    }
  }

  /** Expressions over several. */
  abstract static class Many extends Expr {
    final Expr[] a;

    Many(DataType type, Expr[] a) {
      super(type);
      this.a = a;
    }

    @Override
    void factors(BitSet into) {
      for (Expr each : a) {
        each.factors(into);
      }
    }

    /** For those that are missing where one argument is. */
    final BitSet needsOfAll() {
      BitSet needs = new BitSet();
      for (Expr each : a) {
        needs.or(each.needs());
      }
      return needs;
    }
  }

  /** Comparisons, missing where an argument is. */
  private static final class Comparison extends Many {
    private final String function;

    Comparison(String function, Expr[] a) {
      super(DataType.BOOLEAN, a);
      this.function = function;
    }

    @Override
    double eval(Frame f) {
      double left = a[0].eval(f);
      if (Double.isNaN(left)) {
        return left;
      }
      if (function.equals("isIn") || function.equals("isNotIn")) {
        boolean in = false;
        for (int i = 1; i < a.length; i++) {
          in |= a[i].eval(f) == left;
        }
        return in == function.equals("isIn") ? 1 : 0;
      }
      double right = a[1].eval(f);
      if (Double.isNaN(right)) {
        return right;
      }
      boolean holds =
          switch (function) {
            case "equal" -> left == right;
            case "notEqual" -> left != right;
            case "lessThan" -> left < right;
            case "lessOrEqual" -> left <= right;
            case "greaterThan" -> left > right;
            default -> left >= right;
          };
      return holds ? 1 : 0;
    }

    @Override
    BitSet needs() {
      return function.startsWith("is") ? a[0].needs() : needsOfAll();
    }
  }

  /** And, or, not, and whether something is there. */
  private static final class Logic extends Many {
    private final String function;

    Logic(XmlNode at, String function, Expr[] a) throws ModelException {
      super(DataType.BOOLEAN, a);
      this.function = function;
      boolean several = function.equals("and") || function.equals("or");
      if (several ? a.length < 2 : a.length != 1) {
        throw at.wrong(function + " of " + a.length + " arguments", several ? "at least 2" : "1");
      }
    }

    @Override
    double eval(Frame f) {
      return switch (function) {
        case "isMissing", "isNotValid" -> Double.isNaN(a[0].eval(f)) ? 1 : 0;
        case "isNotMissing", "isValid" -> Double.isNaN(a[0].eval(f)) ? 0 : 1;
        case "not" -> 1 - a[0].eval(f);
        default -> all(f, function.equals("and") ? 0 : 1);
      };
    }

    /** One that decides ends it, one that is missing makes the rest unknown. */
    private double all(Frame f, double decides) {
      double result = 1 - decides;
      for (Expr each : a) {
        double value = each.eval(f);
        if (value == decides) {
          return decides;
        }
        result = Double.isNaN(value) ? value : result;
      }
      return result;
    }
  }

  /** Functions of strings. */
  private static final class Texts extends Many {
    private final String function;

    Texts(XmlNode at, String function, Expr[] a) throws ModelException {
      super(function.equals("stringLength") ? DataType.INTEGER : DataType.STRING, a);
      this.function = function;
      int count = function.equals("substring") ? 3 : function.equals("concat") ? a.length : 1;
      if (a.length != count || count == 0) {
        throw at.wrong(function + " of " + a.length + " arguments", "" + count);
      }
    }

    @Override
    double eval(Frame f) {
      if (function.equals("concat")) {
        return concat(f);
      }
      double value = a[0].eval(f);
      if (Double.isNaN(value)) {
        return value;
      }
      String text = f.text(value);
      return switch (function) {
        case "uppercase" -> f.built(text.toUpperCase(java.util.Locale.ROOT));
        case "lowercase" -> f.built(Frame.lower(text));
        case "trimBlanks" -> f.built(text.strip());
        case "stringLength" -> text.length();
        default -> substring(f, text, a[1].eval(f) - 1, a[2].eval(f));
      };
    }

    private static double substring(Frame f, String text, double start, double length) {
      if (Double.isNaN(start) || Double.isNaN(length)) {
        return Double.NaN;
      }
      int from = (int) Math.max(0, Math.min(text.length(), start));
      int to = (int) Math.max(from, Math.min(text.length(), from + length));
      return f.built(text.substring(from, to));
    }

    private double concat(Frame f) {
      StringBuilder all = new StringBuilder();
      for (Expr each : a) {
        double value = each.eval(f);
        if (Double.isNaN(value)) {
          return value;
        }
        all.append(f.text(value));
        if (all.length() > Frame.BUILT_MAX) {
          return f.breakOff();
        }
      }
      return f.built(all.toString());
    }

    @Override
    BitSet needs() {
      return needsOfAll();
    }
  }

  /** Whether a text has what an expression describes, or the text with that replaced. */
  private static final class Regex extends Expr {
    private final Expr text;
    private final Pattern pattern;
    private final @Nullable Expr by;

    Regex(Expr text, Pattern pattern, @Nullable Expr by) {
      super(by == null ? DataType.BOOLEAN : DataType.STRING);
      this.text = text;
      this.pattern = pattern;
      this.by = by;
    }

    @Override
    double eval(Frame f) {
      double value = text.eval(f);
      if (Double.isNaN(value)) {
        return value;
      }
      if (!f.isWithin(value, TextTokens.MATCHED_LENGTH_MAX)) {
        return Double.NaN;
      }
      if (by == null) {
        return pattern.matcher(f.text(value)).find() ? 1 : 0;
      }
      double other = by.eval(f);
      return Double.isNaN(other) ? other : replaced(f, f.text(value), f.text(other));
    }

    private double replaced(Frame f, String in, String instead) {
      StringBuilder all = new StringBuilder();
      Matcher matcher = pattern.matcher(in);
      int from = 0;
      while (matcher.find()) {
        all.append(in, from, matcher.start()).append(instead);
        from = matcher.end();
        if (all.length() > Frame.BUILT_MAX) {
          return f.breakOff();
        }
      }
      return f.built(all.append(in, from, in.length()).toString());
    }

    @Override
    void factors(BitSet into) {
      text.factors(into);
    }
  }
}
