package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A person's word on whether a region is to get requests.
 *
 * @param drained whether it is not
 * @param reason why, for other persons
 * @param author who said so; not checked
 * @param untilMillis milliseconds of Unix time at which it ends by itself; 0 for never
 */
record RegionOrder(
    boolean drained, String reason, String author, long untilMillis, long version, String region)
    implements Order {
  /** Characters of a reason. */
  static final int REASON_LENGTH_MAX = 500;

  /** Characters of an author. */
  static final int AUTHOR_LENGTH_MAX = 200;

  private static final Set<String> MEMBERS =
      Set.of("author", "drained", "reason", "region", "until", "version");

  @Override
  public Json.Obj json() {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("author", new Json.Str(author));
    members.put("drained", Json.Bool.of(drained));
    members.put("reason", new Json.Str(reason));
    members.put("region", new Json.Str(region));
    members.put("until", new Json.Num(untilMillis));
    members.put("version", new Json.Num(version));
    return new Json.Obj(members);
  }

  /** Whether the region is drained now. */
  boolean holds(long wallMillis) {
    return drained && (untilMillis == 0 || wallMillis < untilMillis);
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException where it is none
   */
  static RegionOrder read(byte[] bytes) {
    try {
      return read(JsonReader.read(bytes));
    } catch (JsonSyntaxException e) {
      throw new IllegalArgumentException("an order that is not JSON", e);
    }
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException where it is none
   */
  static RegionOrder read(Json json) {
    if (json instanceof Json.Obj object
        && object.members().keySet().equals(MEMBERS)
        && object.get("drained") instanceof Json.Bool drained
        && object.get("reason") instanceof Json.Str reason
        && reason.value().length() <= REASON_LENGTH_MAX
        && object.get("author") instanceof Json.Str author
        && author.value().length() <= AUTHOR_LENGTH_MAX
        && object.get("until") instanceof Json.Num until
        && until.text().matches("0|[1-9][0-9]{0,14}")
        && object.get("region") instanceof Json.Str region
        && region.value().matches("[A-Za-z0-9._-]{1,64}")
        && object.get("version") instanceof Json.Num version
        && version.text().matches("[1-9][0-9]{0,14}")) {
      return new RegionOrder(
          drained == Json.Bool.TRUE,
          reason.value(),
          author.value(),
          Long.parseLong(until.text()),
          Long.parseLong(version.text()),
          region.value());
    }
    throw new IllegalArgumentException(
        "not an order of a region (expected: author, drained, reason, region, until and version)");
  }
}
