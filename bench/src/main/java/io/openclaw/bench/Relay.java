package io.openclaw.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A relay of TCP connections with the delay, the losses and the cuts of a long line, for where the
 * kernel has no netem.
 *
 * <p>Each {@link Link} is one port: what is accepted there is connected on to the link's target.
 * Bytes arrive whole and in order, as TCP promises; a lost packet shows as TCP shows it, as a stall
 * of everything behind it. Connecting itself is not delayed. Thread-safe.
 */
public final class Relay implements AutoCloseable {
  /** Links of one relay. */
  static final int LINKS_MAX = 64;

  private static final int CONNECT_MILLIS_MAX = 1500;
  private static final int BACKLOG = 64;

  /**
   * One way to dial: connections of {@code from} to {@code to}.
   *
   * @param listen where {@code from} connects to; port 0 for any free one
   * @param target where {@code to} listens
   * @param source the address that {@code to} sees, or null for any
   */
  public record Link(
      String from,
      String to,
      InetSocketAddress listen,
      InetSocketAddress target,
      @Nullable InetAddress source) {}

  /**
   * What the line does to every chunk of bytes, in each direction.
   *
   * @param delayNanos how long a chunk is under way
   * @param jitterNanos up to how much longer, evenly distributed; nothing overtakes
   * @param loss the part of the chunks that is lost and sent again, 0 to 1
   * @param stallNanos how much later a chunk arrives that was sent again
   */
  public record Line(long delayNanos, long jitterNanos, double loss, long stallNanos) {
    /** How long one chunk is under way. */
    long nextNanos(SplittableRandom random) {
      long jitter = jitterNanos == 0 ? 0 : random.nextLong(jitterNanos + 1);
      long stall = loss > 0 && random.nextDouble() < loss ? stallNanos : 0;
      return delayNanos + jitter + stall;
    }
  }

  /** A line that does nothing. */
  public static final Line PLAIN = new Line(0, 0, 0, 0);

  /** What one sends to another. */
  private record Direction(String from, String to) {}

  private volatile Line line;
  private final SplittableRandom random;
  private final List<ServerSocket> servers = new ArrayList<>();
  private final Set<RelayedConnection> connections = ConcurrentHashMap.newKeySet();
  private final Set<Direction> cut = ConcurrentHashMap.newKeySet();
  private final Set<Direction> swallowed = ConcurrentHashMap.newKeySet();
  private volatile @Nullable InetSocketAddress diverted;

  private Relay(Line line, long seed) {
    this.line = line;
    this.random = new SplittableRandom(seed);
  }

  /**
   * Opens a relay.
   *
   * @throws IOException if a link cannot listen, naming it
   */
  public static Relay open(List<Link> links, Line line, long seed) throws IOException {
    Relay relay = new Relay(line, seed);
    for (Link link : links) {
      try {
        ServerSocket server = new ServerSocket();
        relay.servers.add(server);
        server.setReuseAddress(true);
        server.bind(link.listen(), BACKLOG);
        Thread.ofVirtual().name("relay-accept").start(() -> relay.accept(server, link));
      } catch (IOException e) {
        relay.close();
        throw new IOException(
            link.from() + ":" + link.to() + " cannot listen on " + link.listen() + ": " + e, e);
      }
    }
    return relay;
  }

  /** The port of a link, by its place in the list. */
  public int port(int link) {
    return servers.get(link).getLocalPort();
  }

  /** Resets all connections between the two, and every new one until {@link #heal}. */
  public void cut(String a, String b) {
    cut.add(new Direction(a, b));
    cut.add(new Direction(b, a));
    connections.stream().filter(each -> each.isBetween(a, b)).forEach(RelayedConnection::reset);
  }

  /**
   * Swallows what the one sends to the other until {@link #heal}; what comes back arrives and
   * nothing is closed. Connections that lost bytes are reset when it is healed.
   */
  public void swallow(String from, String to) {
    swallowed.add(new Direction(from, to));
  }

  /** Ends cuts and swallowing between the two. */
  void heal(String a, String b) {
    for (Direction direction : List.of(new Direction(a, b), new Direction(b, a))) {
      cut.remove(direction);
      swallowed.remove(direction);
    }
    connections.stream()
        .filter(each -> each.isBetween(a, b) && each.lostBytes())
        .forEach(RelayedConnection::reset);
  }

  /** Is another line from now on. */
  public void change(Line other) {
    line = other;
  }

  /**
   * Leads all links to another address from now on, and ends the connections to the one before;
   * null for each link's own.
   */
  public void divert(@Nullable InetSocketAddress address) {
    diverted = address;
    connections.forEach(RelayedConnection::reset);
  }

  /** Ends all cuts and swallowing. */
  public void heal() {
    cut.clear();
    swallowed.clear();
    connections.stream().filter(RelayedConnection::lostBytes).forEach(RelayedConnection::reset);
  }

  boolean swallows(String from, String to) {
    return swallowed.contains(new Direction(from, to));
  }

  Line line() {
    return line;
  }

  private void accept(ServerSocket server, Link link) {
    while (!server.isClosed()) {
      try {
        Socket accepted = server.accept();
        Thread.ofVirtual().name("relay-connect").start(() -> connect(accepted, link));
      } catch (IOException e) {
        // closed, or the connection was gone before it was accepted
      }
    }
  }

  private void connect(Socket accepted, Link link) {
    Socket onward = new Socket();
    RelayedConnection connection =
        new RelayedConnection(this, link, accepted, onward, splitRandom(), connections::remove);
    connections.add(connection);
    if (cut.contains(new Direction(link.from(), link.to()))) {
      connection.reset();
      return;
    }
    try {
      if (link.source() != null) {
        onward.setReuseAddress(true);
        onward.bind(new InetSocketAddress(link.source(), 0));
      }
      InetSocketAddress elsewhere = diverted;
      onward.connect(elsewhere == null ? link.target() : elsewhere, CONNECT_MILLIS_MAX);
      connection.begin();
    } catch (IOException e) {
      connection.reset(); // the target cannot be reached, and so says the relay
    }
  }

  private synchronized SplittableRandom splitRandom() {
    return random.split();
  }

  @Override
  public void close() {
    for (ServerSocket server : servers) {
      RelayedConnection.closeQuietly(server);
    }
    connections.forEach(RelayedConnection::reset);
  }
}
