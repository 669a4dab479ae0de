package io.openclaw.client;

import io.openclaw.client.PlainJson.Malformed;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The caller's limits and quotas, as one region knows them.
 *
 * @param tenant whose they are
 * @param region who says so
 * @param limits the token buckets
 * @param quotas the members of each quota's document
 */
public record Limits(
    String tenant, String region, List<Limit> limits, List<Map<String, @Nullable Object>> quotas) {

  /**
   * One token bucket over all regions.
   *
   * @param id its name
   * @param level one of global, tenant, key and model
   * @param mode {@code strict}, {@code bounded} or {@code gossip}
   * @param dryRun whether it only reports what it would have denied
   * @param rate tokens per second
   * @param burst the most tokens at once
   * @param share this region's part of the rate, 0 to 1
   * @param remaining tokens left in this region
   */
  public record Limit(
      String id,
      String level,
      String mode,
      boolean dryRun,
      BigDecimal rate,
      long burst,
      BigDecimal share,
      long remaining) {}

  static Limits of(PlainJson document) throws Malformed {
    List<Limit> limits = new ArrayList<>();
    for (PlainJson limit : document.objects("limits")) {
      limits.add(
          new Limit(
              limit.text("id"),
              limit.text("level"),
              limit.text("mode"),
              limit.truth("dry_run"),
              limit.number("rate"),
              limit.whole("burst"),
              limit.number("share"),
              limit.whole("remaining")));
    }
    return new Limits(
        document.text("tenant"),
        document.text("region"),
        List.copyOf(limits),
        document.objects("quotas").stream().map(PlainJson::map).toList());
  }
}
