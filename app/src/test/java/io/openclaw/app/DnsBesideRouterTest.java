package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.openclaw.router.DnsServer;
import io.openclaw.router.RouterSettings;
import io.openclaw.steer.HealthRules;
import io.openclaw.steer.HealthView;
import io.openclaw.steer.RegionState;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code openclaw router --dns}: one set of health checks for requests and for names. */
class DnsBesideRouterTest {
  private static final long WAIT_NANOS = 10_000_000_000L;
  private static final long FIRST_PROBE_NANOS = 300_000_000L;

  /** A query for the address of rate.example. */
  private static final byte[] QUERY =
      HexFormat.of()
          .parseHex("abcd01000001000000000000" + "0472617465076578616d706c6500" + "00010001");

  @TempDir Path folder = Path.of("");

  @Test
  void a_region_that_the_router_holds_for_down_is_not_answered_and_the_queries_are_counted()
      throws Exception {
    HttpServer eu = region();
    HttpServer us = region();
    Map<String, URI> urls = new LinkedHashMap<>();
    urls.put("eu", url(eu));
    urls.put("us", url(us));
    DnsConfig config = config();
    try (RouterCommand.Running router =
            RouterCommand.start(RouterSettings.of("127.0.0.1", 0, urls));
        DnsServer dns = DnsCommand.start(config, router.server().view(), router.metrics())) {
      awaitState(router, RegionState.UP);
      assertThat(ask(dns)).isEqualTo("c0000201");
      eu.stop(0);
      awaitState(router, RegionState.DOWN);
      assertThat(ask(dns)).isEqualTo("c0000202");
      assertThat(router.metrics().text())
          .contains(
              "openclaw_dns_queries_total{rcode=\"noerror\",transport=\"udp\",type=\"a\"} 2.0")
          .contains("openclaw_dns_lost_total{reason=\"failed\"} 0.0");
    } finally {
      us.stop(0);
    }
  }

  @Test
  void a_router_that_starts_names_no_region_of_which_it_does_not_know_yet_that_it_is_dead()
      throws Exception {
    HealthView view = new HealthView(List.of("eu", "us"), HealthRules.defaults(), 0);
    Thread probes =
        Thread.ofVirtual()
            .start(
                () -> {
                  LockSupport.parkNanos(FIRST_PROBE_NANOS);
                  var _ = view.probeFailed(0, 1);
                  var _ = view.probeFailed(0, 2);
                  var _ = view.probeOk(1, 1_000_000, 2);
                });
    try (DnsServer dns = DnsCommand.start(config(), view, new NodeMetrics("router", "test"))) {
      assertThat(ask(dns)).isEqualTo("c0000202");
    }
    probes.join();
  }

  private DnsConfig config() throws Exception {
    Path file = folder.resolve("dns.yaml");
    Files.writeString(
        file,
        """
        zone: rate.example
        listen: ["127.0.0.1:0"]
        order: listed
        regions: {eu: {addresses: [192.0.2.1]}, us: {addresses: [192.0.2.2]}}
        """);
    return DnsCommand.besideRouter(file);
  }

  private static HttpServer region() throws java.io.IOException {
    HttpServer region =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    region.createContext(
        "/readyz",
        exchange -> {
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    region.start();
    return region;
  }

  private static URI url(HttpServer region) {
    return URI.create("http://127.0.0.1:" + region.getAddress().getPort());
  }

  private static void awaitState(RouterCommand.Running router, RegionState state)
      throws InterruptedException {
    long start = System.nanoTime();
    while (router.server().view().health(0).state() != state) {
      assertThat(System.nanoTime() - start).isLessThan(WAIT_NANOS);
      Thread.sleep(5);
    }
  }

  /** The address that the answer ends with. */
  private static String ask(DnsServer dns) throws java.io.IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(5000);
      socket.send(
          new DatagramPacket(QUERY, QUERY.length, InetAddress.getLoopbackAddress(), dns.port()));
      DatagramPacket answer = new DatagramPacket(new byte[512], 512);
      socket.receive(answer);
      return HexFormat.of().formatHex(answer.getData(), answer.getLength() - 4, answer.getLength());
    }
  }
}
