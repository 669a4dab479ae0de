package io.openclaw.router;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * Where a name server listens, and its bounds.
 *
 * @param listen one to {@value #LISTEN_MAX} addresses, UDP and TCP; port 0 for any free one
 * @param udpThreads threads per address that answer datagrams, 1 to {@value #THREADS_MAX}
 * @param connectionsMax TCP connections open at once, 1 to 100,000
 * @param connectionsPerClientMax of one IPv4 address or IPv6 /64
 * @param connectionMillis how long a TCP connection may be idle, send a query or take an answer
 */
public record DnsSettings(
    List<InetSocketAddress> listen,
    int udpThreads,
    int connectionsMax,
    int connectionsPerClientMax,
    int connectionMillis) {
  static final int LISTEN_MAX = 16;
  static final int THREADS_MAX = 64;

  public DnsSettings {
    listen = List.copyOf(listen);
    within("listen", listen.size(), 1, LISTEN_MAX);
    within("udpThreads", udpThreads, 1, THREADS_MAX);
    within("tcp.connectionsMax", connectionsMax, 1, 100_000);
    within("tcp.connectionsPerClientMax", connectionsPerClientMax, 1, connectionsMax);
    within("tcp.idleMillis", connectionMillis, 100, 600_000);
  }

  /** One thread per processor, 512 connections, 16 of one client, ten seconds. */
  public static DnsSettings of(List<InetSocketAddress> listen) {
    return new DnsSettings(listen, Runtime.getRuntime().availableProcessors(), 512, 16, 10_000);
  }

  private static void within(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + min + " to " + max + ")");
    }
  }
}
