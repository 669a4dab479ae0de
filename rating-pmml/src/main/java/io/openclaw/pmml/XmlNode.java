package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One element of a PMML document, with its line. It remembers what was asked of it, so that what a
 * compiler did not look at can be refused by name instead of being left out of the answer.
 */
final class XmlNode {
  /** Elements that say nothing about what a model answers. */
  private static final Set<String> REMARKS =
      Set.of(
          "Extension",
          "ModelStats",
          "ModelExplanation",
          "Annotation",
          "Timestamp",
          "Application",
          "MiningBuildTask",
          "Header",
          "Partition",
          "UnivariateStats",
          "MultivariateStats",
          "Anova",
          "Taxonomy",
          "VerificationFields",
          "InlineTable",
          "PCovMatrix",
          "ConfidenceIntervals",
          "Decisions",
          "CovarianceMatrices",
          "ClusteringModelQuality");

  /** Attributes that say nothing about what a model answers. */
  private static final Set<String> LABELS =
      Set.of(
          "modelName",
          "algorithmName",
          "id",
          "n",
          "nbCols",
          "nbRows",
          "numberOfFields",
          "displayName",
          "importance",
          "description",
          "numberOfClusters",
          "size",
          "numberOfLayers",
          "numberOfNeurons",
          "recordCount",
          "splitCharacteristic",
          "isScorable",
          "numberOfVectors",
          "numberOfAttributes",
          "numberOfSupportVectors",
          "modelClass",
          "numberOfCoefficients",
          "confidence",
          "nbCorrect",
          "defaultConfidence",
          "copyright",
          "targetVariableName",
          "modelType",
          "targetFieldName",
          "cyclic",
          "taxonomy",
          "version",
          "maxNumberOfCategories",
          "label",
          "isFinalResult",
          "missingValuePenalty",
          "kind",
          "variableCount",
          "variableWeight",
          "datatype",
          "numberOfInputs",
          "numberOfOutputs",
          "weight",
          "rule",
          "fieldWeight",
          "fCentroid",
          "similarityScale",
          "priority",
          "reasonCodeAlgorithm",
          "initialWidth",
          "degreesOfFreedom",
          "df",
          "finalWidth",
          "numberOfFactors",
          "subType",
          "ruleFeature",
          "rankBasis",
          "rankOrder",
          "algorithm",
          "isMultiValued",
          "segmentId",
          "scorable",
          "similarityType",
          "baselineMethod",
          "toolName",
          "modelSize",
          "parentId");

  final String name;
  final int line;
  final @Nullable XmlNode parent;
  private final String[] attributes;
  private final List<XmlNode> children = new ArrayList<>(2);
  private String text = "";
  private long asked;
  private boolean visited;

  XmlNode(String name, int line, @Nullable XmlNode parent, String[] attributes) {
    this.name = name;
    this.line = line;
    this.parent = parent;
    this.attributes = attributes;
  }

  void add(XmlNode child) {
    children.add(child);
  }

  void text(String text) {
    this.text = text;
  }

  /** The text between the tags, as written. */
  String text() {
    return text;
  }

  /** The attribute's value; null where it is absent. */
  @Nullable String get(String attribute) {
    for (int i = 0; i < attributes.length; i += 2) {
      if (attributes[i].equals(attribute)) {
        asked |= 1L << (i >> 1);
        return attributes[i + 1];
      }
    }
    return null;
  }

  String get(String attribute, String absent) {
    String value = get(attribute);
    return value == null ? absent : value;
  }

  String require(String attribute) throws ModelException {
    String value = get(attribute);
    if (value == null) {
      throw wrong("no attribute " + attribute, "it");
    }
    return value;
  }

  /** The attribute as a number; NaN where it is absent. */
  double number(String attribute) throws ModelException {
    return number(attribute, Double.NaN);
  }

  double number(String attribute, double absent) throws ModelException {
    String value = get(attribute);
    return value == null ? absent : parse(value, attribute);
  }

