package io.openclaw.dns;

import io.openclaw.steer.Cidr;

/**
 * A query as it was read from a packet (RFC 1035 §4.1), with its EDNS options (RFC 6891). Read anew
 * into the same object for each packet, so that reading allocates nothing; for one thread.
 *
 * <p>Reading is strict and every loop is bounded by the packet's length: one question, or none
 * beside a cookie, at most {@value #RECORDS_MAX} records, no byte after the last. The question's
 * name must stand there uncompressed, for before it is nothing to point to; elsewhere a pointer
 * must point backwards, and is never followed, for no name but the question's is looked at.
 */
final class Query {
  static final int HEADER_BYTES = 12;
  static final int RECORDS_MAX = 16;

  /** What is not answered at all: shorter than a header, or an answer itself. */
  static final int DROP = -1;

  private static final int LABELS_MAX = 128;
  private static final int COOKIE_BYTES_MAX = 40;

  int id;
  int opcode;
  boolean recursionDesired;

  /** Where the question ends; 0 where there is none. */
  int questionEnd;

  /** The question's name in lower case, in wire form with the root. */
  final byte[] name = new byte[DomainName.BYTES_MAX];

  int nameLength;
  int labels;

  /** Where each label begins in {@link #name}. */
  final int[] labelAt = new int[LABELS_MAX];

  int type;
  int recordClass;

  boolean edns;
  int version;
  int payloadBytes;
  boolean dnssecOk;

  /** A client subnet (RFC 7871): 0 for none asked for, else 4 or 6. */
  int subnetFamily;

  boolean hasSubnet;
  int subnetBits;
  long subnetHigh;
  long subnetLow;
  int subnetAt;
  int subnetBytes;

  /** Where the cookie is (RFC 7873), and its length; 0 for none. */
  int cookieAt;

  int cookieBytes;

  private byte[] packet = {};
  private int end;
  private int at;

  /** Reads a packet; {@link #DROP}, or an {@link Rcode}: NOERROR where it may be answered. */
  int read(byte[] bytes, int length) {
    packet = bytes;
    end = length;
    forget();
    if (length < HEADER_BYTES || (bytes[2] & 0x80) != 0) {
      return DROP;
    }
    id = u16(0);
    opcode = (bytes[2] >> 3) & 0xF;
    recursionDesired = (bytes[2] & 1) != 0;
    if (opcode != 0) {
      return Rcode.NOTIMP;
    }
    int questions = u16(4);
    at = HEADER_BYTES;
    if (questions > 1 || (questions == 1 && !readQuestion())) { // RFC 9619
      return Rcode.FORMERR;
    }
    if (!readRecords()) {
      hasSubnet = false; // what is malformed has an OPT record at most, and no options
      cookieBytes = 0;
      return Rcode.FORMERR;
    }
    return questions == 1 || cookieBytes > 0 ? Rcode.NOERROR : Rcode.FORMERR; // RFC 7873 §5.4
  }

  private boolean readQuestion() {
    if (!readName() || end - at < 4) {
      return false;
    }
    type = u16(at);
    recordClass = u16(at + 2);
    at += 4;
    questionEnd = at;
    return true;
  }

  private void forget() {
    id = 0;
    opcode = 0;
    recursionDesired = false;
    questionEnd = 0;
    nameLength = 0;
    labels = 0;
    type = 0;
    recordClass = 0;
    edns = false;
    version = 0;
    payloadBytes = 0;
    dnssecOk = false;
    hasSubnet = false;
    subnetFamily = 0;
    subnetBits = 0;
    subnetHigh = 0;
    subnetLow = 0;
    subnetBytes = 0;
    cookieBytes = 0;
  }

  private boolean readName() {
    int length = 0;
    while (at < end) {
      int label = packet[at] & 0xFF;
      if (label > DomainName.LABEL_BYTES_MAX
          || length + 1 + label > DomainName.BYTES_MAX
          || at + 1 + label > end) {
        return false;
      }
      name[length] = (byte) label;
      if (label == 0) {
        nameLength = length + 1;
        at++;
        return true;
      }
      labelAt[labels++] = length;
      for (int i = 1; i <= label; i++) {
        byte b = packet[at + i];
        name[length + i] = b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
      }
      length += 1 + label;
      at += 1 + label;
    }
    return false;
  }

