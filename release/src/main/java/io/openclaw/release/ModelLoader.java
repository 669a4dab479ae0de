package io.openclaw.release;

/** Tries models before they may be served; a port. */
@FunctionalInterface
public interface ModelLoader {
  /** How a trial ended. */
  sealed interface Trial {
    /**
     * The model loads and rates its samples.
     *
     * @param samples how many it has
     */
    record Good(int samples) implements Trial {}

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
  }

  /** Loads a model and rates its samples, without any trace. */
  Trial attempt(ModelSpec model);
}
