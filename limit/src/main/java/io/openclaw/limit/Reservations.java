package io.openclaw.limit;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Costs that are known only afterwards, as of a call to a language model: an estimate is spent
 * before, and what it really was is settled afterwards, both ways.
 *
 * <p>What was reserved and not used is given back, as far as the bucket would hold it had it not
 * been reserved. What was used beyond the reservation is spent too; where the bucket does not hold
 * it, it owes the rest, and admits nothing until later refill has repaid that. So a limit is held
 * strictly by who reserves the most it may cost. A reservation that nobody settles is given back
 * when it expires.
 *
 * <p>Buckets only: quotas ({@link Quotas}) are not reserved. Thread-safe; told the time.
 */
public final class Reservations {
  /** Reservations open at once; more are refused. */
  public static final int OPEN_MAX = 100_000;

  private record Open(Nest nest, Decision.Admitted admitted, long cost, long untilNanos) {}

  private final Limiter limiter;
  private final ConcurrentMap<Long, Open> open = new ConcurrentHashMap<>();
  private final AtomicLong ids = new AtomicLong();
  private final AtomicInteger count = new AtomicInteger();

  public Reservations(Limiter limiter) {
    this.limiter = limiter;
  }

  /** What became of a wish to reserve. */
  public sealed interface Reserved {
    /** It is reserved until it is settled or expires. */
    record Granted(long id) implements Reserved {}

    /** A limit says no, and nothing is reserved. */
    record Refused(Decision.Denied denial) implements Reserved {}

    /** Too many are open, or the thread was held up until the right was gone. */
    record TryAgain() implements Reserved {}
  }

  /**
   * Reserves the estimated cost of every limit of the nest, or of none.
   *
   * @param estimate in tokens, 1 or more
   * @param forNanos how long it may take until it is settled
   */
  public Reserved reserve(Nest nest, long estimate, long forNanos, long nowNanos) {
    if (count.incrementAndGet() > OPEN_MAX) {
      count.decrementAndGet();
      return new Reserved.TryAgain();
    }
    switch (limiter.admit(nest, estimate, nowNanos)) {
      case Decision.Denied denied -> {
        count.decrementAndGet();
        return new Reserved.Refused(denied);
      }
      case Decision.Admitted admitted -> {
        if (!limiter.confirm(nest, admitted, estimate, nowNanos)) {
          count.decrementAndGet();
          return new Reserved.TryAgain();
        }
        long id = ids.incrementAndGet();
        open.put(id, new Open(nest, admitted, estimate, nowNanos + forNanos));
        return new Reserved.Granted(id);
      }
    }
  }

  /**
   * Settles a reservation.
   *
   * @param cost what it really was, 0 or more
   * @return false where it had expired, or was settled before: nothing is changed
   */
  public boolean settle(long id, long cost, long nowNanos) {
    if (cost < 0) {
      throw new IllegalArgumentException("cost: " + cost + " (expected: >= 0)");
    }
    Open reservation = close(id);
    if (reservation == null) {
      return false;
    }
    Nest nest = reservation.nest;
    for (int i = 0; i < nest.size(); i++) {
      TokenBucket taken = AdmittedByAll.bucket(reservation.admitted, i);
      if (taken == null) {
        continue; // a dry run that spent nothing
      }
      if (cost < reservation.cost) {
        nest.limit(i).takeBack(taken, reservation.cost - cost, nowNanos);
      } else if (cost > reservation.cost) {
        nest.limit(i).charge(cost - reservation.cost, nowNanos);
      }
    }
    return true;
  }

  /** Gives back what nobody has settled in time; how many there were. */
  public int expire(long nowNanos) {
    int expired = 0;
    for (Map.Entry<Long, Open> each : open.entrySet()) {
      if (nowNanos - each.getValue().untilNanos >= 0 && settle(each.getKey(), 0, nowNanos)) {
        expired++;
      }
    }
    return expired;
  }

  private @Nullable Open close(long id) {
    Open reservation = open.remove(id);
    if (reservation != null) {
      count.decrementAndGet();
    }
    return reservation;
  }

  /** How many are open. */
  public int open() {
    return count.get();
  }
}
