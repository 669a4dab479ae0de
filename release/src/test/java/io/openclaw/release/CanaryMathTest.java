package io.openclaw.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Held to published tables and to exact sums. */
class CanaryMathTest {
  @Test
  void tails_agree_with_the_tables() {
    assertThat(CanaryMath.normalTail(0)).isCloseTo(0.5, within(1e-12));
    assertThat(CanaryMath.normalTail(1.959963985)).isCloseTo(0.025, within(1e-9));
    assertThat(CanaryMath.normalTail(-1.959963985)).isCloseTo(0.975, within(1e-9));
    assertThat(CanaryMath.normalTail(6)).isCloseTo(9.865876e-10, within(1e-15));
    assertThat(CanaryMath.chiSquareTail(1, 3.841458821)).isCloseTo(0.05, within(1e-9));
    assertThat(CanaryMath.chiSquareTail(9, 16.91897760)).isCloseTo(0.05, within(1e-9));
    assertThat(CanaryMath.chiSquareTail(9, 27.87716487)).isCloseTo(0.001, within(1e-9));
    assertThat(CanaryMath.chiSquareTail(2, 2 * Math.log(1e9))).isCloseTo(1e-9, within(1e-15));
    assertThat(CanaryMath.chiSquareTail(30, 0)).isEqualTo(1);
  }

  @Test
  void few_errors_are_taken_for_what_an_exact_test_makes_of_them() {
    assertThat(worstRatio(CanaryMath::proportionExcess)).isGreaterThan(0.8).isLessThan(10);
  }

  @Test
  void the_usual_z_with_its_pooled_variance_is_found_too_sure() {
    double pooled =
        worstRatio(
            (a, ofA, b, ofB) -> {
              double p = (a + b) / (ofA + ofB);
              return (a / ofA - b / ofB) / Math.sqrt(p * (1 - p) * (1 / ofA + 1 / ofB));
            });
    assertThat(pooled).isLessThan(0.01);
  }

  /** A statistic of a of n against b of m that is normal where the proportions are equal. */
  interface Statistic {
    double z(double a, double ofA, double b, double ofB);
  }

  /** The least ratio of the probability that it gives to that of Fisher's exact test. */
  private static double worstRatio(Statistic statistic) {
    double worst = Double.MAX_VALUE;
    for (int[] samples : new int[][] {{50, 950}, {50, 50}, {500, 9500}, {1000, 1000}}) {
      for (int stable : new int[] {0, 1, 5, 20}) {
        for (int canary = 2; canary < 30; canary++) {
          double exact = fisher(canary, samples[0], stable, samples[1]);
          if (exact < 0.01 && exact > 1e-9) {
            double z = statistic.z(canary, samples[0], stable, samples[1]);
            worst = Math.min(worst, CanaryMath.normalTail(z) / exact);
          }
        }
      }
    }
    return worst;
  }

  /** Fisher's exact test, one-sided: the hypergeometric tail. */
  private static double fisher(int a, int ofA, int b, int ofB) {
    double tail = 0;
    for (int k = a; k <= Math.min(ofA, a + b); k++) {
      tail += Math.exp(logChoose(ofA, k) + logChoose(ofB, a + b - k) - logChoose(ofA + ofB, a + b));
    }
    return tail;
  }

  private static double logChoose(int n, int k) {
    double log = 0;
    for (int i = 1; i <= k; i++) {
      log += Math.log((n - k + i) / (double) i);
    }
    return log;
  }

  @Test
  void a_proportion_is_compared_with_a_given_one() {
    assertThat(CanaryMath.proportionExcess(5, 100, 0.05)).isZero();
    assertThat(CanaryMath.proportionExcess(10.5, 100, 0.05)).isCloseTo(2.01, within(0.1));
    assertThat(CanaryMath.proportionExcess(100, 100, 0.05)).isGreaterThan(20);
  }

  @Test
  void equal_distributions_have_no_index_and_one_class_no_degrees() {
    long[][] groups = groups(100, 100, 100);
    CanaryMath.Drift drift = CanaryMath.drift(groups, groups(10, 10, 10));
    assertThat(drift.psi()).isZero();
    assertThat(drift.chiSquare()).isCloseTo(0, within(1e-9));
    assertThat(drift.degrees()).isEqualTo(2);
    assertThat(CanaryMath.drift(groups(100), groups(10)).degrees()).isZero();
  }

  @Test
  void the_index_of_large_samples_is_the_textbook_one() {
    double expected = (0.5 - 0.3) * Math.log(0.5 / 0.3) + (0.2 - 0.4) * Math.log(0.2 / 0.4);
    CanaryMath.Drift drift =
        CanaryMath.drift(groups(30_000, 30_000, 40_000), groups(50_000, 30_000, 20_000));
    assertThat(drift.psi()).isCloseTo(expected, within(1e-3));
  }

  @Test
  void small_classes_are_merged_with_a_neighbour() {
    CanaryMath.Drift drift =
        CanaryMath.drift(groups(1000, 1, 1, 1, 1000, 1), groups(1000, 0, 0, 30, 1000, 0));
    assertThat(drift.degrees()).isEqualTo(2);
  }

  /** The same counts in each of eight groups. */
  private static long[][] groups(long... classes) {
    long[][] groups = new long[8][];
    for (int i = 0; i < groups.length; i++) {
      groups[i] = classes.clone();
    }
    return groups;
  }
}
