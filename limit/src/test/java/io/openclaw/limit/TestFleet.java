package io.openclaw.limit;

import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.PeerProtocol;
import io.openclaw.domain.WireException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Regions that share limits, without a mesh: messages wait in a queue, late or lost by a seed.
 * Clocks run at different rates. After every event it checks that no more blocks are used than
 * there are, dead lives included, and that no more was admitted than the limit allows.
 */
final class TestFleet {
  static final long MILLI = 1_000_000L;
  private static final long TICK = 50 * MILLI;
  private static final long SILENCE = 350 * MILLI;

  /** One life of a region. */
  final class Node {
    final String name;
    final long incarnation;
    final Limiter limiter;
    final Leases leases;
    final Limit limit;
    final Map<String, Long> heard = new TreeMap<>();
    private final double rate;
    private final long offset;
    boolean alive = true;
    double asked;
    private double waiting;
    long admitted;

    Node(LeaseSettings settings, long incarnation, long followed, double rate) {
      name = settings.self();
      this.incarnation = incarnation;
      this.rate = rate;
      offset = random.nextLong();
      limiter = new Limiter(settings, name + "#" + incarnation, false, clock());
      leases = new Leases(limiter, incarnation, followed, clock());
      limit = limiter.limit(spec, cost, clock());
    }

    long clock() {
      return offset + (long) (now * rate);
    }

    int blocks() {
      return limit.blocks(clock());
    }
  }

  private record Event(long at, long number, Runnable what) {}

  LimitSpec spec;
  final Map<String, Node> nodes = new TreeMap<>();
  final List<Node> dead = new ArrayList<>();
  final Set<String> cut = new HashSet<>();
  private final RandomGenerator random;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
  private double ratePerNano;
  private double overdrawn;
  private long spentAt;
  private long number;
  private long incarnations;
  long now;
  double lossRate = 0.02;
  long delayMax = 20 * MILLI;
  double drift = 0.001;
  long cost = 1;
  @Nullable String fault;

  TestFleet(long seed, LimitSpec spec) {
    random = new SplittableRandom(seed);
    this.spec = spec;
    ratePerNano = spec.milliTokensPerSecond() / 1e12;
  }

  Node node(String name) {
    return Objects.requireNonNull(nodes.get(name));
  }

  /** Starts a region; where one of that name runs it dies first, and nobody tells it. */
  Node start(LeaseSettings settings) {
    return start(settings, 1);
  }

  /** The same, where its disk says which choice of voters all regions have had. */
  Node start(LeaseSettings settings, long followed) {
    kill(settings.self());
    double rate = 1 + (random.nextInt(3) - 1) * drift * 0.999;
    Node node = new Node(settings, ++incarnations, followed, rate);
    nodes.put(node.name, node);
    after(random.nextLong(TICK), () -> tick(node));
    return node;
  }

  void kill(String name) {
    Node node = nodes.remove(name);
    if (node != null) {
      node.alive = false;
      dead.add(node);
    }
  }

  /** All regions learn of another version of the limit; it is judged from now on. */
  void change(LimitSpec next, long largestCost) {
    spec = next;
    ratePerNano = next.milliTokensPerSecond() / 1e12;
    overdrawn = 0;
    spentAt = now;
    nodes.values().forEach(node -> node.limiter.limit(next, largestCost, node.clock()));
  }

  void run(long nanos) {
    long until = now + nanos;
    while (fault == null) {
      Event event = events.peek();
      if (event == null || event.at > until) {
        break;
      }
      now = events.remove().at;
      event.what.run();
      judge();
    }
    now = until;
  }

  private void after(long nanos, Runnable what) {
    events.add(new Event(now + nanos, number++, what));
  }

  private void tick(Node node) {
    if (!node.alive) {
      return;
    }
    Set<String> up = new HashSet<>();
    node.heard.forEach(
        (peer, at) -> {
          if (now - at < SILENCE) {
            up.add(peer);
          }
        });
    tellFacts(node);
    node.leases.tick(up, sender(node), node.clock());
    ask(node);
    after(TICK, () -> tick(node));
  }

  private void tellFacts(Node node) {
    node.limiter
        .facts()
        .drainChanges(
            fact -> {
              for (String peer : nodes.keySet()) {
                deliver(node, peer, to -> to.limiter.facts().merge(fact));
              }
            });
    for (String peer : nodes.keySet()) {
      deliver(node, peer, to -> {}); // a heartbeat
    }
  }

  private void ask(Node node) {
    node.waiting += node.asked * TICK / 1e9;
    for (; node.waiting >= cost; node.waiting -= cost) {
      long clock = node.clock();
      if (node.limiter.admit(node.limit, cost, clock) instanceof Decision.Admitted admitted
          && node.limiter.confirm(node.limit, admitted, cost, clock)) {
        node.admitted += cost;
        spend();
      }
    }
  }

  /** A leaky bucket over all regions: over any time at most burst + rate × time. */
  private void spend() {
    overdrawn = Math.max(0, overdrawn - (now - spentAt) * ratePerNano * (1 + 2 * drift)) + cost;
    spentAt = now;
    boolean promised = spec.mode() != LimitSpec.Mode.GOSSIP;
    if (promised && overdrawn > spec.burst() + 1e-3) {
      fault = "over the limit by " + (overdrawn - spec.burst()) + " tokens at " + now;
    }
  }

  private void judge() {
    int used = 0;
    int all = 0;
    for (Node node : nodes.values()) {
      used += node.blocks();
      all = node.limiter.map().blocks();
    }
    for (Node node : dead) {
      used += node.blocks();
    }
    if (used > all && fault == null && spec.mode() != LimitSpec.Mode.GOSSIP) {
      fault = used + " blocks used of " + all + " at " + now;
    }
  }

  private PeerProtocol.Sender sender(Node from) {
    return (peer, message) -> {
      deliver(
          from,
          peer,
          to -> {
            try {
              to.leases.received(from.name, from.incarnation, message, sender(to), to.clock());
            } catch (WireException e) {
              throw new AssertionError(e);
            }
          });
      return true;
    };
  }

  private void deliver(Node from, String peer, java.util.function.Consumer<Node> what) {
    Node target = nodes.get(peer);
    if (target == null || peer.equals(from.name) || random.nextDouble() < lossRate) {
      return;
    }
    long delay = MILLI + random.nextLong(delayMax);
    after(
        delay,
        () -> {
          boolean reaches = !cut.contains(peer) && !cut.contains(from.name);
          if (target.alive && reaches) {
            target.heard.put(from.name, now);
            what.accept(target);
          }
        });
  }
}
