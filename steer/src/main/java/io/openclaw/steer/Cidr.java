package io.openclaw.steer;

import java.util.function.Function;

/**
 * A network: the addresses that share their first bits. IPv4 stands in the first 32 of 128 bits.
 *
 * @param ipv6 whether it is IPv6
 * @param high the first 64 bits
 * @param low the others
 * @param bits how many bits are shared, 0 to 32 or 128; those after are zero
 */
public record Cidr(boolean ipv6, long high, long low, int bits) {
  public Cidr {
    int bitsMax = ipv6 ? 128 : 32;
    if (bits < 0 || bits > bitsMax) {
      throw new IllegalArgumentException(
          "prefix length: " + bits + " (expected: 0 to " + bitsMax + ")");
    }
    if (!isPrefix(high, low, bits)) {
      throw new IllegalArgumentException(
          "network: bits are set after the first " + bits + " (expected: none)");
    }
  }

  /** The network of the first {@code bits} bits of an address of 4 or 16 bytes. */
  public static Cidr of(byte[] address, int bits) {
    return new Cidr(address.length == 16, high(address), low(address), bits);
  }

  /**
   * Reads a network such as {@code 192.0.2.0/24} or {@code 2001:db8::/32}.
   *
   * @param addresses reads an address that is written in digits, never a name; throws an {@link
   *     IllegalArgumentException} for anything else
   * @throws IllegalArgumentException naming what is no network
   */
  static Cidr parse(String network, Function<String, byte[]> addresses) {
    int slash = network.indexOf('/');
    String digits = network.substring(slash + 1);
    if (slash > 0 && digits.matches("[0-9]{1,3}")) {
      byte[] bytes = address(network.substring(0, slash), addresses);
      int length = Integer.parseInt(digits);
      if (length <= 8 * bytes.length && isPrefix(high(bytes), low(bytes), length)) {
        return of(bytes, length);
      }
    }
    throw new IllegalArgumentException(
        network
            + " (expected: a network such as 192.0.2.0/24 or 2001:db8::/32, no bit set after the"
            + " prefix)");
  }

  /** No bytes where it is no address. */
  static byte[] address(String text, Function<String, byte[]> addresses) {
    try {
      return addresses.apply(text);
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }

  /** The first 64 bits of an address. */
  public static long high(byte[] address) {
    long bits = 0;
    for (int i = 0; i < 8; i++) {
      bits = bits << 8 | (i < address.length ? address[i] & 0xFF : 0);
    }
    return bits;
  }

  /** The last 64 bits of an address; 0 for IPv4. */
  public static long low(byte[] address) {
    long bits = 0;
    for (int i = 8; i < address.length; i++) {
      bits = bits << 8 | (address[i] & 0xFF);
    }
    return bits;
  }

  /** Whether all bits after the first {@code bits} are zero. */
  public static boolean isPrefix(long high, long low, int bits) {
    return high == (high & mask(bits)) && low == (low & mask(bits - 64));
  }

  /** A mask of that many leading ones; none below 1, all above 63. */
  public static long mask(int ones) {
    return ones <= 0 ? 0 : ones >= 64 ? -1L : -1L << (64 - ones);
  }

  /** Bit {@code index} of an address, from the first on. */
  public static int bit(long high, long low, int index) {
    return (int) (index < 64 ? high >>> (63 - index) : low >>> (127 - index)) & 1;
  }
}
