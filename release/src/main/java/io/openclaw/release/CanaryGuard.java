package io.openclaw.release;

import io.openclaw.release.CanaryVerdict.Measure;
import org.jspecify.annotations.Nullable;

/**
 * Judges a canary by what all regions counted of it and of the stable version beside it.
 *
 * <p>A measure is breached where the difference is larger than its threshold <em>and</em> is not
 * chance; where it could be chance, that is insufficient, never a pass. Errors are compared by a
 * test of two proportions; latency by how many of the canary's requests exceed the stable 95th
 * percentile times the ratio, which must not be more than the stable version's own 5 %; ratings and
 * reasons by the population stability index and a chi-square test; flips by a test of one
 * proportion.
 *
 * <p><b>Looking again and again.</b> It may be asked at any time and any number of times, and all
 * its answers together are wrong with a probability of at most {@code alpha}, for as long as the
 * counts are of one comparison. Statistics of growing samples move like a Brownian motion B over
 * the information I = 1 / (1/n + 1/m). While I grows by the factor g, the chance that B(I)/√I ever
 * exceeds z is at most twice the chance that a standard normal variable exceeds z/√g (reflection
 * principle; for chi-square likewise with x/g). The k-th such stretch gets the part 6/(π²(k+1)²) of
 * alpha, which together is all of it.
 *
 * <p>Immutable, without a state of its own: every region comes to the same verdict of the same
 * counts.
 */
public final class CanaryGuard implements CanaryDecision.Judge {
  /** Requests of each version before its errors count. */
  public static final long ERRORS_SAMPLE_MIN = 50;

  /** Requests of each version before its latency counts. */
  public static final long LATENCY_SAMPLE_MIN = 200;

  /** Groups of sticky values with ratings, of each version, before ratings and reasons count. */
  public static final int GROUPS_MIN = 4;

  /** Information grows by this factor in one stretch of looks. */
  private static final double STRETCH = 1.2;

  /** The part of requests beyond the percentile that is compared. */
  private static final double SLOWEST = 0.05;

  private final CanaryThresholds thresholds;
  private final boolean shadow;

  public CanaryGuard(CanarySpec spec) {
    this(spec.thresholds(), spec.traffic() instanceof CanarySpec.Traffic.Shadow);
  }

  /** A guard with these thresholds; in shadow, flips of decisions count too. */
  public CanaryGuard(CanaryThresholds thresholds, boolean shadow) {
    this.thresholds = thresholds;
    this.shadow = shadow;
  }

  @Override
  public CanaryVerdict judge(CanaryCounts counts, double alpha) {
    double each = alpha / Measure.values().length;
    CanaryVerdict doubt = null;
    for (Measure measure : Measure.values()) {
      CanaryVerdict excess =
          switch (measure) {
            case ERRORS -> errors(counts, each);
            case LATENCY -> latency(counts, each);
            case RATINGS, REASONS -> drift(measure, counts, each);
            case FLIPS -> flips(counts, each);
          };
      if (excess instanceof CanaryVerdict.Breach) {
        return excess;
      }
      doubt = doubt == null ? excess : doubt;
    }
    CanaryVerdict missing = missing(counts);
    doubt = missing == null ? doubt : missing;
    return doubt != null
        ? doubt
        : new CanaryVerdict.Healthy(
            counts.requests(CanaryVariant.STABLE), counts.requests(CanaryVariant.CANARY));
  }

  private CanaryVerdict.@Nullable Insufficient missing(CanaryCounts counts) {
    long need = thresholds.sampleMin();
    for (CanaryVariant variant : CanaryVariant.values()) {
      long ratings = counts.ratings(variant);
      if (ratings < need) {
        return CanaryVerdict.Insufficient.few(variant.text() + " ratings", ratings, need);
      }
      int groups = groups(counts.ratingClasses(variant));
      if (groups < GROUPS_MIN) {
        return CanaryVerdict.Insufficient.few(
            "of " + CanaryCounts.GROUPS + " groups of sticky values seen by " + variant.text(),
            groups,
            GROUPS_MIN);
      }
    }
    if (judgesFlips() && counts.pairs() < need) {
      return CanaryVerdict.Insufficient.few("decisions of both versions", counts.pairs(), need);
    }
    return null;
  }

  private @Nullable CanaryVerdict errors(CanaryCounts counts, double alpha) {
    double canary = counts.errors(CanaryVariant.CANARY);
    double stable = counts.errors(CanaryVariant.STABLE);
    double n = counts.requests(CanaryVariant.CANARY);
    double m = counts.requests(CanaryVariant.STABLE);
    if (Math.min(n, m) < ERRORS_SAMPLE_MIN) {
      return null;
    }
    double difference = canary / n - stable / m;
    if (difference <= thresholds.errorDifferenceMax()) {
      return null;
    }
    double z = CanaryMath.proportionExcess(canary, n, stable, m);
    return excess(
        isChance(z, information(n, m), ERRORS_SAMPLE_MIN / 2.0, alpha),
        Measure.ERRORS,
        difference,
        thresholds.errorDifferenceMax(),
        m,
        n);
  }

