package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/** PMML's built-in functions of numbers. */
final class Arithmetic {
  private Arithmetic() {}

  static Expr of(XmlNode at, String function, Expr[] a) throws ModelException {
    for (Expr each : a) {
      if (each.type == DataType.STRING) {
        throw at.wrong(XmlNode.shown(function) + " of a string", "numbers");
      }
    }
    switch (function) {
      case "min", "max", "sum", "avg", "median", "product" -> {
        return new Aggregate(function, a);
      }
      default -> {
        // below
      }
    }
    DoubleUnaryOperator one = one(function);
    if (one != null) {
      count(at, function, a, 1);
      return new One(one, type(function, a), a);
    }
    DoubleBinaryOperator two = two(function);
    if (two != null) {
      if (function.equals("-") && a.length == 1) {
        return new One(value -> -value, a[0].type, a);
      }
      count(at, function, a, 2);
      if (function.equals("/") && a[0].type == DataType.INTEGER && a[1].type == DataType.INTEGER) {
        throw at.wrong("/ of two integers", "a double: whether it rounds is not agreed upon");
      }
      return new Two(two, type(function, a), a);
    }
    if (function.equals("normalCDF") || function.equals("normalPDF")) {
      count(at, function, a, 3);
      return new Normal(function.equals("normalCDF"), a);
    }
    throw at.wrong("function " + XmlNode.shown(function), "one that is supported");
  }

  private static void count(XmlNode at, String function, Expr[] a, int expected)
      throws ModelException {
    if (a.length != expected) {
      throw at.wrong(XmlNode.shown(function) + " of " + a.length + " arguments", "" + expected);
    }
  }

  private static DataType type(String function, Expr[] a) {
    DataType type = a[0].type == DataType.BOOLEAN ? DataType.INTEGER : a[0].type;
    for (Expr each : a) {
      type = type.with(each.type == DataType.BOOLEAN ? DataType.INTEGER : each.type);
    }
    return switch (function) {
      case "round", "threshold" -> DataType.INTEGER;
      case "+", "-", "*", "modulo", "abs", "floor", "ceil", "rint", "pow" -> type;
      default -> type == DataType.FLOAT ? type : DataType.DOUBLE;
    };
  }

  private static @Nullable DoubleUnaryOperator one(String function) {
    return switch (function) {
      case "log10" -> Math::log10;
      case "ln" -> Math::log;
      case "ln1p" -> Math::log1p;
      case "sqrt" -> Math::sqrt;
      case "abs" -> Math::abs;
      case "exp" -> Math::exp;
      case "expm1" -> Math::expm1;
      case "floor" -> Math::floor;
      case "ceil" -> Math::ceil;
      case "round" -> x -> Math.floor(x + 0.5);
      case "rint" -> Math::rint;
      case "sin" -> Math::sin;
      case "cos" -> Math::cos;
      case "tan" -> Math::tan;
      case "asin" -> Math::asin;
      case "acos" -> Math::acos;
      case "atan" -> Math::atan;
      case "sinh" -> Math::sinh;
      case "cosh" -> Math::cosh;
      case "tanh" -> Math::tanh;
      case "erf" -> NormalCurve::erf;
      case "stdNormalCDF" -> NormalCurve::below;
      case "stdNormalPDF" -> x -> Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
      case "stdNormalIDF" -> NormalCurve::quantile;
      default -> null;
    };
  }

  private static @Nullable DoubleBinaryOperator two(String function) {
    return switch (function) {
      case "+" -> (x, y) -> x + y;
      case "-" -> (x, y) -> x - y;
      case "*" -> (x, y) -> x * y;
      case "/" -> (x, y) -> y == 0 ? Double.NaN : x / y;
      case "pow" -> Math::pow;
      case "hypot" -> Math::hypot;
      case "atan2" -> Math::atan2;
      case "threshold" -> (x, y) -> x > y ? 1 : 0;
      case "modulo" -> (x, y) -> x - Math.floor(x / y) * y;
      default -> null;
    };
  }

  private static final class One extends Functions.Many {
    private final DoubleUnaryOperator operator;

    One(DoubleUnaryOperator operator, DataType type, Expr[] a) {
      super(type, a);
      this.operator = operator;
    }

    @Override
    double eval(Frame f) {
      double value = a[0].eval(f);
      return Double.isNaN(value) ? value : type.rounded(operator.applyAsDouble(value));
    }

    @Override
    BitSet needs() {
      return a[0].needs();
    }
  }

  private static final class Two extends Functions.Many {
    private final DoubleBinaryOperator operator;

    Two(DoubleBinaryOperator operator, DataType type, Expr[] a) {
      super(type, a);
      this.operator = operator;
    }

    @Override
    double eval(Frame f) {
      double left = a[0].eval(f);
      double right = a[1].eval(f);
      return Double.isNaN(left) || Double.isNaN(right)
          ? Double.NaN
          : type.rounded(operator.applyAsDouble(left, right));
    }

    @Override
    BitSet needs() {
      return needsOfAll();
    }
  }

  private static final class Normal extends Functions.Many {
    private final boolean cumulative;

    Normal(boolean cumulative, Expr[] a) {
      super(DataType.DOUBLE, a);
      this.cumulative = cumulative;
    }

    @Override
    double eval(Frame f) {
      double sigma = a[2].eval(f);
      double z = (a[0].eval(f) - a[1].eval(f)) / sigma;
      return cumulative
          ? NormalCurve.below(z)
          : Math.exp(-z * z / 2) / (sigma * Math.sqrt(2 * Math.PI));
    }

    @Override
    BitSet needs() {
      return needsOfAll();
    }
  }

  /** Over the arguments that are there; missing where none is. */
  private static final class Aggregate extends Functions.Many {
    private final String function;

    Aggregate(String function, Expr[] a) {
      super(type(function.equals("avg") || function.equals("median") ? "avg" : "+", a), a);
      this.function = function;
    }

    @Override
    double eval(Frame f) {
      double[] found = new double[a.length];
      int count = 0;
      for (Expr each : a) {
        double value = each.eval(f);
        if (!Double.isNaN(value)) {
          found[count++] = value;
        }
      }
      return count == 0 ? Double.NaN : type.rounded(of(found, count));
    }

    private double of(double[] found, int count) {
      double sum = 0;
      double product = 1;
      double least = found[0];
      double most = found[0];
      for (int i = 0; i < count; i++) {
        sum = type.rounded(sum + found[i]);
        product *= found[i];
        least = Math.min(least, found[i]);
        most = Math.max(most, found[i]);
      }
      return switch (function) {
        case "min" -> least;
        case "max" -> most;
        case "sum" -> sum;
        case "avg" -> sum / count;
        case "product" -> product;
        default -> median(found, count);
      };
    }
  }

  /** The middle of the first numbers of an array, which it sorts. */
  static double median(double[] values, int count) {
    Arrays.sort(values, 0, count);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
  }
}
