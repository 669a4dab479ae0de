package io.openclaw.steer;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a region says of itself when it is ready: the header fields {@link #LOAD} and {@link #HEARS}
 * of its {@code /readyz}. What it does not say, or says in another form, is taken for the best, for
 * other servers than ours say nothing.
 *
 * @param load how busy it is, 0 to 1
 * @param heard how many other regions it hears of
 * @param known how many there are; 0 where it did not say
 */
public record RegionReport(double load, int heard, int known) {
  /** Such as {@code 0.250}. */
  public static final String LOAD = "x-openclaw-load";

  /** Such as {@code 1/2}. */
  public static final String HEARS = "x-openclaw-hears";

  private static final Pattern LOAD_FORM = Pattern.compile("[01]\\.[0-9]{3}");
  private static final Pattern HEARS_FORM = Pattern.compile("[0-9]{1,2}/[0-9]{1,2}");

  /** Reads the values of the two fields; null for one that is not there. */
  public static RegionReport of(@Nullable String load, @Nullable String hears) {
    double busy = load != null && LOAD_FORM.matcher(load).matches() ? Double.parseDouble(load) : 0;
    if (hears == null || !HEARS_FORM.matcher(hears).matches()) {
      return new RegionReport(busy, 0, 0);
    }
    int slash = hears.indexOf('/');
    int heard = Integer.parseInt(hears.substring(0, slash));
    return new RegionReport(busy, heard, Integer.parseInt(hears.substring(slash + 1)));
  }
}
