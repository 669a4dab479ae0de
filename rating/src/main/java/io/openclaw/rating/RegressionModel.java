package io.openclaw.rating;

import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A generalised linear model: an intercept and terms over the input's fields, through a {@link
 * Link}, along a {@link ScoreScale}.
 *
 * <p>A term is a coefficient times a power of a number, a coefficient for each value of a string,
 * or a coefficient times a product of numbers. Reasons are the fields whose terms lowered the
 * rating against their baselines.
 *
 * <p>Immutable and thread-safe; checking and rating are without side effects, and rating allocates
 * little but the vector of its input.
 */
public final class RegressionModel extends DocumentModel {
  /** Terms of one model. */
  public static final int TERMS_MAX = 10_000;

  /** The largest power of a number. */
  public static final int POWER_MAX = 10;

  /** Fields of one product. */
  public static final int FACTORS_MAX = 8;

  /**
   * Terms as flat arrays. A term of a number has a field, a coefficient and a power; of a string, a
   * field and its {@code levels}; of a product, its {@code factors}, of which the first is its
   * field.
   *
   * @param missing what stands for a number that is absent, or what an absent string adds
   * @param baselines what the term adds where nothing is lost; NaN where it gives no reason
   */
  @SuppressWarnings("ArrayRecordComponent") // read once, never compared
  record Terms(
      int[] fields,
      double[] coefficients,
      int[] powers,
      double[] missing,
      double[] baselines,
      double[][] levels,
      int[][] factors) {}

  private final double intercept;
  private final Terms terms;
  private final PointsLine line;
  private final FieldReasons reasons;
  private final Features features;

  RegressionModel(ModelSource source, RegressionReader.Read read) {
    super(source, "regression", read.schema());
    intercept = read.intercept();
    terms = read.terms();
    line = read.line();
    reasons = read.reasons();
    features = new Features(read.schema());
  }

  /**
   * Loads a model.
   *
   * @throws ModelException naming what is wrong, unknown, contradictory or without effect: every
   *     term that is
   */
  public static RegressionModel load(ModelSource source) throws ModelException {
    return new RegressionModel(source, RegressionReader.read(source.bytes()));
  }

  @Override
  protected Checked ready(Json.Obj input) {
    return new Vector(features.of(input));
  }

  private final class Vector implements Checked.Ready {
    private final double[] x;

    Vector(double[] x) {
      this.x = x;
    }

    @Override
    public CompletionStage<Rating> rate(Attempt attempt) {
      double sum = intercept;
      for (int term = 0; term < terms.fields.length; term++) {
        sum += part(term);
      }
      try {
        return CompletableFuture.completedFuture(
            new Rating(
                line.rate(sum),
                reasons.areWanted() ? reasons.of(line, sum, parts()) : List.of(),
                null));
      } catch (ModelTrapException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    private double part(int term) {
      double value = x[terms.fields[term]];
      double[] levels = terms.levels[term];
      if (levels.length > 0) {
        return Double.isNaN(value) ? terms.missing[term] : levels[(int) value];
      }
      int[] factors = terms.factors[term];
      if (factors.length > 0) {
        double product = terms.coefficients[term];
        for (int factor : factors) {
          product *= x[factor];
        }
        return product;
      }
      return terms.coefficients[term]
          * power(Double.isNaN(value) ? terms.missing[term] : value, terms.powers[term]);
    }

    /** What each field adds against its terms' baselines. */
    private double[] parts() {
      double[] parts = new double[x.length];
      for (int term = 0; term < terms.fields.length; term++) {
        if (!Double.isNaN(terms.baselines[term])) {
          parts[terms.fields[term]] += part(term) - terms.baselines[term];
        }
      }
      return parts;
    }
  }

  /** A whole power by multiplication, the same on every machine. */
  static double power(double value, int power) {
    double result = value;
    for (int i = 1; i < power; i++) {
      result *= value;
    }
    return result;
  }
}
