package io.openclaw.net;

/** Whether a node wants requests. Thread-safe. */
public final class Readiness {
  /** The life of a node, in order. */
  public enum State {
    STARTING,
    READY,
    DRAINING
  }

  private volatile State state = State.STARTING;

  public State state() {
    return state;
  }

  /** Requests may come. */
  public void ready() {
    state = State.READY;
  }

  /** No new requests, please; those under way are finished. */
  public void draining() {
    state = State.DRAINING;
  }
}
