package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.List;

/** Reads PMML's arrays: values between blanks, strings in quotes where they have blanks. */
final class PmmlArrays {
  private PmmlArrays() {}

  static List<String> strings(XmlNode array) throws ModelException {
    array.get("type");
    List<String> found = split(array.text());
    double count = array.number("n");
    if (!Double.isNaN(count) && count != found.size()) {
      throw array.wrong(found.size() + " values", "n, " + array.get("n"));
    }
    return found;
  }

  static double[] numbers(XmlNode array) throws ModelException {
    List<String> texts = strings(array);
    double[] numbers = new double[texts.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = array.parse(texts.get(i), "value");
    }
    return numbers;
  }

  /** A {@code REAL-SparseArray} with all its zeros, of this length where it does not say. */
  static double[] sparse(XmlNode array, int length) throws ModelException {
    int n = array.integer("n", length, length, length);
    double[] values = new double[n];
    java.util.Arrays.fill(values, array.number("defaultValue", 0));
    XmlNode indices = array.child("Indices");
    XmlNode entries = array.child("REAL-Entries");
    if (entries == null) {
      entries = array.child("INT-Entries");
    }
    if (indices == null || entries == null) {
      return values;
    }
    double[] at = numbers(indices);
    double[] of = numbers(entries);
    if (at.length != of.length) {
      throw array.wrong(at.length + " indices for " + of.length + " entries", "as many");
    }
    for (int i = 0; i < at.length; i++) {
      if (at[i] != Math.rint(at[i]) || at[i] < 1 || at[i] > n) {
        throw indices.wrong("index " + at[i], "1 to " + n);
      }
      values[(int) at[i] - 1] = of[i];
    }
    return values;
  }

  private static List<String> split(String text) {
    List<String> found = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (Character.isWhitespace(c)) {
        at++;
      } else if (c == '"') {
        StringBuilder value = new StringBuilder();
        at++;
        while (at < text.length() && text.charAt(at) != '"') {
          boolean escape =
              text.charAt(at) == '\\' && at + 1 < text.length() && text.charAt(at + 1) == '"';
          at += escape ? 1 : 0;
          value.append(text.charAt(at++));
        }
        at++;
        found.add(value.toString());
      } else {
        int start = at;
        while (at < text.length() && !Character.isWhitespace(text.charAt(at))) {
          at++;
        }
        found.add(text.substring(start, at));
      }
    }
    return found;
  }
}
