package io.openclaw.release;

/**
 * The statistics that {@link CanaryGuard} needs: tails of distributions, tests of proportions, the
 * population stability index.
 */
final class CanaryMath {
  /** A class expected to hold fewer in the smaller sample is merged with its neighbour. */
  static final double EXPECTED_MIN = 10;

  private static final double EPSILON = 1e-15;
  private static final int STEPS_MAX = 10_000;

  private CanaryMath() {}

  /** The probability that a standard normal variable exceeds z. */
  static double normalTail(double z) {
    double tail = gammaTail(1, z * z / 2) / 2;
    return z >= 0 ? tail : 1 - tail;
  }

  /** The probability that a chi-square variable exceeds x. */
  static double chiSquareTail(int degrees, double x) {
    return gammaTail(degrees, x / 2);
  }

  /**
   * The regularised upper incomplete gamma function Q(degrees / 2, x): by its series where x is
   * small, else by its continued fraction (Press et al., "Numerical Recipes", 3rd edition, 6.2).
   */
  private static double gammaTail(int degrees, double x) {
    if (x <= 0) {
      return 1;
    }
    double a = degrees / 2.0;
    double front = Math.exp(a * Math.log(x) - x - logGammaOfHalf(degrees));
    if (x < a + 1) {
      double term = 1 / a;
      double sum = term;
      for (int i = 1; i < STEPS_MAX && term > sum * EPSILON; i++) {
        term *= x / (a + i);
        sum += term;
      }
      return 1 - sum * front;
    }
    double b = x + 1 - a;
    double c = Double.MAX_VALUE;
    double d = 1 / b;
    double h = d;
    for (int i = 1; i < STEPS_MAX; i++) {
      double an = -i * (i - a);
      b += 2;
      d = 1 / (an * d + b);
      c = b + an / c;
      double factor = d * c;
      h *= factor;
      if (Math.abs(factor - 1) < EPSILON) {
        break;
      }
    }
    return front * h;
  }

  /** ln Γ(n / 2), by Γ(a + 1) = a Γ(a). */
  private static double logGammaOfHalf(int n) {
    double log = n % 2 == 0 ? 0 : Math.log(Math.PI) / 2;
    for (double a = n % 2 == 0 ? 1 : 0.5; a < n / 2.0; a++) {
      log += Math.log(a);
    }
    return log;
  }

  /**
   * By how many standard deviations a's proportion exceeds b's: the signed root of the likelihood
   * ratio, with Yates's correction; 0 or less where it does not exceed it. Where few of many count,
   * the usual z with its pooled variance is several times too sure; this one is not.
   */
  static double proportionExcess(double a, double ofA, double b, double ofB) {
    double expected = (a + b) * ofA / (ofA + ofB);
    double corrected = a - 0.5;
    if (corrected <= expected) {
      return 0;
    }
    double rest = a + b - corrected; // the margins stay
    double pooled = (a + b) / (ofA + ofB);
    return Math.sqrt(
        2
            * (term(corrected, ofA * pooled)
                + term(ofA - corrected, ofA * (1 - pooled))
                + term(rest, ofB * pooled)
                + term(ofB - rest, ofB * (1 - pooled))));
  }

  /** The same of one proportion over a given one. */
  static double proportionExcess(double a, double ofA, double proportion) {
    double corrected = a - 0.5;
    if (corrected <= ofA * proportion) {
      return 0;
    }
    return Math.sqrt(
        2 * (term(corrected, ofA * proportion) + term(ofA - corrected, ofA * (1 - proportion))));
  }

  private static double term(double observed, double expected) {
    return observed <= 0 ? 0 : observed * Math.log(observed / expected);
  }

  /**
   * How far two distributions over the same classes are apart.
   *
   * @param psi the population stability index, less what chance alone gives it; 0 or greater
   * @param chiSquare the statistic of the test that they are equal, scaled by the overdispersion
   * @param degrees of that statistic; 0 where all is in one class
   */
  record Drift(double psi, double chiSquare, int degrees) {}

