package io.openclaw.release;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Rating;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a comparison of two versions of a model says: whether the new one is slow, and whether its
 * ratings drift. Without side effects.
 */
final class ModelJudge {
  /** How many times longer than the version in force it may take. */
  static final double SLOW_RATIO = 5;

  /** By how much longer it must take before the ratio counts: noise is a few microseconds. */
  static final double SLOW_MARGIN_NANOS = 20_000;

  /** The inputs below which drift is not judged. */
  static final int SAMPLES_MIN = 100;

  /** The largest population stability index of ratings, as for canaries. */
  static final double PSI_MAX = CanaryThresholds.DEFAULTS.ratingPsiMax();

  /** The largest part of decisions that may differ, as for canaries, and of refused inputs. */
  static final double FLIPS_MAX = CanaryThresholds.DEFAULTS.flipsMax();

  /**
   * What a tenant's ratings are held against before and after.
   *
   * @param tenant one that has these
   */
  record Thresholds(String tenant, Decimal before, Decimal after) {}

  private ModelJudge() {}

  /** Why it is slow; null where it is not, or nothing was measured. */
  static @Nullable String slow(ModelComparison found) {
    double stable = found.stableNanos();
    double candidate = found.candidateNanos();
    if (candidate <= stable * SLOW_RATIO || candidate - stable <= SLOW_MARGIN_NANOS) {
      return null;
    }
    return String.format(
        Locale.ROOT,
        "%.1f µs per rating, %.0f times the %.1f µs of the version in force (expected: at most %.0f"
            + " times, or %.0f µs more; allow it with --allow-slow)",
        candidate / 1000,
        candidate / Math.max(1, stable),
        stable / 1000,
        SLOW_RATIO,
        SLOW_MARGIN_NANOS / 1000);
  }

  /** Whether there are enough inputs to judge drift. */
  static boolean isEnough(ModelComparison found) {
    return found.samples() >= SAMPLES_MIN;
  }

  /** Each way in which it drifts; empty where it does not. */
  static List<String> drift(ModelComparison found, Collection<Thresholds> thresholds) {
    List<String> drifts = new ArrayList<>();
    if (found.refused() > found.samples() * FLIPS_MAX) {
      drifts.add(
          String.format(
              Locale.ROOT,
              "%d of %d samples that the version in force rates are refused, first %s",
              found.refused(),
              found.samples(),
              found.firstRefusal()));
    }
    if (!found.stable().isEmpty()) {
      double psi = psi(found);
      if (psi > PSI_MAX) {
        drifts.add(
            String.format(
                Locale.ROOT,
                "its ratings of %d samples shift, population stability index %.2f (expected: at"
                    + " most %.2f; mean %.1f before, %.1f after)",
                found.stable().size(),
                psi,
                PSI_MAX,
                mean(found.stable()),
                mean(found.candidate())));
      }
    }
    String flips = flips(found, thresholds);
    if (flips != null) {
      drifts.add(flips);
    }
    return drifts.stream().map(each -> each + " (allow it with --allow-drift)").toList();
  }

  private static double psi(ModelComparison found) {
    CanaryBins bins = CanaryBins.ofSample(found.stable());
    return CanaryMath.drift(
            new long[][] {counts(bins, found.stable())},
            new long[][] {counts(bins, found.candidate())})
        .psi();
  }

  private static long[] counts(CanaryBins bins, List<Rating> ratings) {
    long[] counts = new long[bins.ratingClasses()];
    ratings.forEach(rating -> counts[bins.ratingClass(rating.value())]++);
    return counts;
  }

  private static double mean(List<Rating> ratings) {
    return ratings.stream()
        .mapToDouble(rating -> Double.parseDouble(rating.value().toString()))
        .average()
        .orElse(0);
  }

  /** The thresholds at which most decisions differ, where that is too many. */
  private static @Nullable String flips(ModelComparison found, Collection<Thresholds> thresholds) {
    int most = 0;
    Thresholds at = null;
    for (Thresholds each : thresholds) {
      int flips = 0;
      for (int i = 0; i < found.stable().size(); i++) {
        boolean before = found.stable().get(i).value().compareTo(each.before()) >= 0;
        boolean after = found.candidate().get(i).value().compareTo(each.after()) >= 0;
        flips += before == after ? 0 : 1;
      }
      if (flips > most) {
        most = flips;
        at = each;
      }
    }
    if (at == null || most <= found.stable().size() * FLIPS_MAX) {
      return null;
    }
    return String.format(
        Locale.ROOT,
        "%d of %d decisions of %s flip at its threshold, %s (expected: at most %.0f %%)",
        most,
        found.stable().size(),
        at.tenant(),
        at.before().equals(at.after()) ? at.after() : at.before() + " before, " + at.after(),
        FLIPS_MAX * 100);
  }
}
