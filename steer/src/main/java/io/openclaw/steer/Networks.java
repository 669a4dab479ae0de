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
 * longest prefix that fits counts. Immutable and thread-safe.
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
          Cidr network = Cidr.parse(text, addresses);
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

  /** The regions for a client, the nearest first; none where its network is not known. */
  public List<String> of(byte[] address) {
    int choice = table.choice(address);
    return choice < 0 ? List.of() : choices.get(choice);
  }

  /** Every region that is named. */
  public List<String> named() {
    return choices.stream().flatMap(List::stream).distinct().sorted().toList();
  }
}
