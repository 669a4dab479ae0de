package io.openclaw.app;

import io.openclaw.yaml.ConfigException;
import io.openclaw.yaml.YamlTree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code openclaw dns}, which lie over its file. */
final class DnsOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file with everything, docs/dns.md; options lie over it.")
  @Nullable Path file;

  @Option(
      names = "--zone",
      paramLabel = "NAME",
      description = "The zone to answer for, such as rate.example.com.")
  @Nullable String zone;

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS[:PORT]",
      description = "Where to listen, UDP and TCP; repeatable, 0.0.0.0:53 by default.")
  List<String> listen = new ArrayList<>();

  @Option(
      names = "--region",
      paramLabel = "NAME=URL,ADDRESS[,ADDRESS...]",
      description = "A region, where to probe it, and what to answer; repeatable.")
  Map<String, String> regions = new LinkedHashMap<>();

  @Option(
      names = "--nearest",
      paramLabel = "NAME=CIDR[,CIDR...]",
      description = "Networks whose clients are sent to the region while it is up; repeatable.")
  Map<String, String> nearest = new LinkedHashMap<>();

  @Option(
      names = "--ns",
      paramLabel = "NAME=ADDRESS[,ADDRESS...]",
      description = "A name server of the zone; repeatable, ns1 where it listens by default.")
  Map<String, String> nameServers = new LinkedHashMap<>();

  @Option(
      names = "--service",
      paramLabel = "NAME",
      description = "A name answered with healthy regions; repeatable, @ (the zone) by default.")
  List<String> services = new ArrayList<>();

  @Option(
      names = "--ttl",
      paramLabel = "SECONDS",
      description = "How long answers may be kept, 1 to 60, 5 by default.")
  @Nullable String ttl;

  @Option(
      names = "--answers",
      paramLabel = "N",
      description = "How many regions an answer names, 1 by default.")
  @Nullable String answers;

  @Option(
      names = "--order",
      paramLabel = "weighted|latency|listed",
      description = "Which come first where no network decides, weighted by default.")
  @Nullable String order;

  @Option(names = "--status", description = "Tell at _status.<zone>, as TXT, what each region is.")
  boolean status;

  @Option(
      names = "--rate-limit",
      paramLabel = "N",
      description =
          "Answers of one kind per second to one network over UDP, 200 by default, 0 for no limit.")
  @Nullable String rateLimit;

  @Option(
      names = "--metrics-port",
      paramLabel = "PORT",
      description = "Port of /metrics and /livez on 127.0.0.1, 9153 by default, 0 for any.")
  @Nullable String metricsPort;

  DnsConfig read() throws ConfigException {
    YamlTree.Branch below = file == null ? YamlTree.Branch.empty() : YamlTree.read(file);
    return DnsConfigReader.read(below.overlaidBy(tree()), true);
  }

  private YamlTree.Branch tree() throws ConfigException {
    Map<String, YamlTree> members = new LinkedHashMap<>();
    put(members, "zone", "--zone", zone);
    put(members, "ttlSeconds", "--ttl", ttl);
    put(members, "answers", "--answers", answers);
    put(members, "order", "--order", order);
    put(members, "status", "--status", status ? "true" : null);
    if (!listen.isEmpty()) {
      members.put("listen", items("--listen", listen));
    }
    if (!services.isEmpty()) {
      members.put("services", items("--service", services));
    }
    if (rateLimit != null) {
      members.put("rateLimit", branch("--rate-limit", "perSecond", rateLimit));
    }
    if (metricsPort != null) {
      members.put("metrics", branch("--metrics-port", "port", metricsPort));
    }
    if (!regions.isEmpty() || !nearest.isEmpty()) {
      members.put("regions", regions());
    }
    Map<String, YamlTree> servers = new LinkedHashMap<>();
    nameServers.forEach((name, value) -> servers.put(name, items("--ns", split(value))));
    if (!servers.isEmpty()) {
      members.put("nameServers", new YamlTree.Branch("--ns", servers));
    }
    return new YamlTree.Branch("", members);
  }

  private YamlTree.Branch regions() throws ConfigException {
    Map<String, YamlTree> all = new LinkedHashMap<>();
    for (Map.Entry<String, String> region : regions.entrySet()) {
      List<String> parts = split(region.getValue());
      if (parts.size() < 2) {
        throw new ConfigException(
            List.of(
                "--region: "
                    + region.getKey()
                    + "="
                    + region.getValue()
                    + " (expected: NAME=URL,ADDRESS)"));
      }
      Map<String, YamlTree> members = new LinkedHashMap<>();
      members.put("url", new YamlTree.Leaf("--region", parts.getFirst()));
      members.put("addresses", items("--region", parts.subList(1, parts.size())));
      all.put(region.getKey(), new YamlTree.Branch("--region", members));
    }
    nearest.forEach(
        (region, value) -> {
          Map<String, YamlTree> members = new LinkedHashMap<>();
          if (all.get(region) instanceof YamlTree.Branch there) {
            members.putAll(there.members());
          }
          members.put("nearest", items("--nearest", split(value)));
          all.put(region, new YamlTree.Branch("--nearest", members));
        });
    return new YamlTree.Branch("--region", all);
  }

  private static void put(
      Map<String, YamlTree> members, String name, String option, @Nullable String value) {
    if (value != null) {
      members.put(name, new YamlTree.Leaf(option, value));
    }
  }

  private static YamlTree.Branch branch(String option, String name, String value) {
    return new YamlTree.Branch(option, Map.of(name, new YamlTree.Leaf(option, value)));
  }

  private static YamlTree.Items items(String option, List<String> values) {
    return new YamlTree.Items(
        option, values.stream().<YamlTree>map(v -> new YamlTree.Leaf(option, v)).toList());
  }

  private static List<String> split(String value) {
    return Arrays.asList(value.split(",", -1));
  }
}
