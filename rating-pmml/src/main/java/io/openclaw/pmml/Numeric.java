package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/** Expressions over fields that are no functions. */
final class Numeric {
  private Numeric() {}

  /** One over a field, missing where the field is unless it says otherwise. */
  abstract static class OfField extends Expr {
    final Field field;
    final double missing;

    OfField(DataType type, Field field, double missing) {
      super(type);
      this.field = field;
      this.missing = missing;
    }

    @Override
    double eval(Frame f) {
      double value = f.x[field.slot()];
      return Double.isNaN(value) ? missing : of(value);
    }

    abstract double of(double value);

    @Override
    BitSet needs() {
      return Double.isNaN(missing) ? field.needs() : Field.NOTHING;
    }

    @Override
    void factors(BitSet into) {
      into.set(field.factor());
    }
  }

  /** NormContinuous: straight lines between points. */
  static final class Norm extends OfField {
    private final double[] orig;
    private final double[] norm;
    private final String outliers;

    Norm(Field field, double[] orig, double[] norm, String outliers, double missing, XmlNode at)
        throws ModelException {
      super(DataType.DOUBLE, field, missing);
      this.orig = orig;
      this.norm = norm;
      this.outliers = outliers;
      if (!List.of("asIs", "asMissingValues", "asExtremeValues").contains(outliers)) {
        throw at.wrong(
            "outliers " + XmlNode.shown(outliers), "asIs, asMissingValues or asExtremeValues");
      }
    }

    @Override
    double of(double value) {
      int last = orig.length - 1;
      if (value < orig[0] || value > orig[last]) {
        if (outliers.equals("asMissingValues")) {
          return missing;
        }
        if (outliers.equals("asExtremeValues")) {
          return value < orig[0] ? norm[0] : norm[last];
        }
      }
      int at = 1;
      while (at < last && value > orig[at]) {
        at++;
      }
      return norm[at - 1]
          + (value - orig[at - 1]) / (orig[at] - orig[at - 1]) * (norm[at] - norm[at - 1]);
    }
  }

  /** NormDiscrete: 1 where the field has a value, else 0. */
  static final class Indicator extends OfField {
    private final double value;

    Indicator(Field field, double value, double missing) {
      super(DataType.DOUBLE, field, missing);
      this.value = value;
    }

    @Override
    double of(double found) {
      return found == value ? 1 : 0;
    }
  }

  /** Discretize: the value of the first interval that holds the field's. */
  static final class Bins extends OfField {
    private final double[][] ranges;
    private final double[] values;
    private final double absent;

    Bins(
        DataType type,
        Field field,
        double[][] ranges,
        double[] values,
        double absent,
        double missing) {
      super(type, field, missing);
      this.ranges = ranges;
      this.values = values;
      this.absent = absent;
    }

    @Override
    double of(double value) {
      for (int i = 0; i < ranges.length; i++) {
        if (Intervals.holds(ranges[i], value)) {
          return values[i];
        }
      }
      return absent;
    }
  }

  /** MapValues: a row of a table. */
  static final class Table extends Expr {
    private final Field[] fields;
    private final Map<List<Double>, Double> rows;
    private final double absent;
    private final double missing;

    Table(
        DataType type,
        Field[] fields,
        Map<List<Double>, Double> rows,
        double absent,
        double missing) {
      super(type);
      this.fields = fields;
      this.rows = Map.copyOf(rows);
      this.absent = absent;
      this.missing = missing;
    }

    @Override
    double eval(Frame f) {
      List<Double> key = new ArrayList<>(fields.length);
      for (Field field : fields) {
        double value = f.x[field.slot()];
        if (Double.isNaN(value)) {
          return missing;
        }
        key.add(value + 0.0); // no negative zero
      }
      Double found = rows.get(key);
      return found == null ? absent : found;
    }

    @Override
    BitSet needs() {
      BitSet needs = new BitSet();
      if (Double.isNaN(missing)) {
        for (Field field : fields) {
          needs.or(field.needs());
        }
      }
      return needs;
    }

    @Override
    void factors(BitSet into) {
      for (Field field : fields) {
        into.set(field.factor());
      }
    }
  }

  /** TextIndex: how often a term stands in a text. */
  static final class Terms extends Expr {
    private final Field text;
    private final Expr term;
    private final TextTokens tokens;
    private final String weights;

    Terms(Field text, Expr term, TextTokens tokens, String weights, XmlNode at)
        throws ModelException {
      super(DataType.DOUBLE);
      this.text = text;
      this.term = term;
      this.tokens = tokens;
      this.weights = weights;
      if (!List.of("termFrequency", "binary", "logarithmic").contains(weights)) {
        throw at.wrong(
            "localTermWeights " + XmlNode.shown(weights), "termFrequency, binary or logarithmic");
      }
    }

    @Override
    double eval(Frame f) {
      double document = f.x[text.slot()];
      double word = term.eval(f);
      if (Double.isNaN(document) || Double.isNaN(word)) {
        return Double.NaN;
      }
      int lengthMax = tokens.lengthMax();
      if (!f.isWithin(document, lengthMax) || !f.isWithin(word, lengthMax)) {
        return Double.NaN;
      }
      String[] words = tokens.of(f.text(word));
      int count = TextTokens.count(f.tokens(document, tokens), words);
      return switch (weights) {
        case "binary" -> count > 0 ? 1 : 0;
        case "logarithmic" -> Math.log10(1.0 + count);
        default -> count;
      };
    }

    @Override
    BitSet needs() {
      return text.needs();
    }

    @Override
    void factors(BitSet into) {
      into.set(text.factor());
    }
  }
}
