package io.openclaw.app;

import io.openclaw.yaml.ConfigException;
import java.util.List;

/** Values of options that are refused with what is allowed. */
final class Options {
  private static final String DURATION = "[0-9]{1,9}[smhd]";

  private Options() {}

  /**
   * Looks whether a number is in its range.
   *
   * @throws ConfigException where it is not
   */
  static void within(String option, long found, long least, long most) throws ConfigException {
    if (found < least || found > most) {
      throw new ConfigException(
          List.of(option + ": " + found + " (expected: " + least + " to " + most + ")"));
    }
  }

  /**
   * A duration such as {@code 90d} in seconds.
   *
   * @throws ConfigException where it is none, or not in its range
   */
  static long seconds(String option, String duration, long least, long most)
      throws ConfigException {
    long seconds = duration.matches(DURATION) ? seconds(duration) : -1;
    if (seconds < least || seconds > most) {
      throw new ConfigException(
          List.of(
              option
                  + ": "
                  + duration
                  + " (expected: a number and s, m, h or d, like 90d; "
                  + least
                  + " s to "
                  + most
                  + " s)"));
    }
    return seconds;
  }

  private static long seconds(String duration) {
    long number = Long.parseLong(duration, 0, duration.length() - 1, 10);
    return switch (duration.charAt(duration.length() - 1)) {
      case 's' -> number;
      case 'm' -> number * 60;
      case 'h' -> number * 3600;
      default -> number * 86_400;
    };
  }
}
