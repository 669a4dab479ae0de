package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Violation;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.release.ModelComparison;
import io.openclaw.release.ModelLoader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One model rating recorded inputs, beside the version in force where there is one. Runs on a
 * {@link TrialThread}; for one use.
 */
final class ModelTrial {
  /** Inputs whose time is measured, spread over all. */
  private static final int MEASURED_MAX = 200;

  /** How often each is rated at most, and at least. */
  private static final int REPEATS_MAX = 50;

  private static final int REPEATS_MIN = 5;

  /** When measuring ends after the least repeats. */
  private static final long MEASURING_NANOS_MAX = 50_000_000L;

  /**
   * A model as far as a trial needs it.
   *
   * @param check holds an input against what the model needs
   * @param mayRate whether rating leaves no trace
   * @param samples what its document records
   */
  record Subject(Function<Json.Obj, Checked> check, boolean mayRate, List<Json.Obj> samples) {}

  private final Subject candidate;
  private final @Nullable Subject stable;
  private final List<Json.Obj> tenantSamples;
  private final TrialThread.Progress progress;
  private final LongSupplier nanos;

  ModelTrial(
      Subject candidate,
      @Nullable Subject stable,
      List<Json.Obj> tenantSamples,
      TrialThread.Progress progress,
      LongSupplier nanos) {
    this.candidate = candidate;
    this.stable = stable;
    this.tenantSamples = tenantSamples;
    this.progress = progress;
    this.nanos = nanos;
  }

  /** The trial's end; throws what the model throws. */
  ModelLoader.Trial run() {
    List<Json.Obj> own = candidate.samples();
    for (int i = 0; i < own.size(); i++) {
      progress.sample("/samples/" + i);
      if (candidate.check().apply(own.get(i)) instanceof Checked.Invalid invalid) {
        return new ModelLoader.Trial.FailsSamples("/samples/" + i + ": " + first(invalid));
      }
      var _ = rate(candidate, own.get(i));
    }
    Set<Integer> rated = new HashSet<>();
    for (int i = 0; i < tenantSamples.size(); i++) {
      progress.sample("sample " + i + " of its tenants");
      if (candidate.check().apply(tenantSamples.get(i)) instanceof Checked.Ready) {
        rated.add(i);
        var _ = rate(candidate, tenantSamples.get(i));
      }
    }
    Subject before = stable;
    return new ModelLoader.Trial.Good(
        own.size(), rated, before == null || !candidate.mayRate() ? null : compare(before));
  }

  private ModelComparison compare(Subject before) {
    Set<Json.Obj> inputs = new LinkedHashSet<>(before.samples());
    inputs.addAll(candidate.samples());
    inputs.addAll(tenantSamples);
    List<Rating> was = new ArrayList<>();
    List<Rating> is = new ArrayList<>();
    List<Json.Obj> common = new ArrayList<>();
    int refused = 0;
    String firstRefusal = "";
    int number = 0;
    for (Json.Obj input : inputs) {
      progress.untimed("the version in force");
      Rating old = rate(before, input);
      String name = "sample " + number++ + " of both versions";
      progress.sample(name);
      if (old == null) {
        continue;
      }
      Rating now = rate(candidate, input);
      if (now != null) {
        was.add(old);
        is.add(now);
        common.add(input);
      } else {
        firstRefusal =
            refused == 0 && candidate.check().apply(input) instanceof Checked.Invalid invalid
                ? name + ": " + first(invalid)
                : firstRefusal;
        refused++;
      }
    }
    double[] means = measure(before, common);
    return new ModelComparison(was, is, refused, firstRefusal, means[0], means[1]);
  }

  /** The means of the shortest times of each input: of the version in force, and of the other. */
  private double[] measure(Subject before, List<Json.Obj> inputs) {
    int count = Math.min(MEASURED_MAX, inputs.size());
    if (count == 0) {
      return new double[2];
    }
    long[] stableLeast = new long[count];
    long[] candidateLeast = new long[count];
    Arrays.fill(stableLeast, Long.MAX_VALUE);
    Arrays.fill(candidateLeast, Long.MAX_VALUE);
    progress.untimed("measuring");
    long start = nanos.getAsLong();
    for (int repeat = 0; repeat < REPEATS_MAX; repeat++) {
      if (repeat >= REPEATS_MIN && nanos.getAsLong() - start > MEASURING_NANOS_MAX) {
        break;
      }
      for (int i = 0; i < count; i++) {
        Json.Obj input = inputs.get((int) (1L * i * inputs.size() / count));
        stableLeast[i] = Math.min(stableLeast[i], time(before, input));
        candidateLeast[i] = Math.min(candidateLeast[i], time(candidate, input));
      }
    }
    return new double[] {
      Arrays.stream(stableLeast).average().orElse(0),
      Arrays.stream(candidateLeast).average().orElse(0)
    };
  }

  private long time(Subject subject, Json.Obj input) {
    long start = nanos.getAsLong();
    var _ = rate(subject, input);
    return nanos.getAsLong() - start;
  }

  /** The rating; null where the model refuses the input, or where to rate would count. */
  private @Nullable Rating rate(Subject subject, Json.Obj input) {
    if (!subject.mayRate() || !(subject.check().apply(input) instanceof Checked.Ready ready)) {
      return null;
    }
    try {
      return ready.rate(Attempt.ONCE).toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static String first(Checked.Invalid invalid) {
    Violation first = invalid.violations().getFirst();
    return first.pointer() + " " + first.detail();
  }
}
