package io.openclaw.domain;

/**
 * A token-bucket limit over all regions.
 *
 * @param id what is limited, for example {@code tenant/credit} or {@code key/4f6c2a}
 * @param level the level in a nest of limits, as headers and problems name it
 * @param milliTokensPerSecond the rate in thousandths of a token per second
 * @param burst the most whole tokens that may be spent at once
 */
public record LimitSpec(String id, Level level, long milliTokensPerSecond, long burst) {
  /** The largest rate, in tokens per second. */
  public static final long RATE_MAX = 100_000_000;

  /** The largest burst, in tokens. */
  public static final long BURST_MAX = 1_000_000_000;

  /** The place of a limit in the nest; all levels must agree. */
  public enum Level {
    TENANT("tenant"),
    KEY("key");

    private final String text;

    Level(String text) {
      this.text = text;
    }

    /** The level's name on the wire. */
    public String text() {
      return text;
    }
  }

  public LimitSpec {
    if (milliTokensPerSecond < 1 || milliTokensPerSecond > RATE_MAX * 1000) {
      throw new IllegalArgumentException(
          "rate: " + milliTokensPerSecond / 1000.0 + " (expected: 0.001 to " + RATE_MAX + ")");
    }
    if (burst < 1 || burst > BURST_MAX) {
      throw new IllegalArgumentException("burst: " + burst + " (expected: 1 to " + BURST_MAX + ")");
    }
  }
}
