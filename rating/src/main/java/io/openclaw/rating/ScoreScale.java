package io.openclaw.rating;

import io.openclaw.domain.Decimal;
import java.util.List;

/**
 * How a model's raw output becomes a rating: as it is, or as points on a line over it or over its
 * log-odds, as scorecards are scaled ({@code points = offset + factor × ln(p / (1 − p))}).
 *
 * @param logOdds whether the line is over the log-odds of an output that is a probability
 * @param factor points per unit
 * @param offset points at zero
 * @param min the least rating
 * @param max the greatest rating
 * @param digits digits after the point, halves away from zero
 */
public record ScoreScale(
    boolean logOdds, double factor, double offset, double min, double max, int digits) {
  /** The output itself, with six digits after the point. */
  public static final ScoreScale PLAIN = new ScoreScale(false, 1, 0, -1e12, 1e12, 6);

  /** Probabilities nearer to 0 or 1 than this are taken as this near: no rating is infinite. */
  private static final double PROBABILITY_MIN = 1e-12;

  private static final double[] POWERS = {1, 10, 100, 1_000, 10_000, 100_000, 1_000_000};

  /**
   * The rating.
   *
   * @throws ModelTrapException where the output is no number
   */
  public Decimal rate(double output) throws ModelTrapException {
    if (Double.isNaN(output)) {
      throw new ModelTrapException("the model's output is not a number");
    }
    double points = Math.clamp(offset + factor * value(output), min, max);
    return new Decimal(
        (points < 0 ? -1 : 1) * Math.round(Math.abs(points) * POWERS[digits]), digits);
  }

  /** Rating points of a difference in the output's own unit, or in log-odds. */
  public double points(double difference) {
    return factor * difference;
  }

  /** The output as the line takes it. */
  public double value(double output) {
    if (!logOdds) {
      return output;
    }
    double p = Math.clamp(output, PROBABILITY_MIN, 1 - PROBABILITY_MIN);
    return Math.log(p / (1 - p));
  }

  /**
   * Reads {@code {"of": "value" | "log-odds", "factor": 1, "offset": 0, "min": …, "max": …,
   * "digits": 6}}, where all may be left out.
   */
  public static ScoreScale read(ModelObject written) throws ModelException {
    written.allowOnly(List.of("of", "factor", "offset", "min", "max", "digits"));
    boolean logOdds = false;
    if (written.has("of")) {
      logOdds =
          switch (written.text("of", 20)) {
            case "value" -> false;
            case "log-odds" -> true;
            default -> throw written.wrong("of", "value or log-odds");
          };
    }
    double factor = number(written, "factor", PLAIN.factor);
    double min = number(written, "min", PLAIN.min);
    double max = number(written, "max", PLAIN.max);
    if (factor == 0) {
      throw written.wrong("factor", "a number other than 0");
    }
    if (min >= max) {
      throw written.wrong("max", "> min, " + min);
    }
    int digits = written.has("digits") ? written.integer("digits", 0, 6) : PLAIN.digits;
    return new ScoreScale(logOdds, factor, number(written, "offset", 0), min, max, digits);
  }

  private static double number(ModelObject written, String name, double absent)
      throws ModelException {
    if (!written.has(name)) {
      return absent;
    }
    double value = written.number(name);
    if (Math.abs(value) > 1e12) {
      throw written.wrong(name, "-1e12 to 1e12");
    }
    return value;
  }
}
