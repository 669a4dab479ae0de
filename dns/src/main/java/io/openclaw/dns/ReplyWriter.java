package io.openclaw.dns;

/**
 * Writes an answer's records after its header and question. What does not fit within the limit is
 * not written, and {@link #isFull} says so. Never beyond the limit; for one thread.
 *
 * <p>Names are compressed (RFC 1035 §4.1.4) by what is known of every answer: the question's name
 * stands at byte 12, and the zone's is its end.
 */
final class ReplyWriter {
  private static final int POINTER = 0xC000;

  private byte[] out = {};
  private int limit;
  private int at;
  private int apexAt;
  private int zoneBytes;
  private boolean full;

  /** Where the record's data begins that is being written. */
  private int dataAt;

  /**
   * Begins.
   *
   * @param apexAt where the zone's name begins in the packet
   * @param zoneBytes how long it is in wire form
   */
  void begin(byte[] out, int at, int limit, int apexAt, int zoneBytes) {
    this.out = out;
    this.at = at;
    this.limit = limit;
    this.apexAt = apexAt;
    this.zoneBytes = zoneBytes;
    full = false;
  }

  int at() {
    return at;
  }

  boolean isFull() {
    return full;
  }

  /** Begins a record whose owner is the question's name. */
  void record(int type, int ttlSeconds) {
    owner(Query.HEADER_BYTES);
    head(type, ttlSeconds);
  }

  /** Begins a record whose owner is the zone's name. */
  void apexRecord(int type, int ttlSeconds) {
    owner(apexAt);
    head(type, ttlSeconds);
  }

  /** Begins a record whose owner is a name inside the zone. */
  void namedRecord(DomainName owner, int type, int ttlSeconds) {
    name(owner, true);
    head(type, ttlSeconds);
  }

  private void owner(int target) {
    u16(POINTER | target);
  }

  private void head(int type, int ttlSeconds) {
    u16(type);
    u16(RecordType.CLASS_IN);
    u32(ttlSeconds);
    u16(0);
    dataAt = at;
  }

  /** Ends the record: its length is known now. Whether it fitted. */
  boolean end() {
    if (full) {
      return false;
    }
    int length = at - dataAt;
    out[dataAt - 2] = (byte) (length >> 8);
    out[dataAt - 1] = (byte) length;
    return true;
  }

  /** A name in a record's data or as its owner; what is inside the zone ends with a pointer. */
  void name(DomainName name, boolean inZone) {
    byte[] wire = name.wire();
    if (inZone) {
      bytes(wire, wire.length - zoneBytes);
      u16(POINTER | apexAt);
    } else {
      bytes(wire, wire.length);
    }
  }

  void bytes(byte[] bytes, int length) {
    if (fits(length)) {
      System.arraycopy(bytes, 0, out, at, length);
      at += length;
    }
  }

  void u8(int value) {
    if (fits(1)) {
      out[at++] = (byte) value;
    }
  }

  void u16(int value) {
    if (fits(2)) {
      out[at] = (byte) (value >> 8);
      out[at + 1] = (byte) value;
      at += 2;
    }
  }

  void u32(long value) {
    u16((int) (value >>> 16));
    u16((int) value);
  }

  private boolean fits(int bytes) {
    if (limit - at < bytes) {
      full = true;
    }
    return !full;
  }

  /** Undoes what was written after {@code mark}, which was no record that had to be there. */
  void backTo(int mark) {
    at = mark;
    full = false;
  }
}
