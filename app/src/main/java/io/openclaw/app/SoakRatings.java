package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Tenant;
import io.openclaw.edge.Canary;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.RatingModel;
import io.openclaw.release.CanaryBins;
import io.openclaw.release.CanaryGuard;
import io.openclaw.release.CanaryStats;
import io.openclaw.release.CanaryThresholds;
import io.openclaw.release.CanaryVariant;
import io.openclaw.release.CanaryVerdict;
import io.openclaw.release.Content;
import io.openclaw.release.ModelSpec;
import io.openclaw.release.RegionRow.Health;
import io.openclaw.release.SoakGate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * While a release soaks here: what its changed models rate, held against what the models before
 * them say of the same requests, which they rate in the shadow of the answer. Thread-safe.
 */
final class SoakRatings {
  /** Pairs of tenant and changed model that are compared; with more, the first of them. */
  static final int WATCHED_MAX = 20;

  private static final double ALPHA = 0.001;

  /** Of the latency in the shadow nothing follows for the answer's. */
  private static final CanaryThresholds THRESHOLDS =
      CanaryThresholds.DEFAULTS
          .with("sampleMin", (double) SoakGate.SAMPLE_MIN)
          .with("p95RatioMax", 100)
          .with("promoteAfterSeconds", 0);

  private final CanaryShadow shadow;
  private final Clock clock;
  private volatile List<Watch> watches = List.of();
  private volatile List<String> unwatched = List.of();

  SoakRatings(CanaryShadow shadow, Clock clock) {
    this.shadow = shadow;
    this.clock = clock;
  }

  /**
   * Begins to compare, or ends it.
   *
   * @param before what was served before the content soaks; null where it does not soak
   * @param views how requests see canaries, by tenant and model; more are added where there is none
   */
  void watch(
      @Nullable Content before,
      Content next,
      ModelShelf shelf,
      Map<String, Map<String, Canary>> views) {
    List<Watch> made = new ArrayList<>();
    List<String> left = new ArrayList<>();
    Map<String, ModelSpec> changed = before == null ? Map.of() : changed(before, next);
    Map<String, String> kinds = new HashMap<>();
    next.models().forEach(model -> kinds.put(model.name(), model.kind()));
    for (Tenant tenant : next.tenants()) {
      for (String name : tenant.models()) {
        ModelSpec was = changed.get(name);
        if (was == null || views.getOrDefault(tenant.id(), Map.of()).containsKey(was.model())) {
          continue;
        }
        boolean isComparable = was.kind().equals(kinds.get(name)) && made.size() < WATCHED_MAX;
        Watch watch = isComparable ? watch(tenant, was, shelf) : null;
        if (watch == null) {
          left.add(tenant.id() + "/" + name);
        } else {
          made.add(watch);
          views.computeIfAbsent(tenant.id(), id -> new HashMap<>()).put(was.model(), watch);
        }
      }
    }
    watches = List.copyOf(made);
    unwatched = List.copyOf(left);
  }

  /** By name: what the models were whose documents or kinds are others now. */
  private static Map<String, ModelSpec> changed(Content before, Content next) {
    Map<String, ModelSpec> old = new HashMap<>();
    before.models().forEach(model -> old.put(model.name(), model));
    Map<String, ModelSpec> changed = new HashMap<>();
    for (ModelSpec model : next.models()) {
      ModelSpec was = old.get(model.name());
      if (was != null
          && !(was.kind().equals(model.kind()) && Arrays.equals(was.bytes(), model.bytes()))) {
        changed.put(model.name(), was);
      }
    }
    return changed;
  }

  private @Nullable Watch watch(Tenant tenant, ModelSpec was, ModelShelf shelf) {
    RatingModel model = shelf.stateless(was);
    return model == null
        ? null // it keeps state: rating twice would count twice
        : new Watch(
            tenant.id() + "/" + was.name(), model, ratings(model, was, shelf), tenant.threshold());
  }

  private List<Rating> ratings(RatingModel model, ModelSpec was, ModelShelf shelf) {
    List<Rating> ratings = new ArrayList<>();
    try {
      for (Json.Obj sample : shelf.samples(was)) {
        if (model.check(sample) instanceof Checked.Ready ready) {
          ratings.add(ready.rate(Attempt.ONCE).toCompletableFuture().join());
        }
      }
    } catch (ModelException e) {
      return List.of(); // it was loaded, so its samples were read before
    }
    return ratings;
  }

