package io.openclaw.dns;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * An answer, read by a second reader that shares nothing with the program's and is as strict: every
 * pointer points backwards to a name, every length is right, no byte is left over.
 */
record Reply(
    int id,
    int flags,
    List<String> questions,
    List<Entry> answers,
    List<Entry> authorities,
    List<Entry> additionals) {

  /** A record; its data as text where it is known, else in hexadecimal. */
  record Entry(String owner, int type, int recordClass, long ttl, String data) {}

  static Reply read(byte[] packet) {
    return new Reader(packet).reply();
  }

  int rcode() {
    int upper =
        additionals.stream().filter(e -> e.type == 41).mapToInt(e -> (int) (e.ttl >> 24)).sum();
    return upper << 4 | (flags & 0xF);
  }

  boolean authoritative() {
    return (flags & 0x0400) != 0;
  }

  boolean truncated() {
    return (flags & 0x0200) != 0;
  }

  boolean recursionAvailable() {
    return (flags & 0x0080) != 0;
  }

  /** The answers' data, sorted. */
  List<String> data() {
    return answers.stream().map(Entry::data).sorted().toList();
  }

  Entry opt() {
    return additionals.stream().filter(e -> e.type == 41).findFirst().orElseThrow();
  }

  private static final class Reader {
    private static final int HOPS_MAX = 127;
    private final byte[] packet;
    private int at;

    Reader(byte[] packet) {
      this.packet = packet;
    }

    Reply reply() {
      int id = u16();
      int flags = u16();
      int[] counts = {u16(), u16(), u16(), u16()};
      List<String> questions = new ArrayList<>();
      for (int i = 0; i < counts[0]; i++) {
        questions.add(name() + " " + u16() + " " + u16());
      }
      Reply reply =
          new Reply(
              id, flags, questions, entries(counts[1]), entries(counts[2]), entries(counts[3]));
      if (at != packet.length) {
        throw new IllegalArgumentException(packet.length - at + " bytes left over");
      }
      return reply;
    }

    private List<Entry> entries(int count) {
      List<Entry> entries = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        String owner = name();
        int type = u16();
        int recordClass = u16();
        long ttl = (long) u16() << 16 | u16();
        int length = u16();
        int end = at + length;
        String data =
            switch (type) {
              case 1, 28, 41, 65 -> rest(end);
              case 2 -> name();
              case 6 -> name() + " " + name() + " " + rest(end);
              case 13, 16 -> strings(end);
              default -> throw new IllegalArgumentException("type " + type);
            };
        if (at != end) {
          throw new IllegalArgumentException("record ends at " + at + " not " + end);
        }
        entries.add(new Entry(owner, type, recordClass, ttl, data));
      }
      return entries;
    }

    private String rest(int end) {
      String hex = HexFormat.of().formatHex(Arrays.copyOfRange(packet, at, end));
      at = end;
      return hex;
    }

    private String strings(int end) {
      StringBuilder text = new StringBuilder();
      while (at < end) {
        int length = packet[at++] & 0xFF;
        text.append('"');
        for (int i = 0; i < length; i++) {
          text.append((char) packet[at++]);
        }
        text.append('"');
      }
      return text.toString();
    }

    private String name() {
      StringBuilder text = new StringBuilder();
      int position = at;
      int before = at;
      boolean jumped = false;
      for (int hops = 0; hops < HOPS_MAX; hops++) {
        int label = packet[position] & 0xFF;
        if (label >= 0xC0) {
          int target = (label & 0x3F) << 8 | (packet[position + 1] & 0xFF);
          if (target >= before || target < 12) {
            throw new IllegalArgumentException("pointer to " + target + " from " + before);
          }
          at = jumped ? at : position + 2;
          jumped = true;
          position = target;
          before = target;
        } else if (label == 0) {
          at = jumped ? at : position + 1;
          return text.toString();
        } else if (label > 63) {
          throw new IllegalArgumentException("label of " + label);
        } else {
          text.append(text.isEmpty() ? "" : ".");
          for (int i = 1; i <= label; i++) {
            text.append((char) packet[position + i]);
          }
          position += 1 + label;
        }
      }
      throw new IllegalArgumentException("a name without end");
    }

    private int u16() {
      int value = (packet[at] & 0xFF) << 8 | (packet[at + 1] & 0xFF);
      at += 2;
      return value;
    }
  }
}
