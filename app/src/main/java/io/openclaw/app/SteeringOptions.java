package io.openclaw.app;

import io.openclaw.steer.Balancers;
import io.openclaw.steer.Networks;
import io.openclaw.steer.Steering;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How regions are chosen, as options of a command. */
final class SteeringOptions {
  private static final String KINDS =
      "dynamic_latency, geo, weighted, least_loaded, cheapest, failover";

  /** Options that a policy does without. */
  private static final Set<String> OPTIONAL = Set.of("--busy-at", "--balancer");

  @Option(
      names = "--steering",
      paramLabel = "POLICY",
      description =
          "dynamic_latency (by default): the quickest; geo: by the client's network; weighted: drawn"
              + " by weight; least_loaded: the one that says so; cheapest: the cheapest that is not"
              + " busy; failover: the first healthy one as listed.")
  String kind = "dynamic_latency";

  @Option(
      names = "--weight",
      paramLabel = "NAME=N",
      description = "For weighted: a region's weight, 0 where not given; repeatable.")
  Map<String, Integer> weights = new LinkedHashMap<>();

  @Option(
      names = "--price",
      paramLabel = "NAME=N",
      description = "For cheapest: what a region costs, in any unit; repeatable.")
  Map<String, Double> prices = new LinkedHashMap<>();

  @Option(
      names = "--busy-at",
      paramLabel = "LOAD",
      description = "For cheapest: the load, 0 to 1, from which a region is busy; 0.7 by default.")
  @Nullable Double busyAt;

  @Option(
      names = "--network",
      paramLabel = "CIDR=NAME[,NAME]",
      description =
          "For geo: the regions for clients of a network, the nearest first; repeatable, the longest"
              + " prefix counts. Clients of no network go to the quickest.")
  Map<String, String> networks = new LinkedHashMap<>();

  @Option(
      names = "--balancer",
      paramLabel = "CIDR",
      description =
          "For geo: the network of load balancers in front of this one, whose X-Forwarded-For says"
              + " who the client is; repeatable.")
  List<String> balancers = new ArrayList<>();

  /**
   * The policy.
   *
   * @throws IllegalArgumentException where an option is wrong, missing or would do nothing
   */
  Steering steering(Set<String> regions) {
    refuseUseless("--weight", "weighted", !weights.isEmpty());
    refuseUseless("--price", "cheapest", !prices.isEmpty());
    refuseUseless("--busy-at", "cheapest", busyAt != null);
    refuseUseless("--network", "geo", !networks.isEmpty());
    refuseUseless("--balancer", "geo", !balancers.isEmpty());
    return switch (kind) {
      case "dynamic_latency" -> new Steering.DynamicLatency();
      case "least_loaded" -> new Steering.LeastLoaded();
      case "failover" -> new Steering.Failover(new ArrayList<>(regions));
      case "weighted" -> new Steering.Weighted(weights);
      case "cheapest" ->
          new Steering.Cheapest(prices, busyAt == null ? Steering.Cheapest.BUSY_AT : busyAt);
      case "geo" -> {
        Map<String, List<String>> table = new LinkedHashMap<>();
        networks.forEach((network, named) -> table.put(network, List.of(named.split(",", -1))));
        yield new Steering.Geo(
            new Networks(table, SteeringOptions::literal),
            new Balancers(balancers, SteeringOptions::literal));
      }
      default ->
          throw new IllegalArgumentException(
              "--steering: " + kind + " (expected: one of [" + KINDS + "])");
    };
  }

  private static byte[] literal(String address) {
    return InetAddress.ofLiteral(address).getAddress();
  }

  private void refuseUseless(String option, String of, boolean given) {
    if (given != kind.equals(of) && (given || !OPTIONAL.contains(option))) {
      throw new IllegalArgumentException(
          given
              ? option
                  + ": it does nothing with --steering "
                  + kind
                  + " (expected: --steering "
                  + of
                  + ")"
              : "--steering " + of + " (expected: with " + option + ")");
    }
  }
}