  private @Nullable CanaryVerdict latency(CanaryCounts counts, double alpha) {
    double n = counts.requests(CanaryVariant.CANARY);
    double m = counts.requests(CanaryVariant.STABLE);
    if (Math.min(n, m) < LATENCY_SAMPLE_MIN) {
      return null;
    }
    double stable = counts.latencyMicros(CanaryVariant.STABLE, 1 - SLOWEST);
    double allowed =
        Math.max(stable * thresholds.p95RatioMax(), stable + thresholds.p95MarginMicros());
    double slower = counts.slowerThan(CanaryVariant.CANARY, allowed);
    if (slower <= SLOWEST * n) {
      return null;
    }
    double z = CanaryMath.proportionExcess(slower, n, SLOWEST * m, m);
    double canary = counts.latencyMicros(CanaryVariant.CANARY, 1 - SLOWEST);
    double atLeast = Math.max(1, stable);
    return excess(
        isChance(z, information(n, m), LATENCY_SAMPLE_MIN / 2.0, alpha),
        Measure.LATENCY,
        canary / atLeast,
        allowed / atLeast,
        m,
        n);
  }

  private @Nullable CanaryVerdict drift(Measure measure, CanaryCounts counts, double alpha) {
    double n = counts.ratings(CanaryVariant.CANARY);
    double m = counts.ratings(CanaryVariant.STABLE);
    if (Math.min(n, m) < thresholds.sampleMin()) {
      return null;
    }
    boolean ratings = measure == Measure.RATINGS;
    long[][] stable =
        ratings
            ? counts.ratingClasses(CanaryVariant.STABLE)
            : counts.reasonClasses(CanaryVariant.STABLE);
    long[][] canary =
        ratings
            ? counts.ratingClasses(CanaryVariant.CANARY)
            : counts.reasonClasses(CanaryVariant.CANARY);
    if (Math.min(groups(stable), groups(canary)) < GROUPS_MIN) {
      return null;
    }
    CanaryMath.Drift drift = CanaryMath.drift(stable, canary);
    double threshold = ratings ? thresholds.ratingPsiMax() : thresholds.reasonPsiMax();
    if (drift.psi() <= threshold || drift.degrees() == 0) {
      return null;
    }
    int stretch = stretch(information(n, m), thresholds.sampleMin() / 2.0);
    double chance = 2 * CanaryMath.chiSquareTail(drift.degrees(), drift.chiSquare() / STRETCH);
    return excess(chance >= alpha * spent(stretch), measure, drift.psi(), threshold, m, n);
  }

  private @Nullable CanaryVerdict flips(CanaryCounts counts, double alpha) {
    double pairs = counts.pairs();
    double flips = counts.flips();
    if (!judgesFlips() || pairs < thresholds.sampleMin()) {
      return null;
    }
    double max = thresholds.flipsMax();
    if (flips <= max * pairs) {
      return null;
    }
    double z = CanaryMath.proportionExcess(flips, pairs, max);
    boolean chance = isChance(z, pairs, (double) thresholds.sampleMin(), alpha);
    return excess(chance, Measure.FLIPS, flips / pairs, max, pairs, pairs);
  }

  private boolean judgesFlips() {
    return shadow && thresholds.flipsMax() < 1;
  }

  /** What a value beyond its threshold means. */
  private static CanaryVerdict excess(
      boolean chance,
      Measure measure,
      double value,
      double threshold,
      double stable,
      double canary) {
    CanaryVerdict.Breach breach =
        new CanaryVerdict.Breach(measure, value, threshold, (long) stable, (long) canary);
    return chance ? CanaryVerdict.Insufficient.chance(breach) : breach;
  }

  /** Whether chance alone, in all looks together, goes so far more often than alpha. */
  static boolean isChance(double z, double information, double first, double alpha) {
    double chance = 2 * CanaryMath.normalTail(z / Math.sqrt(STRETCH));
    return z <= 0 || chance >= alpha * spent(stretch(information, first));
  }

  /** Which stretch of looks the information is in, counted from 0 where it is {@code first}. */
  private static int stretch(double information, double first) {
    return Math.max(0, (int) (Math.log(information / first) / Math.log(STRETCH)));
  }

  /** The part of alpha that one of endlessly many gets; all together are 1. */
  static double spent(int index) {
    return 6 / (Math.PI * Math.PI * (index + 1.0) * (index + 1.0));
  }

  private static double information(double n, double m) {
    return n * m / (n + m);
  }

  private static int groups(long[][] classes) {
    int groups = 0;
    for (long[] group : classes) {
      for (long count : group) {
        if (count > 0) {
          groups++;
          break;
        }
      }
    }
    return groups;
  }
}
