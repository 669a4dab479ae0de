package io.openclaw.sim;

import io.openclaw.mesh.MeshTransport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A network in memory on virtual time: delays, loss, repetition, reordering, cuts in one direction,
 * processes that stop and go on. Everything happens in {@link #runUntil}, in an order fixed by the
 * seed.
 */
final class SimNetwork {
  static final long MS = 1_000_000L;
  private static final long BACKOFF_NANOS_MIN = 100 * MS;
  private static final long BACKOFF_NANOS_MAX = 1000 * MS;

  /** The most bytes under way on one stream; more finds no room. */
  private static final int WINDOW_BYTES = 256 * 1024;

  private record Event(long atNanos, long order, Runnable action) {}

  private final RandomGenerator random;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          (a, b) ->
              a.atNanos != b.atNanos
                  ? Long.compare(a.atNanos, b.atNanos)
                  : Long.compare(a.order, b.order));
  private final Map<String, Integer> numbers = new HashMap<>();
  private final @Nullable End[] ends;
  private final boolean[][] cut;
  private final long[][] delayNanos;
  private long order;
  private long nowNanos;
  private long delivered;
  private final long[] framesSent;
  private final long[] bytesSent;

  double jitter;
  double loss;
  double repetition;
  boolean reordering;

  SimNetwork(RandomGenerator random, List<String> regions, long delayNanos) {
    this.random = random;
    int size = regions.size();
    for (int i = 0; i < size; i++) {
      numbers.put(regions.get(i), i);
    }
    ends = new @Nullable End[size];
    cut = new boolean[size][size];
    framesSent = new long[size];
    bytesSent = new long[size];
    this.delayNanos = new long[size][size];
    for (long[] row : this.delayNanos) {
      java.util.Arrays.fill(row, delayNanos);
    }
  }

  /** True time, which no node sees. */
  long nowNanos() {
    return nowNanos;
  }

  /** Frames delivered so far. */
  long delivered() {
    return delivered;
  }

  /** Frames that a region has sent so far, over all its lives. */
  long framesSent(int region) {
    return framesSent[region];
  }

  /** Bytes of the frames that a region has sent so far, without what carries them. */
  long bytesSent(int region) {
    return bytesSent[region];
  }

  void at(long atNanos, Runnable action) {
    events.add(new Event(Math.max(atNanos, nowNanos), order++, action));
  }

  void runUntil(long endNanos) {
    while (!events.isEmpty() && events.peek().atNanos <= endNanos) {
      Event event = events.remove();
      nowNanos = event.atNanos;
      event.action.run();
    }
    nowNanos = endNanos;
  }

  void delay(int from, int to, long oneWayNanos) {
    delayNanos[from][to] = oneWayNanos;
  }

  /** Frames from one to the other vanish, those under way too, and nobody is told. */
  void cut(int from, int to) {
    cut[from][to] = true;
  }

  void heal(int from, int to) {
    cut[from][to] = false;
  }

  void heal() {
    for (boolean[] row : cut) {
      java.util.Arrays.fill(row, false);
    }
  }

  private long delay(int from, int to) {
    long base = delayNanos[from][to];
    return jitter == 0 ? base : base + (long) (base * jitter * random.nextDouble());
  }

  End join(int number, MeshTransport.Listener listener) {
    End end = new End(number, listener);
    ends[number] = end;
    for (int peer = 0; peer < ends.length; peer++) {
      if (peer != number) {
        Stream stream = new Stream(end, peer);
        end.streams.add(stream);
        at(nowNanos, () -> stream.dial(stream.life));
      } else {
        end.streams.add(null);
      }
    }
    return end;
  }

  private String name(int number) {
    for (Map.Entry<String, Integer> each : numbers.entrySet()) {
      if (each.getValue() == number) {
        return each.getKey();
      }
    }
    throw new IllegalArgumentException("no region " + number);
  }

  /** One node's transport. */
  final class End implements MeshTransport {
    private final int number;
    private final String name;
    private final Listener listener;
    private final List<@Nullable Stream> streams = new ArrayList<>();
    private final Queue<Runnable> held = new ArrayDeque<>();
    private boolean paused;
    private boolean dead;

    End(int number, Listener listener) {
      this.number = number;
      this.name = name(number);
      this.listener = listener;
    }

    private @Nullable Stream stream(String peer) {
      Integer to = numbers.get(peer);
      return to == null ? null : streams.get(to);
    }

    @Override
    public boolean send(String peer, byte[] frame) {
      Stream stream = stream(peer);
      return stream != null && stream.send(frame);
    }

    @Override
    public void redial(String peer) {
      Stream out = stream(peer);
      if (out != null) {
        out.discard();
        End other = ends[out.to];
        Stream in = other == null ? null : other.streams.get(number);
        if (in != null && !cut[number][out.to]) {
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
      List<Runnable> waiting = new ArrayList<>(held);
      held.clear();
      waiting.forEach(Runnable::run);
    }

    /** The process is killed; its streams break and the others are told where a path is open. */
    void kill() {
      dead = true;
      ends[number] = null;
      for (Stream stream : streams) {
        if (stream != null) {
          stream.open = false;
        }
      }
      for (End other : ends) {
        Stream in = other == null ? null : other.streams.get(number);
        if (in != null && !cut[number][in.from.number]) {
          in.discard();
        }
      }
    }

    /** Lets something happen to the process, when it runs. */
    void tell(Runnable call) {
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
    private final int to;
    private final String toName;
    private long life;
    private boolean open;
    private long backoffNanos = BACKOFF_NANOS_MIN;
    private long bytesUnderWay;
    private long lastArrivalNanos;

    Stream(End from, int to) {
      this.from = from;
      this.to = to;
      toName = name(to);
    }

    void dial(long dialled) {
      if (from.dead || open || dialled != life) {
        return;
      }
      End target = ends[to];
      boolean reached = !cut[from.number][to] && !cut[to][from.number];
      if (target == null || !reached || target.paused || from.paused) {
        backoffNanos = Math.min(2 * backoffNanos, BACKOFF_NANOS_MAX);
        from.tell(() -> from.listener.disconnected(toName));
        at(nowNanos + backoffNanos, () -> dial(dialled));
        return;
      }
      backoffNanos = BACKOFF_NANOS_MIN;
      at(nowNanos + 3 * delay(from.number, to), () -> opened(dialled, target));
    }

    @SuppressWarnings("ReferenceEquality") // the very process that was dialled
    private void opened(long dialled, End target) {
      if (from.dead || dialled != life) {
        return;
      }
      if (ends[to] == target) {
        open = true;
        bytesUnderWay = 0;
        lastArrivalNanos = nowNanos;
        from.tell(() -> from.listener.connected(toName));
      } else {
        dial(dialled);
      }
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
            from.tell(() -> from.listener.disconnected(toName));
            dial(next);
          });
    }

    boolean send(byte[] frame) {
      if (!open || bytesUnderWay + frame.length > WINDOW_BYTES) {
        return false;
      }
      framesSent[from.number]++;
      bytesSent[from.number] += frame.length;
      if (loss > 0 && random.nextDouble() < loss) {
        return true;
      }
      deliver(frame);
      if (repetition > 0 && random.nextDouble() < repetition) {
        deliver(frame);
      }
      return true;
    }

    private void deliver(byte[] frame) {
      long arrivalNanos = nowNanos + delay(from.number, to);
      if (!reordering) {
        arrivalNanos = Math.max(arrivalNanos, lastArrivalNanos);
        lastArrivalNanos = arrivalNanos;
      }
      bytesUnderWay += frame.length;
      long sent = life;
      at(arrivalNanos, () -> arrived(frame, sent));
    }

    private void arrived(byte[] frame, long sent) {
      if (sent != life || cut[from.number][to]) {
        return;
      }
      bytesUnderWay -= frame.length;
      End target = ends[to];
      if (target != null) {
        delivered++;
        target.tell(() -> target.listener.received(from.name, frame));
      }
    }
  }
}
