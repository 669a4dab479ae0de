package io.openclaw.bench;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a run must keep to be a success. */
record Verdict(long failuresMax, double successRatioMin) {
  static Verdict of(@Nullable String failuresMax, @Nullable String successRatioMin) {
    return new Verdict(
        failuresMax == null
            ? Long.MAX_VALUE
            : Quantities.whole("--max-failures", failuresMax, 0, 1_000_000_000),
        successRatioMin == null ? 0 : Quantities.ratio("--min-success-ratio", successRatioMin));
  }

  /** What is violated, or null. A run in which nothing succeeded or failed violates any minimum. */
  @Nullable String violation(LoadReport report) {
    if (report.failures() > failuresMax) {
      return String.format(
          Locale.ROOT, "%,d failures (allowed: %,d)", report.failures(), failuresMax);
    }
    boolean nothingCame = report.total().ok() == 0 && successRatioMin > 0;
    if (nothingCame || report.successRatio() < successRatioMin) {
      return String.format(
          Locale.ROOT,
          "success ratio %.6f (at least: %s)",
          nothingCame ? 0 : report.successRatio(),
          successRatioMin);
    }
    return null;
  }
}
