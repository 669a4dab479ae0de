package io.openclaw.wasm;

import io.openclaw.domain.Rating;
import io.openclaw.rating.ModelBusyException;
import io.openclaw.rating.ModelDeadlineException;
import io.openclaw.rating.ModelTrapException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The threads on which modules run, and who gets them: no event loop is ever held by a module, and
 * no model can take them all. Thread-safe.
 *
 * <p>The next rating is that of the model which has used least processor time (start-time fair
 * queueing: Goyal, Vin, Cheng 1996), among those that have not got their share:
 *
 * <ul>
 *   <li>one model has at most {@link WasmLimits#threadsOfOne} threads, and so have all together
 *       that overran lately: a thread is left for those that did not;
 *   <li>a model that used {@link WasmLimits#share} of a core waits until it is within it again;
 *   <li>a model whose overrun ratings used {@link WasmLimits#lateShare} of a core is refused at
 *       once, each time in a row for twice as long;
 *   <li>what has waited as long as its model may take is refused, and so is what finds too many
 *       waiting.
 * </ul>
 */
public final class WasmHost implements AutoCloseable {
  /** Java stack of a thread: a module's recursion ends there. */
  private static final long STACK_BYTES = 1L << 20;

  /** A thread without work for so long ends. */
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** How many forgotten models may be remembered by name. */
  private static final int FORGOTTEN_MAX = 1_000;

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final boolean CPU_IS_KNOWN = THREADS.isCurrentThreadCpuTimeSupported();

  private final WasmLimits limits;
  private final LongSupplier nanos;
  private final LongSupplier cpuNanos;
  private final Watchdog watchdog;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final List<Lane> active = new ArrayList<>();
  private final Map<String, WeakReference<Lane>> lanes = new HashMap<>();
  private int threads;
  private int idle;
  private int waiting;
  private int suspectsRunning;
  private long leastVirtualNanos;
  private boolean closed;

  /**
   * A rating that a thread has taken.
   *
   * @param isSuspect whether it takes one of the threads that are all that suspects have
   */
  private record Begun(Call call, boolean isSuspect) {}

  /** A host with the limits that suit a node. */
  public WasmHost() {
    this(WasmLimits.DEFAULT);
  }

  /** A host whose threads are shared in this way. */
  public WasmHost(WasmLimits limits) {
    this(limits, System::nanoTime, WasmHost::cpuNanos);
  }

  /** Processor time of the calling thread; where the machine does not tell, time as such. */
  private static long cpuNanos() {
    long cpu = CPU_IS_KNOWN ? THREADS.getCurrentThreadCpuTime() : -1;
    return cpu < 0 ? System.nanoTime() : cpu;
  }

  /**
   * A host.
   *
   * @param nanos a monotonic clock, in nanoseconds
   * @param cpuNanos what the calling thread has used of a processor: budgets are of this, so that a
   *     model is not blamed for what else the machine does
   */
  WasmHost(WasmLimits limits, LongSupplier nanos, LongSupplier cpuNanos) {
    this.limits = limits;
    this.nanos = nanos;
    this.cpuNanos = cpuNanos;
    this.watchdog = new Watchdog(nanos);
  }

  WasmLimits limits() {
    return limits;
  }

  Watchdog watchdog() {
    return watchdog;
  }

  long nanoTime() {
    return nanos.getAsLong();
  }

  /** A model's place, by the digest of its bytes: the same for all that load the same bytes. */
  Lane lane(String digest) {
    lock.lock();
    try {
      WeakReference<Lane> known = lanes.get(digest);
      Lane lane = known == null ? null : known.get();
      if (lane == null) {
        if (lanes.size() > FORGOTTEN_MAX) {
          lanes.values().removeIf(each -> each.get() == null);
        }
        lane = new Lane(limits, nanos.getAsLong());
        lanes.put(digest, new WeakReference<>(lane));
      }
      return lane;
    } finally {
      lock.unlock();
    }
  }

  /** Ratings that wait for a thread. */
  public int waiting() {
    lock.lock();
    try {
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Has a rating made by one of the threads.
   *
   * @param waitNanos how long it may wait for one
   * @return a stage that fails with {@link ModelBusyException} where it got none, with what the
   *     task throws otherwise
   */
  CompletionStage<Rating> submit(Lane lane, Call.Task task, long waitNanos) {
    CompletableFuture<Rating> answer = new CompletableFuture<>();
    lock.lock();
    try {
      long now = nanos.getAsLong();
      String refusal = refusal(lane, now);
      if (refusal != null) {
        return CompletableFuture.failedFuture(new ModelBusyException(refusal));
      }
      if (lane.waiting().isEmpty()) {
        if (lane.running() == 0) {
          lane.arrive(leastVirtualNanos);
        }
        active.add(lane);
      }
      lane.waiting().add(new Call(lane, task, now + waitNanos, answer));
      waiting++;
      if (idle > 0) {
        work.signal();
      }
      if (waiting > idle && threads < limits.threads()) { // those idle may be woken for others
        startThread();
      }
    } finally {
      lock.unlock();
    }
    return answer;
  }

  private @Nullable String refusal(Lane lane, long now) {
    if (closed) {
      return "this node is stopping";
    }
    long refused = lane.refusedNanos(now);
    if (refused > 0) {
      return "the model did not end in time too often and is not asked for %d ms"
          .formatted(TimeUnit.NANOSECONDS.toMillis(refused) + 1);
    }
    if (lane.waiting().size() >= limits.waitingMax()) {
      return "%d ratings of this model wait (expected: fewer than %d)"
          .formatted(lane.waiting().size(), limits.waitingMax());
    }
    return waiting < limits.waitingAllMax()
        ? null
        : "%d ratings of all modules wait (expected: fewer than %d)"
            .formatted(waiting, limits.waitingAllMax());
  }

  private void startThread() {
    threads++;
    Thread made = new Thread(null, this::work, "wasm-" + threads, STACK_BYTES);
    made.setDaemon(true);
    made.start();
  }

  /** A thread's life. */
  private void work() {
    Lease lease = watchdog.lease();
    try {
      List<Call> refused = new ArrayList<>();
      while (true) {
        Begun next = take(refused);
        boolean idled = next == null && refused.isEmpty();
        for (Call each : refused) {
          each.answer()
              .completeExceptionally(
                  new ModelBusyException("no thread was free for as long as the model may take"));
        }
        refused.clear();
        if (next != null) {
          run(next, lease);
        } else if (idled && isDone()) {
          return;
        }
      }
    } finally {
      watchdog.forget(lease);
    }
  }

  /** Whether this thread is not needed any more; it is then not counted any more. */
  private boolean isDone() {
    lock.lock();
    try {
      boolean done = waiting == 0;
      if (done) {
        threads--;
      }
      return done;
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("Interruption") // takes back the flag of a lease that was just ended
  private void run(Begun begun, Lease lease) {
    Call call = begun.call();
    var _ = Thread.interrupted();
    long start = cpuNanos.getAsLong();
    boolean late = false;
    Rating rating = null;
    Throwable failure = null;
    try {
      rating = call.task().run(lease);
    } catch (ModelDeadlineException e) {
      late = true;
      failure = e;
    } catch (ModelTrapException | RuntimeException | Error e) {
      failure = e;
    }
    release(begun, cpuNanos.getAsLong() - start, late);
    if (failure == null) {
      call.answer().complete(rating);
    } else {
      call.answer().completeExceptionally(failure);
    }
  }

  private void release(Begun begun, long usedNanos, boolean late) {
    lock.lock();
    try {
      suspectsRunning -= begun.isSuspect() ? 1 : 0;
      begun.call().lane().end(usedNanos, late, nanos.getAsLong());
    } finally {
      lock.unlock();
    }
  }

  /**
   * The rating to make next; null where there was none for a while.
   *
   * @param refused is given those that have waited too long, or whose model is refused meanwhile
   */
  private @Nullable Begun take(List<Call> refused) {
    lock.lock();
    try {
      long idleUntil = nanos.getAsLong() + IDLE_NANOS;
      while (true) {
        long now = nanos.getAsLong();
        drop(refused, now);
        Lane best = best(now);
        if (best != null) {
          return begin(best, now);
        }
        if (!refused.isEmpty() || closed || now - idleUntil >= 0) {
          return null;
        }
        idle++;
        try {
          var _ = work.awaitNanos(Math.min(idleUntil - now, wakeNanos(now)));
        } catch (InterruptedException e) {
          // Nobody interrupts these threads but the watchdog, and that one too late.
        } finally {
          idle--;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private Begun begin(Lane lane, long now) {
    Call call = lane.waiting().remove();
    waiting--;
    leastVirtualNanos = Math.max(leastVirtualNanos, lane.virtualNanos());
    lane.begin();
    boolean isSuspect = lane.isSuspect(now);
    suspectsRunning += isSuspect ? 1 : 0;
    if (lane.waiting().isEmpty()) {
      active.remove(lane);
    } else if (idle > 0) {
      work.signal(); // perhaps another thread may serve it, too
    }
    return new Begun(call, isSuspect);
  }

  /** The lane that has used least, among those that may have a thread. */
  private @Nullable Lane best(long now) {
    Lane best = null;
    for (Lane each : active) {
      if (each.running() < limits.threadsOfOne()
          && (suspectsRunning < limits.threadsOfOne() || !each.isSuspect(now))
          && each.throttledNanos(now) == 0
          && (best == null || each.virtualNanos() < best.virtualNanos())) {
        best = each;
      }
    }
    return best;
  }

  private void drop(List<Call> refused, long now) {
    for (Lane each : active) {
      boolean all = each.refusedNanos(now) > 0;
      while (!each.waiting().isEmpty()
          && (all || closed || now - each.waiting().element().untilNanos() > 0)) {
        refused.add(each.waiting().remove());
        waiting--;
      }
    }
    active.removeIf(each -> each.waiting().isEmpty());
  }

  /** When a look is worth while though nothing was submitted and no rating has ended. */
  private long wakeNanos(long now) {
    long least = IDLE_NANOS;
    for (Lane each : active) {
      least = Math.min(least, each.waiting().element().untilNanos() - now + 1);
      long throttled = each.throttledNanos(now);
      if (throttled > 0) {
        least = Math.min(least, throttled);
      }
    }
    return least;
  }

  /** Refuses what waits and comes; what is under way ends by its deadline. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      work.signalAll();
    } finally {
      lock.unlock();
    }
    watchdog.close();
  }
}
