package io.openclaw.release;

import io.openclaw.domain.Json;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tries models before they may be served; a port. */
@FunctionalInterface
public interface ModelLoader {
  /**
   * What is to be tried.
   *
   * @param stable the version in force that it is compared with; null for none
   * @param samples inputs that its tenants have recorded
   */
  record Task(ModelSpec model, @Nullable ModelSpec stable, List<Json.Obj> samples) {}

  /** How a trial ended. */
  sealed interface Trial {
    /**
     * The model loads and rates its samples.
     *
     * @param samples how many it has of its own
     * @param rated which of its tenants' samples it rates, by their indexes
     * @param comparison how it compares with the version in force; null where it was not compared
     */
    record Good(int samples, Set<Integer> rated, @Nullable ModelComparison comparison)
        implements Trial {
      /** A model without samples of tenants and without another version. */
      public Good(int samples) {
        this(samples, Set.of(), null);
      }
    }

    /**
     * The model's document is refused.
     *
     * @param why with the place in the document
     */
    record Unloadable(String why) implements Trial {}

    /**
     * The model loads, and does not rate a sample.
     *
     * @param why which sample, and what happened
     */
    record FailsSamples(String why) implements Trial {}

    /**
     * The model did not end in time, and was given up.
     *
     * @param why at which sample, and how long it had
     */
    record NeverEnds(String why) implements Trial {}
  }

  /** Loads a model and rates samples with it, without any trace. */
  Trial attempt(Task task);
}
