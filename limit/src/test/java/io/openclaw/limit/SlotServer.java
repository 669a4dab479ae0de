package io.openclaw.limit;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * A server on virtual time: so many workers, exponential service times, a queue without end, and
 * before it a limit that admits or refuses. What arrives is a Poisson process from one seed.
 */
final class SlotServer {
  /** What stands before the server. */
  interface Slots {
    boolean tryAcquire(long nowNanos);

    void release(long startNanos, long nowNanos);
  }

  /** What became of the arrivals of a run. */
  record Outcome(long finished, long refused, long medianNanos, long p99Nanos, double seconds) {
    double perSecond() {
      return finished / seconds;
    }

    @Override
    public String toString() {
      return "%.0f/s finished, %d refused, p50 %.1f ms, p99 %.1f ms"
          .formatted(perSecond(), refused, medianNanos / 1e6, p99Nanos / 1e6);
    }
  }

  private record Job(long startNanos, long endNanos) {}

  private final Slots slots;
  private final int workers;
  private final SplittableRandom random;
  private final ArrayDeque<Long> queue = new ArrayDeque<>();
  private final PriorityQueue<Job> serving =
      new PriorityQueue<>((a, b) -> Long.compare(a.endNanos, b.endNanos));
  private double serviceNanos;
  private long nowNanos;
  private long[] latencies = new long[1024];
  private int finished;
  private long refused;

  SlotServer(Slots slots, int workers, double serviceMillis, long seed) {
    this.slots = slots;
    this.workers = workers;
    serviceNanos = serviceMillis * 1e6;
    random = new SplittableRandom(seed);
  }

  /** What it finishes in a second at most. */
  double capacity() {
    return workers * 1e9 / serviceNanos;
  }

  void serviceMillis(double millis) {
    serviceNanos = millis * 1e6;
  }

  long nowNanos() {
    return nowNanos;
  }

  /** Goes on for so long with so many arrivals per second. */
  Outcome run(double seconds, double perSecond) {
    finished = 0;
    refused = 0;
    long end = nowNanos + (long) (seconds * 1e9);
    long arrival = nowNanos + exponential(1e9 / perSecond);
    while (arrival < end) {
      finishUntil(arrival);
      nowNanos = arrival;
      if (slots.tryAcquire(arrival)) {
        queue.add(arrival);
        serve();
      } else {
        refused++;
      }
      arrival += exponential(1e9 / perSecond);
    }
    finishUntil(end);
    nowNanos = end;
    long[] sorted = Arrays.copyOf(latencies, finished);
    Arrays.sort(sorted);
    return new Outcome(finished, refused, at(sorted, 0.5), at(sorted, 0.99), seconds);
  }

  private void finishUntil(long nanos) {
    while (!serving.isEmpty() && serving.peek().endNanos <= nanos) {
      Job job = serving.remove();
      nowNanos = job.endNanos;
      slots.release(job.startNanos, nowNanos);
      if (finished == latencies.length) {
        latencies = Arrays.copyOf(latencies, 2 * finished);
      }
      latencies[finished++] = nowNanos - job.startNanos;
      serve();
    }
  }

  private void serve() {
    while (serving.size() < workers && !queue.isEmpty()) {
      serving.add(new Job(queue.remove(), nowNanos + exponential(serviceNanos)));
    }
  }

  private long exponential(double mean) {
    return Math.max(1, (long) (-mean * Math.log(1 - random.nextDouble())));
  }

  private static long at(long[] sorted, double quantile) {
    return sorted.length == 0 ? 0 : sorted[(int) (quantile * (sorted.length - 1))];
  }
}
