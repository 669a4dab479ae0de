package io.openclaw.release;

import io.openclaw.domain.Json;
import org.jspecify.annotations.Nullable;

/**
 * Which version rates a request: the same one for equal sticky values, in every region and after
 * every restart.
 *
 * <p>The sticky value's hash under the canary's salt is a uniform 64-bit number; the canary rates
 * the part of them below its weight. So a higher weight only moves values from stable to canary.
 *
 * <p>The hash is SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012) of
 * the value's UTF-16 code units, little-endian. It is a pseudo-random function of its key, and the
 * key is the salt: under two salts one value falls as if drawn anew, which an unkeyed hash whose
 * salt is only another part of the text does not promise; and whoever does not know the salt cannot
 * choose values that the canary rates. The 128-bit key is made of the salt by SplitMix64 (Steele,
 * Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
 *
 * <p>Thread-safe; allocates nothing, but the text of a number.
 */
public final class CanarySplit {
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private final long key0;
  private final long key1;
  private final int basisPoints;
  private final CanarySpec.Sticky sticky;

  public CanarySplit(CanarySpec spec) {
    long state = spec.salt() + GOLDEN_GAMMA;
    key0 = mix(state);
    state += GOLDEN_GAMMA;
    key1 = mix(state);
    sticky = spec.sticky();
    basisPoints =
        switch (spec.traffic()) {
          case CanarySpec.Traffic.Weight weight -> weight.basisPoints();
          case CanarySpec.Traffic.Shadow shadow -> 0;
        };
  }

  /** The uniform number of what the request sticks by: the value pointed to, or its key's id. */
  public long hash(String keyId, Json input) {
    String value =
        switch (sticky) {
          case CanarySpec.Sticky.Key key -> null;
          case CanarySpec.Sticky.Pointer pointer -> value(pointer, input);
        };
    return sipHash(key0, key1, value == null ? keyId : value);
  }

  /** The version that answers a request of this {@link #hash}; in shadow always the stable one. */
  public CanaryVariant variant(long hash) {
    return Math.unsignedMultiplyHigh(hash, CanarySpec.BASIS_POINTS_ALL) < basisPoints
        ? CanaryVariant.CANARY
        : CanaryVariant.STABLE;
  }

  /** The text of the value pointed to; null where there is none that can be stuck to. */
  private static @Nullable String value(CanarySpec.Sticky.Pointer pointer, Json input) {
    Json at = input;
    for (int i = 0; i < pointer.tokens().size(); i++) {
      Json next = child(at, pointer.tokens().get(i));
      if (next == null) {
        return null;
      }
      at = next;
    }
    String text =
        switch (at) {
          case Json.Str string -> string.value();
          case Json.Num number -> number.text();
          case Json.Bool bool -> bool == Json.Bool.TRUE ? "true" : "false";
          case Json.Null nothing -> null;
          case Json.Obj object -> null;
          case Json.Arr array -> null;
        };
    return text == null || text.length() > CanarySpec.Sticky.Pointer.VALUE_LENGTH_MAX ? null : text;
  }

  private static @Nullable Json child(Json value, String token) {
    return switch (value) {
      case Json.Obj object -> object.get(token);
      case Json.Arr array -> {
        int index = index(token);
        yield index >= 0 && index < array.elements().size() ? array.elements().get(index) : null;
      }
      case Json.Str string -> null;
      case Json.Num number -> null;
      case Json.Bool bool -> null;
      case Json.Null nothing -> null;
    };
  }

  /** An array's index as RFC 6901 writes it, up to 6 digits without a needless zero; or -1. */
  private static int index(String token) {
    int length = token.length();
    if (length == 0 || length > 6 || (length > 1 && token.charAt(0) == '0')) {
      return -1;
    }
    int index = 0;
    for (int i = 0; i < length; i++) {
      int digit = token.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      index = index * 10 + digit;
    }
    return index;
  }

  /** SipHash-2-4 of a text's UTF-16 code units, little-endian. */
  static long sipHash(long key0, long key1, String text) {
    long v0 = key0 ^ 0x736f6d6570736575L;
    long v1 = key1 ^ 0x646f72616e646f6dL;
    long v2 = key0 ^ 0x6c7967656e657261L;
    long v3 = key1 ^ 0x7465646279746573L;
    int length = text.length();
    int words = length / 4 + 1; // the last one ends with the length
    for (int word = 0; word < words + 2; word++) {
      long m = word < words ? word(text, word * 4) : 0;
      if (word < words) {
        v3 ^= m;
      } else if (word == words) {
        v2 ^= 0xff;
      }
      // Two rounds for each word; after the last word twice two, the four that end it.
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

  /** The eight bytes from a code unit on; past the text's end, its length in bytes on top. */
  private static long word(String text, int from) {
    long word = 0;
    int end = Math.min(text.length(), from + 4);
    for (int i = from; i < end; i++) {
      word |= (long) text.charAt(i) << (16 * (i - from));
    }
    return end < from + 4 ? word | ((2L * text.length()) << 56) : word;
  }

  private static long mix(long z) {
    long a = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    long b = (a ^ (a >>> 27)) * 0x94d049bb133111ebL;
    return b ^ (b >>> 31);
  }
}
