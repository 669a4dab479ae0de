package io.openclaw.pmml;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** How a text falls into words: between separators, without punctuation at their ends. */
record TextTokens(Pattern separator, boolean tokenize, boolean caseSensitive) {
  private static final Pattern ENDS = Pattern.compile("^\\p{Punct}+|\\p{Punct}+$");

  String[] of(String text) {
    String right = caseSensitive ? text : Frame.lower(text);
    List<String> words = new ArrayList<>();
    for (String word : separator.split(right, -1)) {
      String trimmed = tokenize ? ENDS.matcher(word).replaceAll("") : word;
      if (!trimmed.isEmpty()) {
        words.add(trimmed);
      }
    }
    return words.toArray(new String[0]);
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
   * alternatives, at most one repetition. Null for any other.
   */
  static @org.jspecify.annotations.Nullable Pattern bounded(String expression) {
    int repeats = 0;
    for (int i = 0; i < expression.length(); i++) {
      char c = expression.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '(' || c == '|') {
        return null;
      } else if (c == '*' || c == '+' || c == '{') {
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