  double parse(String value, String what) throws ModelException {
    try {
      return Double.parseDouble(value.trim());
    } catch (NumberFormatException e) {
      throw wrong(what + " \"" + shown(value) + "\"", "a number");
    }
  }

  int integer(String attribute, int absent, int min, int max) throws ModelException {
    double value = number(attribute, absent);
    if (value != Math.rint(value) || value < min || value > max) {
      throw wrong(attribute + " " + get(attribute), "a whole number from " + min + " to " + max);
    }
    return (int) value;
  }

  boolean flag(String attribute, boolean absent) throws ModelException {
    String value = get(attribute);
    return value == null
        ? absent
        : switch (value) {
          case "true", "1" -> true;
          case "false", "0" -> false;
          default -> throw wrong(attribute + " \"" + shown(value) + "\"", "true or false");
        };
  }

  /** All children without remarks, as asked for. */
  List<XmlNode> children() {
    List<XmlNode> found = new ArrayList<>(children.size());
    for (XmlNode child : children) {
      if (!REMARKS.contains(child.name)) {
        child.visited = true;
        found.add(child);
      }
    }
    return found;
  }

  List<XmlNode> children(String name) {
    List<XmlNode> found = new ArrayList<>();
    for (XmlNode child : children) {
      if (child.name.equals(name)) {
        child.visited = true;
        found.add(child);
      }
    }
    return found;
  }

  /** The first child of this name; null where there is none. */
  @Nullable XmlNode child(String name) throws ModelException {
    XmlNode found = null;
    for (XmlNode child : children) {
      if (child.name.equals(name)) {
        if (found != null) {
          throw child.wrong("a second <" + name + ">", "one");
        }
        child.visited = true;
        found = child;
      }
    }
    return found;
  }

  XmlNode requireChild(String name) throws ModelException {
    XmlNode found = child(name);
    if (found == null) {
      throw wrong("no <" + name + ">", "one");
    }
    return found;
  }

  /** Whether its children were asked for. */
  boolean wasRead() {
    return children.stream().anyMatch(child -> child.visited);
  }

  /** Marks the element and all below it as looked at. */
  void ignore() {
    visited = true;
    asked = -1L;
    children.forEach(XmlNode::ignore);
  }

  /** Refuses the first attribute or element that nobody asked for and that is no remark. */
  void refuseUnread() throws ModelException {
    for (int i = 0; i < attributes.length; i += 2) {
      if ((asked & (1L << (i >> 1))) == 0 && !LABELS.contains(attributes[i])) {
        throw wrong("attribute " + attributes[i], "only attributes that are supported here");
      }
    }
    for (XmlNode child : children) {
      if (child.name.equals("Extension")) {
        child.refuseUnreadContent();
      }
      if (REMARKS.contains(child.name)) {
        continue;
      }
      if (!child.visited) {
        throw child.unsupported();
      }
      child.refuseUnread();
    }
  }

  /** An extension may say anything, but not hold elements of PMML that nobody asked for. */
  private void refuseUnreadContent() throws ModelException {
    for (XmlNode child : children) {
      if (!child.visited && !child.name.startsWith("x:") && !child.name.equals("Extension")) {
        throw child.wrong("<" + child.name + "> in an Extension", "it where PMML has it");
      }
    }
  }

  /** The refusal of the element itself, which is known to PMML perhaps, not to this compiler. */
  ModelException unsupported() {
    return wrong("<" + name + ">", "an element that is supported here");
  }

  ModelException wrong(String found, String expected) {
    return new ModelException(place(), found, expected);
  }

  /** The line and the names from the root. */
  String place() {
    StringBuilder path = new StringBuilder(name);
    for (XmlNode up = parent; up != null; up = up.parent) {
      path.insert(0, up.name + "/");
    }
    String shown =
        path.length() > 200 ? "…" + path.substring(path.length() - 200) : path.toString();
    return "line " + line + ", " + shown;
  }

  static String shown(String value) {
    String clean = value.replaceAll("\\p{Cntrl}", " ");
    return clean.length() > 64 ? clean.substring(0, 64) + "…" : clean;
  }
}
