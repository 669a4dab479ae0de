package io.openclaw.net;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/** What {@code /livez} and {@code /readyz} say. */
public final class HealthPage {
  static final byte[] ALIVE =
      JsonWriter.write(new Json.Obj(Map.of("status", new Json.Str("alive"))));
  private static final byte[] READY =
      JsonWriter.write(new Json.Obj(Map.of("status", new Json.Str("ready"))));

  private final String region;
  private final Supplier<Json.Obj> regions;
  private final int others;
  private final IntSupplier heard;
  private final Supplier<Json.Obj> more;
  private final DoubleSupplier load;
  private final BooleanSupplier drained;

  /**
   * The pages of one region.
   *
   * @param regions the other regions by name, each with its state as seen from here
   * @param others how many other regions there are
   * @param heard how many of them this node hears of now
   * @param more further members of the verbose page
   * @param load how busy this node is, 0 to 1
   * @param drained whether the region is to get no requests, by order
   */
  public HealthPage(
      String region,
      Supplier<Json.Obj> regions,
      int others,
      IntSupplier heard,
      Supplier<Json.Obj> more,
      DoubleSupplier load,
      BooleanSupplier drained) {
    this.region = region;
    this.regions = regions;
    this.others = others;
    this.heard = heard;
    this.more = more;
    this.load = load;
    this.drained = drained;
  }

  /** Whether the region is to get no requests, by order. */
  boolean isDrained() {
    return drained.getAsBoolean();
  }

  /** How busy this node is, in thousandths: {@code 0.250}. */
  String load() {
    long thousandths = Math.round(1e3 * Math.clamp(load.getAsDouble(), 0, 1));
    return thousandths == 1_000 ? "1.000" : "0." + Long.toString(1_000 + thousandths).substring(1);
  }

  /** How many of the other regions this one hears of: {@code 1/2}; empty where there are none. */
  String hears() {
    return others == 0 ? "" : heard.getAsInt() + "/" + others;
  }

  byte[] ready(boolean verbose) {
    if (!verbose) {
      return READY;
    }
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("status", new Json.Str("ready"));
    members.put("region", new Json.Str(region));
    members.put("load", new Json.Num(Double.parseDouble(load())));
    members.put("regions", regions.get());
    members.putAll(more.get().members());
    return JsonWriter.write(new Json.Obj(members));
  }
}
