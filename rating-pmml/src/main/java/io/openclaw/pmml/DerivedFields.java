package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Compiles {@code DerivedField}s. */
final class DerivedFields {
  private DerivedFields() {}

  static Field compile(XmlNode node, Scope scope) throws ModelException {
    String name = node.require("name");
    List<XmlNode> parts = node.children();
    List<Double> values = new ArrayList<>();
    XmlNode written = null;
    node.get("optype");
    Expr expr = null;
    for (XmlNode part : parts) {
      if (part.name.equals("Value")) {
        continue;
      }
      if (written != null) {
        throw part.wrong("a second expression", "one");
      }
      written = part;
      expr = Expressions.compile(part, scope, DataType.of(node, DataType.STRING));
    }
    if (expr == null) {
      throw node.wrong("no expression", "one");
    }
    DataType type = DataType.of(node, expr.type);
    for (XmlNode part : parts) {
      if (part.name.equals("Value")) {
        values.add(scope.build.encode(part, part.require("value"), type));
        part.get("property");
      }
    }
    return define(node, name, Expressions.as(expr, type, node, scope), values, scope);
  }

  /** A field that a step of the scope computes. */
  static Field define(XmlNode node, String name, Expr expr, List<Double> values, Scope scope)
      throws ModelException {
    int slot = scope.build.slot(node, name);
    BitSet factors = new BitSet();
    expr.factors(factors);
    for (int at = factors.nextSetBit(0); at >= 0; at = factors.nextSetBit(at + 1)) {
      if (scope.equals(scope.build.late.get(at))) {
        // It would be computed before the segments are.
        throw node.wrong(
            "a DerivedField of a segment's result, beside the segments", "one inside a segment");
      }
    }
    int factor = factors.cardinality() == 1 ? factors.nextSetBit(0) : slot;
    scope.build.factor(slot, factor);
    scope.add(f -> f.x[slot] = expr.eval(f));
    return new Field(name, slot, expr.type, values, expr.needs(), factor);
  }
}
