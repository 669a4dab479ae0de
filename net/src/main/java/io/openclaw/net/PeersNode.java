package io.openclaw.net;

import io.openclaw.domain.Clock;
import io.openclaw.domain.FactTable;
import io.openclaw.domain.PeerProtocol;
import io.openclaw.mesh.Mesh;
import io.openclaw.mesh.MeshSettings;
import io.openclaw.mesh.MeshTransport;
import io.openclaw.mesh.MeshView;
import io.openclaw.tls.Certificates;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * This node in a mesh of peers: the protocol, its streams and its timer, all on one event loop of
 * their own. Vert.x hands its loops out in turn, so only a Vert.x of its own keeps requests from
 * coming between two heartbeats.
 *
 * <p>Thread-safe.
 */
public final class PeersNode {
  private static final System.Logger LOG = System.getLogger("io.openclaw.mesh");
  private static final long REFUSALS_LOG_NANOS_MIN = TimeUnit.SECONDS.toNanos(10);

  /** For single requests of peers, which may wait for the disk. */
  private static final int WORKERS = 4;

  private final Vertx vertx;
  private final Loop loop;
  private final String deployment;

  private PeersNode(Vertx vertx, Loop loop, String deployment) {
    this.vertx = vertx;
    this.loop = loop;
    this.deployment = deployment;
  }

  /**
   * Starts listening and dialling; the future fails where the port is taken. The peers need not be
   * there yet.
   *
   * @param tls what this node shows and believes; none: no TLS
   * @param requests what peers may ask for beside the streams
   * @throws IllegalArgumentException where the two settings name other regions
   */
  public static Future<PeersNode> start(
      MeshSettings mesh,
      PeersSettings peers,
      @Nullable Certificates tls,
      List<FactTable> tables,
      @Nullable PeerProtocol protocol,
      PeerRequests requests,
      Clock clock) {
    if (!mesh.self().equals(peers.self())
        || !new TreeSet<>(mesh.peers()).equals(peers.peers().keySet())) {
      throw new IllegalArgumentException(
          "peers: " + peers + " (expected: " + mesh.self() + " with " + mesh.peers() + ")");
    }
    Loop loop = new Loop(mesh, peers, tls, tables, protocol, requests, clock);
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setPreferNativeTransport(true)
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(WORKERS));
    // Without a context: the only one there is ends with Vert.x.
    Promise<PeersNode> started = Promise.promise();
    vertx
        .deployVerticle(loop)
        .onComplete(
            deployed -> {
              if (deployed.succeeded()) {
                started.complete(new PeersNode(vertx, loop, deployed.result()));
              } else {
                vertx.close().onComplete(closed -> started.fail(deployed.cause()));
              }
            });
    return started.future();
  }

  /** What is known of the peers, at most one tick old. */
  public MeshView view() {
    return loop.mesh().view();
  }

  /** The port listened on. */
  public int port() {
    return loop.port;
  }

  /** Sends the last changes, ends the streams and stops listening. */
  public Future<Void> close() {
    Promise<Void> ended = Promise.promise();
    vertx
        .undeploy(deployment)
        .onComplete(undeployed -> vertx.close().onComplete(closed -> ended.handle(undeployed)));
    return ended.future();
  }

  /** What lives on the event loop. */
  private static final class Loop extends VerticleBase implements MeshTransport.Listener {
    private final MeshSettings settings;
    private final PeersSettings peers;
    private final @Nullable Certificates tls;
    private final List<FactTable> tables;
    private final @Nullable PeerProtocol protocol;
    private final PeerRequests requests;
    private final Clock clock;
    private final Map<String, MeshView.State> loggedStates = new HashMap<>();
    private final Map<String, Refusals> loggedRefusals = new HashMap<>();
    private volatile @Nullable Mesh mesh;
    private @Nullable PeersTransport transport;
    private volatile int port;

    private record Refusals(long count, long nanos) {}

    Loop(
        MeshSettings settings,
        PeersSettings peers,
        @Nullable Certificates tls,
        List<FactTable> tables,
        @Nullable PeerProtocol protocol,
        PeerRequests requests,
        Clock clock) {
      this.settings = settings;
      this.peers = peers;
      this.tls = tls;
      this.tables = List.copyOf(tables);
      this.protocol = protocol;
      this.requests = requests;
      this.clock = clock;
    }

    Mesh mesh() {
      Mesh started = mesh;
      if (started == null) {
        throw new IllegalStateException("the mesh has not started");
      }
      return started;
    }

    @Override
    public Future<?> start() {
      PeersTransport streams =
          new PeersTransport(context, peers, tls, requests, RandomGenerator.getDefault(), this);
      transport = streams;
      mesh = new Mesh(settings, tables, protocol, streams, clock.nanoTime());
      long tickMillis =
          Math.max(1, TimeUnit.NANOSECONDS.toMillis(settings.timing().heartbeatNanos()));
      return streams
          .start()
          .onSuccess(
              listening -> {
                port = streams.port();
                vertx.setPeriodic(tickMillis, timer -> tick());
                if (tls != null) {
                  PeersRenewal renewal =
                      new PeersRenewal(context, streams, List.copyOf(peers.peers().keySet()));
                  tls.onChange(renewal::begin);
                  tls.onMinute(renewal::check);
                }
              });
    }

    @Override
    public Future<?> stop() {
      PeersTransport streams = transport;
      if (streams == null) {
        return Future.succeededFuture();
      }
      mesh().tick(clock.nanoTime());
      return streams.close();
    }

    @Override
    public void connected(String peer) {
      mesh().connected(peer, clock.nanoTime());
    }

    @Override
    public void disconnected(String peer) {
      mesh().disconnected(peer, clock.nanoTime());
    }

    @Override
    public void received(String peer, byte[] frame) {
      mesh().received(peer, frame, clock.nanoTime());
    }

    private void tick() {
      mesh().tick(clock.nanoTime());
      MeshView view = mesh().view();
      for (MeshView.Peer peer : view.peers().values()) {
        logState(peer);
        logRefusals(peer, view.atNanos());
      }
    }

    private void logState(MeshView.Peer peer) {
      MeshView.State before = loggedStates.put(peer.region(), peer.state());
      if (before == null || before == peer.state()) {
        return;
      }
      System.Logger.Level level =
          switch (peer.state()) {
            case UP, UNKNOWN -> System.Logger.Level.INFO;
            case SUSPECT, DOWN -> System.Logger.Level.WARNING;
          };
      LOG.log(
          level,
          "mesh: {0} is {1} (was {2}, incarnation {3})",
          peer.region(),
          peer.state(),
          before,
          Long.toString(peer.incarnation()));
    }

    /** Says that something was refused, and how often, but not each time. */
    private void logRefusals(MeshView.Peer peer, long nowNanos) {
      long count = peer.counters().framesRefused() + peer.counters().factsRefused();
      Refusals logged = loggedRefusals.get(peer.region());
      boolean due =
          logged == null
              ? count > 0
              : count > logged.count() && nowNanos - logged.nanos() >= REFUSALS_LOG_NANOS_MIN;
      if (due) {
        loggedRefusals.put(peer.region(), new Refusals(count, nowNanos));
        LOG.log(
            System.Logger.Level.WARNING,
            "mesh: refused {0} frames or facts from {1} so far; the last one: {2}",
            Long.toString(count),
            peer.region(),
            peer.refusal());
      }
    }
  }
}
