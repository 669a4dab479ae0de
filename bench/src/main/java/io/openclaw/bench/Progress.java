package io.openclaw.bench;

/**
 * How far a run is.
 *
 * @param elapsedNanos since recording began; negative during the warm-up
 * @param inFlight requests under way or waiting
 * @param maxNanos the longest request that ended since the last look at it, about a second
 */
record Progress(
    long elapsedNanos, long ok, long failed, long unsent, int inFlight, long maxNanos) {}
