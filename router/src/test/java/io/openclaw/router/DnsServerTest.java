package io.openclaw.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.dns.DnsCounters;
import io.openclaw.dns.DomainName;
import io.openclaw.dns.NameServer;
import io.openclaw.dns.Order;
import io.openclaw.dns.RegionRecords;
import io.openclaw.dns.Responder;
import io.openclaw.dns.ResponseRate;
import io.openclaw.dns.ZoneSettings;
import io.openclaw.domain.Clock;
import io.openclaw.steer.HealthRules;
import io.openclaw.steer.HealthView;
import io.openclaw.steer.RegionState;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The name server's sockets: what packets, connections and slow clients do to it. */
class DnsServerTest {
  private static final InetAddress HERE = InetAddress.getLoopbackAddress();
  private static final int SHORT_MILLIS = 400;
  private static final int CONNECTIONS_MAX = 8;
  private static final long WAIT_NANOS = 10_000_000_000L;
  private static final HexFormat HEX = HexFormat.of();

  /** A query for the address of rate.example. */
  private static final byte[] QUERY =
      HEX.parseHex("abcd01000001000000000000" + "0472617465076578616d706c6500" + "00010001");

  private static final Clock CLOCK =
      new Clock() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public long wallMillis() {
          return System.currentTimeMillis();
        }
      };

  private final HealthView view =
      new HealthView(List.of("a", "b"), HealthRules.defaults(), System.nanoTime());
  private int idleMillis = 10_000;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final DnsCounters counters = new DnsCounters();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  @Test
  void datagrams_and_connections_are_answered_on_the_same_port() throws IOException {
    DnsServer server = start(view, 4);
    assertThat(address(udp(server, QUERY))).isEqualTo("c0000201");
    Socket socket = connect(server);
    send(socket, QUERY);
    assertThat(address(receive(socket))).isEqualTo("c0000201");
  }

  @Test
  void queries_sent_at_once_are_answered_in_order_and_one_in_two_parts_is_put_together()
      throws IOException {
    Socket socket = connect(start(view, 4));
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < 50; i++) {
      all.writeBytes(framed(withId(i)));
    }
    byte[] whole = all.toByteArray();
    socket.getOutputStream().write(whole, 0, whole.length - 5);
    for (int i = 0; i < 49; i++) {
      assertThat(receive(socket)[1]).isEqualTo((byte) i);
    }
    socket.getOutputStream().write(whole, whole.length - 5, 5);
    assertThat(receive(socket)[1]).isEqualTo((byte) 49);
  }

  @Test
  void who_says_nothing_who_says_it_slowly_and_who_does_not_listen_is_cut_off() throws Exception {
    idleMillis = SHORT_MILLIS;
    DnsServer server = start(view, 8);
    Socket silent = connect(server);
    Socket slow = connect(server);
    Thread drip =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    for (byte b : framed(QUERY)) {
                      slow.getOutputStream().write(b);
                      Thread.sleep(SHORT_MILLIS / 4);
                    }
                  } catch (IOException | InterruptedException e) {
                    // cut off
                  }
                });
    Socket deaf = connect(server);
    deaf.setSendBufferSize(1 << 20);
    Thread flood =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    while (true) {
                      send(deaf, QUERY);
                    }
                  } catch (IOException e) {
                    // cut off
                  }
                });
    await("three cut off", () -> counters.countOf(DnsCounters.Lost.CONNECTION_EXPIRED) >= 3);
    await("none is left", () -> server.connections() == 0);
    assertThat(silent.getInputStream().read()).isEqualTo(-1);
    assertThat(drip.join(java.time.Duration.ofSeconds(5))).isTrue();
    assertThat(flood.join(java.time.Duration.ofSeconds(5))).isTrue();
    assertThat(address(udp(server, QUERY))).isEqualTo("c0000201");
  }

  @Test
  void one_client_has_so_many_connections_and_gets_another_when_it_has_closed_one()
      throws IOException {
    DnsServer server = start(view, 2);
    Socket first = connect(server);
    Socket second = connect(server);
    send(second, QUERY);
    assertThat(receive(second)).isNotEmpty();
    assertThat(connect(server).getInputStream().read()).as("closed at once").isEqualTo(-1);
    assertThat(counters.countOf(DnsCounters.Lost.CONNECTION_REFUSED)).isEqualTo(1);
    first.close();
    await("one is left", () -> server.connections() == 1);
    Socket third = connect(server);
    send(third, QUERY);
    assertThat(receive(third)).isNotEmpty();
  }

  @Test
  void silent_connections_of_several_addresses_shut_nobody_out() throws IOException {
    DnsServer server = start(view, 4);
    Socket oldest = connect(server, "127.0.0.2");
    for (int i = 1; i < CONNECTIONS_MAX; i++) {
      connect(server, i < 4 ? "127.0.0.2" : "127.0.0.3");
    }
    await("all are open", () -> server.connections() == CONNECTIONS_MAX);
    Socket last = connect(server);
    send(last, QUERY);
    assertThat(address(receive(last))).isEqualTo("c0000201");
    assertThat(server.connections()).isLessThanOrEqualTo(CONNECTIONS_MAX);
    assertThat(oldest.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void what_is_no_query_ends_a_connection_and_is_dropped_as_a_datagram() throws IOException {
    DnsServer server = start(view, 4);
    for (String bytes : List.of("0001ff", "ffff", "0000", "000cabcd81000001000000000000")) {
      Socket socket = connect(server);
      socket.getOutputStream().write(HEX.parseHex(bytes));
      assertThat(socket.getInputStream().read()).as(bytes).isEqualTo(-1);
    }
    try (DatagramSocket socket = new DatagramSocket()) {
      for (int length : new int[] {0, 11, 5000, 60_000}) {
        socket.send(new DatagramPacket(new byte[length], length, HERE, server.port()));
      }
    }
    assertThat(address(udp(server, QUERY))).isEqualTo("c0000201");
  }

  @Test
  void an_address_in_use_is_said() throws IOException {
    DnsServer server = start(view, 4);
    assertThatThrownBy(() -> start(view, server.port(), 4))
        .hasMessageContaining("DNS on")
        .hasMessageContaining(":" + server.port());
  }

  @Test
  void the_health_checks_that_a_router_makes_change_the_answers() throws Exception {
    try (TestFleet fleet = new TestFleet(2, settings -> settings)) {
      Map<String, java.net.URI> urls = new LinkedHashMap<>();
      fleet.regions.forEach(region -> urls.put(region.name, region.url()));
      RegionWatch watch =
          RegionWatch.start(
                  fleet.vertx,
                  RouterSettings.of("127.0.0.1", 0, urls),
                  RouterTls.NONE,
                  CLOCK,
                  RouterMetrics.NONE)
              .toCompletionStage()
              .toCompletableFuture()
              .get(5, TimeUnit.SECONDS);
      DnsServer server = start(watch.view(), 4);
      await("a is up", () -> watch.view().health(0).state() == RegionState.UP);
      assertThat(address(udp(server, QUERY))).isEqualTo("c0000201");
      fleet.region(0).freeze();
      await("b is answered", () -> address(udp(server, QUERY)).equals("c0000202"));
      fleet.region(0).thaw();
      await("a is answered", () -> address(udp(server, QUERY)).equals("c0000201"));
      watch.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
    }
  }

  private DnsServer start(HealthView health, int perClient) throws IOException {
    return start(health, 0, perClient);
  }

  private DnsServer start(HealthView health, int port, int perClient) throws IOException {
    ZoneSettings zone =
        new ZoneSettings(
            DomainName.of("rate.example"),
            List.of(new NameServer(DomainName.of("ns1.rate.example"), List.of())),
            List.of(ZoneSettings.APEX),
            List.of(region("a", 1), region("b", 2)),
            5,
            1,
            Order.LISTED,
            List.of(),
            443,
            false);
    Responder responder =
        new Responder(
            zone,
            health,
            new ResponseRate(0, 1, 2, System.nanoTime()),
            2,
            new byte[16],
            counters,
            System.currentTimeMillis());
    DnsSettings settings =
        new DnsSettings(
            List.of(new InetSocketAddress(HERE, port)), 2, CONNECTIONS_MAX, perClient, idleMillis);
    DnsServer server = DnsServer.start(settings, responder, CLOCK);
    open.add(server);
    return server;
  }

  private static RegionRecords region(String name, int number) {
    return new RegionRecords(
        name, List.of(new byte[] {(byte) 192, 0, 2, (byte) number}), 1, List.of());
  }

  private static byte[] udp(DnsServer server, byte[] query) {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(5000);
      socket.send(new DatagramPacket(query, query.length, HERE, server.port()));
      DatagramPacket answer = new DatagramPacket(new byte[2048], 2048);
      socket.receive(answer);
      return Arrays.copyOf(answer.getData(), answer.getLength());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Socket connect(DnsServer server) throws IOException {
    Socket socket = new Socket(HERE, server.port());
    socket.setSoTimeout(10_000);
    open.add(socket);
    return socket;
  }

  private Socket connect(DnsServer server, String from) throws IOException {
    Socket socket = new Socket();
    open.add(socket);
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
    socket.connect(new InetSocketAddress(HERE, server.port()));
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static void send(Socket socket, byte[] query) throws IOException {
    socket.getOutputStream().write(framed(query));
  }

  private static byte[] framed(byte[] query) {
    byte[] framed = new byte[query.length + 2];
    framed[0] = (byte) (query.length >> 8);
    framed[1] = (byte) query.length;
    System.arraycopy(query, 0, framed, 2, query.length);
    return framed;
  }

  private static byte[] withId(int id) {
    byte[] query = QUERY.clone();
    query[1] = (byte) id;
    return query;
  }

  private static byte[] receive(Socket socket) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    byte[] answer = new byte[in.readUnsignedShort()];
    in.readFully(answer);
    return answer;
  }

  /** The address that the answer ends with. */
  private static String address(byte[] answer) {
    return HEX.formatHex(answer, answer.length - 4, answer.length);
  }

  private static void await(String what, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > WAIT_NANOS) {
        throw new AssertionError("never came: " + what);
      }
      LockSupport.parkNanos(2_000_000);
    }
  }
}
