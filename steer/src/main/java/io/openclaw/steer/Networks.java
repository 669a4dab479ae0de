package io.openclaw.steer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Networks (CIDR, RFC 4632) and the regions to prefer for clients in each, the nearest first; the
 * longest prefix that fits counts. IPv4 addresses in IPv6 form (RFC 4291 §2.5.5.2) are IPv4.
 * Immutable and thread-safe.
 */
public final class Networks {
  /** Networks of one table. */
  public static final int NETWORKS_MAX = 100_000;

  /** A network's first bits; those after its prefix are 0. */
  private record Prefix(boolean isV4, int length, long high, long low) {}

  private final Map<Prefix, List<String>> regions = new HashMap<>();
  private final List<Integer> lengthsV4;
  private final List<Integer> lengthsV6;

  /**
   * A table.
   *
   * @param table regions by network, such as {@code 192.0.2.0/24} or {@code 2001:db8::/32}
   * @param addresses reads an address that is written in digits, never a name; throws an {@link
   *     IllegalArgumentException} for anything else
   * @throws IllegalArgumentException naming what is no network, or is there twice
   */
  public Networks(Map<String, List<String>> table, Function<String, byte[]> addresses) {
    if (table.size() > NETWORKS_MAX) {
      throw new IllegalArgumentException(
          "networks: " + table.size() + " (expected: at most " + NETWORKS_MAX + ")");
    }
    Map<Integer, Boolean> v4 = new TreeMap<>(Comparator.reverseOrder());
    Map<Integer, Boolean> v6 = new TreeMap<>(Comparator.reverseOrder());
    table.forEach(
        (network, named) -> {
          Prefix prefix = parse(network, addresses);
          if (named.isEmpty()) {
            throw new IllegalArgumentException(network + ": no region (expected: one or more)");
          }
          if (regions.put(prefix, List.copyOf(named)) != null) {
            throw new IllegalArgumentException(network + ": there twice (expected: once)");
          }
          (prefix.isV4() ? v4 : v6).put(prefix.length(), true);
        });
    lengthsV4 = List.copyOf(v4.keySet());
    lengthsV6 = List.copyOf(v6.keySet());
  }

  private static Prefix parse(String network, Function<String, byte[]> addresses) {
    int slash = network.indexOf('/');
    String digits = network.substring(slash + 1);
    if (slash > 0 && digits.matches("[0-9]{1,3}")) {
      byte[] bytes = address(network.substring(0, slash), addresses);
      int length = Integer.parseInt(digits);
      if (length <= 8 * bytes.length) {
        Prefix whole = prefix(bytes, 8 * bytes.length);
        Prefix masked = prefix(bytes, length);
        if (whole.high() == masked.high() && whole.low() == masked.low()) {
          return masked;
        }
      }
    }
    throw new IllegalArgumentException(
        network
            + " (expected: a network such as 192.0.2.0/24 or 2001:db8::/32, no bit set after the"
            + " prefix)");
  }

  /** No bytes where it is no address. */
  private static byte[] address(String text, Function<String, byte[]> addresses) {
    try {
      return addresses.apply(text);
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }

  /** The regions for a client, the nearest first; none where its network is not known. */
  public List<String> of(byte[] address) {
    byte[] plain = unmapped(address);
    for (int length : plain.length == 4 ? lengthsV4 : lengthsV6) {
      List<String> found = regions.get(prefix(plain, length));
      if (found != null) {
        return found;
      }
    }
    return List.of();
  }

  /** Every region that is named. */
  public List<String> named() {
    List<String> all = new ArrayList<>();
    regions.values().forEach(all::addAll);
    return all.stream().distinct().sorted().toList();
  }

  private static byte[] unmapped(byte[] address) {
    boolean mapped = address.length == 16 && address[10] == -1 && address[11] == -1;
    for (int i = 0; mapped && i < 10; i++) {
      mapped = address[i] == 0;
    }
    return mapped ? java.util.Arrays.copyOfRange(address, 12, 16) : address;
  }

  private static Prefix prefix(byte[] bytes, int length) {
    return new Prefix(
        bytes.length == 4,
        length,
        bits(bytes, 0, Math.min(length, Long.SIZE)),
        bits(bytes, 8, Math.max(0, length - Long.SIZE)));
  }

  /** Eight bytes as a number, of which only the first bits are kept. */
  private static long bits(byte[] bytes, int from, int kept) {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | (from + i < bytes.length ? bytes[from + i] & 0xff : 0);
    }
    return kept == 0 ? 0 : value & -1L << (Long.SIZE - kept);
  }
}
