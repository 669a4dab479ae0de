package io.openclaw.release;

import io.openclaw.release.Outcomes.Kind;
import io.openclaw.release.RegionRow.Health;
import java.util.Locale;

/**
 * Judges a release where it soaks, by how that region's requests ended before and since: failures,
 * refusals, denials, and the 95th percentile of latency.
 *
 * <p>A measure is breached where it is worse by more than its threshold <em>and</em> that is not
 * chance, with {@link CanaryGuard}'s tests and its account of looking again and again; alpha is
 * 0.001 for the soak. Too few requests before or since are {@link Health#INSUFFICIENT}, never a
 * pass. Before and since are different times: a burst of a client's errors can refuse a release
 * that is good, which can be published again; the ratings themselves are compared on the same
 * requests, elsewhere. Stateless.
 */
public final class SoakGate {
  /** Requests before and since, each, that are enough: rated, or failed by no fault of a client. */
  public static final long SAMPLE_MIN = 100;

  /** By how much the part of failed requests may grow. */
  static final double FAILED_MAX = 0.01;

  /** By how much the part of refused, or of denied, requests may grow. */
  static final double REFUSED_MAX = 0.1;

  /** How many times the 95th percentile of latency may be what it was. */
  static final double LATENCY_RATIO_MAX = 2;

  /** By how many microseconds it must be more before that counts. */
  static final double LATENCY_MARGIN_MICROS = 5_000;

  private static final double ALPHA = 0.001;
  private static final double SLOWEST = 0.05;

  private SoakGate() {}

  /**
   * How the release does.
   *
   * @param detail which measure decided, with its figures
   */
  public record Verdict(Health health, String detail) {}

  /**
   * Compares.
   *
   * @param before a while before the release was served
   * @param since the whole time that it is served
   */
  public static Verdict judge(Outcomes before, Outcomes since) {
    double m = before.all();
    double n = since.all();
    long rated = rated(before);
    long ratedSince = rated(since);
    if (Math.min(n, m) < SAMPLE_MIN) {
      return insufficient(rated, ratedSince);
    }
    for (Kind kind : Kind.values()) {
      double max = kind == Kind.FAILED ? FAILED_MAX : REFUSED_MAX;
      double excess = since.of(kind) / n - before.of(kind) / m;
      double z =
          CanaryMath.proportionExcess((double) since.of(kind), n, (double) before.of(kind), m);
      if (kind != Kind.RATED && excess > max && !isChance(z, n, m)) {
        return new Verdict(
            Health.BREACH,
            String.format(
                Locale.ROOT,
                "%.2f %% of %d requests %s, %.2f %% of %d before",
                100 * since.of(kind) / n,
                since.all(),
                kind.name().toLowerCase(Locale.ROOT),
                100 * before.of(kind) / m,
                before.all()));
      }
    }
    return Math.min(rated, ratedSince) < SAMPLE_MIN
        ? insufficient(rated, ratedSince)
        : latency(before, since);
  }

  /** What says something of the release: a request that is refused or denied meets no model. */
  private static long rated(Outcomes outcomes) {
    return outcomes.of(Kind.RATED) + outcomes.of(Kind.FAILED);
  }

  private static Verdict insufficient(long rated, long ratedSince) {
    return new Verdict(
        Health.INSUFFICIENT,
        "%d requests rated or failed before and %d since (expected: %d each)"
            .formatted(rated, ratedSince, SAMPLE_MIN));
  }

  private static Verdict latency(Outcomes before, Outcomes since) {
    double m = before.of(Kind.RATED);
    double n = since.of(Kind.RATED);
    String counted = "%d requests since, %d before".formatted(since.all(), before.all());
    if (Math.min(n, m) < CanaryGuard.LATENCY_SAMPLE_MIN) {
      return new Verdict(Health.HEALTHY, counted + "; too few were rated to compare latency");
    }
    double was = before.latencyMicros(1 - SLOWEST);
    double allowed = Math.max(was * LATENCY_RATIO_MAX, was + LATENCY_MARGIN_MICROS);
    double slower = since.slowerThan(allowed);
    double z = CanaryMath.proportionExcess(slower, n, SLOWEST * m, m);
    if (slower > SLOWEST * n && !isChance(z, n, m)) {
      return new Verdict(
          Health.BREACH,
          String.format(
              Locale.ROOT,
              "95 %% of %d ratings within %.1f ms, %.1f ms before",
              since.of(Kind.RATED),
              since.latencyMicros(1 - SLOWEST) / 1000,
              was / 1000));
    }
    return new Verdict(Health.HEALTHY, counted);
  }

  private static boolean isChance(double z, double n, double m) {
    return CanaryGuard.isChance(z, n * m / (n + m), SAMPLE_MIN / 2.0, ALPHA / Kind.values().length);
  }
}
