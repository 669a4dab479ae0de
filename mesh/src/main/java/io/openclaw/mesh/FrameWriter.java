package io.openclaw.mesh;

import io.openclaw.domain.Fact;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;

/** Writes one frame. Not thread-safe; used once. */
final class FrameWriter {
  /** A name is at most its number, its length and its bytes. */
  private static final int NAME_OVERHEAD_MAX = 8;

  private static final int VARINT_BYTES_MAX = 9;

  private byte[] bytes = new byte[256];
  private int size;
  private int countAt = -1;
  private int count;

  FrameWriter(byte type, long incarnation, long stream) {
    put(Frame.VERSION);
    put(type);
    varint(incarnation);
    varint(stream);
  }

  static byte[] hello(Frame.Head head, Frame.Hello hello) {
    FrameWriter out = new FrameWriter(Frame.HELLO, head.incarnation(), head.stream());
    out.string(hello.region().getBytes(StandardCharsets.UTF_8));
    out.put(hello.regionsDigest());
    return out.bytes();
  }

  static byte[] heartbeat(Frame.Head head, Frame.Heartbeat beat) {
    FrameWriter out = new FrameWriter(Frame.HEARTBEAT, head.incarnation(), head.stream());
    out.varint(beat.seq());
    out.fixed(beat.sendNanos());
    out.varint(beat.factsSent());
    out.varint(beat.ackIncarnation());
    out.varint(beat.ackStream());
    out.varint(beat.missed());
    out.varint(beat.ackSeq());
    out.fixed(beat.ackNanos());
    return out.bytes();
  }

  static byte[] message(Frame.Head head, byte[] message) {
    FrameWriter out = new FrameWriter(Frame.MESSAGE, head.incarnation(), head.stream());
    out.put(message);
    return out.bytes();
  }

  /** A frame for facts, to be filled with {@link #add}. */
  static FrameWriter facts(Frame.Head head, long number) {
    FrameWriter out = new FrameWriter(Frame.FACTS, head.incarnation(), head.stream());
    out.varint(number);
    out.countAt = out.size;
    out.put((byte) 0);
    out.put((byte) 0);
    return out;
  }

  /** Whether a frame can carry the fact at all. */
  static boolean sendable(Fact fact, Names names) {
    boolean named =
        names.of(fact.table()).utf8().length <= Frame.STRING_BYTES_MAX
            && names.of(fact.key()).utf8().length <= Frame.STRING_BYTES_MAX;
    return named
        && switch (fact) {
          case Fact.Count c ->
              names.of(c.writer()).utf8().length <= Frame.STRING_BYTES_MAX
                  && c.values().length <= Frame.VALUES_MAX
                  && Arrays.stream(c.values()).allMatch(value -> value >= 0);
          case Fact.Register r -> r.version() > 0 && r.value().length <= Frame.REGISTER_BYTES_MAX;
        };
  }

  /**
   * Adds a sendable fact.
   *
   * @param defined the numbers the stream already explained; grows
   * @return false where the frame has no room left: nothing was added
   */
  boolean add(Fact fact, Names names, BitSet defined) {
    Names.Name table = names.of(fact.table());
    Names.Name key = names.of(fact.key());
    int bound = 1 + bound(table) + bound(key);
    switch (fact) {
      case Fact.Count c -> {
        Names.Name writer = names.of(c.writer());
        bound += bound(writer) + VARINT_BYTES_MAX * (1 + c.values().length);
        if (isFull(bound)) {
          return false;
        }
        put((byte) 1);
        name(table, defined);
        name(key, defined);
        name(writer, defined);
        varint(c.values().length);
        for (long value : c.values()) {
          varint(value);
        }
      }
      case Fact.Register r -> {
        bound += 2 * VARINT_BYTES_MAX + r.value().length;
        if (isFull(bound)) {
          return false;
        }
        put((byte) 2);
        name(table, defined);
        name(key, defined);
        varint(r.version());
        varint(r.value().length);
        put(r.value());
      }
    }
    count++;
    return true;
  }

  int count() {
    return count;
  }

  byte[] bytes() {
    if (countAt >= 0) {
      bytes[countAt] = (byte) (count >>> 8);
      bytes[countAt + 1] = (byte) count;
    }
    return Arrays.copyOf(bytes, size);
  }

  private boolean isFull(int more) {
    return count == Frame.FACTS_MAX || size + more > MeshTransport.FRAME_BYTES_MAX;
  }

  private static int bound(Names.Name name) {
    return NAME_OVERHEAD_MAX + name.utf8().length;
  }

  /** 0 and the text; or 2·(number+1), with 1 added where the text follows to explain it. */
  private void name(Names.Name name, BitSet defined) {
    if (name.number() < 0) {
      varint(0);
      string(name.utf8());
    } else if (defined.get(name.number())) {
      varint((name.number() + 1L) << 1);
    } else {
      varint(((name.number() + 1L) << 1) | 1);
      string(name.utf8());
      defined.set(name.number());
    }
  }

  private void string(byte[] utf8) {
    varint(utf8.length);
    put(utf8);
  }

  private void varint(long value) {
    room(VARINT_BYTES_MAX);
    long rest = value;
    while (rest > 0x7f) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  private void fixed(long value) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      put((byte) (value >>> shift));
    }
  }

  private void put(byte value) {
    room(1);
    bytes[size++] = value;
  }

  private void put(byte[] values) {
    room(values.length);
    System.arraycopy(values, 0, bytes, size, values.length);
    size += values.length;
  }

  private void room(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
    }
  }
}
