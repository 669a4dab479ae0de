package io.openclaw.release;

import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import org.jspecify.annotations.Nullable;

/**
 * A model as it was configured.
 *
 * @param place where it stands, for messages
 * @param bytes its document
 * @param limit the limit over all requests it rates; null for none
 * @param quota the quota over all requests it rates; null for none
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never changed
public record ModelSpec(
    String place,
    String name,
    String kind,
    String version,
    byte[] bytes,
    @Nullable LimitSpec limit,
    @Nullable QuotaSpec quota) {

  /** A model without a quota. */
  public ModelSpec(
      String place,
      String name,
      String kind,
      String version,
      byte[] bytes,
      @Nullable LimitSpec limit) {
    this(place, name, kind, version, bytes, limit, null);
  }
}
