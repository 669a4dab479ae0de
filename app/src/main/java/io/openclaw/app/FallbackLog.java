package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Json;
import io.openclaw.edge.Answered;
import io.openclaw.edge.CircuitBreaker;
import io.openclaw.edge.Fallback;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The log of fallbacks, apart from all others by its name, {@code io.openclaw.fallback}: a line for
 * each change of state, and of requests a few each second. It holds no input, no answer and no
 * secret. Thread-safe.
 */
final class FallbackLog {
  /** Requests that are logged each second, all tenants together. */
  static final int REQUESTS_PER_SECOND_MAX = 10;

  private static final System.Logger LOG = System.getLogger("io.openclaw.fallback");

  private final Clock clock;

  /** The second in the upper half, how many were logged in it in the lower one. */
  private final AtomicLong logged = new AtomicLong();

  FallbackLog(Clock clock) {
    this.clock = clock;
  }

  /** Says that a breaker is in another state. */
  void changed(String tenant, CircuitBreaker.State before, CircuitBreaker.State now) {
    Map<String, Json> members = of(tenant);
    members.put("state", new Json.Str(now.text()));
    members.put("before", new Json.Str(before.text()));
    LOG.log(
        now == CircuitBreaker.State.OPEN ? Level.WARNING : Level.INFO,
        "fallback of " + tenant + " " + now.text(),
        new Json.Obj(members));
  }

  /** Says that a person has switched a fallback. */
  void switched(String tenant, FallbackSwitch said) {
    Map<String, Json> members = of(tenant);
    members.put("enabled", Json.Bool.of(said.enabled()));
    members.put("said_in", new Json.Str(said.region()));
    LOG.log(
        Level.INFO,
        "fallback of " + tenant + (said.enabled() ? " switched on" : " switched off"),
        new Json.Obj(members));
  }

  /** Says that a fallback cannot be used in this region. */
  void unusable(String tenant, String why) {
    Map<String, Json> members = of(tenant);
    members.put("why", new Json.Str(why));
    LOG.log(Level.WARNING, "fallback of " + tenant + " cannot be used", new Json.Obj(members));
  }

  /** Shows how a request ended, where few were shown in this second. */
  void ended(String tenant, Fallback.End end, String requestId, String why) {
    if (!isDue()) {
      return;
    }
    Map<String, Json> members = of(tenant);
    members.put("variant", new Json.Str(Answered.FALLBACK));
    members.put("request_id", new Json.Str(requestId));
    members.put("end", new Json.Str(end.text()));
    if (!why.isEmpty()) {
      members.put("why", new Json.Str(why));
    }
    LOG.log(
        end == Fallback.End.RATED ? Level.INFO : Level.WARNING,
        end == Fallback.End.RATED ? "fallback rated" : "fallback gave no rating",
        new Json.Obj(members));
  }

  private static Map<String, Json> of(String tenant) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("tenant", new Json.Str(tenant));
    return members;
  }

  private boolean isDue() {
    long second = clock.nanoTime() / 1_000_000_000L;
    long before = logged.get();
    long count = before >>> 16 == second ? (before & 0xffff) + 1 : 1;
    return count <= REQUESTS_PER_SECOND_MAX && logged.compareAndSet(before, second << 16 | count);
  }
}
