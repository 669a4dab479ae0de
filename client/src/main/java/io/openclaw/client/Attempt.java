package io.openclaw.client;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.Future;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * One try of a call in one region.
 *
 * <p>Says to the fleet what it observed of the region, and to its {@link Call} how it went. An
 * answer counts when it is whole, so that a region which dies while sending it costs a retry and
 * not half an answer. It waits on a virtual thread of its own, which is interrupted where the try
 * is given up. Guarded by its call's lock.
 */
final class Attempt implements Runnable {
  /** Bytes of an answer; that of a hundred inputs is the largest. */
  static final int ANSWER_BYTES_MAX = 16 << 20;

  private static final String ATTEMPT = "x-openclaw-attempt";

  private static final HttpResponse.BodyHandler<byte[]> WHOLE =
      HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX);

  private final Call call;
  private final Fleet fleet;
  private final int region;
  private final int number;
  private final boolean hedge;
  private final long startNanos;
  private final long waitNanos;
  private final boolean waitsInFull;
  private final boolean judgedAtEnd;
  private long dueNanos;
  private boolean blamed;
  private boolean over;
  private final Thread thread;
  private @Nullable Future<?> timer;

  Attempt(Call call, int region, int number, boolean hedge, long leftNanos, long nowNanos) {
    this.call = call;
    this.fleet = call.fleet();
    this.region = region;
    this.number = number;
    this.hedge = hedge;
    this.startNanos = nowNanos;
    long patience = patienceNanos(nowNanos);
    this.waitNanos = Math.min(patience, leftNanos);
    this.waitsInFull = patience <= leftNanos;
    // Where there are probes they find out; and a later try had less than the call's whole time.
    this.judgedAtEnd = call.order().isBatch() && fleet.settings.probeNanos() == 0 && number == 1;
    this.thread = Fleet.thread(this);
  }

  int region() {
    return region;
  }

  boolean isHedge() {
    return hedge;
  }

  /** A part of a batch may take long and be well: it is waited for until its region is out. */
  private long patienceNanos(long nowNanos) {
    long half = fleet.settings.timeoutNanos() / 2; // there must be time for another region
    return switch (call.order().kind()) {
      case RATING -> Math.min(half, fleet.attemptNanos(region, nowNanos));
      case QUESTION -> Math.min(half, fleet.settings.attemptNanos());
      case BATCH, REPEATED_BATCH -> Long.MAX_VALUE;
    };
  }

  void start() {
    fleet.view.begin(region);
    arm(startNanos, waitNanos);
    thread.start();
  }

  @Override
  public void run() {
    call.guarded(sent());
  }

  /**
   * Waits for the answer, and says what is to be done with it. Not by {@code sendAsync}: that hands
   * every answer through ForkJoin's common pool, which other tasks may hold up.
   */
  private Runnable sent() {
    try {
      HttpResponse<byte[]> answer = fleet.http.send(request(), WHOLE);
      return () -> answered(answer);
    } catch (IOException | InterruptedException | RuntimeException failure) {
      return () -> failed(failure); // such as of an HTTP client that was closed
    }
  }

  private HttpRequest request() {
    Order order = call.order();
    byte[] body = order.body();
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(fleet.resolve(region, order.path()))
            .method(
                order.method(),
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body))
            .header("Authorization", call.authorization())
            .header("User-Agent", fleet.settings.userAgent());
    if (order.contentType() != null) {
      builder.header("Content-Type", order.contentType());
    }
    if (fleet.settings.tenant() != null) {
      builder.header("x-tenant-id", fleet.settings.tenant());
    }
    if (order.idempotencyKey() != null) {
      builder.header("Idempotency-Key", order.idempotencyKey());
    }
    if (order.isRating()) {
      builder.header(ATTEMPT, call.attemptId() + ";try=" + number);
    }
    return builder.build();
  }

  /** Waits no longer than any try is given: its region is out. */
  void hurry(long now) {
    if (!over && timer != null) {
      timer.cancel(false);
      arm(now, Math.max(1, startNanos + Fleet.ATTEMPT_NANOS_MIN - now));
    }
  }

  /** Gives the try up; its late answer, if any, is dropped with its connection. */
  void abandon() {
    if (!over) {
      end();
      thread.interrupt();
    }
  }

  private void answered(HttpResponse<byte[]> answer) {
    if (over) {
      return;
    }
    end();
    long now = System.nanoTime();
    Answer whole =
        new Answer(
            fleet.view.name(region),
            answer.statusCode(),
            answer.headers(),
            answer.body(),
            List.of(),
            number);
    observe(whole, now);
    call.answered(this, whole, now);
  }

  private void observe(Answer answer, long now) {
    int status = answer.status();
    if (Diversion.isOverload(answer)) {
      fleet.observed(region, fleet.view.requestShed(region, now - startNanos, now));
    } else if (status == 502 || status == 503) {
      fleet.observed(region, fleet.view.requestRefused(region, now - startNanos, now));
    } else if (status >= 500 || answer.isDenial() || answer.isTakenOver()) {
      // Often quick: it must not make the region look near.
      fleet.observed(region, fleet.view.requestAnswered(region, now));
    } else if (!blamed && call.order().isRating()) {
      fleet.view.latencies(region).add(now - startNanos, now);
      fleet.observed(region, fleet.view.requestOk(region, now - startNanos, now));
    } else if (!blamed) {
      fleet.observed(region, fleet.view.requestAnswered(region, now));
    }
  }

  private void failed(Exception failure) {
    if (over) {
      return;
    }
    end();
    if (!fleet.closed) {
      fleet.observed(region, fleet.view.requestFailed(region, System.nanoTime()));
    }
    boolean unconnected =
        failure instanceof ConnectException
            || failure instanceof HttpConnectTimeoutException
            || failure instanceof SSLHandshakeException;
    call.failed(this, unconnected ? Call.Failure.CONNECT : Call.Failure.RESET);
  }

  private void timedOut() {
    long now = System.nanoTime();
    if (over || now - dueNanos < 0) {
      return; // hurried since, and due again later
    }
    long left = call.leftNanos(now);
    boolean stoodStill = now - dueNanos > Fleet.LATE_NANOS;
    boolean inVain = waitsInFull || judgedAtEnd && left <= 0;
    if (inVain && !stoodStill && !blamed) {
      blame(now);
    }
    if (left <= 0) {
      abandon();
      call.failed(this, Call.Failure.TIMEOUT);
    } else if (stoodStill || !call.leave(this, now)) {
      // Nowhere better to go now, or the answer may be here already: late is better than none.
      arm(now, Math.min(left, Math.min(waitNanos, fleet.settings.attemptNanos())));
    }
  }

  private void blame(long now) {
    blamed = true;
    if (call.order().isRating()) {
      fleet.view.latencies(region).add(now - startNanos, now);
    }
    fleet.observed(region, fleet.view.requestFailed(region, now));
    if (judgedAtEnd && now - startNanos > Fleet.RULES.failureWindowNanos()) {
      // Failures so far apart do not add up, and nothing else would ever take the region out.
      fleet.observed(region, fleet.view.requestFailed(region, now));
    }
  }

  private void arm(long nowNanos, long nanos) {
    dueNanos = nowNanos + nanos;
    timer = call.after(nanos, this::timedOut);
  }

  private void end() {
    over = true;
    if (timer != null) {
      timer.cancel(false);
    }
    fleet.view.end(region);
  }
}
