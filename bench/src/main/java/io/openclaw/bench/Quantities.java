package io.openclaw.bench;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Readers of quantities as options give them; every refusal shows the value and the range. */
final class Quantities {
  private static final Pattern DURATION =
      Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(ms|s|m|h)?");
  private static final Pattern RATE = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(?:/s)?");

  private Quantities() {}

  /**
   * Nanoseconds of a duration such as {@code 250ms}, {@code 10s}, {@code 1.5m}, {@code 10}
   * (seconds).
   *
   * @throws IllegalArgumentException naming the option, the value and what was expected
   */
  static long durationNanos(String option, String value, String min, String max) {
    long nanos = nanos(value);
    if (nanos < nanos(min) || nanos > nanos(max)) {
      throw refused(option, value, min + " to " + max + ", such as 250ms, 10s or 2m");
    }
    return nanos;
  }

  private static long nanos(String value) {
    Matcher matcher = DURATION.matcher(value);
    if (!matcher.matches()) {
      return -1;
    }
    double unit =
        switch (matcher.group(2)) {
          case "ms" -> 1e6;
          case "m" -> 60e9;
          case "h" -> 3600e9;
          case null, default -> 1e9;
        };
    return Math.round(Double.parseDouble(matcher.group(1)) * unit);
  }

  /** Requests per second of {@code 500} or {@code 500/s}. */
  static double rate(String option, String value, double min, double max) {
    Matcher matcher = RATE.matcher(value);
    double rate = matcher.matches() ? Double.parseDouble(matcher.group(1)) : -1;
    if (rate < min || rate > max) {
      throw refused(option, value, String.format(Locale.ROOT, "%s to %,.0f, per second", min, max));
    }
    return rate;
  }

  /** A whole number within a range. */
  static long whole(String option, String value, long min, long max) {
    if (value.matches("[0-9]{1,18}")) {
      long number = Long.parseLong(value);
      if (number >= min && number <= max) {
        return number;
      }
    }
    throw refused(option, value, String.format(Locale.ROOT, "a whole number, %d to %d", min, max));
  }

  /** A fraction from 0 to 1. */
  static double ratio(String option, String value) {
    if (value.matches("0|1|0?\\.[0-9]{1,9}|1\\.0{1,9}")) {
      return Double.parseDouble(value);
    }
    throw refused(option, value, "0 to 1, such as 0.9997");
  }

  static IllegalArgumentException refused(String option, String value, String expected) {
    return new IllegalArgumentException(option + ": " + value + " (expected: " + expected + ")");
  }
}
