package io.openclaw.domain;

import java.math.BigDecimal;

/**
 * An exact decimal number, {@code unscaled × 10^-scale}, as ratings, points and thresholds need it:
 * points of 0.1 add up to what a person would add up.
 *
 * <p>Equal numbers are equal values: the constructor takes trailing zeros off.
 */
public record Decimal(long unscaled, int scale) implements Comparable<Decimal> {
  /** Digits after the point. */
  public static final int SCALE_MAX = 9;

  public static final Decimal ZERO = new Decimal(0, 0);

  public Decimal {
    if (scale < 0 || scale > SCALE_MAX) {
      throw new IllegalArgumentException("scale: " + scale + " (expected: 0 to " + SCALE_MAX + ")");
    }
    while (scale > 0 && unscaled % 10 == 0) {
      unscaled /= 10;
      scale--;
    }
  }

  /**
   * The number a text or a double's shortest text names.
   *
   * @throws ArithmeticException beyond 18 digits or {@link #SCALE_MAX} places
   */
  public static Decimal of(String text) {
    BigDecimal value = new BigDecimal(text).stripTrailingZeros();
    if (value.scale() > SCALE_MAX) {
      throw new ArithmeticException("more than " + SCALE_MAX + " digits after the point");
    }
    if (value.precision() - value.scale() > 18) {
      throw new ArithmeticException("more than 18 digits");
    }
    int scale = Math.max(0, value.scale());
    return new Decimal(value.setScale(scale).unscaledValue().longValueExact(), scale);
  }

  /** The number nearest to {@code value} with six places, halves away from zero. */
  public static Decimal rounded(double value) {
    long millionths = Math.round(Math.abs(value) * 1_000_000);
    return new Decimal(value < 0 ? -millionths : millionths, 6);
  }

  @Override
  public int compareTo(Decimal other) {
    return scale == other.scale
        ? Long.compare(unscaled, other.unscaled)
        : BigDecimal.valueOf(unscaled, scale)
            .compareTo(BigDecimal.valueOf(other.unscaled, other.scale));
  }

  @Override
  public String toString() {
    return scale == 0
        ? Long.toString(unscaled)
        : BigDecimal.valueOf(unscaled, scale).toPlainString();
  }
}
