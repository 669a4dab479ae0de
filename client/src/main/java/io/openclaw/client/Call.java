package io.openclaw.client;

import io.openclaw.steer.Affinity;
import io.openclaw.steer.RegionState;
import io.openclaw.steer.RetryBudget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One call on its way: tried in one region after another, hedged, answered.
 *
 * <p>A try's failure is followed by a retry while there are tries, time and retry budget left, and
 * an answer by none: a whole answer of 2xx ends the call. Thread-safe: one lock for it and its
 * tries. Its future is completed outside of the lock and never by the timer's thread.
 */
final class Call {
  /** Why a try brought no answer. */
  enum Failure {
    /** Nothing was sent. */
    CONNECT,
    /** The connection ended before the answer was whole. */
    RESET,
    /** No answer in time. */
    TIMEOUT;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Before the same regions are tried again. */
  private static final long PAUSE_NANOS_MIN = 10 * Fleet.MILLI;

  private static final long PAUSE_NANOS_SPREAD = 20 * Fleet.MILLI;
  private static final long SECOND = 1_000_000_000L;

  /** Tries of a paced rating, after which a denial is the answer. */
  static final int TRIES_PACED_MAX = 9;

  private final Fleet fleet;
  private final Order order;
  private final String authorization;
  private final String attemptId;
  private final long startNanos;
  private final long deadlineNanos;
  private final Diversion diversion;
  private final List<FailedTry> failed = new ArrayList<>(2);
  private final List<Attempt> underWay = new ArrayList<>(2);
  private final long[] notBeforeNanos;
  private final CompletableFuture<Answer> result = new CompletableFuture<>();
  private long tried;
  private int tries;
  private int lastRegion = -1;
  private @Nullable Answer kept;
  private @Nullable Future<?> pause;
  private @Nullable Future<?> hedge;
  private boolean over;
  private @Nullable Answer answer;
  private @Nullable RatingException failure;

  private Call(Fleet fleet, Order order) {
    this.fleet = fleet;
    this.order = order;
    this.authorization = "Bearer " + fleet.settings.apiKey().get();
    this.attemptId = fleet.newId();
    this.startNanos = System.nanoTime();
    this.deadlineNanos = startNanos + fleet.settings.timeoutNanos();
    this.diversion = new Diversion(fleet, startNanos);
    this.notBeforeNanos = new long[fleet.view.size()];
    Arrays.fill(notBeforeNanos, startNanos);
  }

  /** Starts a call. */
  static Call start(Fleet fleet, Order order) {
    Call call = new Call(fleet, order);
    fleet.begun.increment();
    fleet.budget.request(call.startNanos);
    fleet.diversions.request(call.startNanos);
    fleet.hasty.request(call.startNanos);
    fleet.prober.lookAfterThoseNotUp(call.startNanos);
    fleet.calls.add(call);
    if (!fleet.closed) {
      call.guarded(call::next);
    }
    if (fleet.closed) { // perhaps since: then close() may have missed it
      call.end("the client is closed");
    }
    return call;
  }

  CompletableFuture<Answer> result() {
    return result;
  }

  Fleet fleet() {
    return fleet;
  }

  Order order() {
    return order;
  }

  String authorization() {
    return authorization;
  }

  /** The same for each try of this call. */
  String attemptId() {
    return attemptId;
  }

  long leftNanos(long nowNanos) {
    return deadlineNanos - nowNanos;
  }

  /**
   * Runs a step with the lock held, then tells the caller the outcome, if the step came to one. On
   * virtual threads only, once there is a caller: what hangs on its future may block.
   */
  void guarded(Runnable step) {
    boolean news;
    synchronized (this) {
      boolean before = over;
      step.run();
      news = over && !before;
    }
    if (news) {
      tell();
    }
  }

  private void tell() {
    Answer good = answer;
    if (good != null) {
      result.complete(good);
    } else {
      result.completeExceptionally(Objects.requireNonNull(failure));
    }
  }

