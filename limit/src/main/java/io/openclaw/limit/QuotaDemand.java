package io.openclaw.limit;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What each region is asked for of one quota, in tokens per second, and who should give how much to
 * whom: a region that is left with more time than one that runs low gives half of what would make
 * their times equal. Deterministic; not thread-safe.
 */
final class QuotaDemand {
  /** Less than this many tokens per second is no demand. */
  static final double NOTHING = 0.01;

  /** A region runs low that has tokens for less than this. */
  static final double LOW_SECONDS = 10;

  /** A region that is asked too gives only to one with less than this part of its own time. */
  private static final double SHORTER = 0.8;

  private static final double NEWEST = 0.5;

  /** After so long without a request there is less demand. */
  private static final double SILENT_SECONDS = 1;

  /**
   * A region's ledger in a window, as known here.
   *
   * @param left tokens that it has a right to and has not spent
   * @param asked cost spent and denied, cumulative
   */
  record Party(String ledger, long left, long asked) {}

  /** What should be given. */
  record Gift(String receiver, long tokens) {}

  private static final class Meter {
    long asked;
    long grewNanos;
    double rate;

    Meter(long asked, long nowNanos) {
      this.asked = asked;
      grewNanos = nowNanos;
    }

    void measure(long now, long nowNanos) {
      double seconds = (nowNanos - grewNanos) / 1e9;
      if (now > asked) {
        // After a cut a count grows by what was asked for in all that time.
        rate += NEWEST * ((now - asked) / Math.max(1e-3, seconds) - rate);
        asked = now;
        grewNanos = nowNanos;
      } else if (seconds > SILENT_SECONDS) {
        rate -= NEWEST * rate;
      }
      if (rate < NOTHING) {
        rate = 0;
      }
    }
  }

  private final Map<String, Meter> meters = new HashMap<>();

  /** Measures; whether anybody is asked. */
  boolean measure(List<Party> parties, long nowNanos) {
    boolean any = false;
    for (Party party : parties) {
      Meter meter = meters.get(party.ledger);
      if (meter == null) { // it is not known in how long it was asked for that
        meters.put(party.ledger, new Meter(party.asked, nowNanos));
      } else {
        meter.measure(party.asked, nowNanos);
        any |= meter.rate > 0;
      }
    }
    return any;
  }

  double rate(String ledger) {
    Meter meter = meters.get(ledger);
    return meter == null ? 0 : meter.rate;
  }

  /**
   * What the party {@code self} should give.
   *
   * @param givable the most it can
   * @param mayReceive whether a ledger is there to spend what it is given
   */
  @Nullable Gift gift(Party self, long givable, List<Party> parties, Predicate<String> mayReceive) {
    double mine = rate(self.ledger);
    Party neediest = null;
    double shortest = LOW_SECONDS;
    for (Party party : parties) {
      double rate = rate(party.ledger);
      double seconds = Math.max(0, party.left) / rate; // with no demand infinite, or not a number
      boolean needs = rate > 0 && seconds < shortest;
      if (needs && !party.ledger.equals(self.ledger) && mayReceive.test(party.ledger)) {
        neediest = party;
        shortest = seconds;
      }
    }
    if (neediest == null || givable < 1 || (mine > 0 && shortest > SHORTER * self.left / mine)) {
      return null;
    }
    double theirs = rate(neediest.ledger);
    double equal = (self.left + (double) Math.max(0, neediest.left)) * mine / (mine + theirs);
    long tokens = Math.min(givable, (long) Math.ceil((self.left - equal) / 2));
    return tokens < 1 ? null : new Gift(neediest.ledger, tokens);
  }
}
