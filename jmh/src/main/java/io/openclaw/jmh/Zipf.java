package io.openclaw.jmh;

import java.util.Arrays;

/** Numbers from 0 on, of which the k-th is drawn in proportion to 1 / (k + 1)^s. Thread-safe. */
final class Zipf {
  private final double[] cumulative;

  Zipf(int size, double exponent) {
    cumulative = new double[size];
    double sum = 0;
    for (int k = 0; k < size; k++) {
      sum += Math.pow(k + 1.0, -exponent);
      cumulative[k] = sum;
    }
  }

  /**
   * The number at a place.
   *
   * @param place from 0, included, to 1, excluded
   */
  int at(double place) {
    int found = Arrays.binarySearch(cumulative, place * cumulative[cumulative.length - 1]);
    return Math.min(found < 0 ? -found - 1 : found + 1, cumulative.length - 1);
  }
}
