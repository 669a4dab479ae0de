package io.openclaw.router;

import io.openclaw.steer.Elsewhere;
import io.openclaw.steer.RegionState;
import io.vertx.core.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/**
 * What one request makes of the hints that its refusals bring: it is tried elsewhere at most once,
 * and what it learned steers the next requests with the same credential for a moment. A refusal
 * with a hint has spent no token, so that trying it again is safe. Event loop only.
 */
final class Diversion {
  private static final int LIMITED = 429;
  private static final int UNAVAILABLE = 503;

  /** Tokens come soon: that none were elsewhere either holds for a part of a preference's time. */
  private static final int NOWHERE_DIVISOR = 4;

  private final Fleet fleet;
  private final Exchange exchange;
  private int preferred = Elsewhere.UNKNOWN;
  private int millis;
  private boolean diverted;

  Diversion(Fleet fleet, Exchange exchange) {
    this.fleet = fleet;
    this.exchange = exchange;
  }

  /** Looks up what is known of the request's credential. */
  void begin(long nowNanos) {
    String authorization = fleet.elsewhere.isEmpty() ? null : authorization();
    if (authorization != null) {
      preferred = fleet.elsewhere.region(hash(authorization), nowNanos);
    }
  }

  /** The region to prefer, or a negative number. */
  int preferred() {
    return preferred;
  }

  /** Whether a refusal comes from an overload: it may be diverted, but retries would add to it. */
  static boolean isOverload(HeldAnswer refusal) {
    return refusal.status() == UNAVAILABLE && hint(refusal) != null;
  }

  /**
   * Why to try the request elsewhere after this answer, and then the diversion budget has paid for
   * it; null where the answer stands.
   *
   * @param tried the regions tried so far, bit i for index i
   * @param more whether there are tries and time left
   */
  @Nullable DivertReason after(HeldAnswer answer, long tried, boolean more, long nowNanos) {
    Elsewhere.Hint hint = hint(answer);
    boolean limited = answer.status() == LIMITED;
    int region = hint == null || hint.anywhere() ? -1 : fleet.view.indexOf(hint.region());
    boolean useful = region >= 0 && (tried & (1L << region)) == 0 && isUp(region);
    if (limited) {
      learn(hint, useful ? region : Elsewhere.NOWHERE, nowNanos);
    }
    boolean another = limited ? useful : hint != null && hint.anywhere() && isAnyUp(tried);
    boolean pointless = limited && preferred == Elsewhere.NOWHERE;
    if (diverted || !another || pointless || !more || !fleet.diversions.tryRetry(nowNanos)) {
      return null;
    }
    diverted = true;
    preferred = limited ? region : Elsewhere.UNKNOWN;
    return limited ? DivertReason.LIMIT : DivertReason.OVERLOAD;
  }

  /** A denial that names nowhere else says something only after a diversion. */
  private void learn(Elsewhere.@Nullable Hint hint, int region, long nowNanos) {
    if (hint != null) {
      millis = hint.millis();
    }
    boolean news = diverted || preferred != Elsewhere.NOWHERE && region >= 0;
    String authorization = news && millis > 0 ? authorization() : null;
    if (authorization != null) {
      int rest = region == Elsewhere.NOWHERE ? Math.ceilDiv(millis, NOWHERE_DIVISOR) : millis;
      fleet.elsewhere.prefer(hash(authorization), region, rest, nowNanos);
    }
  }

  private boolean isUp(int region) {
    return fleet.view.health(region).state() == RegionState.UP;
  }

  private boolean isAnyUp(long tried) {
    for (int region = 0; region < fleet.view.size(); region++) {
      if ((tried & (1L << region)) == 0 && isUp(region)) {
        return true;
      }
    }
    return false;
  }

  private @Nullable String authorization() {
    return exchange.headers().get(HttpHeaders.AUTHORIZATION);
  }

  private static Elsewhere.@Nullable Hint hint(HeldAnswer answer) {
    boolean refusal = answer.status() == LIMITED || answer.status() == UNAVAILABLE;
    return refusal ? Elsewhere.Hint.parse(answer.headers().get(Headers.ELSEWHERE)) : null;
  }

  /** No credential is kept: what is remembered is the beginning of its SHA-256. */
  private static long hash(String authorization) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(authorization.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(digest).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
