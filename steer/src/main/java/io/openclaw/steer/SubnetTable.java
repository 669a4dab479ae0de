package io.openclaw.steer;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Which of several choices, such as the nearest region, a network has: the longest prefix wins. A
 * binary trie for IPv4 and one for IPv6, in arrays; immutable and thread-safe, and looking up
 * allocates nothing.
 */
public final class SubnetTable {
  /** Networks of one table. */
  public static final int NETWORKS_MAX = 100_000;

  private final Trie ipv4 = new Trie();
  private final Trie ipv6 = new Trie();

  /**
   * A table of the networks of each region.
   *
   * @param nearest networks by the region's index
   * @throws IllegalArgumentException where two regions have the same network, or there are too many
   */
  public SubnetTable(Map<Integer, List<Cidr>> nearest) {
    int networks = nearest.values().stream().mapToInt(List::size).sum();
    if (networks > NETWORKS_MAX) {
      throw new IllegalArgumentException(
          "networks: " + networks + " (expected: at most " + NETWORKS_MAX + ")");
    }
    nearest.forEach((region, list) -> list.forEach(c -> (c.ipv6() ? ipv6 : ipv4).add(c, region)));
  }

  /**
   * Looks up a network.
   *
   * @param bits how many bits of it are known
   * @return {@code region + 1 << 8 | scope}: 0 as the first part for no region; the scope is how
   *     many bits decided (RFC 7871 §7.2.1): every network that shares them gets the same answer
   */
  public int find(boolean v6, long high, long low, int bits) {
    return (v6 ? ipv6 : ipv4).find(high, low, bits);
  }

  /**
   * Looks up an address; one of IPv4 in IPv6 form (RFC 4291 §2.5.5.2) as IPv4.
   *
   * @param address 4 or 16 bytes
   * @return the index of its choice, -1 for none
   */
  int choice(byte[] address) {
    byte[] plain = unmapped(address);
    int bits = plain.length * Byte.SIZE;
    return region(find(plain.length == 16, Cidr.high(plain), Cidr.low(plain), bits));
  }

  private static byte[] unmapped(byte[] address) {
    boolean mapped = address.length == 16 && address[10] == -1 && address[11] == -1;
    for (int i = 0; mapped && i < 10; i++) {
      mapped = address[i] == 0;
    }
    return mapped ? Arrays.copyOfRange(address, 12, 16) : address;
  }

  /** The index of the region in what {@link #find} returned, -1 for none. */
  public static int region(int found) {
    return (found >> 8) - 1;
  }

  /** The scope in what {@link #find} returned. */
  public static int scope(int found) {
    return found & 0xFF;
  }

  /**
   * Two children per node, 0 for none; what is decided there, the index + 1. Node 0 is the root.
   */
  private static final class Trie {
    private int[] children = new int[64];
    private int[] regions = new int[32];
    private int nodes = 1;

    void add(Cidr network, int region) {
      int node = 0;
      for (int i = 0; i < network.bits(); i++) {
        int slot = 2 * node + Cidr.bit(network.high(), network.low(), i);
        if (children[slot] == 0) {
          int child = nodes++;
          if (nodes > regions.length) {
            children = Arrays.copyOf(children, children.length * 2);
            regions = Arrays.copyOf(regions, regions.length * 2);
          }
          children[slot] = child;
        }
        node = children[slot];
      }
      if (regions[node] != 0 && regions[node] != region + 1) {
        throw new IllegalArgumentException(
            "networks: one of " + network.bits() + " bits stands in two places (expected: in one)");
      }
      regions[node] = region + 1;
    }

    int find(long high, long low, int bits) {
      int node = 0;
      int found = regions[0];
      int depth = 0;
      while (true) {
        boolean leaf = children[2 * node] == 0 && children[2 * node + 1] == 0;
        if (leaf || depth == bits) {
          return found << 8 | depth;
        }
        node = children[2 * node + Cidr.bit(high, low, depth)];
        depth++;
        if (node == 0) {
          return found << 8 | depth;
        }
        if (regions[node] != 0) {
          found = regions[node];
        }
      }
    }
  }
}
