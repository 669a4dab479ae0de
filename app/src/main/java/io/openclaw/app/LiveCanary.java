package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.edge.Canary;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.RatingModel;
import io.openclaw.release.CanaryDecision;
import io.openclaw.release.CanarySpec;
import io.openclaw.release.CanarySplit;
import io.openclaw.release.CanaryStats;
import io.openclaw.release.CanaryStop;
import io.openclaw.release.CanaryVariant;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One canary as this node runs it: its counts, what was decided of it, and whether it was stopped.
 * It lives as long as contents name it, also when its weight changes. Thread-safe.
 */
final class LiveCanary implements CanaryShadow.Version {
  /** Counts of one fact; a frame of the mesh takes 1,024. */
  static final int PART_LENGTH = 512;

  /** The counts of a canary change with every request, and are told this often. */
  private static final long TELL_NANOS = 1_000_000_000L;

  private final String key;
  private final RatingModel model;
  private final CanaryStats stats;
  private final CanaryLog log;
  private final Clock clock;
  private final LongAdder shadowDropped = new LongAdder();
  private volatile CanarySpec spec;
  private volatile @Nullable Decimal threshold;
  private volatile @Nullable CanaryStop stop;
  private @Nullable CanaryDecision decision;
  private CanarySpec judged;
  private long[] told = new long[0];
  private long toldNanos;

  LiveCanary(String key, CanarySpec spec, RatingModel model, CanaryLog log, Clock clock) {
    this.key = key;
    this.spec = spec;
    this.judged = spec;
    this.model = model;
    this.log = log;
    this.clock = clock;
    stats = new CanaryStats(spec.bins());
    toldNanos = clock.nanoTime() - TELL_NANOS;
  }

  String key() {
    return key;
  }

  CanarySpec spec() {
    return spec;
  }

  CanaryStats stats() {
    return stats;
  }

  long shadowDropped() {
    return shadowDropped.sum();
  }

  @Nullable CanaryStop stop() {
    return stop;
  }

  /** From here on the stable version rates everything. */
  void stop(CanaryStop why) {
    stop = why;
  }

  /** Takes over what another content says of it, but what is fixed. */
  void serve(CanarySpec next, @Nullable Decimal approvedFrom) {
    spec = next;
    threshold = approvedFrom;
  }

  /** How requests of one content see it. */
  Canary view(CanaryShadow shadow) {
    return new View(spec, shadow);
  }

  /** Judges by what all regions have counted; what was counted before the first look is not. */
  synchronized CanaryDecision.State look(long nowNanos) {
    CanarySpec now = spec;
    CanaryDecision known = decision;
    boolean anew =
        known == null
            || !now.thresholds().equals(judged.thresholds())
            || isShadow(now) != isShadow(judged);
    if (known == null || anew) {
      known = new CanaryDecision(now, stats.total(), nowNanos);
      decision = known;
    } else if (!now.traffic().equals(judged.traffic())) {
      known.weightChanged(stats.total(), nowNanos);
    }
    judged = now;
    return known.look(stats.total(), nowNanos);
  }

  /** What was decided so far; null before the first look. */
  synchronized CanaryDecision.@Nullable State state() {
    return decision == null ? null : decision.state();
  }

  /** How long until it is promoted; -1 where that cannot be said. */
  synchronized long untilPromotionNanos(long nowNanos) {
    return decision == null ? -1 : decision.untilPromotionNanos(nowNanos);
  }

  private static boolean isShadow(CanarySpec spec) {
    return spec.traffic() instanceof CanarySpec.Traffic.Shadow;
  }

  /** Hands over the parts of this region's counts that changed, at most once a second. */
  synchronized void changedParts(long nowNanos, PartSink sink) {
    if (nowNanos - toldNanos < TELL_NANOS) {
      return;
    }
    toldNanos = nowNanos;
    long[] now = stats.values();
    long[] before = told;
    told = now;
    parts(
        now,
        (part, index) -> {
          int from = index * PART_LENGTH;
          boolean same =
              before.length == now.length
                  && Arrays.equals(part, 0, part.length, before, from, from + part.length);
          if (!same && !isNothing(part, before.length)) {
            sink.accept(index, part);
          }
        });
  }

  /** At first, what is all zero needs not be told. */
  private static boolean isNothing(long[] part, int before) {
    return before == 0 && Arrays.stream(part).allMatch(each -> each == 0);
  }

  /** Takes a part of this region's counts. */
  @FunctionalInterface
  interface PartSink {
    void accept(int index, long[] part);
  }

  /** Cuts counts into what a fact can carry. */
  static void parts(long[] values, ObjIntConsumer<long[]> sink) {
    for (int from = 0; from < values.length; from += PART_LENGTH) {
      sink.accept(
          Arrays.copyOfRange(values, from, Math.min(values.length, from + PART_LENGTH)),
          from / PART_LENGTH);
    }
  }

  @Override
  public void shadow(Canary.Request request, Rating stable) {
    if (stop != null) {
      return;
    }
    long startNanos = clock.nanoTime();
    Rating rating;
    try {
      if (!(model.check(request.input()) instanceof Checked.Ready ready)) {
        failed(request, startNanos, "refuses an input that the stable version takes");
        return;
      }
      rating = ready.rate(Attempt.ONCE).toCompletableFuture().join();
    } catch (RuntimeException | StackOverflowError e) {
      failed(request, startNanos, e.toString());
      return;
    }
    long nanos = clock.nanoTime() - startNanos;
    stats.rated(CanaryVariant.CANARY, request.hash(), nanos, rating);
    Decimal approvedFrom = threshold;
    if (approvedFrom != null) {
      stats.decided(
          stable.value().compareTo(approvedFrom) >= 0, rating.value().compareTo(approvedFrom) >= 0);
    }
    log.rated(spec, request.id(), rating.value().toString(), nanos);
  }

  private void failed(Canary.Request request, long startNanos, String why) {
    stats.failed(CanaryVariant.CANARY, clock.nanoTime() - startNanos);
    log.failed(spec, CanaryVariant.CANARY.text(), request.id(), why);
  }

  /** The canary with one content's weight. */
  private final class View implements Canary {
    private final CanarySplit split;
    private final @Nullable CanaryShadow shadow;

    View(CanarySpec of, CanaryShadow shadow) {
      split = new CanarySplit(of);
      this.shadow = isShadow(of) ? shadow : null;
    }

    @Override
    public RatingModel model() {
      return model;
    }

    @Override
    public boolean isStopped() {
      return stop != null;
    }

    @Override
    public long hash(String keyId, Json.Obj input) {
      return split.hash(keyId, input);
    }

    @Override
    public boolean takes(long hash) {
      return split.variant(hash) == CanaryVariant.CANARY;
    }

    @Override
    public void rated(Request request, boolean byCanary, long nanos, Rating rating) {
      stats.rated(variant(byCanary), request.hash(), nanos, rating);
      if (byCanary) {
        log.rated(spec, request.id(), rating.value().toString(), nanos);
      } else if (shadow != null && !shadow.offer(LiveCanary.this, request, rating)) {
        shadowDropped.increment();
      }
    }

    @Override
    public void failed(Request request, boolean byCanary, long nanos, String why) {
      stats.failed(variant(byCanary), nanos);
      log.failed(spec, variant(byCanary).text(), request.id(), why);
    }

    private CanaryVariant variant(boolean byCanary) {
      return byCanary ? CanaryVariant.CANARY : CanaryVariant.STABLE;
    }
  }
}
