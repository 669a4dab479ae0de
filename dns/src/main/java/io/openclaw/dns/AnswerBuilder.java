package io.openclaw.dns;

import io.openclaw.steer.Cidr;
import io.openclaw.steer.SubnetTable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Puts an answer's packet together. Immutable; thread-safe. */
final class AnswerBuilder {
  /** Bits of the header's third byte. */
  static final int TC = 0x02;

  private static final int QR = 0x80;
  private static final int AA = 0x04;
  private static final int OPT_BYTES = 11;
  private static final int OPTION_BYTES = 4;
  private static final int DNSSEC_OK = 0x8000;
  private static final byte[] RFC8482 = "\7RFC8482\0".getBytes(StandardCharsets.US_ASCII);
  private static final int PARAMETER_ALPN = 1;
  private static final int PARAMETER_PORT = 3;
  private static final int PARAMETER_IPV4HINT = 4;
  private static final int PARAMETER_IPV6HINT = 6;

  /** SOA's times are for secondaries, of which there are none; negative answers use the TTL. */
  private static final int REFRESH_SECONDS = 3600;

  private static final int RETRY_SECONDS = 600;
  private static final int EXPIRE_SECONDS = 86_400;

  private final ZoneSettings settings;
  private final Zone zone;
  private final Selection selection;
  private final Cookies cookies;
  private final Serial serial;
  private final DomainName contact;
  private final int zoneBytes;
  private final int ttl;
  private final byte[][][] ipv4;
  private final byte[][][] ipv6;
  private final byte[] alpn;

