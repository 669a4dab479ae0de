package io.openclaw.mesh;

import io.openclaw.mesh.MeshView.State;

/**
 * One peer's health with hysteresis: quick to suspect, slow to trust again.
 *
 * <p>Silence alone changes it, measured on this node's clock. Not thread-safe.
 */
final class Health {
  /** Dials that failed one after the other, after which a silent peer counts as down. */
  static final int FAILED_DIALS_MAX = 3;

  private final MeshSettings.Timing timing;
  private final long startNanos;
  private State state = State.UNKNOWN;
  private long sinceNanos;
  private boolean everHeard;
  private long heardNanos;
  private long goodNanos;
  private int goodHeartbeats;
  private int failedDials;
  private long suspicions;

  Health(MeshSettings.Timing timing, long nowNanos) {
    this.timing = timing;
    startNanos = nowNanos;
    sinceNanos = nowNanos;
    heardNanos = nowNanos;
  }

  /** A valid frame of the peer arrived. */
  void heard(long nowNanos) {
    if (nowNanos - heardNanos >= timing.suspectNanos()) {
      goodHeartbeats = 0;
    }
    everHeard = true;
    heardNanos = nowNanos;
    failedDials = 0;
  }

  /** A new heartbeat arrived; several that were held up and arrive at once count as one. */
  void heartbeat(long nowNanos) {
    heard(nowNanos);
    if (goodHeartbeats > 0 && nowNanos - goodNanos < timing.heartbeatNanos() / 2) {
      return;
    }
    goodNanos = nowNanos;
    goodHeartbeats++;
    if (state != State.UP && goodHeartbeats >= timing.goodHeartbeats()) {
      become(State.UP, nowNanos);
    }
  }

  void dialFailed() {
    failedDials++;
  }

  /** This node itself slept for {@code gapNanos}: what came meanwhile could not be heard. */
  void forgive(long gapNanos, long nowNanos) {
    heardNanos = heardNanos + gapNanos - nowNanos > 0 ? nowNanos : heardNanos + gapNanos;
  }

  void tick(long nowNanos) {
    long silenceNanos = nowNanos - heardNanos;
    switch (state) {
      case UP -> {
        if (silenceNanos >= timing.suspectNanos()) {
          suspect(nowNanos);
        }
      }
      case SUSPECT -> {
        if (silenceNanos >= timing.downNanos()
            || (failedDials >= FAILED_DIALS_MAX && silenceNanos >= timing.suspectNanos())) {
          become(State.DOWN, nowNanos);
        }
      }
      case UNKNOWN -> {
        if (everHeard && silenceNanos >= timing.suspectNanos()) {
          suspect(nowNanos);
        } else if (failedDials >= FAILED_DIALS_MAX
            && !everHeard
            && nowNanos - startNanos >= timing.downNanos()) {
          become(State.DOWN, nowNanos);
        }
      }
      case DOWN -> {}
    }
  }

  /** Whether the peer was heard once and is silent now. */
  boolean silent(long nowNanos) {
    return everHeard && nowNanos - heardNanos >= timing.suspectNanos();
  }

  State state() {
    return state;
  }

  long sinceNanos() {
    return sinceNanos;
  }

  long suspicions() {
    return suspicions;
  }

  private void suspect(long nowNanos) {
    suspicions++;
    failedDials = 0;
    become(State.SUSPECT, nowNanos);
  }

  private void become(State next, long nowNanos) {
    state = next;
    sinceNanos = nowNanos;
    if (next != State.UP) {
      goodHeartbeats = 0;
    }
  }
}
