package io.openclaw.app;

import io.openclaw.domain.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BooleanSupplier;

/**
 * The logs on a node's disk, and which of them take records: a metric, and a member of {@code
 * /readyz?verbose}. Thread-safe.
 */
final class LogStates {
  private final Map<String, BooleanSupplier> logs = new ConcurrentSkipListMap<>();

  /** Adds a log by the name under which it is shown. */
  void add(String name, BooleanSupplier accepts) {
    logs.put(name, accepts);
  }

  void register(NodeMetrics metrics, String region) {
    metrics.gauge(
        "openclaw_log_accepts",
        "1 while a log on disk takes records, 0 from a failure until the disk takes some again.",
        c -> logs.forEach((name, accepts) -> c.call(accepts.getAsBoolean() ? 1 : 0, region, name)),
        "region",
        "log");
  }

  /** A page with the logs as one more member. */
  Json.Obj with(Json.Obj page) {
    Map<String, Json> states = new LinkedHashMap<>();
    logs.forEach(
        (name, accepts) ->
            states.put(name, new Json.Str(accepts.getAsBoolean() ? "accepts" : "refuses")));
    Map<String, Json> members = new LinkedHashMap<>(page.members());
    members.put("logs", new Json.Obj(states));
    return new Json.Obj(members);
  }
}
