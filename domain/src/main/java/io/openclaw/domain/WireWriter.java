package io.openclaw.domain;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes in the making for a peer: numbers as varints (7 bits a byte, least first) or fixed and
 * big-endian, strings as UTF-8 with their length before them. Read by {@link WireReader}.
 *
 * <p>Not thread-safe.
 */
public final class WireWriter {
  /** The most bytes a varint takes. */
  public static final int VARINT_BYTES_MAX = 9;

  private byte[] bytes;
  private int size;

  /** An empty one with room for {@code capacity} bytes; it grows. */
  public WireWriter(int capacity) {
    bytes = new byte[Math.max(16, capacity)];
  }

  /** How many bytes there are. */
  public int size() {
    return size;
  }

  /** One byte. */
  public void put(byte value) {
    room(1);
    bytes[size++] = value;
  }

  /** Bytes as they are. */
  public void put(byte[] values) {
    room(values.length);
    System.arraycopy(values, 0, bytes, size, values.length);
    size += values.length;
  }

  /** Changes a byte that is there. */
  public void set(int at, byte value) {
    bytes[at] = value;
  }

  /** A number from 0 to {@link Long#MAX_VALUE}. */
  public void varint(long value) {
    room(VARINT_BYTES_MAX);
    long rest = value;
    while (rest > 0x7f) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  /** Any number, in eight bytes. */
  public void fixed(long value) {
    room(Long.BYTES);
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes[size++] = (byte) (value >>> shift);
    }
  }

  /** A text with its length in bytes. */
  public void string(String text) {
    string(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A text's UTF-8 with its length. */
  public void string(byte[] utf8) {
    varint(utf8.length);
    put(utf8);
  }

  /** A copy of what was written. */
  public byte[] bytes() {
    return Arrays.copyOf(bytes, size);
  }

  private void room(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
    }
  }
}
