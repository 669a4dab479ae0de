package io.openclaw.rating;

import io.openclaw.domain.WireException;
import io.openclaw.domain.WireReader;
import io.openclaw.domain.WireWriter;
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
    WireWriter out = new WireWriter(64);
    out.varint(FORMAT_VERSION);
    switch (this) {
      case Scored r -> {
        begin(out, 1, r.key, r.steps, r.step);
        out.string(r.id == null ? "" : r.id);
        out.varint(r.number);
      }
      case Retracted r -> {
        begin(out, 2, r.key, r.steps, r.step);
        out.string(r.id);
      }
      case Counted r -> {
        out.varint(3);
        out.string(r.key);
        out.varint(r.vector.length);
        for (long value : r.vector) {
          out.varint(value);
        }
      }
      case Remembered r -> {
        begin(out, 4, r.key, r.steps, r.step);
        out.string(r.id);
        out.varint(r.number);
        out.varint(r.retracted ? 1 : 0);
      }
    }
    return out.bytes();
  }

  private static void begin(WireWriter out, int type, String key, int steps, int step) {
    out.varint(type);
    out.string(key);
    out.varint(steps);
    out.varint(step);
  }

  /**
   * The record the bytes hold.
   *
   * @throws IllegalArgumentException where the bytes are no record of this version
   */
  static ItemRecord decode(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    try {
      long version = in.varint();
      if (version != FORMAT_VERSION) {
        throw new WireException(
            "record version: " + version + " (expected: " + FORMAT_VERSION + ")");
      }
      ItemRecord record = read(in);
      in.end();
      return record;
    } catch (WireException e) {
      throw new IllegalArgumentException(e.reason(), e);
    }
  }

  private static ItemRecord read(WireReader in) throws WireException {
    long type = in.varint();
    String key = in.string(Integer.MAX_VALUE);
    if (type == 3) {
      return counted(key, in);
    }
    int steps = in.atMost("steps", ItemStore.STEPS_MAX);
    int step = in.atMost("steps of the scale", steps - 1);
    String id = in.string(Integer.MAX_VALUE);
    return switch ((int) Math.min(type, Integer.MAX_VALUE)) {
      case 1 -> new Scored(key, steps, step, id.isEmpty() ? null : id, tries(in));
      case 2 -> new Retracted(key, steps, step, id);
      case 4 -> new Remembered(key, steps, step, id, tries(in), in.atMost("flags", 1) == 1);
      default -> throw new WireException("record type: " + type + " (expected: 1 to 4)");
    };
  }

  private static Counted counted(String key, WireReader in) throws WireException {
    long[] vector = new long[in.atMost("counts", 2 * ItemStore.STEPS_MAX)];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = in.varint();
      if (vector[i] > ItemCounts.COUNT_MAX) {
        throw new WireException("a count is too large");
      }
    }
    return new Counted(key, vector);
  }

  private static int tries(WireReader in) throws WireException {
    return in.atMost("tries", Integer.MAX_VALUE);
  }
}
