package io.openclaw.sim;

import java.util.Locale;

/** Numbers as reports show them: the same on every machine. */
final class Texts {
  private Texts() {}

  @SuppressWarnings("AnnotateFormatMethod") // that annotation is a library of its own
  static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** At most three digits behind the point, none that is 0. */
  static String number(double value) {
    String text = format("%.3f", value);
    text = text.replaceAll("\\.?0+$", "");
    return text.equals("-0") ? "0" : text;
  }

  static String percent(double part) {
    return format("%.2f %%", 100 * part);
  }

  static String seconds(long nanos) {
    return format("%.3f s", nanos / 1e9);
  }
}
