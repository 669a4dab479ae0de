package io.openclaw.sim;

import io.openclaw.domain.LimitSpec;
import io.openclaw.limit.Decision;
import io.openclaw.limit.LeaseSettings;
import io.openclaw.limit.Leases;
import io.openclaw.limit.Limit;
import io.openclaw.limit.Limiter;
import io.openclaw.mesh.Mesh;
import io.openclaw.mesh.MeshSettings;
import io.openclaw.mesh.MeshTransport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One life of one region's node: the production limiter, leases and mesh, on a clock of its own
 * that starts anywhere and runs a little fast or slow.
 */
final class SimRegion implements MeshTransport.Listener {
  /** What hears of what was admitted, in true time. */
  interface Outcomes {
    /**
     * A request was acted on.
     *
     * @param atNanos when it was decided, in true time
     * @param rightful whether all rights it was decided under still were there when it was acted on
     */
    void admitted(String limit, long cost, long atNanos, boolean rightful);

    void denied(String limit, long cost);
  }

  final int number;
  final Limiter limiter;
  final Leases leases;
  private final SimNetwork network;
  private final SimNetwork.End end;
  private final Mesh mesh;
  private final Map<String, Limit> limits = new HashMap<>();
  private final Map<String, Long> underWay = new HashMap<>();
  private final long clockOffset;
  private final double clockRate;
  private final long tickNanos;
  private boolean dead;
  private boolean paused;

  /**
   * @param follows whether regions tell each other what they are asked for, so that blocks follow
   *     demand; otherwise shares stay as they are, but for those of the dead
   */
  SimRegion(
      SimNetwork network,
      int number,
      LeaseSettings settings,
      MeshSettings.Timing timing,
      long incarnation,
      long clockOffset,
      double clockRate,
      long firstTickNanos,
      boolean follows) {
    this.network = network;
    this.number = number;
    this.clockOffset = clockOffset;
    this.clockRate = clockRate;
    tickNanos = timing.heartbeatNanos();
    limiter = new Limiter(settings, settings.self() + "#" + incarnation, false, clock());
    leases = new Leases(limiter, incarnation, clock());
    List<String> peers = new ArrayList<>(settings.regions());
    peers.remove(settings.self());
    end = network.join(number, this);
    mesh =
        new Mesh(
            new MeshSettings(settings.self(), peers, incarnation, timing),
            follows ? List.of(limiter.facts()) : List.of(),
            leases,
            end,
            clock());
    network.at(network.nowNanos() + firstTickNanos, this::tick);
  }

  /** What this node's monotonic clock shows. */
  long clock() {
    return clockOffset + (long) (network.nowNanos() * clockRate);
  }

  Limit limit(LimitSpec spec, long largestCost) {
    Limit limit = limiter.limit(spec, largestCost, clock());
    limits.put(spec.id(), limit);
    return limit;
  }

  boolean knows(String limit) {
    return limits.containsKey(limit);
  }

  boolean runs() {
    return !dead && !paused;
  }

  boolean isDead() {
    return dead;
  }

  Mesh mesh() {
    return mesh;
  }

  /**
   * A request arrives. The thread may be held up between the decision and the act: then the act
   * comes when it goes on.
   *
   * @param heldNanos how long the thread is held up; 0 for not at all
   */
  void request(String id, long cost, long heldNanos, Outcomes outcomes) {
    Limit limit = limits.get(id);
    if (limit == null || !runs()) {
      return;
    }
    long atNanos = network.nowNanos();
    double share = limit.share(clock());
    switch (limiter.admit(limit, cost, clock())) {
      case Decision.Denied denied -> outcomes.denied(id, cost);
      case Decision.Admitted admitted -> {
        if (heldNanos == 0) {
          act(limit, admitted, id, cost, atNanos, share, outcomes);
        } else {
          underWay.merge(id, cost, Long::sum);
          network.at(
              network.nowNanos() + heldNanos,
              () ->
                  end.tell(
                      () -> {
                        underWay.merge(id, -cost, Long::sum);
                        act(limit, admitted, id, cost, atNanos, share, outcomes);
                      }));
        }
      }
    }
  }

  /** The part of a limit's rate that this region may use right now. */
  double share(String id) {
    Limit limit = limits.get(id);
    return limit == null ? 0 : limit.share(clock());
  }

  /** The cost of requests that are decided and not yet acted on. */
  long underWay(String id) {
    return underWay.getOrDefault(id, 0L);
  }

  private void act(
      Limit limit,
      Decision.Admitted admitted,
      String id,
      long cost,
      long atNanos,
      double share,
      Outcomes outcomes) {
    if (limiter.confirm(limit, admitted, cost, clock())) {
      outcomes.admitted(id, cost, atNanos, limit.share(clock()) >= share);
    } else {
      outcomes.denied(id, cost);
    }
  }

  private void tick() {
    if (dead) {
      return;
    }
    end.tell(() -> mesh.tick(clock()));
    network.at(network.nowNanos() + (long) (tickNanos / clockRate), this::tick);
  }

  void kill() {
    dead = true;
    end.kill();
  }

  void pause() {
    paused = true;
    end.pause();
  }

  void resume() {
    if (!dead) {
      paused = false;
      end.resume();
    }
  }

  @Override
  public void connected(String peer) {
    mesh.connected(peer, clock());
  }

  @Override
  public void disconnected(String peer) {
    mesh.disconnected(peer, clock());
  }

  @Override
  public void received(String peer, byte[] frame) {
    mesh.received(peer, frame, clock());
  }
}
