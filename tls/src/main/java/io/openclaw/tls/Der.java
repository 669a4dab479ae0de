package io.openclaw.tls;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;

/**
 * Values in the distinguished encoding rules of ASN.1 (X.690), as far as certificates need them.
 */
final class Der {
  private static final DateTimeFormatter UTC_TIME =
      DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter GENERALIZED_TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

  /** RFC 5280, 4.1.2.5: from this year on, times are GeneralizedTime. */
  private static final int GENERALIZED_FROM_YEAR = 2050;

  private Der() {}

  static byte[] sequence(byte[]... members) {
    return value(0x30, concat(members));
  }

  static byte[] set(byte[] member) {
    return value(0x31, member);
  }

  static byte[] integer(BigInteger number) {
    return value(0x02, number.toByteArray());
  }

  static byte[] integer(long number) {
    return integer(BigInteger.valueOf(number));
  }

  static byte[] bool(boolean truth) {
    return value(0x01, new byte[] {(byte) (truth ? 0xff : 0)});
  }

  static byte[] octets(byte[] bytes) {
    return value(0x04, bytes);
  }

  /**
   * A bit string.
   *
   * @param unused how many of the last byte's low bits are none
   */
  static byte[] bits(byte[] bytes, int unused) {
    return value(0x03, concat(new byte[] {(byte) unused}, bytes));
  }

  static byte[] nothing() {
    return value(0x05, new byte[0]);
  }

  static byte[] utf8(String text) {
    return value(0x0c, text.getBytes(StandardCharsets.UTF_8));
  }

  /** An object identifier in dots. */
  static byte[] oid(String dotted) {
    long[] arcs = Arrays.stream(dotted.split("\\.", -1)).mapToLong(Long::parseLong).toArray();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    base128(out, 40 * arcs[0] + arcs[1]);
    for (int i = 2; i < arcs.length; i++) {
      base128(out, arcs[i]);
    }
    return value(0x06, out.toByteArray());
  }

  private static void base128(ByteArrayOutputStream out, long arc) {
    int shift = 0;
    while (arc >>> shift + 7 != 0) {
      shift += 7;
    }
    for (; shift >= 0; shift -= 7) {
      out.write((int) (arc >>> shift & 0x7f) | (shift == 0 ? 0 : 0x80));
    }
  }

  /** A time in whole seconds. */
  static byte[] time(Instant at) {
    boolean general = at.atOffset(ZoneOffset.UTC).getYear() >= GENERALIZED_FROM_YEAR;
    String text = (general ? GENERALIZED_TIME : UTC_TIME).format(at);
    return value(general ? 0x18 : 0x17, text.getBytes(StandardCharsets.US_ASCII));
  }

  /** A constructed value under a context tag. */
  static byte[] explicit(int tag, byte[] content) {
    return value(0xa0 | tag, content);
  }

  /** A primitive value under a context tag. */
  static byte[] implicit(int tag, byte[] content) {
    return value(0x80 | tag, content);
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] value(int tag, byte[] content) {
    byte[] length;
    if (content.length < 0x80) {
      length = new byte[] {(byte) content.length};
    } else {
      byte[] digits = BigInteger.valueOf(content.length).toByteArray();
      byte[] plain = digits[0] == 0 ? Arrays.copyOfRange(digits, 1, digits.length) : digits;
      length = concat(new byte[] {(byte) (0x80 | plain.length)}, plain);
    }
    return concat(new byte[] {(byte) tag}, length, content);
  }
}
