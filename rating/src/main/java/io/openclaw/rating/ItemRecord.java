package io.openclaw.rating;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One record of an item store's log.
 *
 * <p>As bytes: a version byte, a type byte, then the components in order; whole numbers are
 * unsigned LEB128, strings a length in bytes and UTF-8. The log frames and checks them.
 */
sealed interface ItemRecord {
  /** The first byte of every record. */
  int FORMAT_VERSION = 1;

  /** A score was counted. An {@code id} of null is written as the empty string. */
  record Scored(String key, int steps, int step, @Nullable String id, int number)
      implements ItemRecord {}

  /** The score of an attempt was taken back. */
  record Retracted(String key, int steps, int step, String id) implements ItemRecord {}

  /** Everything counted and taken back so far: what a snapshot holds of an item. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never changed, never compared
  record Counted(String key, long[] vector) implements ItemRecord {}

  /** An attempt whose score is in an earlier {@link Counted}. */
  record Remembered(String key, int steps, int step, String id, int number, boolean retracted)
      implements ItemRecord {}

  default byte[] encode() {
    Writer out = new Writer();
    switch (this) {
      case Scored r ->
          out.number(1)
              .text(r.key)
              .number(r.steps)
              .number(r.step)
              .text(r.id == null ? "" : r.id)
              .number(r.number);
      case Retracted r -> out.number(2).text(r.key).number(r.steps).number(r.step).text(r.id);
      case Counted r -> {
        out.number(3).text(r.key).number(r.vector.length);
        for (long value : r.vector) {
          out.number(value);
        }
      }
      case Remembered r ->
          out.number(4)
              .text(r.key)
              .number(r.steps)
              .number(r.step)
              .text(r.id)
              .number(r.number)
              .number(r.retracted ? 1 : 0);
    }
    return out.bytes.toByteArray();
  }

  /**
   * The record the bytes hold.
   *
   * @throws IllegalArgumentException where the bytes are no record of this version
   */
  static ItemRecord decode(byte[] bytes) {
    Reader in = new Reader(ByteBuffer.wrap(bytes));
    long version = in.number(255);
    if (version != FORMAT_VERSION) {
      throw new IllegalArgumentException(
          "record version: " + version + " (expected: " + FORMAT_VERSION + ")");
    }
    ItemRecord record = in.record();
    if (in.bytes.hasRemaining()) {
      throw new IllegalArgumentException(in.bytes.remaining() + " bytes after the record");
    }
    return record;
  }

  /** Appends components. */
  final class Writer {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);

    private Writer() {
      bytes.write(FORMAT_VERSION);
    }

    private Writer number(long value) {
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        bytes.write((int) ((rest & 0x7f) | 0x80));
        rest >>>= 7;
      }
      bytes.write((int) rest);
      return this;
    }

    private Writer text(String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      number(utf8.length);
      bytes.writeBytes(utf8);
      return this;
    }
  }

  /** Takes components off the front. */
  record Reader(ByteBuffer bytes) {
    private ItemRecord record() {
      int type = (int) number(255);
      String key = text();
      if (type == 3) {
        int length = (int) number(2L * ItemStore.STEPS_MAX);
        long[] vector = new long[length];
        for (int i = 0; i < length; i++) {
          vector[i] = number(ItemCounts.COUNT_MAX);
        }
        return new Counted(key, vector);
      }
      int steps = (int) number(ItemStore.STEPS_MAX);
      int step = (int) number(steps - 1L);
      String id = text();
      return switch (type) {
        case 1 -> new Scored(key, steps, step, id.isEmpty() ? null : id, attemptNumber());
        case 2 -> new Retracted(key, steps, step, id);
        case 4 -> new Remembered(key, steps, step, id, attemptNumber(), number(1) == 1);
        default ->
            throw new IllegalArgumentException("record type: " + type + " (expected: 1 to 4)");
      };
    }

    private int attemptNumber() {
      return (int) number(Integer.MAX_VALUE);
    }

    private long number(long max) {
      long value = 0;
      for (int shift = 0; shift < 63; shift += 7) {
        byte next = next();
        value |= (next & 0x7fL) << shift;
        if (next >= 0) {
          if (value > max) {
            throw new IllegalArgumentException("number: " + value + " (expected: <= " + max + ")");
          }
          return value;
        }
      }
      throw new IllegalArgumentException("number: more than 63 bits");
    }

    private byte next() {
      if (!bytes.hasRemaining()) {
        throw new IllegalArgumentException("the record ends too early");
      }
      return bytes.get();
    }

    private String text() {
      int length = (int) number(bytes.remaining());
      if (length > bytes.remaining()) {
        throw new IllegalArgumentException("the record ends too early");
      }
      ByteBuffer text = bytes.slice(bytes.position(), length);
      bytes.position(bytes.position() + length);
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
      } catch (CharacterCodingException e) {
        throw new IllegalArgumentException("a string is not UTF-8", e);
      }
    }
  }
}
