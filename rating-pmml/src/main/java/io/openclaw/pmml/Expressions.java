package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Compiles PMML's expressions; what is not supported is refused by name. */
final class Expressions {
  private Expressions() {}

  static Expr compile(XmlNode node, Scope scope) throws ModelException {
    return compile(node, scope, DataType.STRING);
  }

  /**
   * Compiles an expression.
   *
   * @param table the type of a table's values that does not say it itself
   */
  static Expr compile(XmlNode node, Scope scope, DataType table) throws ModelException {
    Build build = scope.build;
    build.countExpression(node);
    if (++build.expressionDepth > Build.EXPRESSION_DEPTH_MAX) {
      throw node.wrong(
          "expressions more than " + Build.EXPRESSION_DEPTH_MAX + " deep", "at most as deep");
    }
    Expr made = made(node, scope, table);
    build.expressionDepth--;
    return made;
  }

  private static Expr made(XmlNode node, Scope scope, DataType table) throws ModelException {
    return switch (node.name) {
      case "Constant" -> constant(node, scope);
      case "FieldRef" -> ref(node, scope);
      case "NormContinuous" -> normContinuous(node, scope);
      case "NormDiscrete" -> normDiscrete(node, scope);
      case "Discretize" -> discretize(node, scope, table);
      case "MapValues" -> mapValues(node, scope, table);
      case "Apply" -> Functions.apply(node, scope);
      case "TextIndex" -> textIndex(node, scope);
      default -> throw node.unsupported();
    };
  }

  /** The expression as a type; a constant is read anew. */
  static Expr as(Expr expr, DataType type, XmlNode at, Scope scope) throws ModelException {
    if (expr.type == type) {
      return expr;
    }
    if (expr instanceof Expr.Constant c && !Double.isNaN(c.value)) {
      return new Expr.Constant(type, scope.build.encode(at, c.text, type), c.text);
    }
    return Expr.Cast.to(expr, type);
  }

  private static Expr constant(XmlNode node, Scope scope) throws ModelException {
    String text = node.text();
    if (scope.isFunction && node.get("dataType") == null) {
      // SAS Enterprise Miner writes its functions' parameters so.
      Field parameter = scope.find(node, text.trim());
      if (parameter != null) {
        return new Expr.Ref(parameter, Double.NaN);
      }
    }
    if (node.flag("missing", false)) {
      return new Expr.Constant(DataType.of(node, DataType.DOUBLE), Double.NaN, "");
    }
    DataType type = DataType.of(node, guess(text));
    return new Expr.Constant(type, scope.build.encode(node, text, type), text);
  }

  /** What a constant without a type looks like. */
  private static DataType guess(String text) {
    if (text.trim().matches("[+-]?\\d{1,18}")) {
      return DataType.INTEGER;
    }
    try {
      double value = Double.parseDouble(text);
      return Double.isNaN(value) ? DataType.STRING : DataType.DOUBLE;
    } catch (NumberFormatException e) {
      return DataType.STRING;
    }
  }

  private static Expr ref(XmlNode node, Scope scope) throws ModelException {
    Field field = scope.require(node, node.require("field"));
    return new Expr.Ref(field, mapMissingTo(node, scope, field.type()));
  }

  private static double mapMissingTo(XmlNode node, Scope scope, DataType type)
      throws ModelException {
    String written = node.get("mapMissingTo");
    return written == null ? Double.NaN : scope.build.encode(node, written, type);
  }

  private static Expr normContinuous(XmlNode node, Scope scope) throws ModelException {
    Field field = scope.require(node, node.require("field"));
    List<XmlNode> points = node.children("LinearNorm");
    double[] orig = new double[points.size()];
    double[] norm = new double[points.size()];
    for (int i = 0; i < orig.length; i++) {
      orig[i] = points.get(i).parse(points.get(i).require("orig"), "orig");
      norm[i] = points.get(i).parse(points.get(i).require("norm"), "norm");
      if (i > 0 && !(orig[i] > orig[i - 1])) {
        throw points.get(i).wrong("orig " + orig[i], "> " + orig[i - 1]);
      }
    }
    if (orig.length < 2) {
      throw node.wrong(orig.length + " LinearNorm", "at least 2");
    }
    return new Numeric.Norm(
        field, orig, norm, node.get("outliers", "asIs"), node.number("mapMissingTo"), node);
  }

