package io.openclaw.release;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Requests of a made-up tenant, drawn from a seed: ratings in ten equal classes, a reason for each,
 * log-normal latency around 20 ms, some errors. A copy of it that differs is the canary.
 *
 * @param errors the part of requests that fail
 * @param slowness a factor of each latency
 * @param psi how far the ratings are shifted upwards, as an index against those of the stable one
 * @param values sticky values; 0 where each request has its own
 * @param population which values these are, and what each is rated like
 */
record CanaryTraffic(double errors, double slowness, double psi, int values, long population) {
  static final CanaryTraffic STABLE = new CanaryTraffic(0.005, 1, 0, 0, 0);

  private static final int CLASSES = 10;
  private static final String[] CODES = {"AGE", "INCOME", "HISTORY", "DEBT"};
  private static final Rating[] RATINGS = new Rating[CLASSES * CODES.length];
  private static final long[] LATENCIES_NANOS = new long[4096];

  /** The classes of these requests. */
  static final CanaryBins BINS;

  static {
    List<Decimal> edges = new ArrayList<>();
    for (int i = 0; i < RATINGS.length; i++) {
      String code = CODES[i % CODES.length];
      int ratingClass = i / CODES.length;
      RATINGS[i] =
          new Rating(
              new Decimal(ratingClass * 10L + 5, 0),
              List.of(new Reason(code, code, new Decimal(1, 0))),
              null);
      if (ratingClass > edges.size()) {
        edges.add(new Decimal(ratingClass * 10L, 0));
      }
    }
    BINS = new CanaryBins(edges, List.of(CODES));
    Random random = new Random(1);
    for (int i = 0; i < LATENCIES_NANOS.length; i++) {
      LATENCIES_NANOS[i] = (long) (20e6 * Math.exp(0.5 * random.nextGaussian()));
    }
  }

  CanaryTraffic withErrors(double part) {
    return new CanaryTraffic(part, slowness, psi, values, population);
  }

  CanaryTraffic withSlowness(double factor) {
    return new CanaryTraffic(errors, factor, psi, values, population);
  }

  CanaryTraffic withPsi(double index) {
    return new CanaryTraffic(errors, slowness, index, values, population);
  }

  CanaryTraffic withValues(int count) {
    return new CanaryTraffic(errors, slowness, psi, count, population);
  }

  CanaryTraffic withPopulation(long seed) {
    return new CanaryTraffic(errors, slowness, psi, values, seed);
  }

  /** Records so many requests. */
  void send(CanaryStats stats, CanaryVariant variant, int requests, SplittableRandom random) {
    double[] cumulative = cumulative(psi);
    for (int i = 0; i < requests; i++) {
      long latency = (long) (LATENCIES_NANOS[random.nextInt(LATENCIES_NANOS.length)] * slowness);
      if (random.nextDouble() < errors) {
        stats.failed(variant, latency);
        continue;
      }
      long hash = random.nextLong();
      double place = random.nextDouble();
      if (values > 0) {
        // Of each version other values; a value's ratings are all near its own place.
        long which = random.nextInt(values) * 2L + (variant == CanaryVariant.STABLE ? 0 : 1);
        SplittableRandom value = new SplittableRandom(population * 1_000_003 + which);
        hash = value.nextLong();
        place = 0.9 * value.nextDouble() + 0.1 * place;
      }
      int ratingClass = 0;
      while (place >= cumulative[ratingClass]) {
        ratingClass++;
      }
      int code = random.nextInt(CODES.length);
      stats.rated(variant, hash, latency, RATINGS[ratingClass * CODES.length + code]);
    }
  }

  /** The classes' cumulative frequencies, tilted until they are so far from equal ones. */
  private static double[] cumulative(double psi) {
    double low = 0;
    double high = 2;
    for (int i = 0; i < 50; i++) {
      double middle = (low + high) / 2;
      if (psiOf(frequencies(middle)) < psi) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double[] cumulative = psi == 0 ? frequencies(0) : frequencies(high);
    for (int i = 1; i < CLASSES; i++) {
      cumulative[i] += cumulative[i - 1];
    }
    cumulative[CLASSES - 1] = 1;
    return cumulative;
  }

  private static double[] frequencies(double tilt) {
    double[] frequencies = new double[CLASSES];
    double sum = 0;
    for (int i = 0; i < CLASSES; i++) {
      frequencies[i] = Math.exp(tilt * i);
      sum += frequencies[i];
    }
    for (int i = 0; i < CLASSES; i++) {
      frequencies[i] /= sum;
    }
    return frequencies;
  }

  private static double psiOf(double[] frequencies) {
    double psi = 0;
    for (double frequency : frequencies) {
      psi += (frequency - 0.1) * Math.log(frequency / 0.1);
    }
    return psi;
  }
}
