package io.openclaw.pmml;

import io.openclaw.rating.ModelException;

/** The type of a field's values as PMML names it; dates and times are not supported. */
enum DataType {
  STRING,
  INTEGER,
  FLOAT,
  DOUBLE,
  BOOLEAN;

  /** The type in the attribute {@code dataType}. */
  static DataType of(XmlNode node, DataType absent) throws ModelException {
    String written = node.get("dataType");
    return written == null
        ? absent
        : switch (written) {
          case "string" -> STRING;
          case "integer" -> INTEGER;
          case "float" -> FLOAT;
          case "double" -> DOUBLE;
          case "boolean" -> BOOLEAN;
          default ->
              throw node.wrong(
                  "dataType " + XmlNode.shown(written),
                  "string, integer, float, double or boolean");
        };
  }

  boolean isNumber() {
    return this == INTEGER || this == FLOAT || this == DOUBLE;
  }

  /** The type that holds the numbers of both. */
  DataType with(DataType other) {
    if (this == other) {
      return this;
    }
    return this == DOUBLE || other == DOUBLE || !isNumber() || !other.isNumber() ? DOUBLE : FLOAT;
  }

  /** A number as this type holds it. */
  double rounded(double value) {
    return this == FLOAT ? (double) (float) value : value;
  }

  /** A number as text, as Java writes this type. */
  String text(double value) {
    return switch (this) {
      case BOOLEAN -> value == 0 ? "false" : "true";
      case FLOAT -> Float.toString((float) value);
      case INTEGER ->
          value == Math.rint(value) && Math.abs(value) < 1e18
              ? Long.toString((long) value)
              : Double.toString(value);
      case DOUBLE, STRING -> Double.toString(value);
    };
  }
}
