package io.openclaw.steer;

/**
 * The failures of a region since its last good observation of the same kind.
 *
 * <p>Probes and requests are cleared apart: where requests hang while {@code /readyz} answers, good
 * probes must not hide it, and where {@code /readyz} fails a lucky request must not either.
 *
 * @param refusals requests in a row that were answered 502 or 503, whatever the time between them
 */
record Failures(int probes, int requests, int refusals, long lastNanos) {
  static final Failures NONE = new Failures(0, 0, 0, 0);

  Failures probe(long nowNanos, HealthRules rules) {
    Failures recent = recent(nowNanos, rules);
    return new Failures(recent.probes + 1, recent.requests, refusals, nowNanos);
  }

  Failures request(long nowNanos, HealthRules rules) {
    Failures recent = recent(nowNanos, rules);
    return new Failures(recent.probes, recent.requests + 1, refusals, nowNanos);
  }

  Failures refusal() {
    return new Failures(probes, requests, refusals + 1, lastNanos);
  }

  Failures withoutProbes() {
    return probes == 0 ? this : new Failures(0, requests, refusals, lastNanos);
  }

  Failures withoutRequests() {
    return requests == 0 && refusals == 0 ? this : new Failures(probes, 0, 0, lastNanos);
  }

  /** Whether they are so many that the region is to be taken out. */
  boolean eject(HealthRules rules) {
    return total() >= rules.failuresToEject() || refusals >= rules.refusalsToEject();
  }

  int total() {
    return probes + requests;
  }

  private Failures recent(long nowNanos, HealthRules rules) {
    return total() > 0 && nowNanos - lastNanos > rules.failureWindowNanos() ? NONE : this;
  }
}
