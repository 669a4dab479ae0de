package io.openclaw.wasm;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A thread that ends {@link Lease}s whose time is over, to {@link #TICK_NANOS}. It sleeps while
 * none runs. Thread-safe.
 */
final class Watchdog {
  /** How often it looks. */
  static final long TICK_NANOS = 2_000_000;

  /** So many looks without a lease under way, and it sleeps until one begins. */
  private static final int IDLE_TICKS = 100;

  private final List<Lease> leases = new CopyOnWriteArrayList<>();
  private final LongSupplier nanos;
  private volatile boolean asleep;
  private volatile boolean closed;
  private volatile @Nullable Thread thread;

  Watchdog(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** A lease that it watches until {@link #forget}. */
  Lease lease() {
    Lease lease = new Lease();
    leases.add(lease);
    start();
    return lease;
  }

  void forget(Lease lease) {
    leases.remove(lease);
  }

  /** Begins a lease of the calling thread. */
  void begin(Lease lease, long forNanos) {
    lease.begin(nanos.getAsLong() + forNanos);
    if (asleep) { // it looks once more after it has said so, so it sees this lease or is woken
      LockSupport.unpark(thread);
    }
  }

  private synchronized void start() {
    if (thread == null && !closed) {
      Thread made = new Thread(this::run, "wasm-watchdog");
      made.setDaemon(true);
      thread = made;
      made.start();
    }
  }

  private void run() {
    int idle = 0;
    while (!closed) {
      idle = look() ? 0 : idle + 1;
      if (idle > IDLE_TICKS) {
        asleep = true;
        if (!look()) {
          LockSupport.park(this);
        }
        asleep = false;
        idle = 0;
      } else {
        LockSupport.parkNanos(this, TICK_NANOS);
      }
    }
  }

  /** Whether any lease is under way. */
  private boolean look() {
    boolean running = false;
    long now = nanos.getAsLong();
    for (Lease each : leases) {
      each.fireIfDue(now);
      running |= each.isRunning();
    }
    return running;
  }

  void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
