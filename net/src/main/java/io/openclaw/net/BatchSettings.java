package io.openclaw.net;

/**
 * The bounds of batches.
 *
 * @param itemsMax inputs of one batch
 * @param itemBytesMax bytes of one input
 * @param stallMillis how long a client may neither send nor read while it is waited for
 * @param underWayMax batches of the whole node; one more is refused with 503
 */
public record BatchSettings(int itemsMax, int itemBytesMax, int stallMillis, int underWayMax) {
  /** Batches of one tenant: a quarter, so that nobody has them all. */
  int tenantUnderWayMax() {
    return Math.max(1, underWayMax / 4);
  }

  /** The most that a batch's body may be: all inputs, and white space between them. */
  long bytesMax() {
    return itemsMax * (itemBytesMax + 16L);
  }
}
