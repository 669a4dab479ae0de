package io.openclaw.router;

import io.openclaw.dns.DnsCounters;
import io.openclaw.dns.Responder;
import io.openclaw.dns.Workspace;
import io.openclaw.domain.Clock;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/** One socket and the thread that answers what comes to it. */
final class DnsUdp {
  private static final System.Logger LOG = System.getLogger("io.openclaw.dns");
  private static final int RECEIVE_BYTES = 1 << 20;
  private static final long PAUSE_NANOS = 100_000_000L;

  private final DatagramChannel channel;
  private final Responder responder;
  private final Clock clock;
  private final Workspace work = new Workspace(new SplittableRandom());
  private final ByteBuffer in = ByteBuffer.allocateDirect(work.in.length);
  private final ByteBuffer out = ByteBuffer.allocateDirect(work.out.length);
  private final Thread thread;

  /** Listens; packets wait until it is started. */
  DnsUdp(InetSocketAddress address, Responder responder, Clock clock) throws IOException {
    this.responder = responder;
    this.clock = clock;
    boolean ipv4 = address.getAddress() instanceof Inet4Address;
    channel =
        DatagramChannel.open(ipv4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6);
    try {
      if (canSharePort()) {
        channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      }
      channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BYTES);
      channel.bind(address);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    thread = Thread.ofPlatform().name("dns-udp").daemon().unstarted(this::serve);
  }

  /** Whether several sockets may share a port here, the system dealing out what comes. */
  static boolean canSharePort() throws IOException {
    try (DatagramChannel any = DatagramChannel.open()) {
      return any.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT);
    }
  }

  void start() {
    thread.start();
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "while closing", e);
    }
  }

  private void serve() {
    try (channel) { // a thread that ends must not leave a socket behind to which packets go
      while (channel.isOpen()) {
        answerOrPause();
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "while closing", e);
    }
  }

  /** No failure of a socket is for ever: no memory for buffers, an interface that is gone. */
  private void answerOrPause() {
    try {
      answerOne();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "no datagram could be read", e);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private void answerOne() throws IOException {
    in.clear();
    SocketAddress from;
    try {
      from = channel.receive(in);
    } catch (ClosedChannelException e) {
      return;
    }
    in.flip();
    int length = in.remaining();
    in.get(work.in, 0, length);
    if (!(from instanceof InetSocketAddress client)) {
      return;
    }
    int bytes = answer(length, client);
    if (bytes == 0) {
      return;
    }
    out.clear();
    out.put(work.out, 0, bytes).flip();
    try {
      channel.send(out, client);
    } catch (ClosedChannelException e) {
      // closing
    } catch (IOException e) { // no route, a firewall, port 0
      responder.counters().lost(DnsCounters.Lost.UNSENT);
    }
  }

  private int answer(int length, InetSocketAddress client) {
    try {
      return responder.answer(
          work,
          length,
          client.getAddress().getAddress(),
          false,
          clock.nanoTime(),
          clock.wallMillis());
    } catch (RuntimeException e) {
      return DnsFault.answer(responder, work, length, e);
    }
  }
}
