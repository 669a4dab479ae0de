package io.openclaw.pmml;

/** Inverse link functions: from a linear score to a mean or a probability. */
final class Links {
  private Links() {}

  static double logistic(double y) {
    return 1 / (1 + Math.exp(-y));
  }

  static double cauchit(double y) {
    return 0.5 + Math.atan(y) / Math.PI;
  }

  static double cloglog(double y) {
    return -Math.expm1(-Math.exp(y));
  }

  static double loglog(double y) {
    return Math.exp(-Math.exp(-y));
  }

  /** Turns scores into shares that grow with their exponentials. */
  static void softmax(double[] x, int first, int count) {
    double most = Double.NEGATIVE_INFINITY;
    for (int i = first; i < first + count; i++) {
      most = Math.max(most, x[i]);
    }
    for (int i = first; i < first + count; i++) {
      x[i] = Math.exp(x[i] - most);
    }
    shares(x, first, count);
  }

  /** Divides by the sum. */
  static void shares(double[] x, int first, int count) {
    double sum = 0;
    for (int i = first; i < first + count; i++) {
      sum += x[i];
    }
    for (int i = first; i < first + count; i++) {
      x[i] /= sum;
    }
  }

  static void round(double[] x, int first, int count) {
    for (int i = first; i < first + count; i++) {
      x[i] = (float) x[i];
    }
  }
}
