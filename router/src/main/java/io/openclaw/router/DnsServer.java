package io.openclaw.router;

import io.openclaw.dns.Responder;
import io.openclaw.domain.Clock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The sockets of a {@link Responder}: UDP and TCP on each address it is told.
 *
 * <p>A datagram is answered by one of a few threads, each with a socket of its own on the same port
 * (SO_REUSEPORT), so that they share nothing. A TCP connection has a virtual thread. Thread-safe.
 */
public final class DnsServer implements AutoCloseable {
  private final List<DnsUdp> udp = new ArrayList<>();
  private final List<DnsTcp> tcp = new ArrayList<>();

  private DnsServer() {}

  /**
   * Starts to answer.
   *
   * @throws IOException where an address cannot be listened on, with the address
   */
  public static DnsServer start(DnsSettings settings, Responder responder, Clock clock)
      throws IOException {
    DnsServer server = new DnsServer();
    try {
      for (InetSocketAddress address : settings.listen()) {
        try {
          // TCP first: where any port will do, UDP takes the same.
          DnsTcp listener = new DnsTcp(address, settings, responder, clock);
          server.tcp.add(listener);
          InetSocketAddress same = new InetSocketAddress(address.getAddress(), listener.port());
          int threads = DnsUdp.canSharePort() ? settings.udpThreads() : 1;
          for (int i = 0; i < threads; i++) {
            server.udp.add(new DnsUdp(same, responder, clock));
          }
        } catch (IOException e) {
          throw new IOException("DNS on " + address + ": " + e.getMessage(), e);
        }
      }
    } catch (IOException e) {
      server.close();
      throw e;
    }
    server.tcp.forEach(DnsTcp::start);
    server.udp.forEach(DnsUdp::start);
    return server;
  }

  /** The port of the first address. */
  public int port() {
    return tcp.getFirst().port();
  }

  /** TCP connections open now. */
  public int connections() {
    return tcp.stream().mapToInt(DnsTcp::connections).sum();
  }

  /** Stops listening and closes every connection. */
  @Override
  public void close() {
    udp.forEach(DnsUdp::close);
    tcp.forEach(DnsTcp::close);
  }
}