  private boolean readRecords() {
    int answers = u16(6);
    int authorities = u16(8);
    int additionals = u16(10);
    if (answers + authorities + additionals > RECORDS_MAX) {
      return false;
    }
    for (int i = 0; i < answers + authorities + additionals; i++) {
      int owner = at;
      if (!skipName() || end - at < 10) {
        return false;
      }
      int found = u16(at);
      int dataAt = at + 10;
      int dataBytes = u16(at + 8);
      if (end - dataAt < dataBytes) {
        return false;
      }
      if (found == RecordType.OPT) {
        boolean misplaced = i < answers + authorities || edns || packet[owner] != 0;
        if (misplaced || !readOpt(dataAt, dataBytes)) {
          return false;
        }
      }
      at = dataAt + dataBytes;
    }
    return at == end;
  }

  /** Goes past a name, which ends at the root or at a pointer (RFC 1035 §4.1.4). */
  private boolean skipName() {
    int start = at;
    while (at < end) {
      int label = packet[at] & 0xFF;
      if (label >= 0xC0) {
        if (end - at < 2) {
          return false;
        }
        int target = u16(at) & 0x3FFF;
        at += 2;
        return target >= HEADER_BYTES && target < start;
      }
      if (label > DomainName.LABEL_BYTES_MAX || at - start + 1 + label > DomainName.BYTES_MAX) {
        return false;
      }
      at += 1 + label;
      if (label == 0) {
        return true;
      }
    }
    return false;
  }

  private boolean readOpt(int dataAt, int dataBytes) {
    edns = true;
    payloadBytes = u16(at + 2);
    version = packet[at + 5] & 0xFF;
    dnssecOk = (packet[at + 6] & 0x80) != 0;
    if (version != 0) {
      return true; // BADVERS, and the rest may be in another form
    }
    int dataEnd = dataAt + dataBytes;
    int option = dataAt;
    while (dataEnd - option >= 4) {
      int code = u16(option);
      int bytes = u16(option + 2);
      option += 4;
      if (dataEnd - option < bytes) {
        return false;
      }
      boolean good =
          switch (code) {
            case OptionCode.SUBNET -> readSubnet(option, bytes);
            case OptionCode.COOKIE -> readCookie(option, bytes);
            default -> true;
          };
      if (!good) {
        return false;
      }
      option += bytes;
    }
    return option == dataEnd;
  }

  /** RFC 7871 §6: the address has just the bytes that the prefix needs, and zeros after it. */
  private boolean readSubnet(int from, int bytes) {
    if (bytes < 4 || hasSubnet) {
      return false;
    }
    int family = u16(from);
    int bits = packet[from + 2] & 0xFF;
    int scope = packet[from + 3] & 0xFF;
    int bitsMax =
        switch (family) {
          case 1 -> 32;
          case 2 -> 128;
          default -> 0; // dig's +subnet=0 has family 0
        };
    if (family > 2 || bits > bitsMax || scope != 0 || bytes - 4 != (bits + 7) / 8) {
      return false;
    }
    hasSubnet = true;
    subnetFamily = bits == 0 ? 0 : family == 1 ? 4 : 6;
    subnetBits = bits;
    subnetAt = from;
    subnetBytes = bytes;
    for (int i = 0; i < bytes - 4; i++) {
      long b = packet[from + 4 + i] & 0xFF;
      if (i < 8) {
        subnetHigh |= b << (56 - 8 * i);
      } else {
        subnetLow |= b << (120 - 8 * i);
      }
    }
    return Cidr.isPrefix(subnetHigh, subnetLow, bits);
  }

  private boolean readCookie(int from, int bytes) {
    boolean sized =
        bytes == Cookies.CLIENT_BYTES
            || (bytes >= 2 * Cookies.CLIENT_BYTES && bytes <= COOKIE_BYTES_MAX);
    if (!sized || cookieBytes != 0) {
      return false; // RFC 7873 §5.2.2
    }
    cookieAt = from;
    cookieBytes = bytes;
    return true;
  }

  private int u16(int from) {
    return (packet[from] & 0xFF) << 8 | (packet[from + 1] & 0xFF);
  }
}
