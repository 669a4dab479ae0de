package io.openclaw.steer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Networks (CIDR, RFC 4632) and the regions to prefer for clients in each, the nearest first; the
 * longest prefix that fits counts. IPv4 addresses in IPv6 form (RFC 4291 §2.5.5.2) are IPv4.
 * Immutable and thread-safe.
 */
public final class Networks {
  private final SubnetTable table;
  private final List<List<String>> choices;

  /**
   * A table.
   *
   * @param table regions by network, such as {@code 192.0.2.0/24} or {@code 2001:db8::/32}
   * @param addresses reads an address that is written in digits, never a name; throws an {@link
   *     IllegalArgumentException} for anything else
   * @throws IllegalArgumentException naming what is no network, or is there twice
   */
  public Networks(Map<String, List<String>> table, Function<String, byte[]> addresses) {
    Map<List<String>, List<Cidr>> networks = new LinkedHashMap<>();
    Set<Cidr> seen = new HashSet<>();
    table.forEach(
        (text, named) -> {
          Cidr network = parse(text, addresses);
          if (named.isEmpty()) {
            throw new IllegalArgumentException(text + ": no region (expected: one or more)");
          }
          if (!seen.add(network)) {
            throw new IllegalArgumentException(text + ": there twice (expected: once)");
          }
          networks.computeIfAbsent(List.copyOf(named), none -> new ArrayList<>()).add(network);
        });
    choices = List.copyOf(networks.keySet());
    Map<Integer, List<Cidr>> byChoice = new HashMap<>();
    networks.values().forEach(each -> byChoice.put(byChoice.size(), each));
    this.table = new SubnetTable(byChoice);
  }

  private static Cidr parse(String network, Function<String, byte[]> addresses) {
    int slash = network.indexOf('/');
    String digits = network.substring(slash + 1);
    if (slash > 0 && digits.matches("[0-9]{1,3}")) {
      byte[] bytes = address(network.substring(0, slash), addresses);
      int length = Integer.parseInt(digits);
      if (length <= 8 * bytes.length && Cidr.isPrefix(Cidr.high(bytes), Cidr.low(bytes), length)) {
        return Cidr.of(bytes, length);
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
    int choice =
        SubnetTable.region(
            table.find(
                plain.length == 16, Cidr.high(plain), Cidr.low(plain), plain.length * Byte.SIZE));
    return choice < 0 ? List.of() : choices.get(choice);
  }

  /** Every region that is named. */
  public List<String> named() {
    return choices.stream().flatMap(List::stream).distinct().sorted().toList();
  }

  private static byte[] unmapped(byte[] address) {
    boolean mapped = address.length == 16 && address[10] == -1 && address[11] == -1;
    for (int i = 0; mapped && i < 10; i++) {
      mapped = address[i] == 0;
    }
    return mapped ? java.util.Arrays.copyOfRange(address, 12, 16) : address;
  }
}