  /** Runs a step later, with the lock held; null where the client is closed. */
  @Nullable Future<?> after(long nanos, Runnable step) {
    try {
      return fleet.timer.schedule(
          () -> Fleet.thread(() -> guarded(step)).start(), nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException closed) {
      return null;
    }
  }

  /** Ends the call for a reason of this side; on whatever thread. */
  void end(String why) {
    synchronized (this) {
      if (over) {
        return;
      }
      settle(null, new CallEndedException(why, failed));
    }
    Fleet.thread(this::tell).start();
  }

  /** Does not wait on for a region that was taken out, where another one may be asked. */
  void regionIsOut(int region) {
    if (order.mayRepeat()) {
      guarded(
          () -> {
            for (Attempt attempt : underWay) {
              if (attempt.region() == region) {
                attempt.hurry(System.nanoTime());
              }
            }
          });
    }
  }

  private void next() {
    if (over) {
      return;
    }
    long now = System.nanoTime();
    int region = choose(now);
    if (order.isRating() && fleet.settings.pacing()) {
      long wait = fleet.pacer(region).enter(now, deadlineNanos);
      if (wait > 0) {
        fleet.paced.increment();
        pause = after(wait, () -> launch(stillUp(region), false));
        return;
      }
    }
    launch(region, false);
  }

  /** What a place was waited for in, unless it went down meanwhile. */
  private int stillUp(int region) {
    return fleet.view.health(region).state() == RegionState.DOWN
        ? choose(System.nanoTime())
        : region;
  }

  private void launch(int region, boolean asHedge) {
    if (over) {
      return;
    }
    long now = System.nanoTime();
    if ((tried & (1L << region)) != 0) {
      tried = 0; // the next round begins
    }
    tried |= 1L << region;
    lastRegion = region;
    tries++;
    Attempt attempt = new Attempt(this, region, tries, asHedge, leftNanos(now), now);
    underWay.add(attempt);
    attempt.start();
    if (tries == 1 && order.isRating() && fleet.view.size() > 1) {
      long delay = fleet.hedgeNanos(region, now);
      hedge = delay < 0 ? null : after(delay, this::hedge);
    }
  }

  private void hedge() {
    long now = System.nanoTime();
    if (over
        || underWay.size() != 1
        || tries > fleet.settings.retriesMax()
        || leftNanos(now) <= 0) {
      return;
    }
    int region = choose(now);
    boolean another =
        (tried & (1L << region)) == 0 && fleet.view.health(region).state() != RegionState.DOWN;
    if (another && fleet.hasty.tryRetry(now)) {
      fleet.hedges.increment();
      launch(region, true);
    }
  }

  /** The region of the next try. */
  private int choose(long nowNanos) {
    String home = tries == 0 ? order.home() : null;
    int preferred = home == null ? diversion.preferred() : Affinity.region(fleet.view, home);
    return fleet
        .settings
        .steering()
        .choose(fleet.view, preferred, avoided(nowNanos), nowNanos, ThreadLocalRandom.current());
  }

  /**
   * The regions that another one is chosen before: those tried in this round and those that rest;
   * where that is all of them, those that rest and the last one.
   */
  private long avoided(long nowNanos) {
    long resting = resting(nowNanos);
    long last = 1L << lastRegion;
    if ((tried | resting) != allRegions()) {
      return tried | resting;
    }
    return (last | resting) != allRegions() ? last | resting : resting;
  }

  /** The regions that said Retry-After, and rest until then. */
  private long resting(long nowNanos) {
    long resting = 0;
    for (int i = 0; i < notBeforeNanos.length; i++) {
      resting |= notBeforeNanos[i] - nowNanos > 0 ? 1L << i : 0;
    }
    return resting;
  }

  /**
   * Leaves a try that still may be answered, where that is worth it: another is under way, or
   * another region is better than waiting and the budget of hasty tries pays for the next one.
   *
   * @return false where nothing was done
   */
  boolean leave(Attempt attempt, long now) {
    boolean last = underWay.size() == 1;
    if (last && !(isBetterElsewhere(attempt.region(), now) && mayLeave(attempt, now))) {
      return false;
    }
    attempt.abandon();
    underWay.remove(attempt);
    note(attempt.region(), Failure.TIMEOUT.text());
    if (last) {
      fleet.retries.increment();
      again(now);
    }
    return true;
  }

  /** Leaving a region that is out is not hasty: the retry budget pays for it as well. */
  private boolean mayLeave(Attempt attempt, long now) {
    boolean out = fleet.view.health(attempt.region()).state() == RegionState.DOWN;
    return mayRetry(fleet.hasty, now) || out && mayRetry(fleet.budget, now);
  }

  /** There must be another region, and one that is down is no better than a slow one. */
  private boolean isBetterElsewhere(int region, long now) {
    int other = choose(now);
    return order.mayRepeat()
        && other != region
        && (fleet.view.health(other).state() != RegionState.DOWN
            || fleet.view.health(region).state() == RegionState.DOWN);
  }

  private boolean mayRetry(RetryBudget budget, long nowNanos) {
    return tries <= fleet.settings.retriesMax()
        && leftNanos(nowNanos) > 0
        && budget.tryRetry(nowNanos);
  }

  /** A try ended without an answer. */
  void failed(Attempt attempt, Failure reason) {
    underWay.remove(attempt);
    note(attempt.region(), reason.text());
    lost(order.mayRepeat() || reason == Failure.CONNECT);
  }

  /**
   * A try has come to nothing: another one may still be answered, or is made where that is safe.
   */
  private void lost(boolean safe) {
    if (!underWay.isEmpty()) {
      return;
    }
    long now = System.nanoTime();
    if (safe && mayRetry(fleet.budget, now)) {
      fleet.retries.increment();
      again(now);
    } else {
      giveUp();
    }
  }

  /** A try was answered. */
  void answered(Attempt attempt, Answer given, long now) {
    underWay.remove(attempt);
    learn(attempt, given, now);
    if (order.isRating() && given.isTakenOver()) {
      note(attempt.region(), "status " + given.status());
      lost(true);
      return;
    }
    boolean more = tries <= fleet.settings.retriesMax() && leftNanos(now) > 0;
    if (order.isRating() && diversion.after(given, tried | resting(now), more, now)) {
      fleet.diverted.increment();
      keep(attempt, given);
      launch(choose(now), false);
    } else if (given.isUnavailable() || given.isDenial()) {
      refused(attempt, given, now);
    } else {
      if (attempt.isHedge() && given.isGood()) {
        fleet.hedgesWon.increment();
      }
      settle(given.after(failed, tries), null);
    }
  }

  private void refused(Attempt attempt, Answer given, long now) {
    boolean overload = Diversion.isOverload(given);
    if (!underWay.isEmpty()) {
      keep(attempt, given); // the other try may be answered better
    } else if (given.isDenial() && mayWait(given, now)) {
      keep(attempt, given);
      fleet.paced.increment();
      tried &= ~(1L << attempt.region()); // it is to be asked again, as if it had not been
      pause = after(given.retryAfterSeconds() * SECOND, this::next);
    } else if (isWorthARetry(given) && !overload && mayRetry(fleet.budget, now)) {
      keep(attempt, given);
      fleet.retries.increment();
      again(now);
    } else {
      settle(given.after(failed, tries), null);
    }
  }

  /** Of a batch, 503 alone says that nothing of it was rated. */
  private boolean isWorthARetry(Answer given) {
    return given.isUnavailable() && (order.mayRepeat() || given.status() == 503);
  }

  /** A paced rating that was denied comes again when it is told to, if there is time. */
  private boolean mayWait(Answer denial, long now) {
    long seconds = denial.retryAfterSeconds();
    return fleet.settings.pacing()
        && order.isRating()
        && tries < TRIES_PACED_MAX
        && seconds > 0
        && seconds * SECOND < leftNanos(now);
  }

  private void learn(Attempt attempt, Answer given, long now) {
    long retryAfterNanos = given.retryAfterSeconds() * SECOND;
    notBeforeNanos[attempt.region()] = now + retryAfterNanos;
    if (order.isRating() && fleet.settings.pacing()) {
      Pacer pacer = fleet.pacer(attempt.region());
      if (given.isDenial()) {
        pacer.denied(retryAfterNanos, now);
      } else if (given.isGood()) {
        pacer.told(RateLimit.of(given.headers()), fleet.view.inFlight(attempt.region()), now);
      }
    }
  }

  private void keep(Attempt attempt, Answer refusal) {
    note(attempt.region(), "status " + refusal.status());
    kept = refusal;
  }

  /** Tries again: at once where a region was neither tried nor rests, else after a pause. */
  private void again(long now) {
    if ((tried | resting(now)) != allRegions()) {
      next();
      return;
    }
    long at = now + PAUSE_NANOS_MIN + ThreadLocalRandom.current().nextLong(PAUSE_NANOS_SPREAD);
    if (resting(at) == allRegions()) {
      long soonest = notBeforeNanos[0];
      for (long notBefore : notBeforeNanos) {
        soonest = notBefore - soonest < 0 ? notBefore : soonest;
      }
      at = soonest;
    }
    if (at - deadlineNanos >= 0) {
      giveUp();
    } else {
      pause = after(at - now, this::next);
    }
  }

  private void giveUp() {
    Answer refusal = kept;
    if (refusal != null) {
      settle(refusal.after(failed, tries), null);
      return;
    }
    long now = System.nanoTime();
    String why =
        leftNanos(now) <= 0
            ? "timeout of " + Duration.ofNanos(fleet.settings.timeoutNanos()).toMillis() + " ms"
            : tries > fleet.settings.retriesMax()
                ? tries + " tries"
                : order.mayRepeat() ? "retry budget or time used up" : "may have been carried out";
    settle(null, new NoRegionException(failed, why));
  }

  private void settle(@Nullable Answer good, @Nullable RatingException bad) {
    over = true;
    answer = good;
    failure = bad;
    cancel(pause);
    cancel(hedge);
    for (Attempt attempt : List.copyOf(underWay)) {
      attempt.abandon();
    }
    fleet.calls.remove(this);
  }

  private void note(int region, String reason) {
    failed.add(
        new FailedTry(
            fleet.view.name(region), reason, Duration.ofNanos(System.nanoTime() - startNanos)));
  }

  private static void cancel(@Nullable Future<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  private long allRegions() {
    return -1L >>> (Long.SIZE - fleet.view.size());
  }
}
