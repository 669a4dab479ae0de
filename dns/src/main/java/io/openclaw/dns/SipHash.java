package io.openclaw.dns;

/**
 * SipHash-2-4: a hash that who does not know the key cannot aim at (Aumasson and Bernstein, 2012).
 */
final class SipHash {
  private SipHash() {}

  /** The hash of {@code length} bytes under the key of two words, little-endian as in the paper. */
  static long hash(long k0, long k1, byte[] data, int from, int length) {
    long v0 = k0 ^ 0x736f6d6570736575L;
    long v1 = k1 ^ 0x646f72616e646f6dL;
    long v2 = k0 ^ 0x6c7967656e657261L;
    long v3 = k1 ^ 0x7465646279746573L;
    int words = length / 8;
    // One word more, which carries the length; then four rounds without one.
    for (int i = 0; i <= words + 2; i++) {
      long m = 0;
      if (i <= words) {
        int rest = Math.min(8, length - 8 * i);
        for (int b = 0; b < rest; b++) {
          m |= (data[from + 8 * i + b] & 0xFFL) << (8 * b);
        }
        if (i == words) {
          m |= (long) length << 56;
        }
      } else if (i == words + 1) {
        v2 ^= 0xff;
      }
      v3 ^= m;
      for (int round = 0; round < 2; round++) {
        v0 += v1;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v3;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v2 = Long.rotateLeft(v2, 32);
      }
      v0 ^= m;
    }
    return v0 ^ v1 ^ v2 ^ v3;
  }
}
