package io.openclaw.dns;

/**
 * DNS cookies (RFC 7873) in the form of RFC 9018: who sends back what it was given has its own
 * address, and is not limited as somebody who may be forging one. Immutable; thread-safe.
 */
final class Cookies {
  static final int CLIENT_BYTES = 8;
  static final int WHOLE_BYTES = 24;
  private static final int SECONDS_OLD_MAX = 3600;
  private static final int SECONDS_AHEAD_MAX = 300;

  private final long k0;
  private final long k1;

  /** Cookies under a secret of 128 bits, in the little-endian words of SipHash. */
  Cookies(long k0, long k1) {
    this.k0 = k0;
    this.k1 = k1;
  }

  /** Whether the cookie at {@code at} was made here for that address, within the last hour. */
  boolean isOurs(byte[] packet, int at, int bytes, byte[] client, int nowSeconds, byte[] scratch) {
    if (bytes != WHOLE_BYTES || packet[at + CLIENT_BYTES] != 1) {
      return false;
    }
    int made = u32(packet, at + 12);
    int age = nowSeconds - made; // serial arithmetic, RFC 1982
    if (age > SECONDS_OLD_MAX || age < -SECONDS_AHEAD_MAX) {
      return false;
    }
    System.arraycopy(packet, at, scratch, 0, 16);
    return hash(scratch, client) == u64(packet, at + 16);
  }

  /** Writes a whole cookie for the client's part at {@code at}. */
  void write(
      byte[] packet, int at, byte[] client, int nowSeconds, byte[] scratch, byte[] out, int to) {
    System.arraycopy(packet, at, scratch, 0, CLIENT_BYTES);
    scratch[8] = 1;
    scratch[9] = 0;
    scratch[10] = 0;
    scratch[11] = 0;
    for (int i = 0; i < 4; i++) {
      scratch[12 + i] = (byte) (nowSeconds >>> (24 - 8 * i));
    }
    System.arraycopy(scratch, 0, out, to, 16);
    long hash = hash(scratch, client);
    for (int i = 0; i < 8; i++) {
      out[to + 16 + i] = (byte) (hash >>> (56 - 8 * i));
    }
  }

  /** Of the 16 bytes in {@code scratch} and the address; the hash's bytes travel little-endian. */
  private long hash(byte[] scratch, byte[] client) {
    System.arraycopy(client, 0, scratch, 16, client.length);
    return Long.reverseBytes(SipHash.hash(k0, k1, scratch, 0, 16 + client.length));
  }

  private static int u32(byte[] bytes, int at) {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      value = value << 8 | (bytes[at + i] & 0xFF);
    }
    return value;
  }

  private static long u64(byte[] bytes, int at) {
    return (long) u32(bytes, at) << 32 | (u32(bytes, at + 4) & 0xFFFF_FFFFL);
  }
}
