package io.openclaw.router;

import io.openclaw.steer.HealthChange;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import org.jspecify.annotations.Nullable;

/**
 * One try of a client's request in one region.
 *
 * <p>Says to the fleet what it observed of the region, and to its {@link Exchange} how it went. An
 * answer of known, small length is held until it is complete, so that a region which dies while
 * sending it costs a retry and not a broken answer; any other is streamed. Event loop only.
 */
final class Attempt {
  /** An answer up to this length is held; a longer one, or one of unknown length, is streamed. */
  static final int HELD_BYTES_MAX = 64 << 10;

  /** A timer later than this says that the router itself stood still: the region is forgiven. */
  private static final long LATE_NANOS = 50_000_000L;

  private static final long MILLI = 1_000_000L;

  private static final int LIMITED = 429;

  /** Another region has taken the request over by a later try; no token was spent for this one. */
  private static final int MISDIRECTED = 421;

  /** A second try begins beside the first after so many times as long as 95 of 100 take. */
  private static final long HEDGE_FACTOR = 2;

  private static final long HEDGE_MILLIS_MIN = 10;

  private final Exchange exchange;
  private final FrontDoor door;
  private final Fleet fleet;
  private final int region;
  private final int number;
  private final long startNanos;
  private final long limitMillis;
  private final long waitMillis;
  private long timer = -1;
  private long hedgeTimer = -1;
  private long dueNanos;
  private boolean overdue;
  private boolean blamed;
  private boolean over;
  private @Nullable HttpClientRequest upstream;

  Attempt(Exchange exchange, FrontDoor door, int region, int number, long nowNanos) {
    this.exchange = exchange;
    this.door = door;
    this.fleet = door.fleet;
    this.region = region;
    this.number = number;
    this.startNanos = nowNanos;
    this.limitMillis = limitMillis(nowNanos);
    this.waitMillis = Math.min(limitMillis, exchange.remainingMillis(nowNanos));
  }

  /** As long as its region needs: a fixed time would fail every request of a slow model. */
  private long limitMillis(long nowNanos) {
    long usual = fleet.view.latencies(region).patienceNanos(nowNanos);
    RouterTimeouts timeouts = fleet.settings.timeouts();
    return usual == 0
        ? timeouts.attempt()
        : Math.clamp(usual / MILLI, timeouts.attemptMin(), timeouts.attemptMax());
  }

  int region() {
    return region;
  }

  /** Whether its answer may still come. */
  boolean isUnderWay() {
    return !over;
  }

  void start() {
    fleet.view.begin(region);
    door.waiting(region).add(this);
    arm(startNanos, waitMillis);
    hedgeLater();
    door.region(region)
        .request(new RequestOptions().setMethod(exchange.method()).setURI(exchange.uri()))
        .onComplete(this::connected);
  }

  private void hedgeLater() {
    if (!fleet.settings.hedge() || number > 1) {
      return;
    }
    // Where it is not known what is usual, nothing is unusual.
    long usual = fleet.view.latencies(region).quantiles(startNanos).p95();
    long millis = Math.max(HEDGE_MILLIS_MIN, HEDGE_FACTOR * usual / MILLI);
    if (usual > 0 && millis < waitMillis) {
      hedgeTimer = door.setTimer(millis, () -> exchange.hedge(region));
    }
  }

  /** Gives the try up; its late answer, if any, is dropped with its connection. */
  void abandon() {
    if (!over) {
      end();
      if (upstream != null) {
        upstream.reset();
      }
    }
  }

  private void connected(@Nullable HttpClientRequest request, @Nullable Throwable failure) {
    if (over) {
      if (request != null) {
        // Without it, Vert.x logs the reset as an error.
        request.exceptionHandler(reset -> {});
        request.reset();
      }
      return;
    }
    if (request == null) {
      failed(RegionClient.isOurs(failure) ? RetryReason.POOL : RetryReason.CONNECT);
      return;
    }
    upstream = request;
    try {
      send(request);
    } catch (RuntimeException e) {
      end();
      // What stands half written on the connection would spoil the next request.
      var _ = request.connection().close();
      exchange.fail(e);
    }
  }

  private void send(HttpClientRequest request) {
    request.exceptionHandler(broken -> {});
    request.headers().addAll(exchange.headers());
    request.putHeader(Headers.ATTEMPT, exchange.attemptId() + ";try=" + number);
    request.response().onComplete(this::answered);
    Buffer body = exchange.body();
    if (body == null) {
      request.end();
    } else {
      request.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
      request.end(body);
    }
  }

  private void answered(@Nullable HttpClientResponse answer, @Nullable Throwable failure) {
    if (over) {
      return;
    }
    if (answer == null) {
      failed(RetryReason.RESET);
    } else if (fits(answer)) {
      hold(answer);
    } else if (answer.statusCode() == MISDIRECTED) {
      succeeded(MISDIRECTED);
      abandon();
      goOn(RetryReason.TAKEN_OVER);
    } else if (refuses(answer.statusCode()) && exchange.mayLeave(this)) {
      refused(false);
      abandon();
      exchange.left(this, RetryReason.UNAVAILABLE);
    } else {
      stream(answer);
    }
  }

