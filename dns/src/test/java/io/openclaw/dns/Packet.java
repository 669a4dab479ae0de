package io.openclaw.dns;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Builds a query, byte by byte, as a client would or never should. */
final class Packet {
  private final ByteArrayOutputStream questions = new ByteArrayOutputStream();
  private final ByteArrayOutputStream records = new ByteArrayOutputStream();
  private final ByteArrayOutputStream options = new ByteArrayOutputStream();
  private int id = 0x1234;
  private int flags = 0x0100; // RD, as every resolver's client
  private int questionCount;
  private int answerCount;
  private int additionalCount;
  private boolean edns;
  private int payload = 1232;
  private int version;
  private boolean dnssecOk;

  /** A query of a name as text and a type, class IN. */
  static Packet of(String name, int type) {
    return new Packet().question(name, type, 1);
  }

  Packet question(String name, int type, int recordClass) {
    questions.writeBytes(wire(name));
    u16(questions, type);
    u16(questions, recordClass);
    questionCount++;
    return this;
  }

  Packet id(int value) {
    id = value;
    return this;
  }

  Packet flags(int value) {
    flags = value;
    return this;
  }

  Packet edns(int payloadBytes) {
    edns = true;
    payload = payloadBytes;
    return this;
  }

  Packet version(int value) {
    edns = true;
    version = value;
    return this;
  }

  Packet dnssecOk() {
    edns = true;
    dnssecOk = true;
    return this;
  }

  Packet option(int code, String hex) {
    edns = true;
    byte[] data = HexFormat.of().parseHex(hex);
    u16(options, code);
    u16(options, data.length);
    options.writeBytes(data);
    return this;
  }

  /** A client subnet: family 1 or 2, bits, and the address's bytes in hexadecimal. */
  Packet subnet(int family, int bits, String address) {
    return option(8, HexFormat.of().toHexDigits((short) family) + hex(bits) + "00" + address);
  }

  /** Any record: in the answer section, or the additional one. */
  Packet record(boolean answer, String ownerHex, int type, String dataHex) {
    byte[] data = HexFormat.of().parseHex(dataHex);
    records.writeBytes(HexFormat.of().parseHex(ownerHex));
    u16(records, type);
    u16(records, 1);
    u16(records, 0);
    u16(records, 0);
    u16(records, data.length);
    records.writeBytes(data);
    if (answer) {
      answerCount++;
    } else {
      additionalCount++;
    }
    return this;
  }

  byte[] bytes() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int field :
        new int[] {id, flags, questionCount, answerCount, 0, additionalCount + (edns ? 1 : 0)}) {
      u16(all, field);
    }
    all.writeBytes(questions.toByteArray());
    all.writeBytes(records.toByteArray());
    if (edns) {
      all.write(0);
      u16(all, 41);
      u16(all, payload);
      u16(all, version);
      u16(all, dnssecOk ? 0x8000 : 0);
      u16(all, options.size());
      all.writeBytes(options.toByteArray());
    }
    return all.toByteArray();
  }

  static byte[] wire(String name) {
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    if (!name.isEmpty()) {
      for (String label : name.split("\\.", -1)) {
        wire.write(label.length());
        wire.writeBytes(label.getBytes(StandardCharsets.ISO_8859_1));
      }
    }
    wire.write(0);
    return wire.toByteArray();
  }

  private static String hex(int octet) {
    return HexFormat.of().toHexDigits((byte) octet);
  }

  private static void u16(ByteArrayOutputStream out, int value) {
    out.write(value >> 8);
    out.write(value);
  }
}
