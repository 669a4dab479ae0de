package io.openclaw.client;

/** What became of one input of a batch. */
public sealed interface BatchResult {
  /** The input's place in the batch, from 0. */
  long index();

  /**
   * It was rated.
   *
   * @param index the input's place
   * @param result the rating; what is left of the limits is not told in batches
   */
  record Rated(long index, RateResult result) implements BatchResult {}

  /**
   * It was refused: what is wrong with it, or which limit is exhausted.
   *
   * @param index the input's place
   * @param problem the refusal
   * @param region who refused
   */
  record Refused(long index, ProblemDetails problem, String region) implements BatchResult {}

  /**
   * Its answer was lost, or none came: it may have been rated.
   *
   * @param index the input's place
   * @param cause what happened
   */
  record Unanswered(long index, RatingException cause) implements BatchResult {}
}
