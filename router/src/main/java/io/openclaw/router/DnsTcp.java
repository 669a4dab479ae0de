package io.openclaw.router;

import io.openclaw.dns.DnsCounters;
import io.openclaw.dns.Responder;
import io.openclaw.dns.Workspace;
import io.openclaw.domain.Clock;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/**
 * DNS over TCP (RFC 7766): each message behind its length, several at a time, answered in order.
 *
 * <p>A connection has one time for everything: from the last answer, or its beginning, to the next
 * answer's last byte. So one that is idle, one that sends its query a byte at a time and one that
 * does not read its answers end alike. Where there are as many as may be, the one whose time is up
 * next ends early.
 */
final class DnsTcp {
  private static final System.Logger LOG = System.getLogger("io.openclaw.dns");
  private static final int BACKLOG = 128;
  private static final int BUFFER_BYTES = 2048;
  private static final int SWEEPS = 10;
  private static final long MILLI = 1_000_000L;

  private final DnsSettings settings;
  private final Responder responder;
  private final Clock clock;
  private final ServerSocket listener;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final Map<ByteBuffer, Integer> perClient = new HashMap<>();

  /** Listens; connections wait until it is started. */
  DnsTcp(InetSocketAddress address, DnsSettings settings, Responder responder, Clock clock)
      throws IOException {
    this.settings = settings;
    this.responder = responder;
    this.clock = clock;
    listener = new ServerSocket();
    try {
      listener.setReuseAddress(true);
      listener.bind(address, BACKLOG);
    } catch (IOException e) {
      listener.close();
      throw e;
    }
  }

  int port() {
    return listener.getLocalPort();
  }

  int connections() {
    return connections.size();
  }

  void start() {
    Thread.ofPlatform().name("dns-tcp").daemon().start(this::accept);
    Thread.ofPlatform().name("dns-tcp-sweep").daemon().start(this::sweep);
  }

  void close() {
    closeQuietly(listener);
    connections.forEach(connection -> closeQuietly(connection.socket));
  }

  private static void closeQuietly(AutoCloseable closing) {
    try {
      closing.close();
    } catch (Exception e) {
      LOG.log(System.Logger.Level.DEBUG, "while closing", e);
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        admit(listener.accept());
      } catch (IOException e) {
        if (!listener.isClosed()) { // such as too many open files
          LOG.log(System.Logger.Level.WARNING, "a DNS connection was not accepted", e);
          pause();
        }
      }
    }
  }

  private void admit(Socket socket) {
    ByteBuffer client = clientOf(socket.getInetAddress());
    if (!enter(client)) {
      responder.counters().lost(DnsCounters.Lost.CONNECTION_REFUSED);
      closeQuietly(socket);
      return;
    }
    if (connections.size() >= settings.connectionsMax()) {
      cutOldest();
    }
    Connection connection = new Connection(socket, client);
    connections.add(connection);
    Thread.ofVirtual().name("dns-connection").start(connection::serve);
  }

  /** Who has had the most of its time makes room: else a few who say nothing shut everybody out. */
  private void cutOldest() {
    Connection oldest = null;
    for (Connection connection : connections) {
      if (oldest == null || connection.untilNanos - oldest.untilNanos < 0) {
        oldest = connection;
      }
    }
    if (oldest != null && connections.remove(oldest)) {
      responder.counters().lost(DnsCounters.Lost.CONNECTION_EXPIRED);
      closeQuietly(oldest.socket);
    }
  }

  private static ByteBuffer clientOf(InetAddress address) {
    byte[] bytes = address.getAddress();
    return ByteBuffer.wrap(bytes, 0, bytes.length == 4 ? 4 : 8);
  }

  private synchronized boolean enter(ByteBuffer client) {
    int open = perClient.getOrDefault(client, 0);
    if (open >= settings.connectionsPerClientMax()) {
      return false;
    }
    perClient.put(client, open + 1);
    return true;
  }

  private synchronized void leave(ByteBuffer client) {
    perClient.computeIfPresent(client, (key, open) -> open == 1 ? null : open - 1);
  }

  private void sweep() {
    while (!listener.isClosed()) {
      long now = clock.nanoTime();
      for (Connection connection : connections) {
        if (now - connection.untilNanos > 0 && !connection.socket.isClosed()) {
          responder.counters().lost(DnsCounters.Lost.CONNECTION_EXPIRED);
          closeQuietly(connection.socket); // its thread sees it, and leaves
        }
      }
      pause();
    }
  }

  private void pause() {
    try {
      Thread.sleep(Math.max(1, settings.connectionMillis() / SWEEPS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One client's connection. */
  private final class Connection {
    private final Socket socket;
    private final ByteBuffer client;
    private volatile long untilNanos;

    Connection(Socket socket, ByteBuffer client) {
      this.socket = socket;
      this.client = client;
      extend();
    }

    private void extend() {
      untilNanos = clock.nanoTime() + settings.connectionMillis() * MILLI;
    }

    void serve() {
      try (socket) {
        socket.setTcpNoDelay(true);
        Workspace work = new Workspace(new SplittableRandom());
        byte[] address = socket.getInetAddress().getAddress();
        InputStream in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
        OutputStream out = new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES);
        while (answerOne(in, out, work, address)) {
          out.flush();
          extend();
        }
      } catch (IOException e) {
        // the client went away, or took too long
      } finally {
        connections.remove(this);
        leave(client);
      }
    }

    private boolean answerOne(InputStream in, OutputStream out, Workspace work, byte[] address)
        throws IOException {
      int high = in.read();
      int low = in.read();
      int length = high << 8 | low;
      if (low < 0 || length > Workspace.QUERY_BYTES_MAX) {
        return lost(low >= 0);
      }
      if (in.readNBytes(work.in, 0, length) < length) {
        return false;
      }
      int bytes;
      try {
        bytes = responder.answer(work, length, address, true, clock.nanoTime(), clock.wallMillis());
      } catch (RuntimeException e) {
        bytes = DnsFault.answer(responder, work, length, e);
      }
      if (bytes == 0) {
        return false; // who sends that does not speak DNS
      }
      out.write(bytes >> 8);
      out.write(bytes);
      out.write(work.out, 0, bytes);
      return true;
    }

    private boolean lost(boolean malformed) {
      if (malformed) {
        responder.counters().lost(DnsCounters.Lost.MALFORMED);
      }
      return false;
    }
  }
}
