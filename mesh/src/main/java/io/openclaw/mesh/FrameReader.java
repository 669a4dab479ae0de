package io.openclaw.mesh;

import io.openclaw.domain.Fact;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one frame, which anybody may have written: every length, count and number is checked before
 * it is used. Not thread-safe; used once.
 */
final class FrameReader {
  private static final int VARINT_BYTES_MAX = 9;

  private final byte[] bytes;
  private int at;

  FrameReader(byte[] bytes) {
    this.bytes = bytes;
  }

  Frame.Head head() throws MalformedFrameException {
    if (bytes.length > MeshTransport.FRAME_BYTES_MAX) {
      throw new MalformedFrameException("frame too long");
    }
    byte version = next();
    if (version != Frame.VERSION) {
      throw new MalformedFrameException("unknown version " + version);
    }
    byte type = next();
    if (type < Frame.HELLO || type > Frame.MESSAGE) {
      throw new MalformedFrameException("unknown type " + type);
    }
    return new Frame.Head(type, positive("incarnation"), positive("stream"));
  }

  Frame.Hello hello() throws MalformedFrameException {
    return ended(new Frame.Hello(string(), take(Frame.DIGEST_BYTES)));
  }

  Frame.Heartbeat heartbeat() throws MalformedFrameException {
    return ended(
        new Frame.Heartbeat(
            positive("heartbeat"),
            fixed(),
            varint(),
            varint(),
            varint(),
            varint(),
            varint(),
            fixed()));
  }

  /** What a protocol of its own has sent. */
  byte[] message() {
    int from = at;
    at = bytes.length;
    return Arrays.copyOfRange(bytes, from, at);
  }

  Frame.Facts facts(Dictionary names) throws MalformedFrameException {
    long number = positive("frame number");
    int count = ((next() & 0xff) << 8) | (next() & 0xff);
    if (count > Frame.FACTS_MAX) {
      throw new MalformedFrameException("too many facts");
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

  private @Nullable Fact fact(Dictionary names) throws MalformedFrameException {
    byte kind = next();
    return switch (kind) {
      case 1 -> count(names);
      case 2 -> register(names);
      default -> throw new MalformedFrameException("unknown kind of fact " + kind);
    };
  }

  private @Nullable Fact count(Dictionary names) throws MalformedFrameException {
    String table = name(names);
    String key = name(names);
    String writer = name(names);
    long[] values = new long[atMost("values", Frame.VALUES_MAX)];
    for (int i = 0; i < values.length; i++) {
      values[i] = varint();
    }
    if (table == null || key == null || writer == null) {
      return null;
    }
    return new Fact.Count(table, key, writer, values);
  }

  private @Nullable Fact register(Dictionary names) throws MalformedFrameException {
    String table = name(names);
    String key = name(names);
    long version = positive("version");
    byte[] value = take(atMost("register bytes", Frame.REGISTER_BYTES_MAX));
    if (table == null || key == null) {
      return null;
    }
    return new Fact.Register(table, key, version, value);
  }

  /** The name, or null for a number whose explanation never arrived. */
  private @Nullable String name(Dictionary names) throws MalformedFrameException {
    long code = varint();
    if (code == 0) {
      return string();
    }
    long number = (code >>> 1) - 1;
    if (number < 0 || number >= Frame.DICTIONARY_MAX) {
      throw new MalformedFrameException("name number out of range");
    }
    if ((code & 1) == 0) {
      return names.get((int) number);
    }
    String text = string();
    if (!names.define((int) number, text)) {
      throw new MalformedFrameException("a name number was given twice");
    }
    return text;
  }

  private String string() throws MalformedFrameException {
    byte[] utf8 = take(atMost("string bytes", Frame.STRING_BYTES_MAX));
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedFrameException("a string is not UTF-8");
    }
  }

  private int atMost(String what, int max) throws MalformedFrameException {
    long value = varint();
    if (value > max) {
      throw new MalformedFrameException("too many " + what);
    }
    return (int) value;
  }

  private long positive(String what) throws MalformedFrameException {
    long value = varint();
    if (value == 0) {
      throw new MalformedFrameException(what + " is zero");
    }
    return value;
  }

  /** 0 to {@link Long#MAX_VALUE}, in its shortest form only. */
  private long varint() throws MalformedFrameException {
    long value = 0;
    for (int i = 0; i < VARINT_BYTES_MAX; i++) {
      byte b = next();
      value |= (long) (b & 0x7f) << (7 * i);
      if (b >= 0) {
        if (b == 0 && i > 0) {
          throw new MalformedFrameException("a number is padded");
        }
        return value;
      }
    }
    throw new MalformedFrameException("a number is too long");
  }

  private long fixed() throws MalformedFrameException {
    long value = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      value = (value << 8) | (next() & 0xff);
    }
    return value;
  }

  private byte[] take(int length) throws MalformedFrameException {
    if (bytes.length - at < length) {
      throw new MalformedFrameException("the frame ends too early");
    }
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  private byte next() throws MalformedFrameException {
    if (at == bytes.length) {
      throw new MalformedFrameException("the frame ends too early");
    }
    return bytes[at++];
  }

  private <F extends Frame> F ended(F frame) throws MalformedFrameException {
    if (at != bytes.length) {
      throw new MalformedFrameException("bytes after the end of the frame");
    }
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
