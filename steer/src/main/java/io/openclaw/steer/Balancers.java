package io.openclaw.steer;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The load balancers that stand in front, by their networks: what they say of a client is believed,
 * what anyone else says is not. Immutable and thread-safe.
 */
public final class Balancers {
  /** No balancers: the client is the one on the connection. */
  public static final Balancers NONE = new Balancers(List.of(), text -> new byte[0]);

  private final SubnetTable table;
  private final Function<String, byte[]> addresses;

  /**
   * Balancers.
   *
   * @param networks theirs, such as {@code 192.0.2.0/24}
   * @param addresses reads an address that is written in digits, never a name; throws an {@link
   *     IllegalArgumentException} for anything else
   * @throws IllegalArgumentException naming what is no network, or is there twice
   */
  public Balancers(List<String> networks, Function<String, byte[]> addresses) {
    List<Cidr> read = networks.stream().map(each -> Cidr.parse(each, addresses)).toList();
    if (new HashSet<>(read).size() < read.size()) {
      throw new IllegalArgumentException("networks of balancers: one is there twice");
    }
    this.table = new SubnetTable(Map.of(0, read));
    this.addresses = addresses;
  }

  /**
   * Whom a request comes from: the last address on its way that is no balancer's; the first of all
   * where every one is.
   *
   * @param peer the address of the connection, 4 or 16 bytes
   * @param forwardedFor the values of {@code X-Forwarded-For}, in their order: each balancer added
   *     whom it had before it
   */
  public byte[] client(byte[] peer, List<String> forwardedFor) {
    if (table.choice(peer) < 0) {
      return peer;
    }
    byte[] client = peer;
    List<String> way = List.of(String.join(",", forwardedFor).split(",", -1));
    for (String hop : way.reversed()) {
      byte[] before = Cidr.address(withoutPort(hop.strip()), addresses);
      if (before.length == 0) {
        return client;
      }
      client = before;
      if (table.choice(client) < 0) {
        return client;
      }
    }
    return client;
  }

  /** Some balancers write {@code 192.0.2.7:5000} and {@code [2001:db8::7]:5000}. */
  private static String withoutPort(String hop) {
    int bracket = hop.indexOf(']');
    if (hop.startsWith("[") && bracket > 0) {
      return hop.substring(1, bracket);
    }
    int colon = hop.indexOf(':');
    return colon > 0 && colon == hop.lastIndexOf(':') ? hop.substring(0, colon) : hop;
  }
}
