package io.openclaw.app;

import io.openclaw.dns.DomainName;
import io.openclaw.dns.NameServer;
import io.openclaw.dns.Order;
import io.openclaw.dns.RegionRecords;
import io.openclaw.dns.ZoneSettings;
import io.openclaw.router.DnsSettings;
import io.openclaw.steer.Cidr;
import io.openclaw.yaml.ConfigException;
import io.openclaw.yaml.ConfigReader;
import io.openclaw.yaml.YamlTree;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads what a DNS responder is told: docs/dns.md has the names. Strict, with places. */
final class DnsConfigReader {
  private static final int PORT = 53;
  private static final int METRICS_PORT = 9153;
  private static final String IPV4 = "[0-9]{1,3}(\\.[0-9]{1,3}){3}";
  private static final Set<String> KNOWN =
      Set.of(
          "zone",
          "listen",
          "nameServers",
          "services",
          "regions",
          "ttlSeconds",
          "answers",
          "order",
          "https",
          "status",
          "rateLimit",
          "udpThreads",
          "tcp",
          "metrics");

  private final ConfigReader reader = new ConfigReader();
  private final YamlTree.Branch root;
  private final boolean probes;

  private DnsConfigReader(YamlTree.Branch root, boolean probes) {
    this.root = root;
    this.probes = probes;
  }

  /**
   * Reads a configuration.
   *
   * @param probes whether the regions need URLs, because nobody else probes them
   */
  static DnsConfig read(YamlTree.Branch root, boolean probes) throws ConfigException {
    return new DnsConfigReader(root, probes).config();
  }

  private DnsConfig config() throws ConfigException {
    reader.onlyKnown(root, "", KNOWN);
    Optional<DomainName> name = domain(reader.text(root, "", "zone", ""), "zone");
    List<InetSocketAddress> listen = listen();
    Map<String, YamlTree.Branch> regions =
        reader.branches(reader.branch(root, "", "regions"), "regions");
    List<RegionRecords> records = new ArrayList<>();
    Map<String, URI> urls = new LinkedHashMap<>();
    regions.forEach((region, branch) -> region(region, branch, records, urls));
    YamlTree.Branch https = section("https", "alpn", "port");
    YamlTree.Branch limit = section("rateLimit", "perSecond", "slip");
    YamlTree.Branch metrics = section("metrics", "host", "port");
    List<String> services = reader.texts(root, "", "services");
    int ttl = number(root, "", "ttlSeconds", 5, 1, ZoneSettings.TTL_SECONDS_MAX);
    int answers = number(root, "", "answers", 1, 1, ZoneSettings.ANSWERS_MAX);
    Order order = order();
    int httpsPort = number(https, "https", "port", ZoneSettings.HTTPS_PORT, 1, 65_535);
    boolean status = flag("status");
    int perSecond = number(limit, "rateLimit", "perSecond", 200, 0, 100_000);
    int slip = number(limit, "rateLimit", "slip", 2, 0, 100);
    DnsSettings server = server(listen);
    int metricsPort = number(metrics, "metrics", "port", METRICS_PORT, 0, 65_535);
    reader.finish();
    try {
      ZoneSettings zone =
          new ZoneSettings(
              name.orElseThrow(),
              nameServers(name.orElseThrow(), listen),
              services.isEmpty() ? List.of(ZoneSettings.APEX) : services,
              records,
              ttl,
              answers,
              order,
              reader.texts(https, "https", "alpn"),
              httpsPort,
              status);
      reader.finish();
      return new DnsConfig(
          zone,
          server,
          urls,
          perSecond,
          slip,
          reader.text(metrics, "metrics", "host", "127.0.0.1"),
          metricsPort);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(List.of(String.valueOf(e.getMessage())));
    }
  }

  private YamlTree.Branch section(String name, String... known) {
    YamlTree.Branch branch = reader.branch(root, "", name);
    reader.onlyKnown(branch, name, List.of(known));
    return branch;
  }

  private int number(
      YamlTree.Branch branch, String path, String name, int fallback, int min, int max) {
    return (int) reader.number(branch, path, name, fallback, min, max);
  }

  private boolean flag(String name) {
    String text = reader.text(root, "", name, "false");
    if (!text.equals("true") && !text.equals("false")) {
      reader.complain(place(root, name), name + ": " + text + " (expected: true or false)");
    }
    return text.equals("true");
  }

  private static String place(YamlTree.Branch branch, String name) {
    YamlTree value = branch.get(name);
    return value == null ? "" : value.place();
  }

