package io.openclaw.dns;

import java.util.ArrayList;
import java.util.List;

/** Zones of unusual sizes. */
final class Zones {
  private Zones() {}

  /** Three regions with eight addresses of IPv6 each, all of them answered. */
  static ZoneSettings large() {
    ZoneSettings usual = TestZone.settings(3, Order.LISTED);
    List<RegionRecords> regions =
        usual.regions().stream()
            .map(r -> new RegionRecords(r.name(), eight(r.name().charAt(0)), 1, List.of()))
            .toList();
    return new ZoneSettings(
        usual.name(),
        usual.servers(),
        usual.services(),
        regions,
        60,
        3,
        usual.order(),
        usual.alpn(),
        usual.httpsPort(),
        true);
  }

  /** Eight name servers, whose names alone are more than fit into 512 bytes. */
  static ZoneSettings manyServers() {
    ZoneSettings usual = TestZone.settings(1, Order.LISTED);
    List<NameServer> servers = new ArrayList<>();
    for (int i = 0; i < ZoneSettings.SERVERS_MAX; i++) {
      DomainName name = usual.name().below("s" + i + "-".repeat(60) + "x");
      servers.add(new NameServer(name, List.of(new byte[] {(byte) 192, 0, 2, (byte) i})));
    }
    return new ZoneSettings(
        usual.name(),
        servers,
        usual.services(),
        usual.regions(),
        usual.ttlSeconds(),
        usual.answers(),
        usual.order(),
        usual.alpn(),
        usual.httpsPort(),
        usual.status());
  }

  private static List<byte[]> eight(char name) {
    byte[][] addresses = new byte[8][16];
    for (int i = 0; i < 8; i++) {
      addresses[i][0] = 0x20;
      addresses[i][14] = (byte) name;
      addresses[i][15] = (byte) i;
    }
    return List.of(addresses);
  }
}
