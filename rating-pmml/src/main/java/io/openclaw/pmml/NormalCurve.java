package io.openclaw.pmml;

/** The standard normal distribution to about fifteen digits. */
final class NormalCurve {
  private static final double ROOT_TWO = Math.sqrt(2);
  private static final double ROOT_PI = Math.sqrt(Math.PI);

  private NormalCurve() {}

  /** The share below {@code x}. */
  static double below(double x) {
    return 0.5 * erfc(-x / ROOT_TWO);
  }

  /** The error function: its Taylor series near 0, a continued fraction of the rest beyond. */
  static double erf(double x) {
    return Math.abs(x) < 2 ? series(x) : x > 0 ? 1 - tail(x) : tail(-x) - 1;
  }

  /** One minus the error function, without cancellation for large {@code x}. */
  static double erfc(double x) {
    return x < 2 ? (x < -2 ? 2 - tail(-x) : 1 - series(x)) : tail(x);
  }

  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 100 && Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return 2 / ROOT_PI * sum;
  }

  /** For {@code x >= 2}, by Lentz's method. */
  private static double tail(double x) {
    if (x > 27) {
      return 0;
    }
    double fraction = 0;
    for (int n = 120; n > 0; n--) {
      fraction = n / 2.0 / (x + fraction);
    }
    return Math.exp(-x * x) / ROOT_PI / (x + fraction);
  }

  /** The {@code x} below which the share {@code p} lies; NaN outside 0 to 1. */
  static double quantile(double p) {
    if (!(p > 0 && p < 1)) {
      return p == 0 ? Double.NEGATIVE_INFINITY : p == 1 ? Double.POSITIVE_INFINITY : Double.NaN;
    }
    double low = -40;
    double high = 40;
    for (int i = 0; i < 200 && high - low > 1e-15 * Math.max(1, Math.abs(low)); i++) {
      double middle = (low + high) / 2;
      if (below(middle) < p) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return (low + high) / 2;
  }
}
