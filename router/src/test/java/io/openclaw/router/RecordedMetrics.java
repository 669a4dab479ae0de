package io.openclaw.router;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Metrics that remember everything. */
final class RecordedMetrics implements RouterMetrics {
  final List<String> requests = new CopyOnWriteArrayList<>();
  final List<RetryReason> retries = new CopyOnWriteArrayList<>();
  final List<DivertReason> diverted = new CopyOnWriteArrayList<>();
  final List<String> ejected = new CopyOnWriteArrayList<>();
  final List<String> restored = new CopyOnWriteArrayList<>();
  final List<Long> steady = new CopyOnWriteArrayList<>();
  final AtomicInteger refusedConnections = new AtomicInteger();
  volatile long ejectedAtNanos;

  @Override
  public void request(String region, int status, long latencyNanos) {
    requests.add(region + " " + status);
  }

  @Override
  public void retry(RetryReason reason) {
    retries.add(reason);
  }

  @Override
  public void diverted(DivertReason reason) {
    diverted.add(reason);
  }

  @Override
  public void ejected(String region, long detectedNanos) {
    ejectedAtNanos = System.nanoTime();
    ejected.add(region);
  }

  @Override
  public void restored(String region, boolean hardlyAway) {
    restored.add(region);
  }

  @Override
  public void steady(long disturbedNanos) {
    steady.add(disturbedNanos);
  }

  @Override
  public void connectionRefused() {
    refusedConnections.incrementAndGet();
  }
}
