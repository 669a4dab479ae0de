package io.openclaw.dns;

import io.openclaw.steer.Cidr;
import io.openclaw.steer.HealthView;
import org.jspecify.annotations.Nullable;

/**
 * An authoritative name server without its sockets: a query's packet goes in, the answer's comes
 * out.
 *
 * <p>It answers for one zone and recurses for nobody: what is outside is REFUSED, and RA is never
 * set. Thread-safe; each thread has a {@link Workspace} of its own, and answering a query for
 * addresses allocates nothing.
 *
 * <p>Follows RFC 1034, 1035 (answers, compression), 2308 (SOA in negative answers), 5936 (transfers
 * refused), 6891 (EDNS, BADVERS), 7766 (TC sends a client to TCP), 7871 (client subnet), 7873 and
 * 9018 (cookies), 8482 (ANY), 9460 (HTTPS), 9619 (one question).
 */
public final class Responder {
  /** Fits into one packet on any path that IPv6 allows (DNS flag day 2020). */
  public static final int UDP_BYTES_MAX = 1232;

  static final int UDP_BYTES_MIN = 512;
  private static final int RATE_ERRORS = -1;
  private static final int RATE_NXDOMAIN = -2;
  private static final int RATE_NODATA = -3;

  private final Zone zone;
  private final Selection selection;
  private final Cookies cookies;
  private final ResponseRate rate;
  private final int slip;
  private final AnswerBuilder builder;
  private final DnsCounters counters;

  /**
   * A responder for one zone.
   *
   * @param rate how often one network is given the same answer over UDP
   * @param slip of how many answers too many one is sent truncated instead of dropped; 0 for none
   * @param cookieKey 16 secret bytes
   * @throws IllegalArgumentException where a name has two meanings, or the view lacks a region
   */
  public Responder(
      ZoneSettings settings,
      HealthView view,
      ResponseRate rate,
      int slip,
      byte[] cookieKey,
      DnsCounters counters,
      long wallMillis) {
    zone = new Zone(settings);
    selection = new Selection(settings, view);
    cookies =
        new Cookies(
            Long.reverseBytes(Cidr.high(cookieKey)), Long.reverseBytes(Cidr.low(cookieKey)));
    this.rate = rate;
    this.slip = slip;
    this.counters = counters;
    builder =
        new AnswerBuilder(zone, selection, cookies, new Serial(selection.usable(), wallMillis));
  }

  public DnsCounters counters() {
    return counters;
  }

  /**
   * Answers the query in {@code work.in}.
   *
   * @param length its bytes
   * @param client where it came from, 4 or 16 bytes
   * @param tcp whether it came over TCP, so that the address is known to be true
   * @return the bytes of the answer in {@code work.out}; 0 for no answer
   */
  public int answer(
      Workspace work, int length, byte[] client, boolean tcp, long nowNanos, long wallMillis) {
    Query query = work.query;
    int rcode = length > Workspace.QUERY_BYTES_MAX ? Query.DROP : query.read(work.in, length);
    if (rcode == Query.DROP) {
      counters.lost(DnsCounters.Lost.MALFORMED);
      return 0;
    }
    int apexAt = 0;
    @Nullable Node node = null;
    if (rcode == Rcode.NOERROR) {
      rcode = query.questionEnd == 0 ? confirm(work, client, wallMillis) : admit(query);
    }
    if (rcode == Rcode.NOERROR && query.questionEnd > 0) {
      apexAt = zone.apexIn(query);
      rcode = apexAt < 0 ? Rcode.REFUSED : Rcode.NOERROR;
      node = apexAt < 0 ? null : zone.find(query);
      if (apexAt >= 0 && node == null) {
        rcode = Rcode.NXDOMAIN;
      }
    }
    boolean truncate = false;
    if (!tcp && isTooMany(work, client, rcode, node, nowNanos, wallMillis)) {
      if (slip == 0 || work.random.nextInt(slip) != 0) {
        counters.lost(DnsCounters.Lost.RATE_LIMITED);
        return 0;
      }
      counters.lost(DnsCounters.Lost.SLIPPED);
      truncate = true;
    }
    counters.answered(tcp, query.type, rcode);
    int bytes = builder.build(work, rcode, node, apexAt, client, tcp, truncate, wallMillis);
    if (!truncate && (work.out[2] & AnswerBuilder.TC) != 0) {
      counters.lost(DnsCounters.Lost.TRUNCATED);
    }
    return bytes;
  }

  /** Whether the kind of question is one that is answered here, wherever its name is. */
  private static int admit(Query query) {
    if (query.edns && query.version != 0) {
      return Rcode.BADVERS;
    }
    if (query.recordClass != RecordType.CLASS_IN) {
      return Rcode.REFUSED;
    }
    return switch (query.type) {
      case RecordType.AXFR, RecordType.IXFR -> Rcode.REFUSED;
      case RecordType.OPT, RecordType.TKEY, RecordType.TSIG -> Rcode.FORMERR;
      case RecordType.MAILA, RecordType.MAILB -> Rcode.NOTIMP;
      default -> Rcode.NOERROR;
    };
  }

  /** A query with a cookie alone asks for a whole one, or whether its own still does. */
  private int confirm(Workspace work, byte[] client, long wallMillis) {
    boolean asks = work.query.cookieBytes == Cookies.CLIENT_BYTES;
    return asks || hasOurCookie(work, client, wallMillis) ? Rcode.NOERROR : Rcode.BADCOOKIE;
  }

  private boolean hasOurCookie(Workspace work, byte[] client, long wallMillis) {
    Query query = work.query;
    int nowSeconds = (int) (wallMillis / 1000);
    return cookies.isOurs(
        work.in, query.cookieAt, query.cookieBytes, client, nowSeconds, work.scratch);
  }

  private boolean isTooMany(
      Workspace work,
      byte[] client,
      int rcode,
      @Nullable Node node,
      long nowNanos,
      long wallMillis) {
    return !hasOurCookie(work, client, wallMillis)
        && rate.isTooMany(client, kind(work.query, rcode, node), nowNanos, work.scratch);
  }

  /** What is the same answer: all that say there is nothing are one, whatever was asked for. */
  private int kind(Query query, int rcode, @Nullable Node node) {
    if (node == null) {
      return rcode == Rcode.NXDOMAIN ? RATE_NXDOMAIN : RATE_ERRORS;
    }
    return builder.has(node, query.type) ? node.index() << 16 | query.type : RATE_NODATA;
  }

  /** Makes an answer of SERVFAIL, for a query whose answer failed; 0 where it has no header. */
  public static int failure(Workspace work, int length) {
    if (length < Query.HEADER_BYTES || (work.in[2] & 0x80) != 0) {
      return 0;
    }
    java.util.Arrays.fill(work.out, 0, Query.HEADER_BYTES, (byte) 0);
    work.out[0] = work.in[0];
    work.out[1] = work.in[1];
    work.out[2] = (byte) (0x80 | (work.in[2] & 0x79));
    work.out[3] = Rcode.SERVFAIL;
    return Query.HEADER_BYTES;
  }
}
