package io.openclaw.wasm;

import io.openclaw.rating.ModelException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads the binary format of WebAssembly (core specification 2.0, chapter 5): bytes, LEB128 numbers
 * and names between two offsets of a module. Every error names the byte offset. Not thread-safe.
 */
final class Cursor {
  private final byte[] bytes;
  private final int end;
  private int at;

  Cursor(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  int at() {
    return at;
  }

  boolean hasMore() {
    return at < end;
  }

  /** One byte, 0 to 255. */
  int u8() throws ModelException {
    if (at >= end) {
      throw wrong(at, "the end", "more bytes");
    }
    return bytes[at++] & 0xff;
  }

  /** An unsigned number of 32 bits that is at most {@code max}. */
  int u32(int max) throws ModelException {
    int start = at;
    long value = u32();
    if (value > max) {
      throw wrong(start, Long.toString(value), "at most " + max);
    }
    return (int) value;
  }

  /** An unsigned number of 32 bits. */
  long u32() throws ModelException {
    int start = at;
    long value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int b = u8();
      value |= (long) (b & 0x7f) << shift;
      if (b < 0x80) {
        if (value > 0xffff_ffffL) {
          break;
        }
        return value;
      }
    }
    throw wrong(start, "a number too large", "an unsigned number of 32 bits");
  }

  /** Passes a signed number of at most {@code bits} bits. */
  void skipSigned(int bits) throws ModelException {
    int start = at;
    for (int read = 0; read < bits; read += 7) {
      if (u8() < 0x80) {
        return;
      }
    }
    throw wrong(start, "a number too long", "a signed number of " + bits + " bits");
  }

  void skip(long count) throws ModelException {
    if (count > end - at) {
      throw wrong(at, "the end", count + " more bytes");
    }
    at += (int) count;
  }

  /** A name of at most {@code max} bytes of UTF-8. */
  String name(int max) throws ModelException {
    int start = at;
    int length = u32(max);
    int from = at;
    skip(length);
    try {
      CharBuffer text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, length));
      return text.toString();
    } catch (CharacterCodingException e) {
      throw wrong(start, "a name that is no UTF-8", "UTF-8");
    }
  }

  /** The refusal of what stands at an offset. */
  static ModelException wrong(int offset, String found, String expected) {
    return new ModelException("byte " + offset, found, expected);
  }
}
