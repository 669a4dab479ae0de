package io.openclaw.release;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * When a canary is rolled back, and when it is promoted.
 *
 * @param errorDifferenceMax by how much the canary's error rate may exceed the stable one's, 0.0001
 *     to 1
 * @param p95RatioMax how many times the stable 95th percentile of latency the canary's may be, 1 to
 *     100
 * @param p95MarginMicros by how many microseconds the canary's 95th percentile must exceed the
 *     stable one's before the ratio counts, 0 to 60,000,000
 * @param ratingPsiMax the largest population stability index of ratings, 0.01 to 10
 * @param reasonPsiMax the same of the first reason codes
 * @param flipsMax in shadow, the largest part of decisions that differ, 0.0001 to 1; at 1 flips are
 *     not judged, as for a tenant without a threshold
 * @param sampleMin ratings of each version before the canary can be called healthy or its ratings
 *     drifting, 100 to 1,000,000,000
 * @param promoteAfterNanos how long it must be healthy before it is promoted, a minute to 30 days;
 *     0 where only a person promotes
 */
public record CanaryThresholds(
    double errorDifferenceMax,
    double p95RatioMax,
    long p95MarginMicros,
    double ratingPsiMax,
    double reasonPsiMax,
    double flipsMax,
    long sampleMin,
    long promoteAfterNanos) {
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final long MINUTE_SECONDS = 60;
  private static final long PROMOTE_AFTER_SECONDS_MAX = 30 * 86_400L;

  /** What holds where nothing else is said; docs/canary.md says why. */
  public static final CanaryThresholds DEFAULTS =
      new CanaryThresholds(0.01, 1.5, 1000, 0.1, 0.1, 0.05, 1000, 1800 * SECOND_NANOS);

  public CanaryThresholds {
    requireWithin("errorDifferenceMax", errorDifferenceMax, 0.0001, 1);
    requireWithin("p95RatioMax", p95RatioMax, 1, 100);
    requireWithin("p95MarginMicros", (double) p95MarginMicros, 0, 60_000_000);
    requireWithin("ratingPsiMax", ratingPsiMax, 0.01, 10);
    requireWithin("reasonPsiMax", reasonPsiMax, 0.01, 10);
    requireWithin("flipsMax", flipsMax, 0.0001, 1);
    requireWithin("sampleMin", (double) sampleMin, 100, 1_000_000_000);
    if (promoteAfterNanos != 0
        && (promoteAfterNanos < MINUTE_SECONDS * SECOND_NANOS
            || promoteAfterNanos > PROMOTE_AFTER_SECONDS_MAX * SECOND_NANOS)) {
      throw new IllegalArgumentException(
          "promoteAfterSeconds: "
              + text(promoteAfterNanos / (double) SECOND_NANOS)
              + " (expected: "
              + MINUTE_SECONDS
              + " to "
              + PROMOTE_AFTER_SECONDS_MAX
              + ", or 0 for never)");
    }
  }

  /**
   * These thresholds with another value for one, by its name in configuration.
   *
   * @throws IllegalArgumentException where there is none of that name, or the value is out of range
   */
  public CanaryThresholds with(String name, double value) {
    double error = errorDifferenceMax;
    double ratio = p95RatioMax;
    long margin = p95MarginMicros;
    double ratings = ratingPsiMax;
    double reasons = reasonPsiMax;
    double flips = flipsMax;
    long sample = sampleMin;
    long promote = promoteAfterNanos;
    switch (name) {
      case "errorDifferenceMax" -> error = value;
      case "p95RatioMax" -> ratio = value;
      case "p95MarginMicros" -> margin = whole(name, value);
      case "ratingPsiMax" -> ratings = value;
      case "reasonPsiMax" -> reasons = value;
      case "flipsMax" -> flips = value;
      case "sampleMin" -> sample = whole(name, value);
      case "promoteAfterSeconds" -> {
        long seconds = whole(name, value);
        requireWithin(name, (double) seconds, 0, PROMOTE_AFTER_SECONDS_MAX);
        promote = seconds * SECOND_NANOS;
      }
      default ->
          throw new IllegalArgumentException(
              "threshold: \""
                  + name
                  + "\" (expected: errorDifferenceMax, p95RatioMax, p95MarginMicros, ratingPsiMax,"
                  + " reasonPsiMax, flipsMax, sampleMin or promoteAfterSeconds)");
    }
    return new CanaryThresholds(error, ratio, margin, ratings, reasons, flips, sample, promote);
  }

  /** Those that differ from the defaults, as decimal numbers, by their names in configuration. */
  public Map<String, String> different() {
    Map<String, String> different = values();
    DEFAULTS.values().forEach(different::remove);
    return different;
  }

  private Map<String, String> values() {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("errorDifferenceMax", text(errorDifferenceMax));
    values.put("p95RatioMax", text(p95RatioMax));
    values.put("p95MarginMicros", Long.toString(p95MarginMicros));
    values.put("ratingPsiMax", text(ratingPsiMax));
    values.put("reasonPsiMax", text(reasonPsiMax));
    values.put("flipsMax", text(flipsMax));
    values.put("sampleMin", Long.toString(sampleMin));
    values.put("promoteAfterSeconds", Long.toString(promoteAfterNanos / SECOND_NANOS));
    return values;
  }

  private static long whole(String name, double value) {
    if (value != Math.rint(value) || Math.abs(value) > 1e15) {
      throw new IllegalArgumentException(name + ": " + text(value) + " (expected: a whole number)");
    }
    return (long) value;
  }

  private static void requireWithin(String name, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      throw new IllegalArgumentException(
          name + ": " + text(value) + " (expected: " + text(min) + " to " + text(max) + ")");
    }
  }

  private static String text(double value) {
    return Double.isFinite(value)
        ? BigDecimal.valueOf(value).stripTrailingZeros().toPlainString()
        : Double.toString(value);
  }
}
