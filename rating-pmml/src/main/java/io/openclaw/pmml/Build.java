package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is being compiled: the model's strings, places and functions so far. For one thread. */
final class Build {
  /** Numbers of one frame. */
  static final int SLOTS_MAX = 200_000;

  /** Expressions of one model, after functions are laid out. */
  static final int EXPRESSIONS_MAX = 1_000_000;

  /** Expressions inside one another, after functions are laid out. */
  static final int EXPRESSION_DEPTH_MAX = 500;

  /** Numbers of all distributions, vectors and terms together. */
  static final long NUMBERS_MAX = 20_000_000;

  /** Categories of one model. */
  static final int CLASSES_MAX = 1_000;

  final Symbols symbols = new Symbols();
  final Map<String, XmlNode> functions = new HashMap<>();
  final Map<String, XmlNode> dictionary = new HashMap<>();
  final Map<String, Double> means = new HashMap<>();
  final Map<Integer, Producer> producers = new HashMap<>();

  /** Where results of segments are, and the scope of the model whose segments they are. */
  final Map<Integer, Scope> late = new HashMap<>();

  /** The longest string of an input that the model takes. */
  int textMax = Integer.MAX_VALUE;

  private final List<String> names = new ArrayList<>();
  private int[] factors = new int[64];
  private int slots;
  private int expressions;
  private long numbers;

  /** Expressions that are being compiled inside one another. */
  int expressionDepth;

  /** Functions of the document that are being laid out inside one another. */
  int functionDepth;

  /** A new place of the frame. */
  int slot(XmlNode at, String name) throws ModelException {
    return slots(at, name, 1);
  }

  /** So many new places of the frame, side by side; the first. */
  int slots(XmlNode at, String name, int count) throws ModelException {
    if (slots + count > SLOTS_MAX) {
      throw at.wrong("more than " + SLOTS_MAX + " fields and categories", "fewer");
    }
    int first = slots;
    slots += count;
    if (slots > factors.length) {
      factors = Arrays.copyOf(factors, 2 * slots);
    }
    for (int i = first; i < slots; i++) {
      names.add(name);
      factors[i] = i;
    }
    return first;
  }

  int size() {
    return slots;
  }

  String name(int slot) {
    return names.get(slot);
  }

  void factor(int slot, int factor) {
    factors[slot] = factor;
  }

  int[] factors() {
    return Arrays.copyOf(factors, slots);
  }

  void countExpression(XmlNode at) throws ModelException {
    if (++expressions > EXPRESSIONS_MAX) {
      throw at.wrong("more than " + EXPRESSIONS_MAX + " expressions", "fewer");
    }
  }

  /** No longer string of an input is taken. */
  void limitTexts(int lengthMax) {
    textMax = Math.min(textMax, lengthMax);
  }

  /** Before so many numbers are kept. */
  void countNumbers(XmlNode at, long count) throws ModelException {
    numbers += count;
    if (numbers > NUMBERS_MAX) {
      throw at.wrong(
          "more than " + NUMBERS_MAX + " numbers of distributions, vectors and terms", "fewer");
    }
  }

  /** A value as written in the document, as a frame holds it. */
  double encode(XmlNode at, String text, DataType type) throws ModelException {
    return switch (type) {
      case STRING -> symbols.add(text);
      case FLOAT -> (float) at.parse(text, "value");
      case DOUBLE -> at.parse(text, "value");
      case INTEGER ->
          switch (text.trim()) {
            case "true" -> 1;
            case "false" -> 0;
            default -> at.parse(text, "value");
          };
      case BOOLEAN ->
          switch (text.trim()) {
            case "true", "TRUE", "True", "1", "1.0" -> 1;
            case "false", "FALSE", "False", "0", "0.0" -> 0;
            default -> throw at.wrong("\"" + XmlNode.shown(text) + "\"", "true or false");
          };
    };
  }

  /** A value of the frame as text. */
  String text(double value, DataType type) {
    return type == DataType.STRING ? symbols.text((int) value) : type.text(value);
  }

  /** The dictionary's entry of a field; null where there is none. */
  @Nullable XmlNode dictionary(String name) {
    return dictionary.get(name);
  }
}
