package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Problem;
import io.openclaw.edge.Answered;
import io.openclaw.release.CanaryDecision;
import io.openclaw.release.CanaryEdit;
import io.openclaw.release.CanarySpec;
import io.openclaw.release.CanaryStop;
import io.openclaw.release.Content;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Looks at every canary once a second: stops one that is worse than it may be, at once and in all
 * regions, and has the release written that takes it out, or that makes it the stable version.
 *
 * <p>Every region sees a breach by itself. One region writes the release, the primary; another only
 * where that has not happened for long.
 */
final class CanaryKeeper implements AutoCloseable {
  /** How long after its start a node in a mesh judges: it must have heard what others counted. */
  static final long HEAR_NANOS = 5_000_000_000L;

  /** How often the release that ends a canary is tried. */
  static final long WRITE_NANOS = 5_000_000_000L;

  /** How long a region that is not the primary waits for it to write. */
  static final long STAND_IN_NANOS = 15_000_000_000L;

  private static final long LOOK_MILLIS = 1_000;
  private static final long CLOSE_SECONDS_MAX = 5;
  private static final String AUTHOR = "canary";
  private static final System.Logger LOG = System.getLogger("io.openclaw.app");

  /** Writes a release that changes what is served a little; a port. */
  @FunctionalInterface
  interface Changes {
    Answered change(String author, String message, UnaryOperator<Content> change);
  }

  private final String region;
  private final Canaries canaries;
  private final Changes changes;
  private final BooleanSupplier isPrimary;
  private final Clock clock;
  private final long judgeFromNanos;
  private final Map<String, Long> endedNanos = new HashMap<>();
  private final Map<String, Long> triedNanos = new HashMap<>();
  private @Nullable ScheduledExecutorService looks;
  private @Nullable ExecutorService writes;

  /**
   * @param isPrimary whether this is the region that writes releases, now
   * @param alone whether there are no other regions to hear of
   */
  CanaryKeeper(
      String region,
      Canaries canaries,
      Changes changes,
      BooleanSupplier isPrimary,
      boolean alone,
      Clock clock) {
    this.region = region;
    this.canaries = canaries;
    this.changes = changes;
    this.isPrimary = isPrimary;
    this.clock = clock;
    judgeFromNanos = clock.nanoTime() + (alone ? 0 : HEAR_NANOS);
  }

  /** Begins to look. */
  CanaryKeeper start() {
    // A release may take long to write; nothing may keep the next look waiting.
    writes = Executors.newSingleThreadExecutor(named("canary-writes"));
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(named("canary-looks"));
    var _ =
        timer.scheduleWithFixedDelay(
            this::lookQuietly, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    looks = timer;
    return this;
  }

  private static java.util.concurrent.ThreadFactory named(String name) {
    return Thread.ofPlatform().daemon().name(name).factory();
  }

  private void lookQuietly() {
    try {
      look();
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "canaries could not be judged", e);
    }
  }

  /** Looks at all of them once. */
  void look() {
    canaries.save();
    long nowNanos = clock.nanoTime();
    for (LiveCanary canary : canaries.live()) {
      look(canary, nowNanos);
    }
    endedNanos.keySet().retainAll(canaries.keys());
    triedNanos.keySet().retainAll(canaries.keys());
  }

  private void look(LiveCanary canary, long nowNanos) {
    if (canary.stop() == null && nowNanos - judgeFromNanos >= 0) {
      switch (canary.look(nowNanos)) {
        case CanaryDecision.State.RolledBack(var breach) -> {
          String why = breach.toString();
          canaries.stop(
              canary,
              new CanaryStop(
                  why.substring(0, Math.min(CanaryStop.REASON_LENGTH_MAX, why.length())),
                  region,
                  clock.wallMillis()));
        }
        case CanaryDecision.State.Promoted promoted -> promote(canary, nowNanos);
        case CanaryDecision.State.Running running -> {}
        case CanaryDecision.State.Aborted aborted -> {}
      }
    }
    CanaryStop stop = canary.stop();
    if (stop != null && isToWrite(canary, nowNanos)) {
      CanarySpec spec = canary.spec();
      write(
          canary,
          nowNanos,
          "rolled back " + named(spec) + ": " + stop.reason(),
          content -> CanaryEdit.ended(content, spec.tenant(), spec.model()));
    }
  }

  private void promote(LiveCanary canary, long nowNanos) {
    if (isToWrite(canary, nowNanos)) {
      CanarySpec spec = canary.spec();
      write(
          canary,
          nowNanos,
          "promoted "
              + named(spec)
              + ": healthy for "
              + spec.thresholds().promoteAfterNanos() / 1_000_000_000L
              + " s",
          content -> CanaryEdit.promoted(content, spec.tenant(), spec.model()));
    }
  }

  /** The primary writes what became of a canary; another region where that has not happened. */
  private boolean isToWrite(LiveCanary canary, long nowNanos) {
    long since = endedNanos.computeIfAbsent(canary.key(), key -> nowNanos);
    return isPrimary.getAsBoolean() || nowNanos - since >= STAND_IN_NANOS;
  }

  private static String named(CanarySpec spec) {
    return spec.tenant() + "/" + spec.model() + " " + spec.stable() + " -> " + spec.canary();
  }

  /** At most each few seconds; where the content does not name this canary any more, nothing. */
  private void write(
      LiveCanary canary, long nowNanos, String message, UnaryOperator<Content> change) {
    Long tried = triedNanos.get(canary.key());
    if (tried != null && nowNanos - tried < WRITE_NANOS) {
      return;
    }
    triedNanos.put(canary.key(), nowNanos);
    Runnable task =
        () -> {
          Answered answered =
              changes.change(
                  AUTHOR,
                  message,
                  content -> isNamed(content, canary) ? change.apply(content) : content);
          Problem problem = answered.problem();
          if (problem != null) {
            LOG.log(Level.WARNING, () -> message + ": not written yet, " + problem.detail());
          }
        };
    ExecutorService executor = writes;
    if (executor == null) {
      task.run(); // not started: a test that looks by itself
      return;
    }
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.log(Level.DEBUG, "closing", e);
    }
  }

  private static boolean isNamed(Content content, LiveCanary canary) {
    CanarySpec spec = canary.spec();
    return CanaryEdit.find(content, spec.tenant(), spec.model())
        .filter(found -> CanaryEdit.key(content, found).equals(canary.key()))
        .isPresent();
  }

  @Override
  public void close() {
    for (ExecutorService executor : new ExecutorService[] {looks, writes}) {
      if (executor != null) {
        executor.shutdown();
        awaitEnd(executor);
      }
    }
    canaries.save();
  }

  private static void awaitEnd(ExecutorService executor) {
    try {
      if (!executor.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
