package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code MiningField} does with a field's value before the model sees it: what is invalid,
 * an outlier or missing.
 *
 * @param valid the only valid values; empty for any
 * @param invalid values that are invalid
 * @param absent values that mean a missing one
 * @param ranges in one of which a number must be; empty for any
 * @param onInvalid what becomes of an invalid value
 * @param invalidAs what stands for an invalid value
 * @param missingAs what stands for a missing value; NaN for nothing
 * @param refusesMissing whether a missing value makes the input invalid
 * @param outliers what becomes of a number beyond {@code low} and {@code high}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
record Treatment(
    double[] valid,
    double[] invalid,
    double[] absent,
    double[][] ranges,
    Invalid onInvalid,
    double invalidAs,
    double missingAs,
    boolean refusesMissing,
    String outliers,
    double low,
    double high) {
  /** What becomes of an invalid value. */
  enum Invalid {
    REFUSED,
    AS_IS,
    AS_MISSING,
    AS_VALUE
  }

  /** What the field's value becomes; an invalid one that is to be refused stays as it is. */
  double apply(double value) {
    double found = value;
    if (!Double.isNaN(found) && among(absent, found)) {
      found = Double.NaN;
    }
    if (!Double.isNaN(found) && isInvalid(found)) {
      found =
          switch (onInvalid) {
            case REFUSED, AS_IS -> found;
            case AS_MISSING -> Double.NaN;
            case AS_VALUE -> invalidAs;
          };
    }
    if (!outliers.equals("asIs") && (found < low || found > high)) {
      found = outliers.equals("asMissingValues") ? Double.NaN : found < low ? low : high;
    }
    return Double.isNaN(found) ? missingAs : found;
  }

  boolean isInvalid(double value) {
    if (among(invalid, value)) {
      return true;
    }
    if (ranges.length == 0) {
      return valid.length > 0 && !among(valid, value);
    }
    for (double[] range : ranges) {
      if (Intervals.holds(range, value)) {
        return false;
      }
    }
    return !among(valid, value);
  }

  private static boolean among(double[] values, double value) {
    for (double each : values) {
      if (each == value) {
        return true;
      }
    }
    return false;
  }

  /** Whether it may change a value that the model around this one has treated. */
  boolean changes() {
    return !Double.isNaN(missingAs)
        || refusesMissing
        || !outliers.equals("asIs")
        || onInvalid == Invalid.AS_MISSING
        || onInvalid == Invalid.AS_VALUE;
  }

  static Treatment of(XmlNode mining, @Nullable XmlNode data, DataType type, Build build)
      throws ModelException {
    List<Double> valid = new ArrayList<>();
    List<Double> invalid = new ArrayList<>();
    List<Double> absent = new ArrayList<>();
    List<double[]> ranges = new ArrayList<>();
    if (data != null) {
      for (XmlNode each : data.children("Value")) {
        double value = build.encode(each, each.require("value"), type);
        each.get("displayValue");
        switch (each.get("property", "valid")) {
          case "valid" -> valid.add(value);
          case "invalid" -> invalid.add(value);
          case "missing" -> absent.add(value);
          default ->
              throw each.wrong("property " + each.get("property"), "valid, invalid or missing");
        }
      }
      for (XmlNode each : data.children("Interval")) {
        ranges.add(Intervals.read(each));
      }
    }
    String onMissing = mining.get("missingValueTreatment", "asIs");
    if (!List.of("asIs", "asMean", "asMode", "asMedian", "asValue", "returnInvalid")
        .contains(onMissing)) {
      throw mining.wrong("missingValueTreatment " + XmlNode.shown(onMissing), "one PMML has");
    }
    String missingAs = mining.get("missingValueReplacement");
    String invalidAs = mining.get("invalidValueReplacement");
    Invalid onInvalid = onInvalid(mining);
    String outliers = mining.get("outliers", "asIs");
    if (!List.of("asIs", "asMissingValues", "asExtremeValues").contains(outliers)) {
      throw mining.wrong("outliers " + XmlNode.shown(outliers), "one PMML has");
    }
    if (onInvalid == Invalid.AS_VALUE && invalidAs == null) {
      throw mining.wrong("asValue without invalidValueReplacement", "it");
    }
    return new Treatment(
        array(valid),
        array(invalid),
        array(absent),
        ranges.toArray(new double[0][]),
        invalidAs != null && onInvalid == Invalid.AS_IS ? Invalid.AS_VALUE : onInvalid,
        invalidAs == null ? Double.NaN : build.encode(mining, invalidAs, type),
        missingAs == null || onMissing.equals("returnInvalid")
            ? Double.NaN
            : build.encode(mining, missingAs, type),
        onMissing.equals("returnInvalid"),
        outliers,
        mining.number("lowValue", Double.NEGATIVE_INFINITY),
        mining.number("highValue", Double.POSITIVE_INFINITY));
  }

  private static Invalid onInvalid(XmlNode mining) throws ModelException {
    String written = mining.get("invalidValueTreatment", "returnInvalid");
    return switch (written) {
      case "returnInvalid" -> Invalid.REFUSED;
      case "asIs" -> Invalid.AS_IS;
      case "asMissing" -> Invalid.AS_MISSING;
      case "asValue" -> Invalid.AS_VALUE;
      default ->
          throw mining.wrong("invalidValueTreatment " + XmlNode.shown(written), "one PMML has");
    };
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
