package io.openclaw.mesh;

import io.openclaw.domain.Fact;
import io.openclaw.domain.WireWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;

/** Writes one frame. Not thread-safe; used once. */
final class FrameWriter {
  /** A name is at most its number, its length and its bytes. */
  private static final int NAME_OVERHEAD_MAX = 8;

  private static final int FRAME_BYTES = 256;

  private final WireWriter out = new WireWriter(FRAME_BYTES);
  private int countAt = -1;
  private int count;

  FrameWriter(byte type, long incarnation, long stream) {
    out.put(Frame.VERSION);
    out.put(type);
    out.varint(incarnation);
    out.varint(stream);
  }

  static byte[] hello(Frame.Head head, Frame.Hello hello) {
    FrameWriter frame = new FrameWriter(Frame.HELLO, head.incarnation(), head.stream());
    frame.out.string(hello.region().getBytes(StandardCharsets.UTF_8));
    frame.out.put(hello.regionsDigest());
    return frame.bytes();
  }

  static byte[] heartbeat(Frame.Head head, Frame.Heartbeat beat) {
    FrameWriter frame = new FrameWriter(Frame.HEARTBEAT, head.incarnation(), head.stream());
    frame.out.varint(beat.seq());
    frame.out.fixed(beat.sendNanos());
    frame.out.varint(beat.factsSent());
    frame.out.varint(beat.ackIncarnation());
    frame.out.varint(beat.ackStream());
    frame.out.varint(beat.missed());
    frame.out.varint(beat.ackSeq());
    frame.out.fixed(beat.ackNanos());
    return frame.bytes();
  }

  static byte[] message(Frame.Head head, byte[] message) {
    FrameWriter frame = new FrameWriter(Frame.MESSAGE, head.incarnation(), head.stream());
    frame.out.put(message);
    return frame.bytes();
  }

  /** A frame for facts, to be filled with {@link #add}. */
  static FrameWriter facts(Frame.Head head, long number) {
    FrameWriter frame = new FrameWriter(Frame.FACTS, head.incarnation(), head.stream());
    frame.out.varint(number);
    frame.countAt = frame.out.size();
    frame.out.put((byte) 0);
    frame.out.put((byte) 0);
    return frame;
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
        bound += bound(writer) + WireWriter.VARINT_BYTES_MAX * (1 + c.values().length);
        if (isFull(bound)) {
          return false;
        }
        out.put((byte) 1);
        name(table, defined);
        name(key, defined);
        name(writer, defined);
        out.varint(c.values().length);
        for (long value : c.values()) {
          out.varint(value);
        }
      }
      case Fact.Register r -> {
        bound += 2 * WireWriter.VARINT_BYTES_MAX + r.value().length;
        if (isFull(bound)) {
          return false;
        }
        out.put((byte) 2);
        name(table, defined);
        name(key, defined);
        out.varint(r.version());
        out.varint(r.value().length);
        out.put(r.value());
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
      out.set(countAt, (byte) (count >>> 8));
      out.set(countAt + 1, (byte) count);
    }
    return out.bytes();
  }

  private boolean isFull(int more) {
    return count == Frame.FACTS_MAX || out.size() + more > MeshTransport.FRAME_BYTES_MAX;
  }

  private static int bound(Names.Name name) {
    return NAME_OVERHEAD_MAX + name.utf8().length;
  }

  /** 0 and the text; or 2·(number+1), with 1 added where the text follows to explain it. */
  private void name(Names.Name name, BitSet defined) {
    if (name.number() < 0) {
      out.varint(0);
      out.string(name.utf8());
    } else if (defined.get(name.number())) {
      out.varint((name.number() + 1L) << 1);
    } else {
      out.varint(((name.number() + 1L) << 1) | 1);
      out.string(name.utf8());
      defined.set(name.number());
    }
  }
}
