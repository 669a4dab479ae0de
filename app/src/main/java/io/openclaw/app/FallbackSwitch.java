package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A person's word on whether a tenant's fallback may be used.
 *
 * @param version milliseconds of Unix time, or one more than the version it was said upon
 * @param region where it was said
 */
record FallbackSwitch(boolean enabled, long version, String region) implements Order {
  private static final Set<String> MEMBERS = Set.of("enabled", "region", "version");

  @Override
  public Json.Obj json() {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("enabled", Json.Bool.of(enabled));
    members.put("region", new Json.Str(region));
    members.put("version", new Json.Num(version));
    return new Json.Obj(members);
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException where it is none
   */
  static FallbackSwitch read(byte[] bytes) {
    try {
      return read(JsonReader.read(bytes));
    } catch (JsonSyntaxException e) {
      throw new IllegalArgumentException("a switch that is not JSON", e);
    }
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException where it is none
   */
  static FallbackSwitch read(Json json) {
    if (json instanceof Json.Obj object
        && object.members().keySet().equals(MEMBERS)
        && object.get("enabled") instanceof Json.Bool enabled
        && object.get("region") instanceof Json.Str region
        && region.value().matches("[A-Za-z0-9._-]{1,64}")
        && object.get("version") instanceof Json.Num version
        && version.text().matches("[1-9][0-9]{0,14}")) {
      return new FallbackSwitch(
          enabled == Json.Bool.TRUE, Long.parseLong(version.text()), region.value());
    }
    throw new IllegalArgumentException(
        "not a switch of a fallback (expected: enabled, region and version)");
  }
}
