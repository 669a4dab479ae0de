package io.openclaw.edge;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Ratings that several nodes share; a port. Thread-safe, never blocks, and may forget or refuse
 * anything: what it says in time is used, and else there is none.
 */
public interface SharedRatings {
  /** The rating of a key, or none, within a fixed short time. The stage never fails. */
  CompletionStage<Optional<KeptRating>> find(RatingKey key);

  /** Takes a rating over, perhaps, for at most {@code maxAgeSeconds}. */
  void keep(RatingKey key, KeptRating kept, int maxAgeSeconds);
}
