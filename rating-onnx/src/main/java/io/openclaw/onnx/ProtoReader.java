package io.openclaw.onnx;

import io.openclaw.rating.ModelException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads the fields of one Protocol Buffers message out of an array, one after the other, without
 * copying; what is cut off or malformed is a {@link ModelException} with its byte. Source: the
 * Protocol Buffers encoding guide. Not thread-safe.
 */
final class ProtoReader {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int BYTES = 2;
  static final int FIXED32 = 5;

  private final byte[] bytes;
  private final int end;
  private int at;
  private int field;
  private int wire;
  private int start;

  ProtoReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  private ProtoReader(byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  /** A reader that stands where this one does. */
  ProtoReader copy() {
    ProtoReader copy = new ProtoReader(bytes, at, end);
    copy.field = field;
    copy.wire = wire;
    copy.start = start;
    return copy;
  }

  /** Goes to the next field; false at the end. What was not read of the last must be skipped. */
  boolean next() throws ModelException {
    if (at == end) {
      return false;
    }
    start = at;
    long tag = raw();
    field = (int) (tag >>> 3);
    wire = (int) (tag & 7);
    if (tag >>> 3 < 1 || tag >>> 3 > 0x1FFFFFFF || !(wire <= BYTES || wire == FIXED32)) {
      throw new ModelException(
          "byte " + start, "field " + (tag >>> 3) + " of wire type " + wire, "a field of ONNX");
    }
    return true;
  }

  int field() {
    return field;
  }

  /** Whether the present field is this one. */
  boolean is(int number, int wireType) throws ModelException {
    if (field != number) {
      return false;
    }
    if (wire != wireType) {
      throw new ModelException(
          "byte " + start, "wire type " + wire + " of field " + field, "wire type " + wireType);
    }
    return true;
  }

  int wire() {
    return wire;
  }

  /** Where the present field began. */
  int start() {
    return start;
  }

  /** Where the present field, being read or skipped, ended. */
  int position() {
    return at;
  }

  void skip() throws ModelException {
    switch (wire) {
      case VARINT -> {
        var _ = raw();
      }
      case FIXED64 -> advance(8);
      case BYTES -> advance(length());
      default -> advance(4);
    }
  }

  long varint() throws ModelException {
    return raw();
  }

  float float32() throws ModelException {
    int from = at;
    advance(4);
    return Float.intBitsToFloat(
        (bytes[from] & 0xFF)
            | (bytes[from + 1] & 0xFF) << 8
            | (bytes[from + 2] & 0xFF) << 16
            | (bytes[from + 3] & 0xFF) << 24);
  }

  /** The message that the present field holds. */
  ProtoReader message() throws ModelException {
    int length = length();
    int from = at;
    advance(length);
    return new ProtoReader(bytes, from, at);
  }

  /** Whether nothing is left. */
  boolean atEnd() {
    return at == end;
  }

  byte[] bytes() throws ModelException {
    int length = length();
    int from = at;
    advance(length);
    return java.util.Arrays.copyOfRange(bytes, from, at);
  }

  /** A string of at most {@code bytesMax} bytes of UTF-8. */
  String text(int bytesMax) throws ModelException {
    int length = length();
    if (length > bytesMax) {
      throw new ModelException(
          "byte " + start, "a name of " + length + " bytes", "at most " + bytesMax);
    }
    int from = at;
    advance(length);
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(java.nio.ByteBuffer.wrap(bytes, from, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw new ModelException("byte " + start, "a malformed text", "UTF-8");
    }
  }

  private int length() throws ModelException {
    if (wire != BYTES) {
      throw new ModelException(
          "byte " + start, "wire type " + wire + " of field " + field, "wire type " + BYTES);
    }
    long length = raw();
    if (length < 0 || length > end - at) {
      throw cutOff(length);
    }
    return (int) length;
  }

  private void advance(int by) throws ModelException {
    if (by > end - at) {
      throw cutOff(by);
    }
    at += by;
  }

  private ModelException cutOff(long wanted) {
    return new ModelException(
        "byte " + start, (end - at) + " bytes left", wanted + ": the file is cut off or no ONNX");
  }

  private long raw() throws ModelException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at == end) {
        throw cutOff(1);
      }
      byte next = bytes[at++];
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new ModelException("byte " + start, "a number of more than 10 bytes", "at most 10");
  }
}
