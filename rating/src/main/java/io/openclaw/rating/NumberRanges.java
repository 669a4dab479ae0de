package io.openclaw.rating;

import io.openclaw.domain.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which attribute a number belongs to: disjoint, sorted, closed ranges of doubles.
 *
 * <p>Immutable. An open bound is the closed bound one double further in, so that one kind of range
 * is enough.
 */
final class NumberRanges {
  private final double[] lows;
  private final double[] highs;
  private final int[] attributes;

  private NumberRanges(List<Range> ranges) {
    lows = new double[ranges.size()];
    highs = new double[ranges.size()];
    attributes = new int[ranges.size()];
    for (int i = 0; i < lows.length; i++) {
      lows[i] = ranges.get(i).low;
      highs[i] = ranges.get(i).high;
      attributes[i] = ranges.get(i).attribute;
    }
  }

  /** The attribute whose range holds the value, or -1. */
  int find(double value) {
    int from = 0;
    int to = lows.length; // the last range that begins at or before the value is in [from, to)
    while (to - from > 1) {
      int middle = (from + to) >>> 1;
      if (lows[middle] <= value) {
        from = middle;
      } else {
        to = middle;
      }
    }
    return from < to && lows[from] <= value && value <= highs[from] ? attributes[from] : -1;
  }

  boolean isEmpty() {
    return lows.length == 0;
  }

  /** The ranges as a person writes them, adjacent ones as one. */
  List<Range> merged() {
    List<Range> merged = new ArrayList<>();
    for (int i = 0; i < lows.length; i++) {
      Range next = new Range(lows[i], highs[i], attributes[i]);
      Range last = merged.isEmpty() ? null : merged.getLast();
      if (last != null && Math.nextUp(last.high) >= next.low) {
        merged.set(merged.size() - 1, new Range(last.low, next.high, last.attribute));
      } else {
        merged.add(next);
      }
    }
    return merged;
  }

  /** All numbers from {@code low} to {@code high}, both included. */
  record Range(double low, double high, int attribute) {
    Range {
      low += 0.0; // -0.0 and 0.0 are one number, and order as one
      high += 0.0;
    }

    boolean isPoint() {
      return low == high;
    }

    /** For example {@code >= 12 and < 18}; empty where every number is in it. */
    String text() {
      String from = low == -Double.MAX_VALUE ? "" : bound(">= ", low, "> ", Math.nextDown(low));
      String to = high == Double.MAX_VALUE ? "" : bound("<= ", high, "< ", Math.nextUp(high));
      return from.isEmpty() || to.isEmpty() ? from + to : from + " and " + to;
    }

    /** Whoever wrote the bound wrote the shorter of the two neighbours. */
    private static String bound(String closed, double inside, String open, double outside) {
      String in = new Json.Num(inside).text();
      String out = new Json.Num(outside + 0.0).text();
      return in.length() <= out.length() ? closed + in : open + out;
    }
  }

  /** Collects ranges in the order of the attributes: where two overlap, the first one counts. */
  static final class Builder {
    private final TreeMap<Double, Range> ranges = new TreeMap<>();

    /** Adds what no earlier range holds; false where nothing is left. */
    boolean add(double low, double high, int attribute) {
      Range wanted = new Range(low, high, attribute);
      boolean added = false;
      double from = wanted.low;
      Map.Entry<Double, Range> before = ranges.floorEntry(from);
      if (before != null && before.getValue().high >= from) {
        from = Math.nextUp(before.getValue().high) + 0.0;
      }
      while (from <= wanted.high) {
        Map.Entry<Double, Range> next = ranges.ceilingEntry(from);
        double to =
            next == null ? wanted.high : Math.min(wanted.high, Math.nextDown(next.getKey()));
        if (from <= to) {
          ranges.put(from, new Range(from, to, attribute));
          added = true;
        }
        if (next == null) {
          break;
        }
        from = Math.nextUp(next.getValue().high) + 0.0;
      }
      return added;
    }

    NumberRanges build() {
      return new NumberRanges(new ArrayList<>(ranges.values()));
    }
  }
}
