package io.openclaw.pmml;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The strings of one model, each with its number; changed only while the model is compiled. */
final class Symbols {
  private final Map<String, Integer> numbers = new HashMap<>();
  private final List<String> texts = new ArrayList<>();

  /** The string's number, a new one where it is new. */
  int add(String text) {
    Integer known = numbers.putIfAbsent(text, texts.size());
    if (known == null) {
      texts.add(text);
      return texts.size() - 1;
    }
    return known;
  }

  /** The string's number; -1 where the model does not know it. */
  int find(String text) {
    Integer known = numbers.get(text);
    return known == null ? -1 : known;
  }

  String text(int number) {
    return texts.get(number);
  }

  int size() {
    return texts.size();
  }
}
