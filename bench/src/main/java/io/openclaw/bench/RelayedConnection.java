package io.openclaw.bench;

import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One connection through a {@link Relay}: two pipes, each with a thread that reads and one that
 * writes what is due. Thread-safe.
 */
final class RelayedConnection {
  private static final int CHUNK_BYTES_MAX = 16 * 1024;

  /** Chunks under way in one direction; behind them the sender waits. */
  private static final int CHUNKS_MAX = 1024;

  /**
   * What was read at once, or an end.
   *
   * @param bytes none for the end of the stream
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Chunk(long dueNanos, byte[] bytes) {}

  private final Relay relay;
  private final Relay.Link link;
  private final Socket accepted;
  private final Socket onward;
  private final SplittableRandom random;
  private final Consumer<RelayedConnection> whenOver;
  private final List<Thread> threads = new ArrayList<>();
  private int endedDirections;
  private boolean over;
  private volatile boolean lostBytes;

  RelayedConnection(
      Relay relay,
      Relay.Link link,
      Socket accepted,
      Socket onward,
      SplittableRandom random,
      Consumer<RelayedConnection> whenOver) {
    this.relay = relay;
    this.link = link;
    this.accepted = accepted;
    this.onward = onward;
    this.random = random;
    this.whenOver = whenOver;
  }

  boolean isBetween(String a, String b) {
    return (link.from().equals(a) && link.to().equals(b))
        || (link.from().equals(b) && link.to().equals(a));
  }

  /** Whether something was swallowed, so that no later byte may follow. */
  boolean lostBytes() {
    return lostBytes;
  }

  /** Relays from now on; both sockets are connected. */
  synchronized void begin() throws IOException {
    if (over) {
      return;
    }
    accepted.setTcpNoDelay(true);
    onward.setTcpNoDelay(true);
    pipe(accepted, onward, link.from(), link.to());
    pipe(onward, accepted, link.to(), link.from());
    threads.forEach(Thread::start);
  }

  private void pipe(Socket in, Socket out, String from, String to) {
    BlockingQueue<Chunk> underWay = new ArrayBlockingQueue<>(CHUNKS_MAX);
    SplittableRandom own = random.split();
    threads.add(
        Thread.ofVirtual()
            .name("relay-read")
            .unstarted(() -> orReset(() -> read(in, underWay, from, to, own))));
    threads.add(
        Thread.ofVirtual()
            .name("relay-write")
            .unstarted(() -> orReset(() -> write(out, underWay))));
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private void orReset(Work work) {
    try {
      work.run();
    } catch (IOException | InterruptedException e) {
      reset();
    }
  }

  private void read(
      Socket in, BlockingQueue<Chunk> underWay, String from, String to, SplittableRandom own)
      throws IOException, InterruptedException {
    byte[] buffer = new byte[CHUNK_BYTES_MAX];
    long lastDueNanos = System.nanoTime();
    boolean lost = false;
    int length = 0;
    while (length >= 0) {
      length = in.getInputStream().read(buffer);
      lost |= relay.swallows(from, to);
      if (lost) {
        lostBytes = true;
        continue;
      }
      // Nothing overtakes: a chunk that is late holds up those behind it.
      long dueNanos = System.nanoTime() + relay.line().nextNanos(own);
      lastDueNanos = dueNanos - lastDueNanos > 0 ? dueNanos : lastDueNanos;
      underWay.put(new Chunk(lastDueNanos, Arrays.copyOf(buffer, Math.max(length, 0))));
    }
  }

  private void write(Socket out, BlockingQueue<Chunk> underWay)
      throws IOException, InterruptedException {
    while (true) {
      Chunk chunk = underWay.take();
      TimeUnit.NANOSECONDS.sleep(chunk.dueNanos() - System.nanoTime());
      if (chunk.bytes().length == 0) {
        out.shutdownOutput();
        directionEnded();
        return;
      }
      out.getOutputStream().write(chunk.bytes());
    }
  }

  private synchronized void directionEnded() {
    endedDirections++;
    if (endedDirections == 2 && !over) {
      over = true;
      closeQuietly(accepted);
      closeQuietly(onward);
      whenOver.accept(this);
    }
  }

  /** Ends the connection on both sides at once, with a reset. */
  synchronized void reset() {
    if (over) {
      return;
    }
    over = true;
    for (Socket socket : List.of(accepted, onward)) {
      try {
        socket.setSoLinger(true, 0);
      } catch (IOException e) {
        // closed already
      }
      closeQuietly(socket);
    }
    threads.forEach(Thread::interrupt);
    whenOver.accept(this);
  }

  static void closeQuietly(Closeable closeable) {
    try {
      closeable.close();
    } catch (IOException e) {
      // there is nothing left to do
    }
  }
}
