package io.openclaw.domain;

import java.util.Locale;

/**
 * A number of tokens for each UTC day or month over all regions.
 *
 * @param id what is limited, for example {@code tenant/credit} or {@code key/4f6c2a}
 * @param level the level in a nest of limits, as headers and problems name it
 * @param tokens the most that may be spent in one window, by all regions together
 * @param per the length of a window
 * @param dryRun whether it only reports what it would have denied
 */
public record QuotaSpec(String id, LimitSpec.Level level, long tokens, Per per, boolean dryRun) {
  /** The most tokens in a window. */
  public static final long TOKENS_MAX = 1_000_000_000_000_000L;

  /** The length of a window. */
  public enum Per {
    /** From midnight to midnight, UTC. */
    DAY(86_400),
    /** From the first of a month to the first of the next, UTC. */
    MONTH(31 * 86_400);

    private final long secondsMax;

    Per(long secondsMax) {
      this.secondsMax = secondsMax;
    }

    /** Its name in configuration and on the wire. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The length of that name.
     *
     * @throws IllegalArgumentException where there is none
     */
    public static Per of(String text) {
      for (Per per : values()) {
        if (per.text().equals(text)) {
          return per;
        }
      }
      throw new IllegalArgumentException("per: " + text + " (expected: one of [day, month])");
    }

    /** The seconds of the longest such window. */
    public long secondsMax() {
      return secondsMax;
    }
  }

  public QuotaSpec {
    if (tokens < 1 || tokens > TOKENS_MAX) {
      throw new IllegalArgumentException(
          "tokens: " + tokens + " (expected: 1 to " + TOKENS_MAX + ")");
    }
    if (!id.matches("[A-Za-z0-9./_-]{1,200}")) {
      throw new IllegalArgumentException(
          "quota: " + id + " (expected: 1 to 200 letters, digits, '.', '/', '_' or '-')");
    }
  }

  /** How headers and problems name it: {@code tenant-day}. */
  public String policy() {
    return level.text() + "-" + per.text();
  }
}
