package io.openclaw.mesh;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * A network in memory with a clock of its own: delays, loss, repetition, reordering, cuts in one
 * direction, pauses. Everything happens in {@link #runUntil}, in an order fixed by the seed.
 */
final class TestNetwork {
  static final long MS = 1_000_000L;
  static final long BACKOFF_MIN_NANOS = 100 * MS;
  static final long BACKOFF_MAX_NANOS = 1000 * MS;

  /** The most bytes under way on one stream; more finds no room. */
  static final int WINDOW_BYTES = 256 * 1024;

  private record Event(long atNanos, long order, Runnable action) {}

  private final RandomGenerator random;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          (a, b) ->
              a.atNanos != b.atNanos
                  ? Long.compare(a.atNanos, b.atNanos)
                  : Long.compare(a.order, b.order));
  private final Map<String, End> ends = new TreeMap<>();
  private final Set<String> cuts = new HashSet<>();
  private long order;
  private long nowNanos;

  long delayMinNanos = 40 * MS;
  long delayMaxNanos = 45 * MS;
  double loss;
  double repetition;
  boolean reordering;

  TestNetwork(RandomGenerator random, long startNanos) {
    this.random = random;
    nowNanos = startNanos;
  }

  long nowNanos() {
    return nowNanos;
  }

  void at(long atNanos, Runnable action) {
    events.add(new Event(Math.max(atNanos, nowNanos), order++, action));
  }

  void runFor(long nanos) {
    runUntil(nowNanos + nanos);
  }

  void runUntil(long endNanos) {
    while (!events.isEmpty() && events.peek().atNanos <= endNanos) {
      Event event = events.remove();
      nowNanos = event.atNanos;
      event.action.run();
    }
    nowNanos = endNanos;
  }

  /** Frames from {@code from} to {@code to} vanish, those under way too, and nobody is told. */
  void cut(String from, String to) {
    cuts.add(from + ">" + to);
  }

  void cutBoth(String a, String b) {
    cut(a, b);
    cut(b, a);
  }

  void heal() {
    cuts.clear();
  }

  private boolean passes(String from, String to) {
    return !cuts.contains(from + ">" + to);
  }

  private long delay() {
    return delayMinNanos + random.nextLong(delayMaxNanos - delayMinNanos + 1);
  }

  End join(String name, MeshTransport.Listener listener, Iterable<String> peers) {
    End end = new End(name, listener);
    ends.put(name, end);
    for (String peer : peers) {
      end.streams.put(peer, new Stream(end, peer));
    }
    end.streams.values().forEach(stream -> at(nowNanos, () -> stream.dial(stream.life)));
    return end;
  }

  /** One node's transport. */
  final class End implements MeshTransport {
    final String name;
    private final Listener listener;
    private final Map<String, Stream> streams = new HashMap<>();
    private final Queue<Runnable> held = new ArrayDeque<>();
    private boolean paused;
    private boolean dead;

    End(String name, Listener listener) {
      this.name = name;
      this.listener = listener;
    }

    @Override
    public boolean send(String peer, byte[] frame) {
      Stream stream = streams.get(peer);
      return stream != null && stream.send(frame);
    }

    @Override
    public void redial(String peer) {
      Stream out = streams.get(peer);
      if (out != null) {
        out.discard();
        Stream in = ends.containsKey(peer) ? ends.get(peer).streams.get(name) : null;
        if (in != null && passes(name, peer)) {
          in.discard();
        }
      }
    }

    /** The process is stopped: whatever happens to it waits. */
    void pause() {
      paused = true;
    }

    void resume() {
      paused = false;
      Deque<Runnable> waiting = new ArrayDeque<>(held);
      held.clear();
      waiting.forEach(Runnable::run);
    }

    boolean paused() {
      return paused;
    }

    /** The process is killed; its streams break and the others are told where a path is open. */
    void kill() {
      dead = true;
      ends.remove(name, this);
      streams.values().forEach(stream -> stream.open = false);
      for (End other : ends.values()) {
        Stream in = other.streams.get(name);
        if (in != null && passes(name, other.name)) {
          in.discard();
        }
      }
    }

    private void tell(Runnable call) {
      if (dead) {
        return;
      }
      if (paused) {
        held.add(call);
      } else {
        call.run();
      }
    }
  }

  /** The stream from one node to another, over all its lives. */
  private final class Stream {
    private final End from;
    private final String to;
    private long life;
    private boolean open;
    private long backoffNanos = BACKOFF_MIN_NANOS;
    private long bytesUnderWay;
    private long lastArrivalNanos;

    Stream(End from, String to) {
      this.from = from;
      this.to = to;
    }

    void dial(long dialled) {
      if (from.dead || open || dialled != life) {
        return;
      }
      End target = ends.get(to);
      boolean reached = passes(from.name, to) && passes(to, from.name);
      if (target == null || !reached || target.paused || from.paused) {
        backoffNanos = Math.min(2 * backoffNanos, BACKOFF_MAX_NANOS);
        from.tell(() -> from.listener.disconnected(to));
        at(nowNanos + backoffNanos, () -> dial(dialled));
        return;
      }
      backoffNanos = BACKOFF_MIN_NANOS;
      at(
          nowNanos + 3 * delay(),
          () -> {
            if (!from.dead && dialled == life && ends.get(to) == target) {
              open = true;
              bytesUnderWay = 0;
              lastArrivalNanos = nowNanos;
              from.tell(() -> from.listener.connected(to));
            } else if (!from.dead && dialled == life) {
              dial(dialled);
            }
          });
    }

    void discard() {
      if (!open) {
        return;
      }
      open = false;
      life++;
      long next = life;
      at(
          nowNanos,
          () -> {
            from.tell(() -> from.listener.disconnected(to));
            dial(next);
          });
    }

    boolean send(byte[] frame) {
      if (!open || bytesUnderWay + frame.length > WINDOW_BYTES) {
        return false;
      }
      if (random.nextDouble() < loss) {
        return true;
      }
      deliver(frame);
      if (random.nextDouble() < repetition) {
        deliver(frame);
      }
      return true;
    }

    private void deliver(byte[] frame) {
      long arrivalNanos = nowNanos + delay();
      if (!reordering) {
        arrivalNanos = Math.max(arrivalNanos, lastArrivalNanos);
        lastArrivalNanos = arrivalNanos;
      }
      bytesUnderWay += frame.length;
      long sent = life;
      at(
          arrivalNanos,
          () -> {
            End target = ends.get(to);
            if (sent == life && passes(from.name, to)) {
              bytesUnderWay -= frame.length;
              if (target != null) {
                target.tell(() -> target.listener.received(from.name, frame));
              }
            }
          });
    }
  }
}
