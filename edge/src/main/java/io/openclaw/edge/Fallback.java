package io.openclaw.edge;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Decimal;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A tenant's fallback as requests see it: a service behind a switch, a {@link CircuitBreaker}, a
 * bound on the questions under way, and what is left of the request's time. Thread-safe; never
 * blocks and never fails.
 */
public final class Fallback {
  /** Questions under way to one tenant's fallback from one region. */
  public static final int UNDER_WAY_MAX = 64;

  /** Kept of a request's time for writing its answer. */
  static final long MARGIN_NANOS = 50_000_000L;

  private static final long MILLI_NANOS = 1_000_000L;

  /** How asking ended. */
  public enum End {
    /** It rated. */
    RATED,
    /** It did not answer, or not with a rating. */
    FAILED,
    /** Its breaker is open, so it was not asked. */
    OPEN,
    /** Too many questions were under way, so it was not asked. */
    BUSY,
    /** A person has switched it off. */
    OFF,
    /** The request had no time left, or not as much as the service may take. */
    LATE;

    /** Its name in metrics. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Who hears of every end. Thread-safe, never blocks. */
  @FunctionalInterface
  public interface Listener {
    /**
     * A question ended, or was not asked.
     *
     * @param why for a person; empty where it rated
     */
    void ended(End end, String requestId, String why);
  }

  private final FallbackService service;
  private final CircuitBreaker breaker;
  private final long timeoutMillis;
  private final long deadlineNanos;
  private final Listener listener;
  private final Clock clock;
  private final AtomicInteger underWay = new AtomicInteger();
  private volatile boolean enabled = true;

  /**
   * A fallback that is switched on.
   *
   * @param timeoutMillis the most that the service may take
   * @param deadlineNanos the most that a request may take, from its arrival
   */
  public Fallback(
      FallbackService service,
      CircuitBreaker breaker,
      long timeoutMillis,
      long deadlineNanos,
      Listener listener,
      Clock clock) {
    this.service = service;
    this.breaker = breaker;
    this.timeoutMillis = timeoutMillis;
    this.deadlineNanos = deadlineNanos;
    this.listener = listener;
    this.clock = clock;
  }

  /** Whether it may be used; a person says so. */
  public boolean isEnabled() {
    return enabled;
  }

  /** Switches it on or off. */
  public void enable(boolean on) {
    enabled = on;
  }

  /** What this region's breaker says. */
  public CircuitBreaker.State state() {
    return breaker.state(clock.nanoTime());
  }

  /** The service's rating; empty where it gives none, or is not asked. */
  CompletionStage<Optional<Decimal>> rate(Received received, String requestId) {
    if (!enabled) {
      return none(End.OFF, requestId, "switched off");
    }
    long nowNanos = clock.nanoTime();
    long leftMillis =
        (deadlineNanos - MARGIN_NANOS - (nowNanos - received.arrivedNanos())) / MILLI_NANOS;
    if (leftMillis < 1) {
      return none(End.LATE, requestId, "the request has no time left");
    }
    if (underWay.incrementAndGet() > UNDER_WAY_MAX) {
      underWay.decrementAndGet();
      return none(End.BUSY, requestId, UNDER_WAY_MAX + " questions are under way");
    }
    long permit = breaker.tryAcquire(nowNanos);
    if (permit == CircuitBreaker.DENIED) {
      underWay.decrementAndGet();
      return none(End.OPEN, requestId, "the breaker is open");
    }
    boolean hurried = leftMillis < timeoutMillis;
    return ask(received, requestId, Math.min(leftMillis, timeoutMillis))
        .handle(
            (rating, failure) -> {
              underWay.decrementAndGet();
              return ended(permit, hurried, requestId, rating, failure);
            });
  }

  private CompletionStage<Decimal> ask(Received received, String requestId, long millis) {
    try {
      return service
          .ask(
              new FallbackService.Question(received.body(), requestId, received.traceparent()),
              millis)
          .thenApply(FallbackAnswer::rating);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private Optional<Decimal> ended(
      long permit,
      boolean hurried,
      String requestId,
      @org.jspecify.annotations.Nullable Decimal rating,
      @org.jspecify.annotations.Nullable Throwable failure) {
    if (failure == null && rating != null) {
      breaker.answered(permit);
      listener.ended(End.RATED, requestId, "");
      return Optional.of(rating);
    }
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    String why = cause == null ? "no answer" : String.valueOf(cause.getMessage());
    if (hurried) {
      breaker.returned(permit); // it had less time than it may take
    } else {
      breaker.failed(permit, clock.nanoTime());
    }
    listener.ended(hurried ? End.LATE : End.FAILED, requestId, why);
    return Optional.empty();
  }

  private CompletionStage<Optional<Decimal>> none(End end, String requestId, String why) {
    listener.ended(end, requestId, why);
    return CompletableFuture.completedStage(Optional.empty());
  }

  /** Probes the service, and tells the breaker; the stage never fails. */
  public CompletionStage<Boolean> probe() {
    CompletionStage<Void> probed;
    try {
      probed = service.probe(timeoutMillis);
    } catch (RuntimeException e) {
      probed = CompletableFuture.failedFuture(e);
    }
    return probed.handle(
        (well, failure) -> {
          breaker.probed(failure == null, clock.nanoTime());
          return failure == null;
        });
  }
}
