package io.openclaw.wasm;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The time that a thread has for a module's code. A {@link Watchdog} interrupts the thread where it
 * is over; compiled code notices at the next loop or call.
 *
 * <p>One compare-and-set decides who was first, the end or the watchdog; where it was the watchdog,
 * the thread waits until it has been interrupted and takes the flag back, so that it never reaches
 * what the thread does next. A lease belongs to one thread at a time; the watchdog may look at any
 * time.
 */
final class Lease {
  private enum State {
    IDLE,
    RUNNING,
    FIRING,
    FIRED
  }

  private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);
  private volatile long endNanos;
  private volatile @Nullable Thread thread;

  /** The calling thread has until then, on the clock that the watchdog reads. */
  void begin(long endNanos) {
    this.endNanos = endNanos;
    this.thread = Thread.currentThread();
    state.set(State.RUNNING);
  }

  /** The calling thread is done; says whether its time was over before. */
  boolean end() {
    boolean inTime = state.compareAndSet(State.RUNNING, State.IDLE);
    while (!inTime && state.get() != State.FIRED) {
      Thread.onSpinWait();
      inTime = state.compareAndSet(State.RUNNING, State.IDLE);
    }
    if (!inTime) {
      var _ = Thread.interrupted();
      state.set(State.IDLE);
    }
    thread = null;
    return !inTime;
  }

  boolean isRunning() {
    return state.get() == State.RUNNING;
  }

  /** Whether the time was over while it ran, and it has not ended yet. */
  boolean isFired() {
    State now = state.get();
    return now == State.FIRED || now == State.FIRING;
  }

  /** Interrupts the thread where its time is over; called by the watchdog alone. */
  void fireIfDue(long nowNanos) {
    if (state.get() == State.RUNNING
        && nowNanos - endNanos > 0
        && state.compareAndSet(State.RUNNING, State.FIRING)) {
      if (nowNanos - endNanos <= 0) { // the thread has begun anew meanwhile: that one is not due
        state.set(State.RUNNING);
        return;
      }
      Thread late = thread;
      if (late != null) {
        late.interrupt();
      }
      state.set(State.FIRED);
    }
  }
}