  private boolean fits(HttpClientResponse answer) {
    int status = answer.statusCode();
    if (HttpMethod.HEAD.equals(exchange.method()) || status == 204 || status == 304) {
      return true;
    }
    String length = answer.getHeader(HttpHeaders.CONTENT_LENGTH);
    // Five digits at most: no overflow, and nothing longer fits anyway.
    return length != null
        && length.length() <= 5
        && length.chars().allMatch(c -> c >= '0' && c <= '9')
        && !length.isEmpty()
        && Integer.parseInt(length) <= HELD_BYTES_MAX;
  }

  private void hold(HttpClientResponse answer) {
    Gathered held = new Gathered();
    answer.exceptionHandler(
        broken -> {
          if (!over) {
            failed(RetryReason.RESET);
          }
        });
    answer.handler(held::add);
    answer.endHandler(
        ended -> {
          if (!over) {
            held(new HeldAnswer(region, answer.statusCode(), answer.headers(), held.whole()));
          }
        });
  }

  private void held(HeldAnswer answer) {
    if (refuses(answer.status())) {
      refused(Diversion.isOverload(answer));
    } else {
      succeeded(answer.status());
    }
    end();
    if (answer.status() == MISDIRECTED) {
      goOn(RetryReason.TAKEN_OVER);
      return;
    }
    if (exchange.divert(this, answer)) {
      return;
    }
    boolean refused = refuses(answer.status()) || answer.status() == LIMITED;
    boolean retried = refuses(answer.status()) && !Diversion.isOverload(answer);
    if (exchange.isBesideAnother(this) ? refused : retried && exchange.mayLeave(this)) {
      exchange.keep(answer);
      exchange.left(this, RetryReason.UNAVAILABLE);
    } else {
      exchange.answer(this, answer);
    }
  }

  private void stream(HttpClientResponse answer) {
    door.cancelTimer(timer);
    door.waiting(region).remove(this); // it has begun to answer
    if (refuses(answer.statusCode())) {
      refused(false);
    } else {
      succeeded(answer.statusCode());
    }
    door.cancelTimer(hedgeTimer);
    exchange.beginStream(this, answer);
    answer.exceptionHandler(
        broken -> {
          if (!over) {
            observed(fleet.view.requestFailed(region, fleet.clock.nanoTime()));
            end();
            exchange.breakStream();
          }
        });
    answer.handler(chunk -> exchange.write(chunk, answer));
    answer.endHandler(
        ended -> {
          if (!over) {
            end();
            exchange.endStream();
          }
        });
  }

  /** Its region was found out to have failed: what others waited for in vain is not waited for. */
  void regionIsOut() {
    if (!over && exchange.mayMoveOn(region, fleet.clock.nanoTime()) && exchange.mayLeave(this)) {
      abandon();
      exchange.left(this, RetryReason.TIMEOUT);
    }
  }

  /** In the middle of its answer its region sends no more. */
  void stalled() {
    observed(fleet.view.requestFailed(region, fleet.clock.nanoTime()));
  }

  private void timedOut() {
    long now = fleet.clock.nanoTime();
    if (waitMillis == limitMillis && !overdue && now - dueNanos < LATE_NANOS) {
      overdue = true;
      fleet.view.latencies(region).add(now - startNanos, now); // it takes at least so long
      // Where others were answered meanwhile it is this request that is slow, not its region.
      if (!fleet.view.health(region).servedSince(startNanos)) {
        blamed = true;
        observed(fleet.view.requestFailed(region, now));
      }
    }
    long left = exchange.remainingMillis(now);
    if (left <= 0) {
      abandon();
      exchange.late(this);
    } else if (exchange.mayMoveOn(region, now) && exchange.mayLeave(this)) {
      abandon();
      exchange.left(this, RetryReason.TIMEOUT);
    } else {
      // Nowhere better to go now: a late answer is better than none.
      arm(now, Math.min(left, limitMillis));
    }
  }

  private void failed(RetryReason reason) {
    if (reason != RetryReason.POOL) {
      observed(fleet.view.requestFailed(region, fleet.clock.nanoTime()));
    }
    end();
    goOn(reason);
  }

  /** Without this try, which has ended and brought nothing. */
  private void goOn(RetryReason reason) {
    if (exchange.mayLeave(this)) {
      exchange.left(this, reason);
    } else {
      exchange.giveUp(this, reason);
    }
  }

  private void succeeded(int status) {
    long now = fleet.clock.nanoTime();
    if (blamed) {
      return;
    }
    // A refusal is often quick: it must not make the region look near, nor quick with the rest.
    if (status < 400) {
      fleet.view.latencies(region).add(now - startNanos, now);
      observed(fleet.view.requestOk(region, now - startNanos, now));
    } else {
      observed(fleet.view.requestAnswered(region, now));
    }
  }

  private void refused(boolean overloaded) {
    long now = fleet.clock.nanoTime();
    long took = now - startNanos;
    observed(
        overloaded
            ? fleet.view.requestShed(region, took, now)
            : fleet.view.requestRefused(region, took, now));
  }

  private void observed(HealthChange change) {
    fleet.observed(region, change);
  }

  private void arm(long nowNanos, long millis) {
    dueNanos = nowNanos + millis * MILLI;
    timer = door.setTimer(millis, this::timedOut);
  }

  private void end() {
    over = true;
    door.waiting(region).remove(this);
    door.cancelTimer(timer);
    door.cancelTimer(hedgeTimer);
    fleet.view.end(region);
  }

  /** Whether a status is no answer, but a reason to go elsewhere. */
  static boolean refuses(int status) {
    return status == 502 || status == 503;
  }
}
