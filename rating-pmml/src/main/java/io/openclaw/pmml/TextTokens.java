package io.openclaw.pmml;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** How a text falls into words: between separators, without punctuation at their ends. */
record TextTokens(Pattern separator, boolean tokenize, boolean caseSensitive) {
  /** The longest text that is cut into words. */
  static final int LENGTH_MAX = 10_000;

  /** The longest text that is matched where the time may be quadratic in its length. */
  static final int MATCHED_LENGTH_MAX = 1_000;

  /** One character or class of characters, perhaps repeated: found in linear time. */
  private static final Pattern PLAIN =
      Pattern.compile("([^\\\\\\[\\](){}*+?|.^$]|\\\\[sSwWdDtrn]|\\[[^\\[\\]&]+])\\+?");

  /** The longest text that falls into words in a time that does not matter. */
  int lengthMax() {
    return PLAIN.matcher(separator.pattern()).matches() ? LENGTH_MAX : MATCHED_LENGTH_MAX;
  }

  String[] of(String text) {
    String right = caseSensitive ? text : Frame.lower(text);
    List<String> words = new ArrayList<>();
    for (String word : separator.split(right, -1)) {
      String trimmed = tokenize ? trimmed(word) : word;
      if (!trimmed.isEmpty()) {
        words.add(trimmed);
      }
    }
    return words.toArray(new String[0]);
  }

  private static String trimmed(String word) {
    int from = 0;
    int to = word.length();
    while (from < to && isPunctuation(word.charAt(from))) {
      from++;
    }
    while (to > from && isPunctuation(word.charAt(to - 1))) {
      to--;
    }
    return word.substring(from, to);
  }

  /** Of ASCII: what is printed and neither letter, digit nor blank. */
  private static boolean isPunctuation(char c) {
    return (c >= '!' && c <= '/')
        || (c >= ':' && c <= '@')
        || (c >= '[' && c <= '`')
        || (c >= '{' && c <= '~');
  }

  /** How often the words of a term stand in a text, one after the other. */
  static int count(String[] text, String[] term) {
    int count = 0;
    if (term.length == 0) {
      return 0;
    }
    for (int at = 0; at + term.length <= text.length; at++) {
      int same = 0;
      while (same < term.length && text[at + same].equals(term[same])) {
        same++;
      }
      count += same == term.length ? 1 : 0;
    }
    return count;
  }

  /**
   * A regular expression whose matching takes time linear or quadratic in the text: no groups, no
   * alternatives, at most one repetition or option. Null for any other.
   */
  static @org.jspecify.annotations.Nullable Pattern bounded(String expression) {
    int repeats = 0;
    for (int i = 0; i < expression.length(); i++) {
      char c = expression.charAt(i);
      if (c == '\\') {
        i++;
        if (i < expression.length() && "RX".indexOf(expression.charAt(i)) >= 0) {
          return null; // each is an option of its own
        }
      } else if (c == '(' || c == '|') {
        return null;
      } else if (c == '*' || c == '+' || c == '?' || c == '{') {
        repeats++;
      }
    }
    if (repeats > 1 || expression.length() > 200) {
      return null;
    }
    try {
      return Pattern.compile(expression);
    } catch (java.util.regex.PatternSyntaxException e) {
      return null;
    }
  }
}
