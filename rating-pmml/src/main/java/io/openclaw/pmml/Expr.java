package io.openclaw.pmml;

import java.util.BitSet;

/** A compiled expression: a number of a frame, NaN where missing. Immutable and thread-safe. */
abstract class Expr {
  final DataType type;

  Expr(DataType type) {
    this.type = type;
  }

  abstract double eval(Frame f);

  /** Inputs without any of which this is missing. */
  BitSet needs() {
    return Field.NOTHING;
  }

  /** Adds the factors that this looks at. */
  void factors(BitSet into) {}

  /** A constant. */
  static final class Constant extends Expr {
    final double value;
    final String text;

    Constant(DataType type, double value, String text) {
      super(type);
      this.value = value;
      this.text = text;
    }

    @Override
    double eval(Frame f) {
      return value;
    }
  }

  /** A field's value, or another one where it is missing. */
  static final class Ref extends Expr {
    final Field field;
    private final double missing;

    Ref(Field field, double missing) {
      super(field.type());
      this.field = field;
      this.missing = missing;
    }

    @Override
    double eval(Frame f) {
      double value = f.x[field.slot()];
      return Double.isNaN(value) ? missing : value;
    }

    @Override
    BitSet needs() {
      return Double.isNaN(missing) ? field.needs() : Field.NOTHING;
    }

    @Override
    void factors(BitSet into) {
      into.set(field.factor());
    }
  }

  /** A number as another type holds it, or a value as text, or a text as a number. */
  static final class Cast extends Expr {
    private final Expr of;

    Cast(Expr of, DataType to) {
      super(to);
      this.of = of;
    }

    /** The expression itself where nothing changes. */
    static Expr to(Expr of, DataType to) {
      boolean same =
          of.type == to
              || (to == DataType.DOUBLE && of.type.isNumber())
              || (to == DataType.INTEGER && of.type == DataType.BOOLEAN);
      return same && of.type == to ? of : new Cast(of, to);
    }

    @Override
    double eval(Frame f) {
      double value = of.eval(f);
      if (Double.isNaN(value)) {
        return value;
      }
      if (type == DataType.STRING) {
        return of.type == DataType.STRING ? value : f.symbol(of.type.text(value));
      }
      if (of.type == DataType.STRING) {
        return parse(f.text(value));
      }
      return type == DataType.BOOLEAN ? (value == 0 ? 0 : 1) : type.rounded(value);
    }

    private double parse(String text) {
      if (type == DataType.BOOLEAN) {
        return text.equalsIgnoreCase("true") ? 1 : text.equalsIgnoreCase("false") ? 0 : Double.NaN;
      }
      try {
        return type.rounded(Double.parseDouble(text.trim()));
      } catch (NumberFormatException e) {
        return Double.NaN;
      }
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
}