  private static Expr normDiscrete(XmlNode node, Scope scope) throws ModelException {
    Field field = scope.require(node, node.require("field"));
    node.get("method");
    double value = scope.build.encode(node, node.require("value"), field.type());
    double missing = node.number("mapMissingTo");
    return new Numeric.Indicator(field, value, missing);
  }

  private static Expr discretize(XmlNode node, Scope scope, DataType table) throws ModelException {
    Field field = scope.require(node, node.require("field"));
    DataType type = DataType.of(node, table);
    List<XmlNode> bins = node.children("DiscretizeBin");
    double[][] ranges = new double[bins.size()][];
    double[] values = new double[bins.size()];
    for (int i = 0; i < values.length; i++) {
      ranges[i] = Intervals.read(bins.get(i).requireChild("Interval"));
      values[i] = scope.build.encode(bins.get(i), bins.get(i).require("binValue"), type);
    }
    String absent = node.get("defaultValue");
    return new Numeric.Bins(
        type,
        field,
        ranges,
        values,
        absent == null ? Double.NaN : scope.build.encode(node, absent, type),
        mapMissingTo(node, scope, type));
  }

  private static Expr mapValues(XmlNode node, Scope scope, DataType absentType)
      throws ModelException {
    DataType type = DataType.of(node, absentType);
    String output = local(node.require("outputColumn"));
    List<XmlNode> pairs = node.children("FieldColumnPair");
    if (pairs.isEmpty()) {
      throw node.wrong("no FieldColumnPair", "at least one");
    }
    Field[] fields = new Field[pairs.size()];
    String[] columns = new String[fields.length];
    for (int i = 0; i < fields.length; i++) {
      fields[i] = scope.require(pairs.get(i), pairs.get(i).require("field"));
      columns[i] = local(pairs.get(i).require("column"));
    }
    XmlNode table = node.child("InlineTable");
    if (table == null) {
      throw node.wrong("no InlineTable", "one");
    }
    Map<List<Double>, Double> rows = new HashMap<>();
    for (XmlNode row : table.children("row")) {
      List<Double> key = new ArrayList<>();
      for (int i = 0; i < fields.length; i++) {
        String cell = cell(row, columns[i]);
        if (cell != null) {
          key.add(scope.build.encode(row, cell, fields[i].type()));
        }
      }
      String value = cell(row, output);
      if (value != null && key.size() == fields.length) {
        rows.putIfAbsent(key, scope.build.encode(row, value, type));
      }
    }
    String absent = node.get("defaultValue");
    return new Numeric.Table(
        type,
        fields,
        rows,
        absent == null ? Double.NaN : scope.build.encode(node, absent, type),
        mapMissingTo(node, scope, type));
  }

  /** A column's name without its prefix. */
  static String local(String column) {
    return column.substring(column.indexOf(':') + 1);
  }

  /** A cell of an inline table; null where the row has none. */
  static @Nullable String cell(XmlNode row, String column) throws ModelException {
    XmlNode found = row.child(column);
    return found == null ? null : found.text();
  }

  private static Expr textIndex(XmlNode node, Scope scope) throws ModelException {
    Field text = scope.require(node, node.require("textField"));
    boolean caseSensitive = node.flag("isCaseSensitive", false);
    boolean tokenize = node.flag("tokenize", true);
    String weights = node.get("localTermWeights", "termFrequency");
    if (node.number("maxLevenshteinDistance", 0) != 0
        || !node.get("countHits", "allHits").equals("allHits")) {
      throw node.wrong("maxLevenshteinDistance or countHits", "exact matches, all counted");
    }
    String separator = node.get("wordSeparatorCharacterRE", "\\s+");
    Pattern pattern = TextTokens.bounded(separator);
    if (pattern == null || !tokenize) {
      throw node.wrong(
          "tokenize " + tokenize + ", wordSeparatorCharacterRE " + XmlNode.shown(separator),
          "true, and an expression without groups and with one repetition or option at most");
    }
    List<XmlNode> parts = node.children();
    if (parts.size() != 1 || text.type() != DataType.STRING) {
      throw node.wrong(
          parts.size() + " elements, textField of type " + text.type(), "a term, and a string");
    }
    Expr term = as(compile(parts.getFirst(), scope), DataType.STRING, node, scope);
    TextTokens tokens = new TextTokens(pattern, tokenize, caseSensitive);
    scope.build.limitTexts(tokens.lengthMax());
    return new Numeric.Terms(text, term, tokens, weights, node);
  }
}
