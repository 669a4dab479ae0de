package io.openclaw.dns;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/** How many queries were answered how, and what was not answered. Thread-safe. */
public final class DnsCounters {
  private static final List<String> TYPES =
      List.of("a", "aaaa", "https", "txt", "soa", "ns", "any", "other");
  private static final List<String> RCODES =
      List.of(
          "noerror", "formerr", "servfail", "nxdomain", "notimp", "refused", "badvers", "other");
  private static final List<String> TRANSPORTS = List.of("udp", "tcp");

  /** Why a query had no answer, or a shorter one. */
  public enum Lost {
    /** Shorter than a header, longer than a query may be, or an answer itself: dropped. */
    MALFORMED,
    /** One too many for its network: dropped. */
    RATE_LIMITED,
    /** One too many, and told to come over TCP. */
    SLIPPED,
    /** It did not fit into a datagram: told to come over TCP. */
    TRUNCATED,
    /** A fault of this program: answered with SERVFAIL. */
    FAILED,
    /** The answer could not be sent. */
    UNSENT,
    /** A TCP connection more than may be open. */
    CONNECTION_REFUSED,
    /** A TCP connection that took too long over a query or an answer, or was idle. */
    CONNECTION_EXPIRED;

    /** As the metrics name it. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Is told a count. */
  @FunctionalInterface
  public interface Reader {
    void count(String transport, String type, String rcode, long queries);
  }

  private final LongAdder[] answered = adders(TRANSPORTS.size() * TYPES.size() * RCODES.size());
  private final java.util.Map<Lost, LongAdder> lost = new java.util.EnumMap<>(Lost.class);

  public DnsCounters() {
    for (Lost reason : Lost.values()) {
      lost.put(reason, new LongAdder());
    }
  }

  private static LongAdder[] adders(int count) {
    LongAdder[] adders = new LongAdder[count];
    for (int i = 0; i < count; i++) {
      adders[i] = new LongAdder();
    }
    return adders;
  }

  void answered(boolean tcp, int type, int rcode) {
    answered[index(tcp ? 1 : 0, typeIndex(type), rcodeIndex(rcode))].increment();
  }

  public void lost(Lost reason) {
    LongAdder adder = lost.get(reason);
    if (adder != null) {
      adder.increment();
    }
  }

  public long countOf(Lost reason) {
    LongAdder adder = lost.get(reason);
    return adder == null ? 0 : adder.sum();
  }

  /** Tells every count that is not zero. */
  public void read(Reader reader) {
    for (int transport = 0; transport < TRANSPORTS.size(); transport++) {
      for (int type = 0; type < TYPES.size(); type++) {
        for (int rcode = 0; rcode < RCODES.size(); rcode++) {
          long count = answered[index(transport, type, rcode)].sum();
          if (count > 0) {
            reader.count(TRANSPORTS.get(transport), TYPES.get(type), RCODES.get(rcode), count);
          }
        }
      }
    }
  }

  private static int index(int transport, int type, int rcode) {
    return (transport * TYPES.size() + type) * RCODES.size() + rcode;
  }

  private static int typeIndex(int type) {
    return switch (type) {
      case RecordType.A -> 0;
      case RecordType.AAAA -> 1;
      case RecordType.HTTPS -> 2;
      case RecordType.TXT -> 3;
      case RecordType.SOA -> 4;
      case RecordType.NS -> 5;
      case RecordType.ANY -> 6;
      default -> 7;
    };
  }

  private static int rcodeIndex(int rcode) {
    return rcode <= Rcode.REFUSED ? rcode : rcode == Rcode.BADVERS ? 6 : 7;
  }
}
