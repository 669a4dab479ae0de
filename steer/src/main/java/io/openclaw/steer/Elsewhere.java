package io.openclaw.steer;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * For each credential that was denied in a region the region to prefer for a moment, or that none
 * is better. A preference orders regions that are up; health comes first ({@link
 * Steering#choose(HealthView, int, long, long, java.util.random.RandomGenerator)}).
 *
 * <p>Holds {@link #ENTRIES_MAX} credentials at most; those told of longest ago are forgotten first.
 * Told the time. Thread-safe: a short lock, which is not taken while nothing is remembered.
 */
public final class Elsewhere {
  public static final int ENTRIES_MAX = 10_000;

  /** For how long a preference may be asked for: shares move within a second or so. */
  public static final int MILLIS_MAX = 5_000;

  /** The index of no region: there is nothing to prefer. */
  public static final int UNKNOWN = -1;

  /** The index of no region: it was tried elsewhere too, and denied. */
  public static final int NOWHERE = -2;

  private static final long MILLI = 1_000_000L;
  private static final String FOR = ";for=";

  /**
   * What a region says beside a refusal: {@code <region>;for=<millis>}.
   *
   * @param region a region's name, or {@code *} for any but itself
   * @param millis for how long to prefer it, 0 to {@link #MILLIS_MAX}; 0 for this request only
   */
  public record Hint(String region, int millis) {
    private static final String ANY = "*";

    /** The hint in a header's value; null where it is none, for a router must not trust it. */
    public static @Nullable Hint parse(@Nullable String text) {
      int end = text == null ? -1 : text.indexOf(FOR);
      if (text == null || end < 1) {
        return null;
      }
      String digits = text.substring(end + FOR.length());
      boolean number =
          !digits.isEmpty()
              && digits.length() <= 4
              && digits.chars().allMatch(c -> c >= '0' && c <= '9');
      return number && Integer.parseInt(digits) <= MILLIS_MAX
          ? new Hint(text.substring(0, end), Integer.parseInt(digits))
          : null;
    }

    /** Whether any other region will do. */
    public boolean anywhere() {
      return region.equals(ANY);
    }
  }

  private record Entry(int region, long untilNanos) {}

  private final Map<Long, Entry> entries = new LinkedHashMap<>();
  private volatile boolean empty = true;

  /** Whether nothing is remembered, so that there is no need to make a credential's hash. */
  public boolean isEmpty() {
    return empty;
  }

  /**
   * Prefers a region for a credential from now on.
   *
   * @param credential a hash of it; two of the same hash share a preference, which harms nobody
   * @param region an index, or {@link #NOWHERE}
   */
  public synchronized void prefer(long credential, int region, int millis, long nowNanos) {
    forgetEnded(nowNanos);
    entries.remove(credential); // so that it is the newest
    entries.put(credential, new Entry(region, nowNanos + millis * MILLI));
    if (entries.size() > ENTRIES_MAX) {
      entries.remove(entries.keySet().iterator().next());
    }
    empty = false;
  }

  /** The region to prefer for a credential, {@link #NOWHERE} or {@link #UNKNOWN}. */
  public int region(long credential, long nowNanos) {
    if (empty) {
      return UNKNOWN;
    }
    synchronized (this) {
      forgetEnded(nowNanos);
      Entry entry = entries.get(credential);
      return entry == null || nowNanos - entry.untilNanos >= 0 ? UNKNOWN : entry.region;
    }
  }

  /** Those told of longest ago have mostly ended first. */
  private void forgetEnded(long nowNanos) {
    Iterator<Entry> oldest = entries.values().iterator();
    while (oldest.hasNext() && nowNanos - oldest.next().untilNanos >= 0) {
      oldest.remove();
    }
    empty = entries.isEmpty();
  }

  synchronized int size() {
    return entries.size();
  }
}
