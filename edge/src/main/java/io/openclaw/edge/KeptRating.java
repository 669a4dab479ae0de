package io.openclaw.edge;

import io.openclaw.domain.Rating;

/**
 * A rating and when the model gave it.
 *
 * @param ratedAtMillis wall-clock time
 */
public record KeptRating(Rating rating, long ratedAtMillis) {
  /** Whole seconds since then, by that clock; a clock that was set back makes it new. */
  long ageSeconds(long wallMillis) {
    return Math.max(0, wallMillis - ratedAtMillis) / 1000;
  }

  boolean isYoungerThan(int maxAgeSeconds, long wallMillis) {
    return ageSeconds(wallMillis) < maxAgeSeconds;
  }
}