  /** How the ratings do: the first breach, or what is missing yet. */
  SoakGate.Verdict judge() {
    List<Watch> now = watches;
    SoakGate.Verdict missing = null;
    for (Watch watch : now) {
      CanaryStats stats = watch.stats;
      if (stats == null) {
        missing =
            new SoakGate.Verdict(
                Health.INSUFFICIENT,
                watch.name + " has no samples; classes are made of its next ratings");
        continue;
      }
      switch (new CanaryGuard(THRESHOLDS, true).judge(stats.total(), ALPHA / now.size())) {
        case CanaryVerdict.Breach breach -> {
          return new SoakGate.Verdict(Health.BREACH, watch.name + ": " + breach);
        }
        case CanaryVerdict.Insufficient insufficient ->
            missing =
                new SoakGate.Verdict(
                    Health.INSUFFICIENT, "ratings of " + watch.name + ": " + insufficient);
        case CanaryVerdict.Healthy healthy -> {}
      }
    }
    if (missing != null) {
      return missing;
    }
    List<String> said = new ArrayList<>();
    if (!now.isEmpty()) {
      said.add("ratings of " + now.size() + " changed models compared");
    }
    if (!unwatched.isEmpty()) {
      said.add(
          "of "
              + unwatched.size()
              + " not: they keep state, are of another kind now, or are too many");
    }
    return new SoakGate.Verdict(Health.HEALTHY, String.join(", ", said));
  }

  /** What one tenant's requests to one changed model were rated, now and as before. */
  private final class Watch implements Canary, CanaryShadow.Version {
    private final String name;
    private final RatingModel before;
    private final @Nullable Decimal threshold;
    private final List<Rating> first;
    private volatile @Nullable CanaryStats stats;

    /**
     * @param sample what the version before rates its samples; without any, classes are made of the
     *     first requests
     */
    Watch(String name, RatingModel before, List<Rating> sample, @Nullable Decimal threshold) {
      this.name = name;
      this.before = before;
      this.threshold = threshold;
      first = new ArrayList<>(sample);
      stats = sample.isEmpty() ? null : new CanaryStats(CanaryBins.ofSample(sample));
    }

    @Override
    public RatingModel model() {
      return before;
    }

    @Override
    public boolean isStopped() {
      return false;
    }

    /** Both rate the same requests, so that it does not matter whose they are. */
    @Override
    public long hash(String keyId, Json.Obj input) {
      return ThreadLocalRandom.current().nextLong();
    }

    @Override
    public boolean takes(long hash) {
      return false;
    }

    @Override
    public void rated(Request request, boolean byCanary, long nanos, Rating rating) {
      CanaryStats counts = stats;
      if (shadow.offer(this, request, rating) && counts != null) {
        counts.rated(CanaryVariant.CANARY, request.hash(), nanos, rating);
      }
    }

    @Override
    public void failed(Request request, boolean byCanary, long nanos, String why) {
      CanaryStats counts = stats;
      if (counts != null) {
        counts.failed(CanaryVariant.CANARY, nanos);
      }
    }

    /** On the shadow's thread only. */
    @Override
    public void shadow(Request request, Rating answered) {
      CanaryStats counts = stats;
      long startNanos = clock.nanoTime();
      Rating rating;
      try {
        if (!(before.check(request.input()) instanceof Checked.Ready ready)) {
          return; // what was refused before has nothing to be compared with
        }
        rating = ready.rate(Attempt.ONCE).toCompletableFuture().join();
      } catch (RuntimeException | StackOverflowError e) {
        if (counts != null) {
          counts.failed(CanaryVariant.STABLE, clock.nanoTime() - startNanos);
        }
        return;
      }
      if (counts == null) {
        first.add(rating);
        if (first.size() >= SoakGate.SAMPLE_MIN) {
          stats = new CanaryStats(CanaryBins.ofSample(first));
        }
        return;
      }
      counts.rated(CanaryVariant.STABLE, request.hash(), clock.nanoTime() - startNanos, rating);
      if (threshold != null) {
        counts.decided(
            rating.value().compareTo(threshold) >= 0, answered.value().compareTo(threshold) >= 0);
      }
    }
  }
}
