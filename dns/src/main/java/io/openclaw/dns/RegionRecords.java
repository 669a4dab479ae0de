package io.openclaw.dns;

import io.openclaw.steer.Cidr;
import java.util.List;
import java.util.Locale;

/**
 * What the zone says of one region.
 *
 * @param name as the health view names it; its own name in the zone, in lower case
 * @param addresses of 4 or 16 bytes each, 1 to {@value #ADDRESSES_MAX}
 * @param weight its part of the answers where they are drawn, 0 to 1,000,000
 * @param nearest the networks whose clients are sent here while it is up
 */
public record RegionRecords(String name, List<byte[]> addresses, int weight, List<Cidr> nearest) {
  public static final int ADDRESSES_MAX = 8;
  public static final int WEIGHT_MAX = 1_000_000;

  public RegionRecords {
    addresses = checked("region " + name, addresses);
    nearest = List.copyOf(nearest);
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException(
          "region " + name + ": no address (expected: at least one)");
    }
    if (weight < 0 || weight > WEIGHT_MAX) {
      throw new IllegalArgumentException(
          "region " + name + ": weight " + weight + " (expected: 0 to " + WEIGHT_MAX + ")");
    }
  }

  /** One label. */
  String label() {
    return name.toLowerCase(Locale.ROOT);
  }

  /** The addresses of 4 or of 16 bytes. */
  static List<byte[]> ofLength(List<byte[]> addresses, int bytes) {
    return addresses.stream().filter(address -> address.length == bytes).toList();
  }

  static List<byte[]> checked(String place, List<byte[]> addresses) {
    if (addresses.size() > ADDRESSES_MAX) {
      throw new IllegalArgumentException(
          place + ": " + addresses.size() + " addresses (expected: at most " + ADDRESSES_MAX + ")");
    }
    return List.copyOf(addresses);
  }
}
