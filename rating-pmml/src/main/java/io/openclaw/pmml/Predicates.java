package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compiles PMML's predicates. */
final class Predicates {
  static final Set<String> NAMES =
      Set.of("True", "False", "SimplePredicate", "SimpleSetPredicate", "CompoundPredicate");

  private Predicates() {}

  /** The predicate among an element's children. */
  static Predicate of(XmlNode owner, Scope scope) throws ModelException {
    Predicate found = find(owner, scope);
    if (found == null) {
      throw owner.wrong("no predicate", "one");
    }
    return found;
  }

  static @Nullable Predicate find(XmlNode owner, Scope scope) throws ModelException {
    Predicate found = null;
    for (XmlNode child : owner.children()) {
      if (NAMES.contains(child.name)) {
        if (found != null) {
          throw child.wrong("a second predicate", "one");
        }
        found = compile(child, scope);
      }
    }
    return found;
  }

  static Predicate compile(XmlNode node, Scope scope) throws ModelException {
    return switch (node.name) {
      case "True" -> new Predicate.Always(true);
      case "False" -> new Predicate.Always(false);
      case "SimplePredicate" -> simple(node, scope);
      case "SimpleSetPredicate" -> set(node, scope);
      case "CompoundPredicate" -> compound(node, scope);
      default -> throw node.unsupported();
    };
  }

  private static Predicate simple(XmlNode node, Scope scope) throws ModelException {
    Field field = scope.require(node, node.require("field"));
    String operator = node.require("operator");
    if (operator.equals("isMissing") || operator.equals("isNotMissing")) {
      node.get("value");
      return new Predicate.Present(field.slot(), operator.equals("isNotMissing"));
    }
    Predicate.Operator op =
        switch (operator) {
          case "equal" -> Predicate.Operator.EQUAL;
          case "notEqual" -> Predicate.Operator.NOT_EQUAL;
          case "lessThan" -> Predicate.Operator.LESS;
          case "lessOrEqual" -> Predicate.Operator.LESS_OR_EQUAL;
          case "greaterThan" -> Predicate.Operator.GREATER;
          case "greaterOrEqual" -> Predicate.Operator.GREATER_OR_EQUAL;
          default -> throw node.wrong("operator " + XmlNode.shown(operator), "one that PMML has");
        };
    if (field.type() == DataType.STRING
        && op != Predicate.Operator.EQUAL
        && op != Predicate.Operator.NOT_EQUAL) {
      throw node.wrong(operator + " of a string", "equal, notEqual, isMissing or isNotMissing");
    }
    return new Predicate.Compare(
        op, field.slot(), scope.build.encode(node, node.require("value"), field.type()));
  }

  private static Predicate set(XmlNode node, Scope scope) throws ModelException {
    Field field = scope.require(node, node.require("field"));
    String operator = node.require("booleanOperator");
    if (!operator.equals("isIn") && !operator.equals("isNotIn")) {
      throw node.wrong("booleanOperator " + XmlNode.shown(operator), "isIn or isNotIn");
    }
    List<String> texts = PmmlArrays.strings(node.requireChild("Array"));
    double[] values = new double[texts.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = scope.build.encode(node, texts.get(i), field.type());
    }
    return new Predicate.Member(
        field.slot(), values, operator.equals("isIn"), field.type() == DataType.STRING);
  }

  private static Predicate compound(XmlNode node, Scope scope) throws ModelException {
    String operator = node.require("booleanOperator");
    Predicate.Join join =
        switch (operator) {
          case "and" -> Predicate.Join.AND;
          case "or" -> Predicate.Join.OR;
          case "xor" -> Predicate.Join.XOR;
          case "surrogate" -> Predicate.Join.SURROGATE;
          default ->
              throw node.wrong(
                  "booleanOperator " + XmlNode.shown(operator), "and, or, xor or surrogate");
        };
    List<Predicate> parts = new ArrayList<>();
    for (XmlNode child : node.children()) {
      parts.add(compile(child, scope));
    }
    if (parts.isEmpty()) {
      throw node.wrong("no predicate", "at least one");
    }
    return parts.size() == 1
        ? parts.getFirst()
        : new Predicate.Compound(join, parts.toArray(new Predicate[0]));
  }
}
