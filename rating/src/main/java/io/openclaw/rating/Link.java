package io.openclaw.rating;

/**
 * How a model's raw sum becomes its output: the inverses of the link functions of generalised
 * linear models (McCullagh and Nelder, Generalized Linear Models, 1989).
 */
public enum Link {
  /** The sum itself. */
  IDENTITY("identity"),
  /** The logistic function: a probability of log-odds. */
  LOGIT("logit"),
  /** The distribution function of the standard normal. */
  PROBIT("probit"),
  /** The complementary log-log: {@code 1 − exp(−exp(x))}. */
  CLOGLOG("cloglog"),
  /** The exponential, as of counts and amounts. */
  LOG("log");

  private final String text;

  Link(String text) {
    this.text = text;
  }

  /** The output for a raw sum; NaN for NaN, and for LOG perhaps infinite. */
  public double inverse(double sum) {
    return switch (this) {
      case IDENTITY -> sum;
      case LOGIT -> 1 / (1 + Math.exp(-sum));
      case PROBIT -> normal(sum);
      case CLOGLOG -> -Math.expm1(-Math.exp(sum));
      case LOG -> Math.exp(sum);
    };
  }

  /**
   * The distribution function of the standard normal, exact to about 1e-15 and, beyond 2, to about
   * as much of the tail itself.
   */
  private static double normal(double x) {
    if (Double.isNaN(x)) {
      return x;
    }
    double tail = Math.abs(x) > 2 ? fraction(Math.abs(x)) : 0.5 - series(Math.abs(x));
    return x > 0 ? 1 - tail : tail;
  }

  /** The area from 0 to x: density × (x + x³/3 + x⁵/15 + …), Abramowitz and Stegun 26.2.11. */
  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int i = 3; i < 400 && term > sum * 1e-17; i += 2) {
      term *= x * x / i;
      sum += term;
    }
    return sum * density(x);
  }

  /** The area beyond x, for a large x: Abramowitz and Stegun 26.2.14, a continued fraction. */
  private static double fraction(double x) {
    double rest = x;
    for (int i = 100; i > 0; i--) {
      rest = x + i / rest;
    }
    return density(x) / rest;
  }

  private static double density(double x) {
    return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  /**
   * The link that a member names.
   *
   * @throws ModelException where it names none
   */
  public static Link read(ModelObject owner, String name) throws ModelException {
    String written = owner.text(name, 20);
    for (Link link : values()) {
      if (link.text.equals(written)) {
        return link;
      }
    }
    throw owner.wrong(name, "identity, logit, probit, cloglog or log");
  }
}