  private Order order() {
    String text = reader.text(root, "", "order", "weighted");
    for (Order order : Order.values()) {
      if (text.equals(order.name().toLowerCase(Locale.ROOT))) {
        return order;
      }
    }
    reader.complain(
        place(root, "order"),
        "order: "
            + text
            + " (expected: one of "
            + Stream.of(Order.values())
                .map(o -> o.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", ", "[", "]"))
            + ")");
    return Order.WEIGHTED;
  }

  private DnsSettings server(List<InetSocketAddress> listen) {
    DnsSettings usual = DnsSettings.of(List.of(new InetSocketAddress(PORT)));
    YamlTree.Branch tcp = section("tcp", "connectionsMax", "connectionsPerClientMax", "idleMillis");
    int connections = number(tcp, "tcp", "connectionsMax", usual.connectionsMax(), 1, 100_000);
    int perClient =
        number(
            tcp,
            "tcp",
            "connectionsPerClientMax",
            Math.min(connections, usual.connectionsPerClientMax()),
            1,
            connections);
    int idle = number(tcp, "tcp", "idleMillis", usual.connectionMillis(), 100, 600_000);
    int threads = number(root, "", "udpThreads", usual.udpThreads(), 1, 64);
    return new DnsSettings(
        listen.isEmpty() ? usual.listen() : listen, threads, connections, perClient, idle);
  }

  private void region(
      String name, YamlTree.Branch branch, List<RegionRecords> records, Map<String, URI> urls) {
    String path = "regions." + name;
    reader.onlyKnown(branch, path, List.of("url", "addresses", "weight", "nearest"));
    if (probes) {
      url(branch, path).ifPresent(url -> urls.put(name, url));
    } else if (branch.get("url") != null) {
      reader.complain(
          place(branch, "url"), path + ".url: (expected: none, --region of the router says it)");
    }
    List<byte[]> addresses =
        addresses(branch, path, "addresses", reader.texts(branch, path, "addresses"));
    List<Cidr> nearest = new ArrayList<>();
    for (String text : reader.texts(branch, path, "nearest")) {
      network(branch, path, text).ifPresent(nearest::add);
    }
    int weight = number(branch, path, "weight", 1, 0, RegionRecords.WEIGHT_MAX);
    try {
      records.add(new RegionRecords(name, addresses, weight, nearest));
    } catch (IllegalArgumentException e) {
      reader.complain(branch.place(), String.valueOf(e.getMessage()));
    }
  }

  private Optional<URI> url(YamlTree.Branch branch, String path) {
    String text = reader.text(branch, path, "url", "");
    try {
      URI url = URI.create(text);
      if (url.getHost() != null) {
        return Optional.of(url);
      }
    } catch (IllegalArgumentException e) {
      // complained about below
    }
    reader.complain(
        place(branch, "url"), path + ".url: " + text + " (expected: like http://10.0.0.1:8080)");
    return Optional.empty();
  }

  private List<byte[]> addresses(
      YamlTree.Branch branch, String path, String name, List<String> texts) {
    List<byte[]> addresses = new ArrayList<>();
    for (String text : texts) {
      InetAddress address = literal(text);
      if (address == null) {
        reader.complain(
            place(branch, name),
            ConfigReader.join(path, name) + ": " + text + " (expected: IPv4 or IPv6 addresses)");
      } else {
        addresses.add(address.getAddress());
      }
    }
    return addresses;
  }

  private Optional<Cidr> network(YamlTree.Branch branch, String path, String text) {
    int slash = text.indexOf('/');
    InetAddress address = slash < 0 ? null : literal(text.substring(0, slash));
    if (address != null && text.substring(slash + 1).matches("[0-9]{1,3}")) {
      try {
        return Optional.of(
            Cidr.of(address.getAddress(), Integer.parseInt(text.substring(slash + 1))));
      } catch (IllegalArgumentException e) {
        reader.complain(
            place(branch, "nearest"), path + ".nearest: " + text + ": " + e.getMessage());
        return Optional.empty();
      }
    }
    reader.complain(
        place(branch, "nearest"),
        path + ".nearest: " + text + " (expected: like 203.0.113.0/24 or 2001:db8::/32)");
    return Optional.empty();
  }

  /** An address that is written out, so that nothing is looked up; null where it is none. */
  private static @Nullable InetAddress literal(String text) {
    if (!text.contains(":") && !text.matches(IPV4) || text.contains("%")) {
      return null;
    }
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private Optional<DomainName> domain(String text, String path) {
    try {
      return Optional.of(DomainName.of(text));
    } catch (IllegalArgumentException e) {
      reader.complain(place(root, path), path + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  private List<InetSocketAddress> listen() {
    List<InetSocketAddress> listen = new ArrayList<>();
    for (String text : reader.texts(root, "", "listen")) {
      String host = text.replaceFirst("^\\[(.*)](:[0-9]{1,5})?$", "$1");
      String port = text.replaceFirst("^(\\[.*]|[^:]*)(:|$)", "");
      if (host.equals(text) && text.matches(IPV4 + "(:[0-9]{1,5})?")) {
        host = text.replaceFirst(":.*", "");
      }
      InetAddress address = literal(host);
      if (address == null || !port.matches("[0-9]{0,5}")) {
        reader.complain(
            place(root, "listen"), "listen: " + text + " (expected: like 0.0.0.0:53 or [::]:53)");
        continue;
      }
      int number = port.isEmpty() ? PORT : Integer.parseInt(port);
      if (number > 65_535) {
        reader.complain(place(root, "listen"), "listen: " + text + " (expected: a port to 65535)");
      } else {
        listen.add(new InetSocketAddress(address, number));
      }
    }
    return listen;
  }

  /** A name without a dot is below the zone. Without any: ns1, where the zone is listened for. */
  private List<NameServer> nameServers(DomainName zone, List<InetSocketAddress> listen) {
    YamlTree.Branch branch = reader.branch(root, "", "nameServers");
    if (branch.members().isEmpty()) {
      List<byte[]> addresses =
          listen.stream()
              .map(InetSocketAddress::getAddress)
              .filter(address -> !address.isAnyLocalAddress())
              .map(InetAddress::getAddress)
              .limit(RegionRecords.ADDRESSES_MAX)
              .toList();
      return List.of(new NameServer(zone.below("ns1"), addresses));
    }
    List<NameServer> servers = new ArrayList<>();
    for (String name : branch.members().keySet()) {
      List<byte[]> addresses =
          addresses(branch, "nameServers", name, reader.texts(branch, "nameServers", name));
      DomainName full = name.contains(".") ? DomainName.of(name) : zone.below(name);
      servers.add(new NameServer(full, addresses));
    }
    return servers;
  }
}
