package io.openclaw.client;

import io.openclaw.steer.Elsewhere;
import io.openclaw.steer.RegionState;
import org.jspecify.annotations.Nullable;

/**
 * What one call makes of the hints ({@code x-openclaw-elsewhere}) that its refusals bring, as the
 * router does: it is tried elsewhere at most once, from a budget of its own, and what it learned
 * steers the client's next calls for a moment. A refusal with a hint has spent no token. Guarded by
 * its call's lock.
 */
final class Diversion {
  static final String ELSEWHERE = "x-openclaw-elsewhere";

  /** A client has one caller: one credential, whatever key it has now. */
  private static final long CREDENTIAL = 0;

  private static final int NOWHERE_DIVISOR = 4;
  private static final int UNAVAILABLE = 503;

  private final Fleet fleet;
  private int preferred;
  private int millis;
  private boolean diverted;

  Diversion(Fleet fleet, long nowNanos) {
    this.fleet = fleet;
    this.preferred = fleet.elsewhere.region(CREDENTIAL, nowNanos);
  }

  /** The region to prefer, or a negative number. */
  int preferred() {
    return preferred;
  }

  /** Whether a refusal comes from an overload: it may be diverted, but retries would add to it. */
  static boolean isOverload(Answer answer) {
    return answer.status() == UNAVAILABLE && hint(answer) != null;
  }

  /**
   * Whether to try the call elsewhere after this answer; then the diversion budget has paid for it.
   *
   * @param tried the regions tried so far, and those that rest, bit i for index i
   * @param more whether there are tries and time left
   */
  boolean after(Answer answer, long tried, boolean more, long nowNanos) {
    Elsewhere.Hint hint = hint(answer);
    boolean limited = answer.isDenial();
    int region = hint == null || hint.anywhere() ? -1 : fleet.view.indexOf(hint.region());
    boolean useful = region >= 0 && (tried & (1L << region)) == 0 && isUsable(region);
    if (limited) {
      learn(hint, useful ? region : Elsewhere.NOWHERE, nowNanos);
    }
    boolean another = limited ? useful : hint != null && hint.anywhere() && isAnyUsable(tried);
    boolean pointless = limited && preferred == Elsewhere.NOWHERE;
    if (diverted || !another || pointless || !more || !fleet.diversions.tryRetry(nowNanos)) {
      return false;
    }
    diverted = true;
    preferred = limited ? region : Elsewhere.UNKNOWN;
    return true;
  }

  /** A denial that names nowhere else says something only after a diversion. */
  private void learn(Elsewhere.@Nullable Hint hint, int region, long nowNanos) {
    if (hint != null) {
      millis = hint.millis();
    }
    boolean news = diverted || preferred != Elsewhere.NOWHERE && region >= 0;
    if (news && millis > 0) {
      int rest = region == Elsewhere.NOWHERE ? Math.ceilDiv(millis, NOWHERE_DIVISOR) : millis;
      fleet.elsewhere.prefer(CREDENTIAL, region, rest, nowNanos);
    }
  }

  /** Unknown will do: without probes, a region is unknown until it is used. */
  private boolean isUsable(int region) {
    return fleet.view.health(region).state() != RegionState.DOWN;
  }

  private boolean isAnyUsable(long tried) {
    for (int region = 0; region < fleet.view.size(); region++) {
      if ((tried & (1L << region)) == 0 && isUsable(region)) {
        return true;
      }
    }
    return false;
  }

  private static Elsewhere.@Nullable Hint hint(Answer answer) {
    boolean refusal = answer.isDenial() || answer.status() == UNAVAILABLE;
    return refusal
        ? Elsewhere.Hint.parse(answer.headers().firstValue(ELSEWHERE).orElse(null))
        : null;
  }
}
