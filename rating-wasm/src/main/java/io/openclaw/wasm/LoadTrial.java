package io.openclaw.wasm;

import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.rating.InputSchema;
import io.openclaw.rating.ModelDeadlineException;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelTrapException;
import io.openclaw.rating.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What a module must do before it is a model, on the calling thread: start, rate every sample,
 * twice and in another order the same where it says that it is deterministic, and, interpreted, say
 * of the first samples what it says compiled. Then it is warmed up. Every step is bounded in time.
 */
final class LoadTrial {
  /** How often a start or a sample is tried that is late. */
  private static final int ATTEMPTS_MAX = 5;

  /** Samples that are interpreted, too. */
  private static final int INTERPRETED_MAX = 3;

  /** How long the interpreter has for each, some hundred times slower as it is. */
  private static final long INTERPRETED_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(500);

  /** How long all samples may take. */
  private static final long SAMPLES_NANOS_MAX = TimeUnit.SECONDS.toNanos(5);

  /** How long it is warmed up, at most. */
  private static final long WARM_UP_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(100);

  private static final int WARM_UP_RATINGS_MAX = 5_000;

  private final WasmModel model;
  private final WasmHost host;
  private final List<Json.Obj> samples;

  private LoadTrial(WasmModel model, WasmHost host) {
    this.model = model;
    this.host = host;
    this.samples = model.settings().samples();
  }

  /**
   * Tries a model.
   *
   * @throws ModelException naming the first sample that fails, and how
   */
  static void run(WasmModel model, WasmHost host) throws ModelException {
    LoadTrial trial = new LoadTrial(model, host);
    List<Rating> first = new ArrayList<>();
    try (DirectRater rater = trial.started()) {
      trial.rateAll(rater, first);
      trial.rateAgain(rater, first);
      trial.warmUp(rater);
    } catch (ModelTrapException | ModelDeadlineException e) {
      throw new ModelException("", String.valueOf(e.getMessage()), "a module that starts");
    }
    trial.compare(first);
  }

  /** An instance; a late start is tried again, as the first has all classes to load. */
  private DirectRater started() throws ModelTrapException, ModelDeadlineException {
    for (int attempt = 1; ; attempt++) {
      try {
        return model.direct();
      } catch (ModelDeadlineException e) {
        if (attempt == ATTEMPTS_MAX) {
          throw e;
        }
      }
    }
  }

  private void rateAll(DirectRater rater, List<Rating> ratings) throws ModelException {
    long start = host.nanoTime();
    for (int i = 0; i < samples.size(); i++) {
      var violations = model.schema().violations(samples.get(i));
      if (!violations.isEmpty()) {
        throw new ModelException(
            at(i) + violations.getFirst().pointer(),
            violations.getFirst().detail(),
            "an input that the model takes");
      }
      ratings.add(rate(rater, i));
      if (host.nanoTime() - start > SAMPLES_NANOS_MAX) {
        throw new ModelException(at(i), "all samples take more than 5 s", "less");
      }
    }
  }

  private void rateAgain(DirectRater rater, List<Rating> first) throws ModelException {
    if (!model.isDeterministic()) {
      return;
    }
    for (int i = samples.size() - 1; i >= 0; i--) {
      if (!rate(rater, i).equals(first.get(i))) {
        throw new ModelException(
            at(i),
            "another rating the second time",
            "the same one, or \"deterministic\": false among the settings");
      }
    }
  }

  /**
   * A sample's rating; what is late is tried again, for code that runs for the first time is slow.
   */
  private Rating rate(DirectRater rater, int sample) throws ModelException {
    for (int attempt = 1; ; attempt++) {
      try {
        return rater.rate(samples.get(sample));
      } catch (ModelDeadlineException e) {
        if (attempt == ATTEMPTS_MAX) {
          throw new ModelException(at(sample), String.valueOf(e.getMessage()), "a rating");
        }
      } catch (ModelTrapException e) {
        throw new ModelException(at(sample), String.valueOf(e.getMessage()), "a rating");
      }
    }
  }

  private static String at(int sample) {
    return "/" + Samples.MEMBER + "/" + sample;
  }

  private void compare(List<Rating> compiled) throws ModelException {
    if (!model.isDeterministic() || samples.isEmpty()) {
      return;
    }
    Supplier<Guest> maker = model::interpreted;
    try (DirectRater rater = new DirectRater(model, host, maker, INTERPRETED_NANOS_MAX)) {
      for (int i = 0; i < Math.min(INTERPRETED_MAX, samples.size()); i++) {
        if (!rater.rate(samples.get(i)).equals(compiled.get(i))) {
          throw new ModelException(
              at(i), "another rating interpreted than compiled", "the same one");
        }
      }
    } catch (ModelDeadlineException e) {
      return; // too slow to be interpreted: nothing to compare with
    } catch (ModelTrapException e) {
      throw new ModelException(
          "/" + Samples.MEMBER,
          "interpreted, " + e.getMessage(),
          "the rating that it gives compiled");
    }
  }

  /** Has the virtual machine compile what ratings take, so that the first request need not wait. */
  private void warmUp(DirectRater rater) {
    List<Json.Obj> inputs =
        !samples.isEmpty() || model.schema().equals(InputSchema.ANY)
            ? samples
            : List.of(model.schema().example());
    long start = host.nanoTime();
    try {
      for (int i = 0; i < WARM_UP_RATINGS_MAX && !inputs.isEmpty(); i++) {
        if (host.nanoTime() - start > WARM_UP_NANOS_MAX) {
          return;
        }
        var _ = rater.rate(inputs.get(i % inputs.size()));
      }
    } catch (ModelTrapException | ModelDeadlineException e) {
      return; // an example of the schema need not be one that the model can rate
    }
  }
}
