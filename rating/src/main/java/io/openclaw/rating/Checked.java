package io.openclaw.rating;

import io.openclaw.domain.Rating;
import io.openclaw.domain.Violation;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What {@link RatingModel#check} found. */
public sealed interface Checked {
  /**
   * The input cannot be rated.
   *
   * @param violations everything that is wrong with it, at least one
   */
  record Invalid(List<Violation> violations) implements Checked {}

  /** The input can be rated, once. */
  non-sealed interface Ready extends Checked {
    /**
     * Rates the input. Deterministic models answer a completed stage; a model that keeps state
     * completes it when the change is durable, and fails it with {@link NotDurableException} when
     * it could not be made so.
     */
    CompletionStage<Rating> rate(Attempt attempt);
  }
}
