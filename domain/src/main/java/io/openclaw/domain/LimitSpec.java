package io.openclaw.domain;

import java.util.Locale;

/**
 * A token-bucket limit over all regions.
 *
 * @param id what is limited, for example {@code tenant/credit} or {@code key/4f6c2a}
 * @param level the level in a nest of limits, as headers and problems name it
 * @param milliTokensPerSecond the rate in thousandths of a token per second
 * @param burst the most whole tokens that may be spent at once
 * @param mode what holds it
 * @param overdraft in {@code bounded} mode, the tokens that each region may borrow from its own
 *     later refill; otherwise 0
 * @param dryRun whether it only reports what it would have denied
 */
public record LimitSpec(
    String id,
    Level level,
    long milliTokensPerSecond,
    long burst,
    Mode mode,
    long overdraft,
    boolean dryRun) {
  /** The largest rate, in tokens per second. */
  public static final long RATE_MAX = 100_000_000;

  /** The largest burst, in tokens. */
  public static final long BURST_MAX = 1_000_000_000;

  /** The place of a limit in the nest; all levels must agree. */
  public enum Level {
    GLOBAL("global"),
    TENANT("tenant"),
    KEY("key"),
    MODEL("model");

    private final String text;

    Level(String text) {
      this.text = text;
    }

    /** The level's name on the wire. */
    public String text() {
      return text;
    }
  }

  /** What holds a limit when regions cannot hear each other. */
  public enum Mode {
    /** Only rights are spent, leased by a majority: never exceeded. */
    STRICT,
    /** As strict, and each region may borrow up to the overdraft, to be repaid first. */
    BOUNDED,
    /** Every region counts against the whole limit, less what it has heard from the others. */
    GOSSIP;

    /** The mode's name in configuration and on the wire. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A strict limit. */
  public LimitSpec(String id, Level level, long milliTokensPerSecond, long burst) {
    this(id, level, milliTokensPerSecond, burst, Mode.STRICT, 0, false);
  }

  public LimitSpec {
    if (milliTokensPerSecond < 1 || milliTokensPerSecond > RATE_MAX * 1000) {
      throw new IllegalArgumentException(
          "rate: " + milliTokensPerSecond / 1000.0 + " (expected: 0.001 to " + RATE_MAX + ")");
    }
    if (burst < 1 || burst > BURST_MAX) {
      throw new IllegalArgumentException("burst: " + burst + " (expected: 1 to " + BURST_MAX + ")");
    }
    if (mode == Mode.BOUNDED ? overdraft < 1 || overdraft > BURST_MAX : overdraft != 0) {
      throw new IllegalArgumentException(
          "overdraft: "
              + overdraft
              + (mode == Mode.BOUNDED
                  ? " (expected: 1 to " + BURST_MAX + ")"
                  : " (expected: none in mode " + mode.text() + ")"));
    }
  }
}
