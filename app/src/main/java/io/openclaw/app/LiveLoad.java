package io.openclaw.app;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A few requests per second to an installation that serves somebody, sent when they are due whether
 * or not earlier ones were answered, and what became of them. Thread-safe.
 */
final class LiveLoad implements AutoCloseable {
  private static final int IN_FLIGHT_MAX = 1_000;

  private final HttpClient http;
  private final HttpRequest request;
  private final Duration timeout;
  private final long everyNanos;
  private final long originNanos = System.nanoTime();
  private final long originWallNanos = wallNanos();
  private final Semaphore free = new Semaphore(IN_FLIGHT_MAX);
  private final List<DrillRun.Sample> samples = new ArrayList<>();
  private final Thread sender;
  private volatile boolean over;

  /**
   * Begins to send.
   *
   * @param timeout a request whose answer is not whole by then has failed
   */
  LiveLoad(HttpRequest.Builder request, int perSecond, Duration timeout) {
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(timeout)
            .build();
    this.request = request.timeout(timeout).build();
    this.timeout = timeout;
    this.everyNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
    this.sender = Thread.ofPlatform().name("live-load").daemon().start(this::send);
  }

  /** Nanoseconds of Unix time. */
  static long wallNanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  private void send() {
    for (long due = System.nanoTime(); !over; due += everyNanos) {
      long at = due;
      try {
        TimeUnit.NANOSECONDS.sleep(at - System.nanoTime());
      } catch (InterruptedException e) {
        return;
      }
      if (!free.tryAcquire()) {
        ended(at, 0); // so many are waited for already that it is as good as failed
        continue;
      }
      var _ =
          http.sendAsync(request, HttpResponse.BodyHandlers.discarding())
              .orTimeout(
                  timeout.toMillis(), TimeUnit.MILLISECONDS) // the request's ends with its head
              .whenComplete(
                  (@Nullable HttpResponse<Void> answer, @Nullable Throwable failure) -> {
                    free.release();
                    ended(at, answer == null ? 0 : answer.statusCode());
                  });
    }
  }

  private void ended(long dueNanos, int status) {
    long now = System.nanoTime();
    DrillRun.Sample sample = new DrillRun.Sample(wall(dueNanos), wall(now), status == 200);
    synchronized (samples) {
      samples.add(sample);
    }
  }

  private long wall(long nanos) {
    return originWallNanos + (nanos - originNanos);
  }

  /** Requests that ended since then and were not answered with 200. */
  long failedSince(long wallNanos) {
    synchronized (samples) {
      return samples.stream().filter(each -> each.endNanos() >= wallNanos && !each.good()).count();
    }
  }

  /** Requests that were answered with 200. */
  long answered() {
    synchronized (samples) {
      return samples.stream().filter(DrillRun.Sample::good).count();
    }
  }

  /** Ends it, waits for the answers under way, and says what there was, in the order of sending. */
  List<DrillRun.Sample> finish() throws InterruptedException {
    over = true;
    sender.interrupt();
    sender.join();
    if (free.tryAcquire(IN_FLIGHT_MAX, 2 * timeout.toSeconds(), TimeUnit.SECONDS)) {
      free.release(IN_FLIGHT_MAX);
    }
    synchronized (samples) {
      return samples.stream().sorted(Comparator.comparingLong(DrillRun.Sample::dueNanos)).toList();
    }
  }

  @Override
  public void close() {
    over = true;
    sender.interrupt();
    http.shutdownNow();
  }
}