  AnswerBuilder(Zone zone, Selection selection, Cookies cookies, Serial serial) {
    this.settings = zone.settings;
    this.zone = zone;
    this.selection = selection;
    this.cookies = cookies;
    this.serial = serial;
    contact = settings.name().below("hostmaster");
    zoneBytes = settings.name().length();
    ttl = settings.ttlSeconds();
    int regions = settings.regions().size();
    ipv4 = new byte[regions][][];
    ipv6 = new byte[regions][][];
    for (int i = 0; i < regions; i++) {
      List<byte[]> addresses = settings.regions().get(i).addresses();
      ipv4[i] = RegionRecords.ofLength(addresses, 4).toArray(byte[][]::new);
      ipv6[i] = RegionRecords.ofLength(addresses, 16).toArray(byte[][]::new);
    }
    StringBuilder list = new StringBuilder();
    settings.alpn().forEach(protocol -> list.append((char) protocol.length()).append(protocol));
    alpn = list.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Builds the answer.
   *
   * @param node what the name is; null where there is no such name in the zone, or an error
   * @param apexAt where the zone's name begins in the question's
   * @param truncate whether the client is to come over TCP, whatever there is
   * @return its bytes in {@code work.out}
   */
  int build(
      Workspace work,
      int rcode,
      @Nullable Node node,
      int apexAt,
      byte[] client,
      boolean tcp,
      boolean truncate,
      long wallMillis) {
    Query query = work.query;
    int optBytes = query.edns ? optBytes(query) : 0; // FORMERR has one, too (RFC 6891 §7)
    int start = Math.max(query.questionEnd, Query.HEADER_BYTES);
    System.arraycopy(work.in, 0, work.out, 0, start);
    ReplyWriter writer = work.writer;
    writer.begin(
        work.out, start, limit(query, tcp) - optBytes, Query.HEADER_BYTES + apexAt, zoneBytes);
    boolean authoritative = rcode == Rcode.NXDOMAIN || (rcode == Rcode.NOERROR && node != null);
    int answers = 0;
    int authorities = 0;
    int additionals = 0;
    int scope = 0;
    if (authoritative && !truncate) {
      if (node != null) {
        int found = isSteered(query, node) ? nearest(query, client) : 0;
        scope = query.hasSubnet && query.subnetFamily != 0 ? SubnetTable.scope(found) : 0;
        boolean has = has(node, query.type);
        answers = has ? answers(work, node, SubnetTable.region(found), wallMillis) : 0;
      }
      if (answers == 0 && !writer.isFull()) {
        authorities = soa(writer, wallMillis);
      } else if (node != null && node.apex() && query.type == RecordType.NS) {
        additionals = glue(writer);
      }
    }
    boolean cut = truncate || writer.isFull();
    if (cut) {
      writer.backTo(start);
      answers = 0;
      authorities = 0;
      additionals = 0;
    }
    int end = writer.at();
    if (query.edns) {
      end = opt(work, rcode, scope, end, client, wallMillis);
      additionals++;
    }
    int flags = QR | query.opcode << 3 | (authoritative ? AA : 0) | (cut ? TC : 0);
    header(work.out, flags | (query.recursionDesired ? 1 : 0), rcode & 0xF);
    u16(work.out, 4, query.questionEnd > 0 ? 1 : 0);
    u16(work.out, 6, answers);
    u16(work.out, 8, authorities);
    u16(work.out, 10, additionals);
    return end;
  }

  private static int limit(Query query, boolean tcp) {
    if (tcp) {
      return Workspace.ANSWER_BYTES_MAX;
    }
    int asked = query.edns ? query.payloadBytes : Responder.UDP_BYTES_MIN;
    return Math.clamp(asked, Responder.UDP_BYTES_MIN, Responder.UDP_BYTES_MAX);
  }

  private static void header(byte[] out, int flags, int rcode) {
    out[2] = (byte) flags;
    out[3] = (byte) rcode;
  }

  /** Whether the answer depends on who asks. */
  private boolean isSteered(Query query, Node node) {
    return node.service()
        && switch (query.type) {
          case RecordType.A, RecordType.AAAA -> true;
          case RecordType.HTTPS -> alpn.length > 0;
          default -> false;
        };
  }

  /** By the client's network; where the query has none, or hides it, by the resolver's address. */
  private int nearest(Query query, byte[] client) {
    if (query.hasSubnet && query.subnetFamily != 0) {
      return zone.nearest.find(
          query.subnetFamily == 6, query.subnetHigh, query.subnetLow, query.subnetBits);
    }
    return zone.nearest.find(
        client.length == 16, Cidr.high(client), Cidr.low(client), client.length * 8);
  }

  /** Whether there are records of that type at a name now. */
  boolean has(Node node, int type) {
    return switch (type) {
      case RecordType.A, RecordType.AAAA -> hasAddress(node, type);
      case RecordType.HTTPS -> alpn.length > 0 && (node.service() || node.region() >= 0);
      case RecordType.SOA, RecordType.NS -> node.apex();
      case RecordType.TXT -> node.status();
      case RecordType.ANY -> !node.isEmpty();
      default -> false;
    };
  }

  private boolean hasAddress(Node node, int type) {
    if (node.service()) {
      return selection.having(selection.usable(), type) != 0;
    }
    if (node.region() >= 0) {
      return of(node.region(), type).length > 0;
    }
    for (byte[] address : node.server()) {
      if (address.length == bytesOf(type)) {
        return true;
      }
    }
    return false;
  }

  private static int bytesOf(int type) {
    return type == RecordType.A ? 4 : 16;
  }

  /** The answer section of a type that is there; how many records. */
  private int answers(Workspace work, Node node, int nearest, long wallMillis) {
    ReplyWriter writer = work.writer;
    int type = work.query.type;
    return switch (type) {
      case RecordType.A, RecordType.AAAA -> addresses(work, node, type, nearest);
      case RecordType.HTTPS -> https(work, node, nearest);
      case RecordType.SOA -> soa(writer, wallMillis);
      case RecordType.NS -> nameServers(writer);
      case RecordType.TXT -> status(writer);
      case RecordType.ANY -> any(writer);
      default -> 0;
    };
  }

  private int addresses(Workspace work, Node node, int type, int nearest) {
    if (node.service()) {
      long usable = selection.having(selection.usable(), type);
      int chosen = selection.choose(usable, nearest, work.random, work.chosen);
      int count = 0;
      for (int i = 0; i < chosen; i++) {
        count += addresses(work.writer, of(work.chosen[i], type), type);
      }
      return count;
    }
    if (node.region() >= 0) {
      return addresses(work.writer, of(node.region(), type), type);
    }
    int count = 0;
    for (byte[] address : node.server()) {
      if (address.length == bytesOf(type)) {
        count += address(work.writer, address, type);
      }
    }
    return count;
  }

  private byte[][] of(int region, int type) {
    return type == RecordType.A ? ipv4[region] : ipv6[region];
  }

  private int addresses(ReplyWriter writer, byte[][] addresses, int type) {
    for (byte[] address : addresses) {
      var _ = address(writer, address, type);
    }
    return addresses.length;
  }

  private int address(ReplyWriter writer, byte[] address, int type) {
    writer.record(type, ttl);
    writer.bytes(address, address.length);
    return writer.end() ? 1 : 0;
  }

  /** One record in service mode with the name itself as target (RFC 9460 §2.1, §7). */
  private int https(Workspace work, Node node, int nearest) {
    int chosen = 1;
    work.chosen[0] = node.region();
    if (node.service()) {
      chosen = selection.choose(selection.usable(), nearest, work.random, work.chosen);
    }
    ReplyWriter writer = work.writer;
    writer.record(RecordType.HTTPS, ttl);
    writer.u16(1);
    writer.u8(0);
    writer.u16(PARAMETER_ALPN);
    writer.u16(alpn.length);
    writer.bytes(alpn, alpn.length);
    if (settings.httpsPort() != ZoneSettings.HTTPS_PORT) {
      writer.u16(PARAMETER_PORT);
      writer.u16(2);
      writer.u16(settings.httpsPort());
    }
    hints(work, chosen, PARAMETER_IPV4HINT, ipv4, 4);
    hints(work, chosen, PARAMETER_IPV6HINT, ipv6, 16);
    return writer.end() ? 1 : 0;
  }

  private static void hints(
      Workspace work, int chosen, int parameter, byte[][][] addresses, int bytes) {
    int count = 0;
    for (int i = 0; i < chosen; i++) {
      count += addresses[work.chosen[i]].length;
    }
    if (count == 0) {
      return;
    }
    work.writer.u16(parameter);
    work.writer.u16(count * bytes);
    for (int i = 0; i < chosen; i++) {
      for (byte[] address : addresses[work.chosen[i]]) {
        work.writer.bytes(address, bytes);
      }
    }
  }

  private int soa(ReplyWriter writer, long wallMillis) {
    NameServer first = settings.servers().getFirst();
    writer.apexRecord(RecordType.SOA, ttl);
    writer.name(first.name(), first.name().isWithin(settings.name()));
    writer.name(contact, true);
    writer.u32(serial.of(selection.usable(), wallMillis));
    writer.u32(REFRESH_SECONDS);
    writer.u32(RETRY_SECONDS);
    writer.u32(EXPIRE_SECONDS);
    writer.u32(ttl);
    return writer.end() ? 1 : 0;
  }

  private int nameServers(ReplyWriter writer) {
    int count = 0;
    for (NameServer server : settings.servers()) {
      writer.apexRecord(RecordType.NS, ttl);
      writer.name(server.name(), server.name().isWithin(settings.name()));
      count += writer.end() ? 1 : 0;
    }
    return count;
  }

  /** The addresses of name servers inside the zone, as far as there is room. */
  private int glue(ReplyWriter writer) {
    if (writer.isFull()) {
      return 0; // what did not fit is a record of the answer, which must not be taken back
    }
    int count = 0;
    for (NameServer server : settings.servers()) {
      if (!server.name().isWithin(settings.name())) {
        continue;
      }
      for (byte[] address : server.addresses()) {
        int mark = writer.at();
        int type = address.length == 4 ? RecordType.A : RecordType.AAAA;
        writer.namedRecord(server.name(), type, ttl);
        writer.bytes(address, address.length);
        if (!writer.end()) {
          writer.backTo(mark);
          return count;
        }
        count++;
      }
    }
    return count;
  }

  private int status(ReplyWriter writer) {
    writer.record(RecordType.TXT, ttl);
    for (int i = 0; i < settings.regions().size(); i++) {
      String text =
          settings.regions().get(i).label()
              + "="
              + selection.state(i).name().toLowerCase(Locale.ROOT);
      byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
      writer.u8(bytes.length);
      writer.bytes(bytes, bytes.length);
    }
    return writer.end() ? 1 : 0;
  }

  /** RFC 8482 §4.2: ANY is no way to much data from little. */
  private int any(ReplyWriter writer) {
    writer.record(RecordType.HINFO, ttl);
    writer.bytes(RFC8482, RFC8482.length);
    return writer.end() ? 1 : 0;
  }

  private static int optBytes(Query query) {
    return OPT_BYTES
        + (query.hasSubnet ? OPTION_BYTES + query.subnetBytes : 0)
        + (query.cookieBytes > 0 ? OPTION_BYTES + Cookies.WHOLE_BYTES : 0);
  }

  /** Writes the OPT record (RFC 6891 §6.1) at {@code at}, for which there is room; its end. */
  private int opt(Workspace work, int rcode, int scope, int at, byte[] client, long wallMillis) {
    Query query = work.query;
    byte[] out = work.out;
    int bytes = optBytes(query);
    out[at] = 0;
    u16(out, at + 1, RecordType.OPT);
    u16(out, at + 3, Responder.UDP_BYTES_MAX);
    out[at + 5] = (byte) (rcode >> 4);
    out[at + 6] = 0;
    u16(out, at + 7, query.dnssecOk ? DNSSEC_OK : 0);
    u16(out, at + 9, bytes - OPT_BYTES);
    int option = at + OPT_BYTES;
    if (query.hasSubnet) {
      u16(out, option, OptionCode.SUBNET);
      u16(out, option + 2, query.subnetBytes);
      System.arraycopy(work.in, query.subnetAt, out, option + OPTION_BYTES, query.subnetBytes);
      out[option + OPTION_BYTES + 3] = (byte) scope;
      option += OPTION_BYTES + query.subnetBytes;
    }
    if (query.cookieBytes > 0) {
      u16(out, option, OptionCode.COOKIE);
      u16(out, option + 2, Cookies.WHOLE_BYTES);
      cookies.write(
          work.in,
          query.cookieAt,
          client,
          (int) (wallMillis / 1000),
          work.scratch,
          out,
          option + OPTION_BYTES);
    }
    return at + bytes;
  }

  private static void u16(byte[] out, int at, int value) {
    out[at] = (byte) (value >> 8);
    out[at + 1] = (byte) value;
  }
}
