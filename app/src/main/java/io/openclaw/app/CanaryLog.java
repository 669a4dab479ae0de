package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.release.CanarySpec;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The log of canaries, apart from all others by its name, {@code io.openclaw.canary}: a line for
 * each change of state, and of ratings a few each second. It holds no input. Thread-safe.
 */
final class CanaryLog {
  /** Failed ratings that are logged each second, all canaries together. */
  static final int FAILURES_PER_SECOND_MAX = 10;

  /** Good ratings that are logged each second, all canaries together. */
  static final int RATINGS_PER_SECOND_MAX = 2;

  private static final System.Logger LOG = System.getLogger("io.openclaw.canary");

  /** The second in the upper half, how many were logged in it in the lower one. */
  private final AtomicLong failures = new AtomicLong();

  private final AtomicLong ratings = new AtomicLong();

  /** Says what has become of a canary. */
  void changed(CanarySpec canary, String state, String why) {
    Map<String, Json> members = of(canary);
    members.put("state", new Json.Str(state));
    members.put("weight", new Json.Str(canary.traffic().text()));
    members.put("why", new Json.Str(why));
    boolean bad = state.equals("stopped");
    LOG.log(
        bad ? Level.WARNING : Level.INFO,
        "canary " + canary.tenant() + "/" + canary.model() + " " + state,
        new Json.Obj(members));
  }

  /** Shows a rating of the canary, where few were shown in this second. */
  void rated(CanarySpec canary, String requestId, String rating, long nanos) {
    if (isDue(ratings, RATINGS_PER_SECOND_MAX)) {
      Map<String, Json> members = of(canary);
      members.put("request_id", new Json.Str(requestId));
      members.put("rating", new Json.Str(rating));
      members.put("micros", new Json.Num(Math.floorDiv(nanos, 1000L)));
      LOG.log(Level.INFO, "canary rated", new Json.Obj(members));
    }
  }

  /** Shows a rating that failed, where few were shown in this second. */
  void failed(CanarySpec canary, String variant, String requestId, String why) {
    if (isDue(failures, FAILURES_PER_SECOND_MAX)) {
      Map<String, Json> members = of(canary);
      members.put("request_id", new Json.Str(requestId));
      members.put("variant", new Json.Str(variant));
      members.put("why", new Json.Str(why));
      LOG.log(Level.WARNING, "canary failed", new Json.Obj(members));
    }
  }

  private static Map<String, Json> of(CanarySpec canary) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("tenant", new Json.Str(canary.tenant()));
    members.put("model", new Json.Str(canary.model()));
    members.put("stable", new Json.Str(canary.stable()));
    members.put("canary", new Json.Str(canary.canary()));
    return members;
  }

  private static boolean isDue(AtomicLong logged, int max) {
    long second = SystemClock.INSTANCE.nanoTime() / 1_000_000_000L;
    long before = logged.get();
    long count = before >>> 16 == second ? (before & 0xffff) + 1 : 1;
    return count <= max && logged.compareAndSet(before, second << 16 | count);
  }
}
