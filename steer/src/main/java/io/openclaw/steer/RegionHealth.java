package io.openclaw.steer;

/**
 * The health of one region as a value; every observation makes a new one.
 *
 * <p>Fed by probes (active) and by the outcome of real requests (passive). Immutable; {@link
 * HealthView} holds the current one. An ejected region returns by good probes alone. Who is ejected
 * again within {@link #PROBATION_NANOS} of its return needs twice as many of them each time, up to
 * 2^{@value #DOUBLINGS_MAX} times as many, as Envoy's outlier detection lengthens its ejections.
 */
public final class RegionHealth {
  static final long PROBATION_NANOS = 30_000_000_000L;
  static final int DOUBLINGS_MAX = 4;

  private final HealthRules rules;
  private final RegionState state;
  private final long sinceNanos;
  private final boolean draining;
  private final boolean ramping;
  private final int ejections;
  private final int goodProbes;
  private final Failures failures;
  private final Latency latency;
  private final long goodNanos;
  private final long servedNanos;

  private RegionHealth(
      HealthRules rules,
      RegionState state,
      long sinceNanos,
      boolean draining,
      boolean ramping,
      int ejections,
      int goodProbes,
      Failures failures,
      Latency latency,
      long goodNanos,
      long servedNanos) {
    this.rules = rules;
    this.state = state;
    this.sinceNanos = sinceNanos;
    this.draining = draining;
    this.ramping = ramping;
    this.ejections = ejections;
    this.goodProbes = goodProbes;
    this.failures = failures;
    this.latency = latency;
    this.goodNanos = goodNanos;
    this.servedNanos = servedNanos;
  }

  /** A region of which nothing is known yet. */
  public static RegionHealth unknown(HealthRules rules, long nowNanos) {
    return new RegionHealth(
        rules,
        RegionState.UNKNOWN,
        nowNanos,
        false,
        false,
        0,
        0,
        Failures.NONE,
        Latency.none(nowNanos),
        nowNanos,
        nowNanos);
  }

  public RegionState state() {
    return state;
  }

  /** Whether the region said that it is draining; it is down then. */
  public boolean draining() {
    return draining;
  }

  /** The average latency in nanoseconds, 0 where there was no sample yet. */
  public double latencyNanos() {
    return latency.ewmaNanos();
  }

  /** When it last answered well; where it never did, since when it has been looked at. */
  public long goodNanos() {
    return goodNanos;
  }

  /**
   * Whether it has answered a request well ({@link #requestOk}) since then: that another one takes
   * long says nothing about it.
   */
  public boolean servedSince(long nanos) {
    return servedNanos - nanos > 0;
  }

  /** When the present state began. */
  public long sinceNanos() {
    return sinceNanos;
  }

  /**
   * The part of its usual traffic that the region may get now, 0 to 1: it grows linearly during
   * slow start, and is 0 for a region that is not up.
   */
  public double share(long nowNanos) {
    if (state != RegionState.UP) {
      return 0;
    }
    long elapsed = nowNanos - sinceNanos;
    if (!ramping || elapsed >= rules.slowStartNanos()) {
      return 1;
    }
    return Math.max(0, (double) elapsed / rules.slowStartNanos());
  }

  /** A probe was answered well. */
  public RegionHealth probeOk(long latencyNanos, long nowNanos) {
    Latency sampled = latency.probe(latencyNanos, nowNanos, rules);
    return switch (state) {
      case UP -> observed(failures.withoutProbes(), sampled, nowNanos, servedNanos);
      case UNKNOWN -> up(false, nowNanos, sampled, servedNanos);
      case DOWN -> {
        if (goodProbes + 1 >= goodProbesNeeded()) {
          // What it was like before it failed says little about what came back.
          Latency fresh = Latency.none(nowNanos).probe(latencyNanos, nowNanos, rules);
          yield up(true, nowNanos, fresh, servedNanos);
        }
        yield down(draining, ejections, goodProbes + 1, sinceNanos, sampled);
      }
    };
  }

