package io.openclaw.net;

import static io.openclaw.net.PeersTransportTest.SECRET;
import static io.openclaw.net.PeersTransportTest.freePort;
import static io.openclaw.net.PeersTransportTest.get;
import static io.openclaw.net.PeersTransportTest.within;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Fact;
import io.openclaw.domain.FactTable;
import io.openclaw.mesh.MeshSettings;
import io.openclaw.mesh.MeshView;
import io.openclaw.mesh.MeshView.State;
import io.openclaw.mesh.TestTable;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three nodes on this machine, with real sockets and real time. */
final class PeersNodeTest {
  private static final String HOST = "127.0.0.1";
  private static final List<String> REGIONS = List.of("ap", "eu", "us");
  private static final Clock CLOCK =
      new Clock() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public long wallMillis() {
          return System.currentTimeMillis();
        }
      };

  /** Notes which threads the mesh asks it on. */
  private static final class Asked implements FactTable {
    final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    @Override
    public String name() {
      return "asked";
    }

    @Override
    public void drainChanges(Consumer<Fact> sink) {
      threads.add(Thread.currentThread());
    }

    @Override
    public void all(Consumer<Fact> sink) {
      threads.add(Thread.currentThread());
    }

    @Override
    public void merge(Fact fact) {
      throw new IllegalArgumentException("nobody tells of this");
    }
  }

  private final Map<String, Set<Thread>> threads = new TreeMap<>();
  private final Map<String, PeersSettings.Address> addresses = new TreeMap<>();
  private final Map<String, PeersNode> nodes = new TreeMap<>();
  private final Map<String, TestTable> tables = new TreeMap<>();

  @BeforeEach
  void choosePorts() throws Exception {
    for (String region : REGIONS) {
      addresses.put(region, new PeersSettings.Address(HOST, freePort()));
    }
  }

  @AfterEach
  void close() throws Exception {
    for (PeersNode node : nodes.values()) {
      get(node.close());
    }
  }

  private void start(String region, long incarnation, String secret) throws Exception {
    Map<String, PeersSettings.Address> peers = new TreeMap<>(addresses);
    int port = Objects.requireNonNull(peers.remove(region)).port();
    TestTable table = new TestTable("test");
    tables.put(region, table);
    Asked asked = new Asked();
    threads.put(region, asked.threads);
    nodes.put(
        region,
        get(
            PeersNode.start(
                MeshSettings.of(region, List.copyOf(peers.keySet()), incarnation),
                new PeersSettings(region, HOST, port, peers, secret),
                null,
                List.of(table, asked),
                null,
                NoRequests.NONE,
                CLOCK)));
  }

  private PeersNode node(String region) {
    return Objects.requireNonNull(nodes.get(region));
  }

  private TestTable table(String region) {
    return Objects.requireNonNull(tables.get(region));
  }

  private MeshView.Peer seen(String by, String of) {
    return node(by).view().peer(of);
  }

  private boolean allUp() {
    return nodes.values().stream()
        .flatMap(node -> node.view().peers().values().stream())
        .allMatch(peer -> peer.state() == State.UP);
  }

  private boolean allEqual() {
    Map<String, String> first = table("ap").contents();
    return tables.values().stream().allMatch(table -> table.contents().equals(first));
  }

  @Test
  void three_nodes_converge_lose_one_and_take_it_back_with_a_new_incarnation() throws Exception {
    for (String region : REGIONS) {
      start(region, 1, SECRET);
    }
    assertThat(node("eu").port()).isEqualTo(Objects.requireNonNull(addresses.get("eu")).port());
    assertThat(within(5000, this::allUp)).isTrue();
    for (int i = 0; i < 5000; i++) {
      table(REGIONS.get(i % 3)).count("tenant/" + i % 1000, REGIONS.get(i % 3) + ".1", 1, i);
    }
    table("us").register("doc", 1, new byte[40_000]);
    assertThat(within(2000, this::allEqual)).isTrue();
    assertThat(table("eu").contents()).hasSize(3001);
    assertThat(within(1000, () -> seen("ap", "eu").lagNanos() < 300_000_000L)).isTrue();

    get(node("eu").close());
    nodes.remove("eu");
    List<State> states = new ArrayList<>(List.of(State.UP));
    assertThat(
            within(
                5000,
                () -> {
                  State state = seen("ap", "eu").state();
                  if (states.getLast() != state) {
                    states.add(state);
                  }
                  return state == State.DOWN;
                }))
        .isTrue();
    assertThat(states).containsExactly(State.UP, State.SUSPECT, State.DOWN);
    assertThat(seen("ap", "us").state()).isEqualTo(State.UP);
    table("us").count("tenant/meanwhile", "us.1", 1);

    start("eu", 2, SECRET);
    table("eu").count("tenant/0", "eu.2", 1);
    assertThat(within(5000, this::allUp)).isTrue();
    assertThat(within(3000, this::allEqual)).isTrue();
    assertThat(table("eu").contents()).hasSize(3003);
    assertThat(seen("ap", "eu").incarnation()).isEqualTo(2);
    assertThat(seen("ap", "us").counters().suspicions()).isZero();
  }

  @Test
  void a_node_with_a_wrong_secret_stays_outside() throws Exception {
    start("ap", 1, SECRET);
    start("us", 1, SECRET);
    start("eu", 1, "another-secret-altogether");
    table("eu").count("tenant/stolen", "eu", 1);
    table("us").count("tenant/good", "us", 1);
    assertThat(within(5000, () -> seen("ap", "us").state() == State.UP)).isTrue();
    assertThat(within(2000, () -> table("ap").contents().containsKey("tenant/good/us"))).isTrue();
    assertThat(within(4000, () -> seen("ap", "eu").state() == State.DOWN)).isTrue();
    assertThat(seen("ap", "eu").connected()).isFalse();
    assertThat(seen("ap", "eu").counters().framesIn()).isZero();
    assertThat(table("ap").contents()).containsOnlyKeys("tenant/good/us");
    assertThat(table("eu").contents()).containsOnlyKeys("tenant/stolen/eu");
  }

  @Test
  void the_mesh_has_an_event_loop_of_its_own_whatever_serves_requests_beside_it() throws Exception {
    Vertx service = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    try {
      start("ap", 1, SECRET);
      start("eu", 1, SECRET);
      CompletableFuture<Thread> serves = new CompletableFuture<>();
      service.runOnContext(now -> serves.complete(Thread.currentThread()));
      assertThat(within(5000, () -> seen("ap", "eu").state() == State.UP)).isTrue();
      Set<Thread> ap = Objects.requireNonNull(threads.get("ap"));
      Set<Thread> eu = Objects.requireNonNull(threads.get("eu"));
      assertThat(ap).hasSize(1).doesNotContain(serves.get()).isNotEqualTo(eu);
      assertThat(eu).hasSize(1).doesNotContain(serves.get());
    } finally {
      get(service.close());
    }
  }

  @Test
  void settings_that_disagree_are_refused() {
    assertThatThrownBy(
            () ->
                PeersNode.start(
                    MeshSettings.of("ap", List.of("eu"), 1),
                    new PeersSettings("ap", HOST, 0, Map.of(), SECRET),
                    null,
                    List.of(),
                    null,
                    NoRequests.NONE,
                    CLOCK))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining(SECRET);
  }
}
