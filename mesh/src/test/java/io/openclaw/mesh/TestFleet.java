package io.openclaw.mesh;

import io.openclaw.domain.FactTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/** Some nodes on a {@link TestNetwork}, with what a scenario does to them. */
final class TestFleet {
  static final long MS = TestNetwork.MS;

  final RandomGenerator random;
  final TestNetwork network;
  final List<String> regions = new ArrayList<>();
  final Map<String, Node> nodes = new TreeMap<>();
  MeshSettings.Timing timing = MeshSettings.Timing.DEFAULT;
  Function<String, TestTable> tables = TestTable::new;
  UnaryOperator<Long> lateness = nanos -> nanos;

  TestFleet(long seed, int size) {
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    // An origin below zero: clock values are compared by difference only.
    network = new TestNetwork(random, -3_000_000_000L);
    for (int i = 0; i < size; i++) {
      regions.add("r" + i);
    }
  }

  TestFleet start() {
    regions.forEach(region -> start(region, 1));
    return this;
  }

  Node start(String region, long incarnation) {
    Node node = new Node(region, incarnation);
    nodes.put(region, node);
    return node;
  }

  Node node(int i) {
    return Objects.requireNonNull(nodes.get("r" + i));
  }

  MeshView.Peer seen(int by, int of) {
    return node(by).mesh.view().peer("r" + of);
  }

  MeshView.State state(int by, int of) {
    return seen(by, of).state();
  }

  /** Some random counting and registering at every node. */
  void change(int times) {
    for (int i = 0; i < times; i++) {
      Node node = node(random.nextInt(regions.size()));
      String key = "tenant/" + random.nextInt(50);
      if (random.nextInt(4) == 0) {
        byte[] value = new byte[random.nextInt(20)];
        random.nextBytes(value);
        long version = 1 + network.nowNanos() / MS + 10_000;
        node.table.register("doc/" + key + "/" + node.region, version, value);
      } else {
        node.table.count(key, node.writer(), 1 + random.nextInt(5), random.nextInt(3));
      }
      network.runFor(random.nextLong(5 * MS));
    }
  }

  /** The convergence checker: what differs between two nodes, or null where nothing does. */
  @Nullable String difference() {
    Map<String, String> first = node(0).table.contents();
    for (Node node : nodes.values()) {
      Map<String, String> other = node.table.contents();
      if (!first.equals(other)) {
        Map<String, String> missing = new TreeMap<>(first);
        missing.entrySet().removeAll(other.entrySet());
        return "r0 and " + node.region + " differ: " + missing + " against " + other;
      }
    }
    return null;
  }

  /** Runs until all nodes are equal; the time it took, or -1 where they never are. */
  long nanosUntilEqual(long atMostNanos) {
    long start = network.nowNanos();
    while (network.nowNanos() - start <= atMostNanos) {
      if (difference() == null) {
        return network.nowNanos() - start;
      }
      network.runFor(10 * MS);
    }
    return -1;
  }

  boolean runUntilUp(long atMostNanos) {
    long start = network.nowNanos();
    while (network.nowNanos() - start <= atMostNanos) {
      if (nodes.values().stream()
          .flatMap(node -> node.mesh.view().peers().values().stream())
          .allMatch(peer -> peer.state() == MeshView.State.UP)) {
        return true;
      }
      network.runFor(10 * MS);
    }
    return false;
  }

  /** One node: a mesh, its table, and a timer. */
  final class Node implements MeshTransport.Listener {
    final String region;
    final long incarnation;
    final TestTable table = tables.apply("test");
    final TestNetwork.End end;
    final Mesh mesh;
    boolean dead;
    long lastHeardNanos;

    Node(String region, long incarnation) {
      this.region = region;
      this.incarnation = incarnation;
      List<String> peers = new ArrayList<>(regions);
      peers.remove(region);
      end = network.join(region, this, peers);
      mesh =
          new Mesh(
              new MeshSettings(region, peers, incarnation, timing),
              List.<FactTable>of(table),
              null,
              end,
              network.nowNanos());
      network.at(network.nowNanos() + random.nextLong(50 * MS), this::tick);
    }

    String writer() {
      return region + "." + incarnation;
    }

    void kill() {
      dead = true;
      end.kill();
    }

    private void tick() {
      if (dead) {
        return;
      }
      if (!end.paused()) {
        mesh.tick(network.nowNanos());
      }
      network.at(network.nowNanos() + lateness.apply(50 * MS), this::tick);
    }

    @Override
    public void connected(String peer) {
      mesh.connected(peer, network.nowNanos());
    }

    @Override
    public void disconnected(String peer) {
      mesh.disconnected(peer, network.nowNanos());
    }

    @Override
    public void received(String peer, byte[] frame) {
      lastHeardNanos = network.nowNanos();
      mesh.received(peer, frame, network.nowNanos());
    }
  }
}
