package io.openclaw.dns;

import java.util.List;

/**
 * Everything a zone is told.
 *
 * @param name the apex
 * @param servers its name servers, 1 to {@value #SERVERS_MAX}; the first is the SOA's
 * @param services the names that are answered with healthy regions, 1 to {@value #SERVICES_MAX},
 *     below the apex or {@value #APEX} for itself
 * @param regions what is answered, as many as there are in the health view, or fewer
 * @param ttlSeconds of every record, also of what is not there, {@value #TTL_SECONDS_MIN} to
 *     {@value #TTL_SECONDS_MAX}
 * @param answers how many regions an answer names, 1 to {@value #ANSWERS_MAX}
 * @param order which come first
 * @param alpn the protocols of HTTPS records (RFC 9460 §7.1), such as {@code h2}; empty for no
 *     HTTPS records, for one says that there is TLS
 * @param httpsPort the port of HTTPS records
 * @param status whether {@code _status.<zone>} tells, as TXT, what each region is
 */
public record ZoneSettings(
    DomainName name,
    List<NameServer> servers,
    List<String> services,
    List<RegionRecords> regions,
    int ttlSeconds,
    int answers,
    Order order,
    List<String> alpn,
    int httpsPort,
    boolean status) {
  public static final String APEX = "@";
  public static final int SERVERS_MAX = 8;
  public static final int SERVICES_MAX = 32;
  public static final int TTL_SECONDS_MIN = 1;
  public static final int TTL_SECONDS_MAX = 60;
  public static final int ANSWERS_MAX = 8;
  public static final int HTTPS_PORT = 443;
  private static final int ALPN_MAX = 8;
  private static final String ALPN = "[a-z0-9./-]{1,32}";

  public ZoneSettings {
    servers = List.copyOf(servers);
    services = List.copyOf(services);
    regions = List.copyOf(regions);
    alpn = List.copyOf(alpn);
    within("nameServers", servers.size(), 1, SERVERS_MAX);
    within("services", services.size(), 1, SERVICES_MAX);
    within("regions", regions.size(), 1, 64);
    within("ttlSeconds", ttlSeconds, TTL_SECONDS_MIN, TTL_SECONDS_MAX);
    within("answers", answers, 1, ANSWERS_MAX);
    within("https.port", httpsPort, 1, 65_535);
    within("https.alpn", alpn.size(), 0, ALPN_MAX);
    for (String protocol : alpn) {
      if (!protocol.matches(ALPN)) {
        throw new IllegalArgumentException(
            "https.alpn: " + protocol + " (expected: like h2 or http/1.1)");
      }
    }
  }

  private static void within(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + min + " to " + max + ")");
    }
  }
}
