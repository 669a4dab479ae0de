package io.openclaw.rating;

import io.openclaw.domain.Decimal;

/**
 * From a model's raw sum to its rating: through its {@link Link}, then along its {@link
 * ScoreScale}. Where the scale's line is over the log-odds of a logistic output, it is over the sum
 * itself, and a part of the sum is worth the same points wherever the sum is. Immutable and
 * thread-safe.
 */
final class PointsLine {
  /** The largest loss of points that is told. */
  private static final double LOST_MAX = 1e12;

  /** As far as a scale lets a probability go. */
  private static final double LOG_ODDS_MAX = Math.log(1e12 - 1);

  private final Link link;
  private final ScoreScale scale;
  private final boolean straight;

  PointsLine(Link link, ScoreScale scale) {
    straight = link == Link.LOGIT && scale.logOdds();
    this.link = straight ? Link.IDENTITY : link;
    this.scale =
        straight
            ? new ScoreScale(
                false, scale.factor(), scale.offset(), scale.min(), scale.max(), scale.digits())
            : scale;
  }

  /** The rating of a sum. */
  Decimal rate(double sum) throws ModelTrapException {
    return scale.rate(output(sum));
  }

  /** Points that the rating would gain, were the sum less by a part of it; bounds do not count. */
  double lost(double sum, double part) {
    return straight
        ? -scale.points(part)
        : scale.points(scale.value(output(sum - part)) - scale.value(output(sum)));
  }

  /** A loss as the rating is rounded; zero where nothing is left of it. */
  Decimal rounded(double lost) {
    double power = Math.pow(10, scale.digits());
    return new Decimal(Math.round(Math.min(lost, LOST_MAX) * power), scale.digits());
  }

  private double output(double sum) {
    return straight && !Double.isNaN(sum)
        ? Math.clamp(sum, -LOG_ODDS_MAX, LOG_ODDS_MAX)
        : link.inverse(sum);
  }

  /**
   * Reads the members {@code link}, identity where absent, and {@code scale}, plain where absent.
   */
  static PointsLine read(ModelObject root) throws ModelException {
    Link link = root.has("link") ? Link.read(root, "link") : Link.IDENTITY;
    ScoreScale scale = root.has("scale") ? ScoreScale.read(root.object("scale")) : ScoreScale.PLAIN;
    if (scale.logOdds() && link == Link.LOG) {
      throw new ModelException(
          root.at("scale") + "/of",
          "log-odds, of an output that is no probability",
          "value, or another link than log");
    }
    return new PointsLine(link, scale);
  }
}
