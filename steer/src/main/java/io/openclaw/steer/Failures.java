package io.openclaw.steer;

/**
 * The failures of a region since its last good observation of the same kind.
 *
 * <p>Probes and requests are cleared apart: where requests hang while {@code /readyz} answers, good
 * probes must not hide it, and where {@code /readyz} fails a lucky request must not either.
 */
record Failures(int probes, int requests, long lastNanos) {
  static final Failures NONE = new Failures(0, 0, 0);

  Failures probe(long nowNanos, HealthRules rules) {
    Failures recent = recent(nowNanos, rules);
    return new Failures(recent.probes + 1, recent.requests, nowNanos);
  }

  Failures request(long nowNanos, HealthRules rules) {
    Failures recent = recent(nowNanos, rules);
    return new Failures(recent.probes, recent.requests + 1, nowNanos);
  }

  Failures withoutProbes() {
    return probes == 0 ? this : requests == 0 ? NONE : new Failures(0, requests, lastNanos);
  }

  Failures withoutRequests() {
    return requests == 0 ? this : probes == 0 ? NONE : new Failures(probes, 0, lastNanos);
  }

  int total() {
    return probes + requests;
  }

  private Failures recent(long nowNanos, HealthRules rules) {
    return total() > 0 && nowNanos - lastNanos > rules.failureWindowNanos() ? NONE : this;
  }
}
