package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a model leaves what it found.
 *
 * @param value the place of the predicted number or category
 * @param type of the value
 * @param classes the categories, as numbers, in an order; empty for a regression
 * @param first the place of the first category's probability
 * @param entity the place of the id of the node, cluster or rule that was found; -1 for none
 * @param affinity the place of how near that is; -1 for none
 * @param reasons places of reason codes, the most important first
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
record Outcome(
    int value,
    DataType type,
    double[] classes,
    int first,
    int entity,
    int affinity,
    int[] reasons) {
  static final double[] NO_CLASSES = {};
  static final int[] NO_REASONS = {};

  /** Places for a number. */
  static Outcome number(XmlNode at, Build build, DataType type) throws ModelException {
    return new Outcome(build.slot(at, "predicted value"), type, NO_CLASSES, -1, -1, -1, NO_REASONS);
  }

  /** Places for a category and each category's probability. */
  static Outcome category(XmlNode at, Build build, DataType type, double[] classes)
      throws ModelException {
    if (classes.length == 0) {
      throw at.wrong("no categories", "at least one");
    }
    if (classes.length > Build.CLASSES_MAX) {
      throw at.wrong(classes.length + " categories", "at most " + Build.CLASSES_MAX);
    }
    int value = build.slot(at, "predicted value");
    int first = build.slots(at, "probability", classes.length);
    return new Outcome(value, type, classes, first, -1, -1, NO_REASONS);
  }

  Outcome withEntity(int entity, int affinity) {
    return new Outcome(value, type, classes, first, entity, affinity, reasons);
  }

  Outcome withReasons(int[] reasons) {
    return new Outcome(value, type, classes, first, entity, affinity, reasons);
  }

  boolean isCategory() {
    return classes.length > 0;
  }

  /** Which of the categories this is; -1 for none. */
  int indexOf(double category) {
    for (int i = 0; i < classes.length; i++) {
      if (classes[i] == category) {
        return i;
      }
    }
    return -1;
  }

  /** Sets the value to the category with the highest probability, the first of equals. */
  void pickHighest(Frame f) {
    int best = -1;
    for (int i = 0; i < classes.length; i++) {
      double p = f.x[first + i];
      if (!Double.isNaN(p) && (best < 0 || p > f.x[first + best])) {
        best = i;
      }
    }
    f.x[value] = best < 0 ? Double.NaN : classes[best];
  }

  /** Makes everything missing. */
  void clear(Frame f) {
    f.x[value] = Double.NaN;
    for (int i = 0; i < classes.length; i++) {
      f.x[first + i] = Double.NaN;
    }
  }

  /** The dictionary's categories, then those that only the model knows. */
  static double[] classes(List<Double> dictionary, List<Double> model) {
    Set<Double> all = new LinkedHashSet<>(dictionary);
    all.addAll(model);
    return new ArrayList<>(all).stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** The place of a category's probability; null where it is not one of them. */
  @Nullable Integer probability(double category) {
    int at = indexOf(category);
    return at < 0 ? null : Integer.valueOf(first + at);
  }
}
