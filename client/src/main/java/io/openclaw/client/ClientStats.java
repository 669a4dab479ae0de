package io.openclaw.client;

/**
 * What a client did since it was built.
 *
 * @param calls calls begun, parts of batches and questions too
 * @param retries tries after one that failed
 * @param hedges second tries while the first was slow
 * @param hedgesWon of these, those that answered first
 * @param diverted tries that a refusing region sent elsewhere
 * @param paced ratings that waited for a token
 * @param ejections times that a region was taken out
 */
public record ClientStats(
    long calls,
    long retries,
    long hedges,
    long hedgesWon,
    long diverted,
    long paced,
    long ejections) {}
