package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Fact;
import io.openclaw.domain.FactTable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which regions persons have drained, as all regions tell each other: a drained region says so in
 * its {@code /readyz}, so that every router, DNS responder and client sends it nothing more, while
 * it goes on serving what comes. Thread-safe.
 */
final class RegionOrders implements FactTable {
  private static final String DRAIN = "drain/";

  /** Nobody's clock is so far ahead. */
  private static final long AHEAD_MILLIS_MAX = 86_400_000L;

  private static final System.Logger LOG = System.getLogger("io.openclaw.app");

  private final String region;
  private final List<String> regions;
  private final Orders<RegionOrder> orders;
  private final Clock clock;

  /**
   * @param regions all regions
   */
  RegionOrders(String region, Collection<String> regions, Orders<RegionOrder> orders, Clock clock) {
    this.region = region;
    this.regions = regions.stream().sorted().toList();
    this.orders = orders;
    this.clock = clock;
  }

  /** All regions, sorted. */
  List<String> regions() {
    return regions;
  }

  /** Whether this region is drained by order. */
  boolean isDrained() {
    return isDrained(region);
  }

  /** Whether a region is drained by order. */
  boolean isDrained(String name) {
    RegionOrder order = orders.of(name);
    return order != null && order.holds(clock.wallMillis());
  }

  /** The last order of each region of which there was one. */
  Map<String, RegionOrder> all() {
    Map<String, RegionOrder> all = new LinkedHashMap<>();
    for (String name : regions) {
      RegionOrder order = orders.of(name);
      if (order != null) {
        all.put(name, order);
      }
    }
    return all;
  }

  /**
   * Drains a region or takes it back, for all regions. Blocks.
   *
   * @param untilMillis when a drain ends by itself; 0 for never
   * @throws IOException where it could not be stored, and nothing was ordered
   */
  void order(String name, boolean drained, String reason, String author, long untilMillis)
      throws IOException {
    RegionOrder said =
        orders.say(
            name,
            version -> new RegionOrder(drained, reason, author, untilMillis, version, region),
            clock.wallMillis());
    log(name, said);
  }

  private static void log(String name, RegionOrder said) {
    LOG.log(
        Level.INFO,
        () ->
            "region %s: %s by order of %s in %s: %s"
                .formatted(
                    name,
                    said.drained() ? "drained" : "restored",
                    said.author(),
                    said.region(),
                    said.reason()));
  }

  /** Writes to disk what other regions said. Blocks. */
  void save() {
    try {
      orders.save();
    } catch (IOException e) {
      LOG.log(Level.ERROR, "orders of regions could not be stored; tried again", e);
    }
  }

  @Override
  public String name() {
    return "regions";
  }

  @Override
  public void drainChanges(Consumer<Fact> sink) {
    orders.drain((name, said) -> sink.accept(fact(name, said)));
  }

  @Override
  public void all(Consumer<Fact> sink) {
    orders.all((name, said) -> sink.accept(fact(name, said)));
  }

  private Fact fact(String name, RegionOrder said) {
    return new Fact.Register(name(), DRAIN + name, said.version(), said.bytes());
  }

  @Override
  public void merge(Fact fact) {
    String name = ownName(fact.key());
    if (!(fact instanceof Fact.Register register)
        || name == null
        || register.version() > clock.wallMillis() + AHEAD_MILLIS_MAX) {
      throw new IllegalArgumentException("not a fact of regions: " + fact.key());
    }
    RegionOrder said = RegionOrder.read(register.value());
    if (said.version() != register.version() || !regions.contains(said.region())) {
      throw new IllegalArgumentException("an order of " + said.region() + ": " + fact.key());
    }
    if (orders.hear(name, said)) {
      log(name, said);
    }
  }

  private @Nullable String ownName(String key) {
    String name = key.startsWith(DRAIN) ? key.substring(DRAIN.length()) : "";
    return regions.contains(name) ? name : null;
  }
}
