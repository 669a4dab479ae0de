package io.openclaw.client;

import org.jspecify.annotations.Nullable;

/**
 * What a call asks of a region, whichever it will be.
 *
 * @param method {@code GET} or {@code POST}
 * @param path with its leading slash
 * @param contentType of the body; null where there is none
 * @param body the same bytes at every try; null where there is none
 * @param idempotencyKey null for none
 * @param home what names the region of the first try; null for the best one
 * @param kind what may be done with it
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, and never changed
record Order(
    String method,
    String path,
    @Nullable String contentType,
    byte @Nullable [] body,
    @Nullable String idempotencyKey,
    @Nullable String home,
    Kind kind) {
  /** What may be done with an order. */
  enum Kind {
    /** A rating: its tries are numbered, so that regions count its score once. */
    RATING,
    /** A part of a batch, which was perhaps rated when its answer is lost: not asked again then. */
    BATCH,
    /** A part of a batch that is to be asked again all the same. */
    REPEATED_BATCH,
    /** A question without an effect. */
    QUESTION
  }

  /**
   * A rating. A key of the caller's names a home, for he may come back with it; nobody knows a new
   * one.
   *
   * @param newKey for a request that has none
   */
  static Order rating(RateRequest request, @Nullable String newKey) {
    String own = request.idempotencyKey();
    String key = own == null ? newKey : own;
    return new Order("POST", "/v1/rate", "application/json", request.body(), key, own, Kind.RATING);
  }

  static Order batch(byte[] lines, boolean repeated) {
    Kind kind = repeated ? Kind.REPEATED_BATCH : Kind.BATCH;
    return new Order("POST", "/v1/rate/batch", "application/x-ndjson", lines, null, null, kind);
  }

  static Order question(String path) {
    return new Order("GET", path, null, null, null, null, Kind.QUESTION);
  }

  boolean isRating() {
    return kind == Kind.RATING;
  }

  boolean isBatch() {
    return kind == Kind.BATCH || kind == Kind.REPEATED_BATCH;
  }

  /** Whether it may be sent again although a region may have carried it out. */
  boolean mayRepeat() {
    return kind != Kind.BATCH;
  }
}
