package io.openclaw.dns;

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
