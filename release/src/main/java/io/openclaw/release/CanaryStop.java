package io.openclaw.release;

import io.openclaw.domain.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The word that a canary rates nothing any more, in no region.
 *
 * @param reason what was breached, for a person; 1 to {@link #REASON_LENGTH_MAX} characters
 * @param region which region saw it first
 * @param timeMillis when, Unix time
 */
public record CanaryStop(String reason, String region, long timeMillis) {
  /** Characters of a reason. */
  public static final int REASON_LENGTH_MAX = 500;

  public CanaryStop {
    if (reason.isBlank() || reason.length() > REASON_LENGTH_MAX) {
      throw new IllegalArgumentException(
          "reason: " + reason.length() + " characters (expected: 1 to " + REASON_LENGTH_MAX + ")");
    }
    if (region.isBlank() || region.length() > CanarySpec.NAME_LENGTH_MAX || timeMillis < 1) {
      throw new IllegalArgumentException("a stop without region or time");
    }
  }

  /** As JSON. */
  public Json.Obj json() {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("reason", new Json.Str(reason));
    members.put("region", new Json.Str(region));
    members.put("time", new Json.Num(timeMillis));
    return new Json.Obj(members);
  }

  /**
   * Reads what {@link #json} wrote.
   *
   * @throws IllegalArgumentException where it is anything else
   */
  public static CanaryStop read(Json document) {
    if (document instanceof Json.Obj object
        && object.members().size() == 3
        && object.get("reason") instanceof Json.Str reason
        && object.get("region") instanceof Json.Str region
        && object.get("time") instanceof Json.Num time) {
      return new CanaryStop(reason.value(), region.value(), (long) time.value());
    }
    throw new IllegalArgumentException("not a canary's stop (expected: reason, region and time)");
  }
}