  /**
   * Compares counts by group and class. Classes too small for the test are merged. The index is
   * taken of counts plus a half, so that an empty class does not make it infinite.
   */
  static Drift drift(long[][] stable, long[][] canary) {
    int[] bin = merged(totals(stable), totals(canary));
    long[][] stableBins = fold(stable, bin);
    long[][] canaryBins = fold(canary, bin);
    long[] s = totals(stableBins);
    long[] c = totals(canaryBins);
    double n = sum(c);
    double m = sum(s);
    int bins = s.length;
    double psi = 0;
    double chiSquare = 0;
    for (int i = 0; i < bins; i++) {
      double actual = (c[i] + 0.5) / (n + 0.5 * bins);
      double expected = (s[i] + 0.5) / (m + 0.5 * bins);
      psi += (actual - expected) * Math.log(actual / expected);
      double together = (s[i] + c[i]) / (n + m);
      chiSquare += square(c[i] - n * together) / (n * together);
      chiSquare += square(s[i] - m * together) / (m * together);
    }
    double overdispersion = overdispersion(stableBins, canaryBins);
    double chance = (bins - 1) * (1 / n + 1 / m) * overdispersion;
    return new Drift(Math.max(0, psi - chance), chiSquare / overdispersion, bins - 1);
  }

  /**
   * How many times more the groups within a version differ than independent requests would: the
   * chi-square of groups against classes over its degrees of freedom; at least 1.
   */
  private static double overdispersion(long[][] stable, long[][] canary) {
    double chiSquare = 0;
    double degrees = 0;
    for (long[][] version : new long[][][] {stable, canary}) {
      long[] totals = totals(version);
      double all = sum(totals);
      int groups = 0;
      for (long[] group : version) {
        double size = sum(group);
        groups += size > 0 ? 1 : 0;
        for (int i = 0; i < totals.length && size > 0; i++) {
          double expected = size * totals[i] / all;
          chiSquare += expected > 0 ? square(group[i] - expected) / expected : 0;
        }
      }
      int classes = 0;
      for (long total : totals) {
        classes += total > 0 ? 1 : 0;
      }
      degrees += 1.0 * Math.max(0, groups - 1) * Math.max(0, classes - 1);
    }
    return degrees == 0 ? 1 : Math.max(1, chiSquare / degrees);
  }

  /** The bin of each class: neighbours share one until it is large enough for the test. */
  private static int[] merged(long[] stable, long[] canary) {
    double n = sum(canary);
    double m = sum(stable);
    double smaller = Math.min(n, m) / (n + m);
    int[] bin = new int[stable.length];
    int bins = 0;
    double expected = 0;
    for (int i = 0; i < bin.length; i++) {
      bin[i] = bins;
      expected += (stable[i] + canary[i]) * smaller;
      if (expected >= EXPECTED_MIN) {
        bins++;
        expected = 0;
      }
    }
    for (int i = 0; i < bin.length; i++) {
      bin[i] = Math.min(bin[i], Math.max(0, bins - 1)); // what is left joins the last bin
    }
    return bin;
  }

  private static long[][] fold(long[][] counts, int[] bin) {
    long[][] folded = new long[counts.length][bin[bin.length - 1] + 1];
    for (int group = 0; group < counts.length; group++) {
      for (int i = 0; i < bin.length; i++) {
        folded[group][bin[i]] += counts[group][i];
      }
    }
    return folded;
  }

  private static long[] totals(long[][] counts) {
    long[] totals = new long[counts[0].length];
    for (long[] group : counts) {
      for (int i = 0; i < totals.length; i++) {
        totals[i] += group[i];
      }
    }
    return totals;
  }

  private static double sum(long[] counts) {
    long sum = 0;
    for (long count : counts) {
      sum += count;
    }
    return sum;
  }

  private static double square(double x) {
    return x * x;
  }
}
