package io.openclaw.edge;

import org.jspecify.annotations.Nullable;

/**
 * What an answer says of being used again.
 *
 * @param tag its entity tag; null where it has none
 * @param maxAgeSeconds how long a client may keep it; 0 where it must ask again
 * @param ageSeconds how long ago it was rated
 * @param notModified whether the client has it already, so that only the tag is sent: 304
 * @param replayed whether it was given before, under the same idempotency key
 */
public record Reuse(
    @Nullable String tag,
    int maxAgeSeconds,
    long ageSeconds,
    boolean notModified,
    boolean replayed) {
  /** Of an answer that was given before. */
  static final Reuse REPLAYED = new Reuse(null, 0, 0, false, true);

  /** Of a provisional rating: it is nobody's to keep, and the tag is that of the model's own. */
  static final Reuse PROVISIONAL = new Reuse(null, 0, 0, false, false);

  /** Of a new answer. */
  static Reuse of(RatingKey key, int maxAgeSeconds, long ageSeconds) {
    return new Reuse(key.tag(), maxAgeSeconds, ageSeconds, false, false);
  }

  /** Of an answer that the client has. */
  static Reuse notModified(RatingKey key, int maxAgeSeconds) {
    return new Reuse(key.tag(), maxAgeSeconds, 0, true, false);
  }

  /**
   * The Cache-Control header: never for a cache that others share, since an answer is a tenant's.
   */
  public String cacheControl() {
    return maxAgeSeconds == 0 ? "private, no-cache" : "private, max-age=" + maxAgeSeconds;
  }
}
