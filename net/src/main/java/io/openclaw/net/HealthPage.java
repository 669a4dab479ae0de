package io.openclaw.net;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** What {@code /livez} and {@code /readyz} say. */
public final class HealthPage {
  static final byte[] ALIVE =
      JsonWriter.write(new Json.Obj(Map.of("status", new Json.Str("alive"))));
  private static final byte[] READY =
      JsonWriter.write(new Json.Obj(Map.of("status", new Json.Str("ready"))));

  private final String region;
  private final Supplier<Json.Obj> regions;
  private final Supplier<Json.Obj> more;

  /**
   * The pages of one region.
   *
   * @param regions the other regions by name, each with its state as seen from here
   * @param more further members of the verbose page
   */
  public HealthPage(String region, Supplier<Json.Obj> regions, Supplier<Json.Obj> more) {
    this.region = region;
    this.regions = regions;
    this.more = more;
  }

  byte[] ready(boolean verbose) {
    if (!verbose) {
      return READY;
    }
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("status", new Json.Str("ready"));
    members.put("region", new Json.Str(region));
    members.put("regions", regions.get());
    members.putAll(more.get().members());
    return JsonWriter.write(new Json.Obj(members));
  }
}
