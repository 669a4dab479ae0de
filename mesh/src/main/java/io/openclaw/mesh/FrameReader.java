package io.openclaw.mesh;

import io.openclaw.domain.Fact;
import io.openclaw.domain.WireException;
import io.openclaw.domain.WireReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one frame, which anybody may have written: every length, count and number is checked before
 * it is used. Not thread-safe; used once.
 */
final class FrameReader {
  private final WireReader in;
  private final int length;

  FrameReader(byte[] bytes) {
    in = new WireReader(bytes);
    length = bytes.length;
  }

  Frame.Head head() throws WireException {
    if (length > MeshTransport.FRAME_BYTES_MAX) {
      throw new WireException("frame too long");
    }
    byte version = in.next();
    if (version != Frame.VERSION) {
      throw new WireException("unknown version " + version);
    }
    byte type = in.next();
    if (type < Frame.HELLO || type > Frame.MESSAGE) {
      throw new WireException("unknown type " + type);
    }
    return new Frame.Head(type, in.positive("incarnation"), in.positive("stream"));
  }

  Frame.Hello hello() throws WireException {
    return ended(new Frame.Hello(string(), in.take(Frame.DIGEST_BYTES)));
  }

  Frame.Heartbeat heartbeat() throws WireException {
    return ended(
        new Frame.Heartbeat(
            in.positive("heartbeat"),
            in.fixed(),
            in.varint(),
            in.varint(),
            in.varint(),
            in.varint(),
            in.varint(),
            in.fixed()));
  }

  /** What a protocol of its own has sent. */
  byte[] message() {
    return in.rest();
  }

  Frame.Facts facts(Dictionary names) throws WireException {
    long number = in.positive("frame number");
    int count = ((in.next() & 0xff) << 8) | (in.next() & 0xff);
    if (count > Frame.FACTS_MAX) {
      throw new WireException("too many facts");
    }
    List<Fact> facts = new ArrayList<>(count);
    int unresolved = 0;
    for (int i = 0; i < count; i++) {
      Fact fact = fact(names);
      if (fact == null) {
        unresolved++;
      } else {
        facts.add(fact);
      }
    }
    return ended(new Frame.Facts(number, facts, unresolved));
  }

  private @Nullable Fact fact(Dictionary names) throws WireException {
    byte kind = in.next();
    return switch (kind) {
      case 1 -> count(names);
      case 2 -> register(names);
      default -> throw new WireException("unknown kind of fact " + kind);
    };
  }

  private @Nullable Fact count(Dictionary names) throws WireException {
    String table = name(names);
    String key = name(names);
    String writer = name(names);
    long[] values = new long[in.atMost("values", Frame.VALUES_MAX)];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.varint();
    }
    if (table == null || key == null || writer == null) {
      return null;
    }
    return new Fact.Count(table, key, writer, values);
  }

  private @Nullable Fact register(Dictionary names) throws WireException {
    String table = name(names);
    String key = name(names);
    long version = in.positive("version");
    byte[] value = in.take(in.atMost("register bytes", Frame.REGISTER_BYTES_MAX));
    if (table == null || key == null) {
      return null;
    }
    return new Fact.Register(table, key, version, value);
  }

  /** The name, or null for a number whose explanation never arrived. */
  private @Nullable String name(Dictionary names) throws WireException {
    long code = in.varint();
    if (code == 0) {
      return string();
    }
    long number = (code >>> 1) - 1;
    if (number < 0 || number >= Frame.DICTIONARY_MAX) {
      throw new WireException("name number out of range");
    }
    if ((code & 1) == 0) {
      return names.get((int) number);
    }
    String text = string();
    if (!names.define((int) number, text)) {
      throw new WireException("a name number was given twice");
    }
    return text;
  }

  private String string() throws WireException {
    return in.string(Frame.STRING_BYTES_MAX);
  }

  private <F extends Frame> F ended(F frame) throws WireException {
    in.end();
    return frame;
  }

  /** The names a peer explained on one stream, by number; at most {@link Frame#DICTIONARY_MAX}. */
  static final class Dictionary {
    private @Nullable String[] names = new @Nullable String[64];

    @Nullable String get(int number) {
      return number < names.length ? names[number] : null;
    }

    /** False where the number already stands for another name. */
    boolean define(int number, String name) {
      if (number >= names.length) {
        names = Arrays.copyOf(names, Math.max(number + 1, 2 * names.length));
      }
      String known = names[number];
      if (known != null) {
        return known.equals(name);
      }
      names[number] = name;
      return true;
    }
  }
}
