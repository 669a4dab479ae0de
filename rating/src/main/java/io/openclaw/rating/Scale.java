package io.openclaw.rating;

import io.openclaw.domain.Decimal;
import java.math.BigDecimal;

/** The scores an item can be given: evenly spaced decimals. Immutable. */
final class Scale {
  static final int NONE = -1;

  private final double min;
  private final double step;
  private final double[] values; // the doubles nearest to the decimals, as a JSON reader finds them
  private final String[] texts;

  private Scale(BigDecimal min, BigDecimal step, int steps) {
    this.min = min.doubleValue();
    this.step = step.doubleValue();
    values = new double[steps];
    texts = new String[steps];
    for (int i = 0; i < steps; i++) {
      BigDecimal value = min.add(step.multiply(BigDecimal.valueOf(i)));
      values[i] = value.doubleValue();
      texts[i] = Decimal.of(value.toPlainString()).toString();
    }
  }

  /** From {@code min} to {@code max} in 2 to {@link ItemStore#STEPS_MAX} values. */
  static Scale of(Decimal min, Decimal max, Decimal step, ModelObject model) throws ModelException {
    if (step.unscaled() <= 0) {
      throw new ModelException("/scale/step", step.toString(), "> 0");
    }
    if (max.compareTo(min) <= 0) {
      throw new ModelException("/scale/max", max.toString(), "> min, which is " + min);
    }
    BigDecimal[] intervals = exact(max).subtract(exact(min)).divideAndRemainder(exact(step));
    if (intervals[1].signum() != 0) {
      throw new ModelException(
          "/scale/step", step.toString(), "a number of which max - min is a multiple");
    }
    BigDecimal steps = intervals[0].add(BigDecimal.ONE);
    if (steps.compareTo(BigDecimal.valueOf(ItemStore.STEPS_MAX)) > 0) {
      throw new ModelException(
          model.at("scale"), steps.toPlainString() + " values", "2 to " + ItemStore.STEPS_MAX);
    }
    return new Scale(exact(min), exact(step), steps.intValueExact());
  }

  private static BigDecimal exact(Decimal value) {
    return BigDecimal.valueOf(value.unscaled(), value.scale());
  }

  /** Which step a score is, or {@link #NONE}. */
  int find(double score) {
    double index = Math.rint((score - min) / step);
    return index >= 0 && index < values.length && values[(int) index] == score ? (int) index : NONE;
  }

  int steps() {
    return values.length;
  }

  double value(int index) {
    return values[index];
  }

  /** The step as a histogram names it. */
  String text(int index) {
    return texts[index];
  }

  double min() {
    return values[0];
  }

  double max() {
    return values[values.length - 1];
  }

  /** What a score must be. */
  String expected() {
    return values.length <= 11
        ? "one of " + String.join(", ", texts)
        : "a number from " + texts[0] + " to " + texts[texts.length - 1] + " in steps of " + step();
  }

  private String step() {
    return Decimal.of(Double.toString(step)).toString();
  }

  /** Names the scale in a fact's key, for example {@code 1:5:1}. */
  @Override
  public String toString() {
    return texts[0] + ":" + texts[texts.length - 1] + ":" + step();
  }
}
