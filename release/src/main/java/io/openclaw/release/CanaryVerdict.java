package io.openclaw.release;

import java.util.Locale;

/** What a canary's counts say of it. */
public sealed interface CanaryVerdict {
  /** What is compared. */
  enum Measure {
    ERRORS("error rate, canary minus stable"),
    LATENCY("p95 latency, canary over stable"),
    RATINGS("PSI of ratings"),
    REASONS("PSI of reason codes"),
    FLIPS("decisions that differ");

    private final String text;

    Measure(String text) {
      this.text = text;
    }

    /** What a person reads. */
    public String text() {
      return text;
    }
  }

  /**
   * There is too little to judge by; never a pass. Either there are too few requests, or a
   * difference is larger than it may be and could still be chance.
   *
   * @param why what there is, and what was expected
   */
  record Insufficient(String why) implements CanaryVerdict {
    static Insufficient few(String what, long have, long need) {
      return new Insufficient(have + " " + what + " (expected: at least " + need + ")");
    }

    /** A difference as that of a breach, which could be chance. */
    static Insufficient chance(Breach breach) {
      return new Insufficient(breach + ", which could be chance");
    }

    @Override
    public String toString() {
      return "insufficient: " + why;
    }
  }

  /** All that is compared was seen often enough, and nothing is worse than it may be. */
  record Healthy(long stableSample, long canarySample) implements CanaryVerdict {}

  /**
   * The canary is worse than it may be, and not by chance.
   *
   * @param value what was measured
   * @param threshold the most it may be
   */
  record Breach(
      Measure measure, double value, double threshold, long stableSample, long canarySample)
      implements CanaryVerdict {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s: %.4f (expected: at most %.4f; %d stable, %d canary requests)",
          measure.text(),
          value,
          threshold,
          stableSample,
          canarySample);
    }
  }
}
