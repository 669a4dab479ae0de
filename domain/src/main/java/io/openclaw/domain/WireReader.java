package io.openclaw.domain;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads what a {@link WireWriter} wrote, or what anybody else did: every length and number is
 * checked before it is used. Not thread-safe; used once.
 */
public final class WireReader {
  private final byte[] bytes;
  private int at;

  /** Reads from the first byte on. */
  public WireReader(byte[] bytes) {
    this.bytes = bytes;
  }

  /** One byte. */
  public byte next() throws WireException {
    if (at == bytes.length) {
      throw tooShort();
    }
    return bytes[at++];
  }

  /** That many bytes. */
  public byte[] take(int length) throws WireException {
    if (bytes.length - at < length) {
      throw tooShort();
    }
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  /** All bytes that are left. */
  public byte[] rest() {
    int from = at;
    at = bytes.length;
    return Arrays.copyOfRange(bytes, from, at);
  }

  /** 0 to {@link Long#MAX_VALUE}, in its shortest form only. */
  public long varint() throws WireException {
    long value = 0;
    for (int i = 0; i < WireWriter.VARINT_BYTES_MAX; i++) {
      byte b = next();
      value |= (long) (b & 0x7f) << (7 * i);
      if (b >= 0) {
        if (b == 0 && i > 0) {
          throw new WireException("a number is padded");
        }
        return value;
      }
    }
    throw new WireException("a number is too long");
  }

  /** A varint greater than zero. */
  public long positive(String what) throws WireException {
    long value = varint();
    if (value == 0) {
      throw new WireException(what + " is zero");
    }
    return value;
  }

  /** A varint from 0 to {@code max}. */
  public int atMost(String what, int max) throws WireException {
    long value = varint();
    if (value > max) {
      throw new WireException("too many " + what);
    }
    return (int) value;
  }

  /** Any number in eight bytes. */
  public long fixed() throws WireException {
    long value = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      value = (value << 8) | (next() & 0xff);
    }
    return value;
  }

  /** A text of at most that many bytes. */
  public String string(int bytesMax) throws WireException {
    byte[] utf8 = take(atMost("string bytes", bytesMax));
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new WireException("a string is not UTF-8");
    }
  }

  /** Nothing may follow. */
  public void end() throws WireException {
    if (at != bytes.length) {
      throw new WireException("bytes after the end");
    }
  }

  private static WireException tooShort() {
    return new WireException("it ends too early");
  }
}
