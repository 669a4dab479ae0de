package io.openclaw.client;

import java.util.List;
import java.util.stream.Collectors;

/**
 * No region answered: {@link #tries} says what happened in each. A rating may have been made all
 * the same, its answer lost.
 */
public final class NoRegionException extends RatingException {
  private static final long serialVersionUID = 1;

  NoRegionException(List<FailedTry> tries, String stopped) {
    super(
        "no region answered ("
            + stopped
            + "): "
            + tries.stream().map(FailedTry::toString).collect(Collectors.joining(", ")),
        tries);
  }
}
