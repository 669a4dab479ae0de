package io.openclaw.sim;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Numbers from 0 with Zipf's frequencies: the k-th, from 1, in proportion to 1 / k^s. */
final class Zipf {
  private final double[] cumulated;

  Zipf(int count, double exponent) {
    cumulated = new double[count];
    double sum = 0;
    for (int k = 0; k < count; k++) {
      sum += StrictMath.pow(k + 1.0, -exponent);
      cumulated[k] = sum;
    }
  }

  int next(RandomGenerator random) {
    double wanted = random.nextDouble() * cumulated[cumulated.length - 1];
    int at = Arrays.binarySearch(cumulated, wanted);
    return Math.min(at < 0 ? -at - 1 : at, cumulated.length - 1);
  }
}
