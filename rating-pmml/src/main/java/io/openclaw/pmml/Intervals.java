package io.openclaw.pmml;

import io.openclaw.rating.ModelException;

/** Intervals as {@code {least, greatest, 1 if the least is in, 1 if the greatest is}}. */
final class Intervals {
  private Intervals() {}

  static double[] read(XmlNode node) throws ModelException {
    String closure = node.require("closure");
    double left = node.number("leftMargin", Double.NEGATIVE_INFINITY);
    double right = node.number("rightMargin", Double.POSITIVE_INFINITY);
    return switch (closure) {
      case "openOpen" -> new double[] {left, right, 0, 0};
      case "openClosed" -> new double[] {left, right, 0, 1};
      case "closedOpen" -> new double[] {left, right, 1, 0};
      case "closedClosed" -> new double[] {left, right, 1, 1};
      default ->
          throw node.wrong(
              "closure " + XmlNode.shown(closure),
              "openOpen, openClosed, closedOpen or closedClosed");
    };
  }

  static boolean holds(double[] interval, double value) {
    return (value > interval[0] || (value == interval[0] && interval[2] == 1))
        && (value < interval[1] || (value == interval[1] && interval[3] == 1));
  }
}
