package io.openclaw.pmml;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one rating works on: a number for every field of the model. A string is its symbol's number,
 * a boolean 0 or 1, what is missing NaN. For one thread.
 */
final class Frame {
  /** The longest string that a model makes of others. */
  static final int BUILT_MAX = 65_536;

  /** All strings together that a model makes for one rating. */
  static final int BUILT_SUM_MAX = 16 * BUILT_MAX;

  final double[] x;
  private final Symbols symbols;
  private final IdentityHashMap<Object, int[]> leaves = new IdentityHashMap<>(4);
  private @Nullable List<String> own;
  private final Map<String, Integer> ownNumbers = new HashMap<>(0);
  private int built;
  private boolean brokenOff;
  private double cachedText = -1;
  private @Nullable TextTokens cachedBy;
  private String[] cached = new String[0];

  Frame(double[] x, Symbols symbols) {
    this.x = x;
    this.symbols = symbols;
  }

  /** A string's number; one of this frame's own where the model does not know the string. */
  double symbol(String text) {
    int known = symbols.find(text);
    if (known >= 0) {
      return known;
    }
    if (own == null) {
      own = new ArrayList<>(2);
    }
    Integer at = ownNumbers.putIfAbsent(text, own.size());
    if (at == null) {
      at = own.size();
      own.add(text);
    }
    return symbols.size() + (double) at;
  }

  /** A made string's number; missing, and the rating broken off, where it is too long. */
  double built(String text) {
    built += Math.min(text.length(), BUILT_MAX);
    return text.length() > BUILT_MAX || built > BUILT_SUM_MAX ? breakOff() : symbol(text);
  }

  /** Whether the string may be worked on; the rating is broken off where it is too long. */
  boolean isWithin(double symbol, int lengthMax) {
    if (text(symbol).length() > lengthMax) {
      breakOff();
      return false;
    }
    return true;
  }

  /** Nothing is predicted for this input, whatever is found after all. */
  double breakOff() {
    brokenOff = true;
    return Double.NaN;
  }

  boolean isBrokenOff() {
    return brokenOff;
  }

  /** The string of a number. */
  String text(double symbol) {
    int number = (int) symbol;
    return number < symbols.size() || own == null
        ? symbols.text(number)
        : own.get(number - symbols.size());
  }

  /** The leaves that an ensemble's last run reached, of its trees in order. */
  int[] leaves(Object ensemble, int count) {
    int[] known = leaves.get(ensemble);
    if (known == null) {
      known = new int[count];
      leaves.put(ensemble, known);
    }
    return known;
  }

  /** The words of a string; those of the last one asked for are kept. */
  String[] tokens(double symbol, TextTokens by) {
    if (symbol != cachedText || !by.equals(cachedBy)) {
      cached = by.of(text(symbol));
      cachedText = symbol;
      cachedBy = by;
    }
    return cached;
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
