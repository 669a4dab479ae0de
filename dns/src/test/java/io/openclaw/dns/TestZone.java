package io.openclaw.dns;

import io.openclaw.steer.Cidr;
import io.openclaw.steer.HealthRules;
import io.openclaw.steer.HealthView;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A responder for {@code rate.example} with regions eu, us, ap, which are up. */
final class TestZone {
  static final byte[] CLIENT = address("198.51.100.7");
  static final String EU = "c0000201"; // 192.0.2.1
  static final String US = "c0000202";
  static final String AP = "c0000203";
  static final String EU_6 = "20010db8000000000000000000000001";
  static final String US_6 = "20010db8000000000000000000000002";

  private static final byte[] COOKIE_KEY = new byte[16];
  private static final long WALL_MILLIS = 1_800_000_000_000L;

  final HealthView view = new HealthView(List.of("eu", "us", "ap"), HealthRules.defaults(), 0);
  final DnsCounters counters = new DnsCounters();
  final Workspace work;
  final Responder responder;
  long nowNanos;
  long wallMillis = WALL_MILLIS;

  TestZone() {
    this(settings(1, Order.LISTED), 0);
  }

  TestZone(ZoneSettings settings, int perSecond) {
    work = new Workspace(new SplittableRandom(7));
    for (int i = 0; i < 3; i++) {
      var _ = view.probeOk(i, 1_000_000L * (i + 1), 0);
    }
    responder =
        new Responder(
            settings,
            view,
            new ResponseRate(perSecond, 1, 2, 0),
            2,
            COOKIE_KEY,
            counters,
            wallMillis);
  }

  static ZoneSettings settings(int answers, Order order) {
    return settings(answers, order, Map.of());
  }

  static ZoneSettings settings(int answers, Order order, Map<String, List<Cidr>> nearest) {
    return new ZoneSettings(
        DomainName.of("rate.example"),
        List.of(
            new NameServer(
                DomainName.of("ns1.rate.example"),
                List.of(address("192.0.2.53"), address("2001:db8::53"))),
            new NameServer(DomainName.of("ns2.elsewhere.test"), List.of())),
        List.of("@", "api", "deep.down"),
        List.of(
            region("eu", nearest, "192.0.2.1", "2001:db8::1"),
            region("us", nearest, "192.0.2.2", "2001:db8::2"),
            region("ap", nearest, "192.0.2.3")),
        5,
        answers,
        order,
        List.of("h2", "http/1.1"),
        8443,
        true);
  }

  private static RegionRecords region(
      String name, Map<String, List<Cidr>> nearest, String... addresses) {
    return new RegionRecords(
        name,
        Arrays.stream(addresses).map(TestZone::address).toList(),
        1,
        nearest.getOrDefault(name, List.of()));
  }

  static byte[] address(String text) {
    return InetAddress.ofLiteral(text).getAddress();
  }

  static Cidr cidr(String text) {
    int slash = text.indexOf('/');
    return Cidr.of(address(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
  }

  void down(int region) {
    var _ = view.probeFailed(region, nowNanos);
    var _ = view.probeFailed(region, nowNanos);
  }

  void up(int region) {
    for (int i = 0; i < 3; i++) {
      var _ = view.probeOk(region, 1_000_000, nowNanos);
    }
  }

  /** The answer's bytes over UDP; empty for none. */
  byte[] raw(byte[] query, byte[] client, boolean tcp) {
    System.arraycopy(query, 0, work.in, 0, Math.min(query.length, work.in.length));
    int bytes = responder.answer(work, query.length, client, tcp, nowNanos, wallMillis);
    return Arrays.copyOf(work.out, bytes);
  }

  Reply udp(Packet query) {
    return Reply.read(raw(query.bytes(), CLIENT, false));
  }

  Reply tcp(Packet query) {
    return Reply.read(raw(query.bytes(), CLIENT, true));
  }

  Reply udp(String name, int type) {
    return udp(Packet.of(name, type));
  }

  boolean isAnswered(byte[] query) {
    return raw(query, CLIENT, false).length > 0;
  }
}
