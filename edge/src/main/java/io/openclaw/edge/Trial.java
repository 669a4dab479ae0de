package io.openclaw.edge;

import io.openclaw.rating.RatingModel;

/**
 * A request that counts for a canary or for the stable version beside it.
 *
 * @param stable the stable version
 * @param byCanary which of the two rates it
 * @param checkNanos how long that one took to check the input
 */
record Trial(
    Canary canary, RatingModel stable, Canary.Request request, boolean byCanary, long checkNanos) {}