  /** A probe was refused, reset, answered badly or not at all. */
  public RegionHealth probeFailed(long nowNanos) {
    // Who does not answer does not say any more that it drains: it may be gone.
    return state == RegionState.DOWN
        ? down(false, ejections, 0, sinceNanos, latency)
        : failed(failures.probe(nowNanos, rules), nowNanos);
  }

  /** The region says that it is draining: down at once, and no failure. */
  public RegionHealth probeDraining(long nowNanos) {
    long since = state == RegionState.DOWN ? sinceNanos : nowNanos;
    return down(true, ejections, 0, since, latency);
  }

  /** A request was answered; {@code latencyNanos} is its sample. */
  public RegionHealth requestOk(long latencyNanos, long nowNanos) {
    return answered(latency.request(latencyNanos, nowNanos, rules), nowNanos, nowNanos);
  }

  /** A request was answered with something whose latency says nothing, such as a 429. */
  public RegionHealth requestAnswered(long nowNanos) {
    return answered(latency, nowNanos, servedNanos);
  }

  /** A request was answered 502 or 503: a reason to go elsewhere, and many are a failure. */
  public RegionHealth requestRefused(long latencyNanos, long nowNanos) {
    return requestShed(latencyNanos, nowNanos).failed(failures.refusal(), nowNanos);
  }

  /** The region says that it is overloaded: no failure, but a reason to go elsewhere. */
  public RegionHealth requestShed(long latencyNanos, long nowNanos) {
    long sample = Math.max(latencyNanos, rules.refusalLatencyNanos());
    return observed(failures, latency.request(sample, nowNanos, rules), goodNanos, servedNanos);
  }

  /** A request failed: connection refused, reset, or timed out. */
  public RegionHealth requestFailed(long nowNanos) {
    return failed(failures.request(nowNanos, rules), nowNanos);
  }

  private RegionHealth answered(Latency sampled, long nowNanos, long served) {
    return state == RegionState.UNKNOWN
        ? up(false, nowNanos, sampled, served)
        : observed(failures.withoutRequests(), sampled, nowNanos, served);
  }

  private RegionHealth failed(Failures now, long nowNanos) {
    if (state == RegionState.DOWN) {
      // Tries that were under way when the region was ejected say nothing about its return.
      return down(draining, ejections, goodProbes, sinceNanos, latency);
    }
    if (!now.eject(rules)) {
      return observed(now, latency, goodNanos, servedNanos);
    }
    if (state == RegionState.UNKNOWN) {
      return down(false, ejections, 0, nowNanos, latency);
    }
    boolean onProbation = ejections > 0 && nowNanos - sinceNanos < PROBATION_NANOS;
    return down(false, onProbation ? ejections + 1 : 1, 0, nowNanos, latency);
  }

  private int goodProbesNeeded() {
    int doublings = Math.min(DOUBLINGS_MAX, Math.max(0, ejections - 1));
    return rules.goodProbesToRestore() << doublings;
  }

  private RegionHealth observed(Failures now, Latency sampled, long good, long served) {
    return new RegionHealth(
        rules,
        state,
        sinceNanos,
        draining,
        ramping,
        ejections,
        goodProbes,
        now,
        sampled,
        good,
        served);
  }

  private RegionHealth up(boolean slowly, long nowNanos, Latency sampled, long served) {
    return new RegionHealth(
        rules,
        RegionState.UP,
        nowNanos,
        false,
        slowly,
        ejections,
        0,
        Failures.NONE,
        sampled,
        nowNanos,
        served);
  }

  private RegionHealth down(boolean drains, int times, int good, long since, Latency sampled) {
    return new RegionHealth(
        rules,
        RegionState.DOWN,
        since,
        drains,
        false,
        times,
        good,
        Failures.NONE,
        sampled,
        goodNanos,
        servedNanos);
  }

  @Override
  public String toString() {
    return state
        + (draining ? " (draining)" : "")
        + " failures="
        + failures.total()
        + " goodProbes="
        + goodProbes
        + " ewmaNanos="
        + Math.round(latency.ewmaNanos());
  }
}
