package io.openclaw.jmh;

import io.openclaw.limit.Decision;
import io.openclaw.limit.Limit;
import io.openclaw.limit.Limiter;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The requests of one region, without HTTP: at a steady rate one tenant's limit after the other is
 * asked for one token, as {@code edge} asks. For a thread of its own; the counts are read by any.
 */
final class CostLoad implements Runnable {
  /** Which tenant asks next. */
  interface Choice {
    int next();
  }

  private static final long PAUSE_NANOS = 1_000_000;

  private final Limiter limiter;
  private final Limit[] limits;
  private final Choice choice;
  private final int perSecond;
  private final AtomicLong decisions = new AtomicLong();
  private final AtomicLong admissions = new AtomicLong();

  CostLoad(Limiter limiter, Limit[] limits, Choice choice, int perSecond) {
    this.limiter = limiter;
    this.limits = limits;
    this.choice = choice;
    this.perSecond = perSecond;
  }

  /** Asks until interrupted; what is due is asked at once, in every millisecond. */
  @Override
  public void run() {
    long startNanos = System.nanoTime();
    long done = 0;
    while (!Thread.currentThread().isInterrupted()) {
      long due = (long) ((System.nanoTime() - startNanos) * (perSecond / 1e9));
      for (; done < due; done++) {
        decide(choice.next());
      }
      LockSupport.parkNanos(this, PAUSE_NANOS);
    }
  }

  /** One decision for a tenant, by its number. */
  void decide(int tenant) {
    Limit limit = limits[tenant];
    Decision decision = limiter.admit(limit, 1, System.nanoTime());
    if (decision instanceof Decision.Admitted admitted
        && limiter.confirm(limit, admitted, 1, System.nanoTime())) {
      admissions.incrementAndGet();
    }
    decisions.incrementAndGet();
  }

  long decisions() {
    return decisions.get();
  }

  long admissions() {
    return admissions.get();
  }
}
